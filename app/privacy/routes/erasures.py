"""Erasing somebody, and the receipts of those who were."""

import uuid
from collections import Counter
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from app.candidates.models import Candidate
from app.candidates.queries.merged import group_of
from app.identity import gate
from app.identity.access import may_administer
from app.kernel.errors import NotFound
from app.privacy import access, commands, queries
from app.privacy.forms import EraseForm
from app.privacy.models import Erasure
from app.web.pages import form_page, page, see_other
from tenants import forgetting

bp = Blueprint("privacy", __name__)
gate.members_only(bp)


@bp.get("/candidates/<uuid:candidate_id>/erase")
def ask(candidate_id: uuid.UUID) -> Any:
    candidate = access.candidate_to_erase(gate.member(), candidate_id)
    return page("privacy/erase.html", **_asked(candidate, EraseForm(wanted=_wanted(candidate))))


@bp.post("/candidates/<uuid:candidate_id>/erase")
def erase(candidate_id: uuid.UUID) -> Any:
    candidate = access.candidate_to_erase(gate.member(), candidate_id)
    form = EraseForm(wanted=_wanted(candidate))
    if not form.validate():
        return form_page("privacy/erase.html", **_asked(candidate, form))
    erasure = commands.erase(candidate, by=gate.actor())
    return see_other(url_for(".show", erasure_id=erasure.id))


@bp.get("/erasures")
def index() -> Any:
    may_administer(gate.member())
    return page("privacy/erasures.html", erasures=queries.erasures())


@bp.get("/erasures/<uuid:erasure_id>")
def show(erasure_id: uuid.UUID) -> Any:
    erasure = access.erasure_for(gate.member(), erasure_id)
    return page("privacy/receipt.html", "receipt", erasure=erasure, stores=_stores(erasure))


def _asked(candidate: Candidate, form: EraseForm) -> dict[str, Any]:
    held: Counter[str] = Counter()
    for person in group_of(candidate.id):
        held.update(forgetting.held(person))
    counted = [(_word(store), number) for store, number in held.items() if number]
    return {"candidate": candidate, "form": form, "wanted": _wanted(candidate), "stores": counted}


def _wanted(candidate: Candidate) -> str:
    """Whoever came without a name is confirmed by address, or else by number."""
    return candidate.name or candidate.email or candidate.id.hex[-8:]


def _stores(erasure: Erasure) -> list[tuple[str, int]]:
    return [(_word(str(store)), int(number)) for store, number in erasure.stores]


def _word(store: str) -> str:
    """A store as a reader of the receipt calls it; what has no word yet goes by the name of its table."""
    words: dict[str, str] = {
        "candidate": _("Contact details"), "candidate_clear": _("Copy of them for search"),
        "candidate_merge": _("Merges"), "candidate_likeness": _("Look-alikes"),
        "resume": _("Resumes"), "resume_page": _("Pages of resumes"),
        "application": _("Applications"), "move": _("Steps of applications"), "note": _("Notes"),
        "decision": _("Decisions"), "interview": _("Interviews"), "turn": _("Questions and answers"),
        "help_request": _("Requests for help"), "assessment": _("Drafts of ratings"), "evidence": _("Quotes in drafts"),
        "scorecard": _("Scorecards"), "rating": _("Ratings by people"), "pin": _("Pinned quotes"),
        "report": _("Reports"), "application_match": _("Matches with jobs"),
        "personal_questions": _("Questions for one person"), "ai_output": _("What engines made"),
        "saved_search": _("Saved searches that name them"),
        "mail": _("Letters"), "task": _("Background tasks"), "outbox": _("Facts passed on"),
        commands.FILES: _("Files in the storage"), commands.PINGS: _("Signals to open pages"),
        commands.KEY: _("The key that everything was sealed with"),
    }  # fmt: skip
    return words.get(store, store)


def may_hear(identifier: str) -> None:
    member = gate.member_or_none()
    if member is None:
        raise NotFound("erasure")
    try:
        access.erasure_for(member, uuid.UUID(identifier))
    except ValueError as error:
        raise NotFound("erasure") from error
