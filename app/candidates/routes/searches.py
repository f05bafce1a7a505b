"""A member's saved searches: kept, opened, renamed, deleted; nobody else sees them."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app.candidates import access
from app.candidates.commands.searches import delete_search, rename_search, save_search
from app.candidates.forms import SavedSearchForm
from app.candidates.queries.searches import asked_by, jobs_in, saved_by
from app.identity import gate
from app.kernel.errors import NotFound
from app.postings.access import posting_for
from app.postings.queries import titles_for
from app.web.pages import form_page, page, see_other, toast
from app.web.requests import id_in

bp = Blueprint("searches", __name__, url_prefix="/candidates/searches")
gate.members_only(bp)


@bp.get("")
def index() -> Any:
    access.may_see_candidates(gate.member())
    return page("candidates/searches.html", **_rows())


@bp.get("/new")
def new() -> Any:
    asked = _asked()
    return page("candidates/save_search.html", asked=asked, form=SavedSearchForm(name=asked.get("q", "")))


@bp.post("/new")
def save() -> Any:
    asked, form = _asked(), SavedSearchForm()
    if not form.validate():
        return form_page("candidates/save_search.html", form=form, asked=asked)
    save_search(gate.member(), name=form.name.data, asked=asked)
    toast(_("The search is saved. It stands above the list."))
    return see_other(url_for("candidates.index", **asked))


@bp.post("/<uuid:search_id>")
def change(search_id: uuid.UUID) -> Any:
    search = access.saved_search_for(gate.member(), search_id)
    if request.form.get("act") == "remove":
        delete_search(search)
        toast(_("The saved search is deleted."))
        return see_other(url_for(".index"))
    form = SavedSearchForm(prefix=f"{search_id}-")
    if not form.validate():
        return form_page("candidates/searches.html", form=form, **_rows(search_id, form))
    rename_search(search, form.name.data)
    return see_other(url_for(".index"))


def _rows(wrong: uuid.UUID | None = None, its_form: SavedSearchForm | None = None) -> dict[str, Any]:
    member = gate.member()
    found = saved_by(member)
    titles = {str(job): title for job, title in titles_for(member, also=jobs_in(found))}
    forms = {one.id: SavedSearchForm(formdata=None, prefix=f"{one.id}-", name=one.name) for one in found}
    return {"saved": found, "titles": titles, "forms": forms | ({wrong: its_form} if wrong else {}), "wrong": wrong}


def _asked() -> dict[str, Any]:
    """The words and the job of the address; nothing to save is no page."""
    member = gate.member()
    access.may_see_candidates(member)
    words, job = request.args.get("q", "").strip()[:200], id_in(request.args.get("job", ""))
    asked = asked_by(words, posting_for(member, job).id if job else None)
    if not asked:
        raise NotFound("search")
    return asked
