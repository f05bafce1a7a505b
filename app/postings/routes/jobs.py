"""The list of jobs, writing one, and its states."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app.identity import gate
from app.kernel.errors import NotFound
from app.postings import access, commands, queries
from app.postings.forms import WritingForm
from app.web.pages import form_page, page, see_other, toast
from app.workspace.queries import workspace

bp = Blueprint("jobs", __name__, url_prefix="/jobs")
gate.members_only(bp)


@bp.get("")
def index() -> Any:
    member = gate.member()
    access.may_see_openings(member)
    postings, more = queries.postings_page(member, after=_after(request.args.get("after", "")))
    people = queries.people_by_stage([posting.id for posting in postings])
    return page("postings/index.html", "jobs", postings=postings, more=more, people=people)


def _after(written: str) -> tuple[str, uuid.UUID] | None:
    """Out of "published.0192…": the state and id of the last job of the page before."""
    if not written:
        return None
    state, _dot, identifier = written.partition(".")
    try:
        return state, uuid.UUID(identifier)
    except ValueError as error:
        raise NotFound("page") from error


@bp.get("/new")
def new() -> Any:
    _may_write()
    return page("postings/new.html", form=WritingForm())


@bp.post("/new")
def write() -> Any:
    _may_write()
    form = WritingForm()
    if not form.validate():
        return form_page("postings/new.html", form=form)
    posting = commands.write_posting(
        text=form.text.data, title=form.title.data or "", by=gate.member(), actor=gate.actor(),
        reply_days=workspace().reply_days,
    )  # fmt: skip
    return see_other(url_for(".plan", posting_id=posting.id))


def _may_write() -> None:
    if not access.may_change(gate.member()):
        raise NotFound("openings")


@bp.post("/<uuid:posting_id>/publish")
def publish(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    commands.publish(posting, by=gate.actor())
    toast(_("The job is on your careers page."))
    return see_other(url_for(".plan", posting_id=posting_id))


@bp.post("/<uuid:posting_id>/close")
def close(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    commands.close(posting, by=gate.actor())
    toast(_("The job is closed. Nobody can apply any more."), undo_url=url_for(".publish", posting_id=posting_id))
    return see_other(url_for(".plan", posting_id=posting_id))
