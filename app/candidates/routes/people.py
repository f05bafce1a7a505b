"""Who there is, and one of them."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app.audit import commands as audit
from app.candidates import access, commands, queries
from app.candidates.access import applications
from app.candidates.forms import ContactForm
from app.candidates.models import Candidate
from app.candidates.queries import searches
from app.candidates.queries.alike import proposals_for
from app.candidates.queries.merged import stands_for
from app.candidates.queries.sheets import rows_for
from app.candidates.routes import doubles, marking
from app.identity import gate
from app.identity.access import hires
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel import clock
from app.postings.access import posting_for
from app.postings.queries import titles_for
from app.web.pages import is_htmx, page, see_other, toast
from app.web.requests import id_in
from app.web.sheets import MOST_ROWS, day, fitting, sheet

bp = Blueprint("candidates", __name__, url_prefix="/candidates")
gate.members_only(bp)
MOST_TRIES = 12


@bp.get("")
def index() -> Any:
    member, words = gate.member(), request.args.get("q", "").strip()[:200]
    access.may_see_candidates(member)
    before, job = id_in(request.args.get("before", "")), _job(member, request.args.get("job", ""))
    if words and before is None and queries.is_found_by_meaning():
        return _by_meaning_too(member, words, job)
    found, more = queries.candidates_for(member, words=words, job=job, before=before)
    hits = [queries.Hit(candidate, None, by_words=True) for candidate in found]
    return _found(
        member, hits=hits, before=found[-1].id if more else None, words=words, job=job,
        by_meaning=queries.is_found_by_meaning(), state="words", tries=0,
    )  # fmt: skip


@bp.post("/sheet")
def download() -> Any:
    """What the list shows with these words and this job, all of it. A POST, so that no address holds a name."""
    member, words = gate.member(), request.form.get("q", "").replace("\0", "").strip()[:200]
    access.may_see_candidates(member)
    found = rows_for(member, words=words, job=_job(member, request.form.get("job", "")), most=MOST_ROWS)
    rows = fitting([[*(said or "" for said in row[:-1]), day(row.since)] for row in found])
    audit.note("candidates.download", by=gate.actor(), target=("candidates", "list"), rows=len(rows))
    head = [_("Name"), _("Now"), _("Place"), _("E-mail"), _("Phone"), _("Since")]
    return sheet(head, rows, name=f"candidates-{clock.today()}")


def _by_meaning_too(member: Member, words: str, job: uuid.UUID | None) -> Any:
    """What the words mean is asked of a worker; until it is known, and where it never is, words alone find."""
    asked, tries = commands.look_for(words), request.args.get("tries", 0, int)
    hits, before = queries.found_for(member, words, asked.meaning if asked else None, job=job)
    state = asked.state if asked else "words"
    return _found(
        member, hits=hits, before=before, words=words, job=job, by_meaning=True,
        state="late" if state == "waiting" and tries >= MOST_TRIES else state, tries=tries,
    )  # fmt: skip


def _found(member: Member, **context: Any) -> Any:
    asked, saved = searches.asked_by(context["words"], context["job"]), searches.saved_by(member)
    jobs = titles_for(member, also=searches.jobs_in(saved) | ({context["job"]} if context["job"] else set()))
    return page(
        "candidates/index.html", "people", hires=hires(member), jobs=jobs, asked=asked,
        saved=saved, titles={str(one): title for one, title in jobs}, **context,
    )  # fmt: skip


def _job(member: Member, written: str) -> uuid.UUID | None:
    """The job whose people alone are asked for; one that the member may not see is missing."""
    asked = id_in(written)
    return posting_for(member, asked).id if asked else None


@bp.get("/<uuid:candidate_id>")
def show(candidate_id: uuid.UUID) -> Any:
    """Whoever was merged with somebody is found on that one's page."""
    stands_on = stands_for(candidate_id)
    candidate = access.candidate_for(gate.member(), stands_on)
    return _show(candidate) if stands_on == candidate_id else see_other(url_for(".show", candidate_id=stands_on))


@bp.post("/<uuid:candidate_id>")
def correct(candidate_id: uuid.UUID) -> Any:
    candidate, form = access.candidate_for(gate.member(), candidate_id), ContactForm()
    if not form.validate():
        return _show(candidate, form, status=422)
    fields = {name: form[name].data or "" for name in ("name", "email", "phone", "place", "headline")}
    commands.correct(candidate, by=gate.actor(), **fields)
    toast(_("The details are saved."))
    return _show(candidate) if is_htmx() else see_other(url_for(".show", candidate_id=candidate_id))


@bp.get("/<uuid:candidate_id>/alike")
def alike(candidate_id: uuid.UUID) -> Any:
    member, candidate = gate.member(), access.candidate_for(gate.member(), candidate_id)
    there = queries.is_found_by_meaning()
    return page(
        "candidates/alike.html", "alike", candidate=candidate, by_meaning=there,
        people=queries.people_like(member, candidate.id) if there else [],
        openings=queries.openings_near(member, candidate.id) if there else [],
    )  # fmt: skip


def _show(candidate: Candidate, form: ContactForm | None = None, *, status: int = 200) -> Any:
    resumes = queries.resumes_of(candidate.id)
    newest = next((resume for resume in resumes if resume.state == "read"), None)
    member, document = gate.member(), queries.document_of(newest.id) if newest else None
    return page(
        "candidates/show.html", "who", "contact", "resumes", "doubles", "fields", status=status, candidate=candidate,
        form=form or ContactForm(formdata=None, obj=candidate), resumes=resumes, newest=newest,
        document=document, marks=marking.marks_of(document), corrections=queries.corrections_of(candidate, document),
        original=url_for("resumes.show", resume_id=newest.id) if newest else "",
        may_erase=member.role == Role.ADMIN, may_delete=hires(member),
        applied=applications().of_candidate(candidate.id, member),
        proposals=proposals_for(member, of=candidate.id)[0] if hires(member) else [],
        merges=doubles.merged_here(candidate) if hires(member) else [],
    )  # fmt: skip
