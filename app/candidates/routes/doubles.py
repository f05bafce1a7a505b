"""Entries that look like one person: proposed, compared, merged by a person, and made two again."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from app.candidates import access
from app.candidates.access import applications
from app.candidates.commands.alike import tell_apart
from app.candidates.commands.merging import differing, merge, part, written_since
from app.candidates.forms import MergeForm
from app.candidates.models import Candidate
from app.candidates.queries.alike import compare, proposals_for
from app.candidates.queries.merged import contacts_of, group_of, merges_of, newer_than, resumes_whose
from app.identity import gate
from app.identity.access import may_hire
from app.kernel.errors import NotFound
from app.web.pages import page, see_other, toast

bp = Blueprint("doubles", __name__, url_prefix="/candidates")
gate.members_only(bp)


@bp.get("/look-alikes")
def index() -> Any:
    may_hire(gate.member())
    try:
        proposals, more = proposals_for(gate.member(), after=request.args.get("after", ""))
    except ValueError as error:
        raise NotFound("page") from error
    return page("candidates/look_alikes.html", proposals=proposals, more=more)


@bp.get("/<uuid:candidate_id>/merge/<uuid:other_id>")
def compare_two(candidate_id: uuid.UUID, other_id: uuid.UUID) -> Any:
    return _compare(*access.candidates_to_merge(gate.member(), candidate_id, other_id))


@bp.post("/<uuid:candidate_id>/merge/<uuid:other_id>")
def merge_two(candidate_id: uuid.UUID, other_id: uuid.UUID) -> Any:
    first, second = access.candidates_to_merge(gate.member(), candidate_id, other_id)
    form = _form(first, second)
    if not form.validate():
        return _compare(first, second, form, status=422)
    merge(first, second, by=gate.actor(), taken=form.taken, leading=form.leading)
    toast(_("They are one person now. You can undo this on the page of the person."))
    return see_other(url_for("candidates.show", candidate_id=first.id))


@bp.post("/<uuid:candidate_id>/apart/<uuid:other_id>")
def say_apart(candidate_id: uuid.UUID, other_id: uuid.UUID) -> Any:
    first, second = access.candidates_to_merge(gate.member(), candidate_id, other_id)
    tell_apart(first, second, by=gate.actor())
    toast(_("Noted: they are two people. Nobody is asked again."))
    return see_other(url_for(".index"))


@bp.get("/merges/<uuid:merge_id>")
def ask_to_part(merge_id: uuid.UUID) -> Any:
    found = access.merge_for(gate.member(), merge_id)
    survivor = access.candidate_for(gate.member(), found.survivor_id)
    absorbed = found.absorbed_id
    whose = group_of(absorbed)
    return page(
        "candidates/part.html", merge=found, survivor=survivor, other=contacts_of([absorbed])[absorbed],
        resumes=resumes_whose(survivor.id, whose), applied=applications().whose(survivor.id, whose),
        stays=written_since(survivor, found), first_undo=newer_than(found),
    )  # fmt: skip


@bp.post("/merges/<uuid:merge_id>")
def part_two(merge_id: uuid.UUID) -> Any:
    found = access.merge_for(gate.member(), merge_id)
    survivor_id = found.survivor_id
    part(found, by=gate.actor())
    toast(_("They are two people again."))
    return see_other(url_for("candidates.show", candidate_id=survivor_id))


def _form(first: Candidate, second: Candidate) -> MergeForm:
    jobs = applications().for_one_job(first.id, second.id)
    return MergeForm.of(compare(first, second), differing(first, second), jobs)


def _compare(first: Candidate, second: Candidate, form: MergeForm | None = None, *, status: int = 200) -> Any:
    member = gate.member()
    return page(
        "candidates/merge.html", status=status, proposal=compare(first, second), form=form or _form(first, second),
        applied=[applications().of_candidate(one.id, member) for one in (first, second)],
    )  # fmt: skip


def merged_here(candidate: Candidate) -> list[dict[str, Any]]:
    """Who was merged into them, the newest first: that one can be undone."""
    merges = merges_of(candidate.id)
    contacts = contacts_of([each.absorbed_id for each in merges])
    return [{"merge": each, "name": contacts[each.absorbed_id].get("name") or ""} for each in merges]
