"""Asha applies as a ward nurse and answers four questions; told through the product's own commands."""

import uuid
from collections.abc import Sequence

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.identity.models import Member
from app.interviews.commands import conduct, invitations, kits
from app.interviews.models import Interview
from app.interviews.queries import follow_up_settled, last_turn
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import write_posting
from app.postings.models import TeamSeat
from tenants.db import db

DIMENSIONS = (("Stays calm", 30), ("Hands over well", 20), ("Plans the shift", 50))
QUESTIONS = (
    ("Tell me about a shift that went wrong. What was your part in it?", ("Stays calm",)),
    ("How do you hand a patient over to the next shift?", ("Hands over well",)),
    ("How do you plan a shift with too few people?", ("Plans the shift",)),
    ("What would you change on your ward?", ("Plans the shift", "Stays calm")),
)
ANSWERS = (
    (
        "A patient fell during my night shift in March. I called the doctor within two minutes, stayed with him and "
        "wrote down his blood pressure every five minutes.\n"
        "Afterwards I asked for a second bed rail, and nobody has fallen since."
    ),
    "I use a written sheet with four parts. I read it out at the bed, and the next nurse repeats the two risks to me.",
    "",
    "I would put the handover before the medication round. We tried it for a month and had three errors fewer.",
)
ANCHORS = ("Says nothing of it", "Names one step", "Names steps and why", "Shows what came of it")


def proposal() -> KitProposal:
    return KitProposal(
        tuple(
            ProposedDimension(name, f"Shows that somebody {name.lower()}.", weight, ANCHORS)
            for name, weight in DIMENSIONS
        ),
        tuple(ProposedQuestion(text, 4, "experience", names, "What they did.") for text, names in QUESTIONS),
    )


def interviewed(
    rita: Member, team: Sequence[Member], *, answers: Sequence[str] = ANSWERS, name: str = "Asha Kulkarni",
    send: bool = True, rehearsal: bool = False, language: str = "en",
) -> Interview:  # fmt: skip
    """An interview with its answers sent. No follow-up is asked: whoever drains later finds them settled."""
    by = actor_of(rita)
    posting = write_posting(text="Ward nurse\nWe look for a nurse for our night shifts.", by=rita, actor=by)
    posting.rehearsal = rehearsal
    for member in team:
        db.session.add(TeamSeat(posting_id=posting.id, member_id=member.id))
    kit = kits.take_proposal(posting.id, proposal(), engine="test", language=language)
    db.session.flush()
    kits.approve(kit, by=by)
    candidate = register(name=name, email=f"{name.split(maxsplit=1)[0].lower()}-{uuid.uuid4().hex[:6]}@example.org")
    application = apply(posting, candidate, resume=None, source="test", by=by, rehearsal=rehearsal)
    interview = invitations.open_interview(application, kit, by=by, rehearsal=rehearsal, language=language)
    conduct.begin(interview, consented_to={"text": True}, by=by)
    if send:
        send_answers(interview, answers, by=by)
    return interview


def send_answers(interview: Interview, answers: Sequence[str], *, by) -> None:
    for answer in answers:
        turn = last_turn(interview.id)
        conduct.answer(interview, turn.number, answer)
        db.session.flush()
        if not follow_up_settled(interview.id):
            conduct.settle_follow_up(interview, turn, None)
    conduct.submit(interview, by=by)
