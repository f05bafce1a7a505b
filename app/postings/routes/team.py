"""Who hires for a job."""

import uuid
from typing import Any

from flask import Blueprint, request

from app.identity import gate
from app.identity.queries import members
from app.kernel.errors import NotFound
from app.postings import access, commands
from app.postings.routes.plan import changed
from app.web.pages import focus_to


def seat(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    chosen = next((member for member in members() if str(member.id) == request.form.get("member")), None)
    if chosen is None or not chosen.active:
        raise NotFound("member")
    commands.seat(posting, chosen, by=gate.actor())
    focus_to("#member")
    return changed(posting, "team")


def unseat(posting_id: uuid.UUID, member_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    commands.unseat(posting, member_id, by=gate.actor())
    focus_to("#member")
    return changed(posting, "team")


def install(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:posting_id>/team", view_func=seat, methods=["POST"])
    bp.add_url_rule("/<uuid:posting_id>/team/<uuid:member_id>/unseat", view_func=unseat, methods=["POST"])
