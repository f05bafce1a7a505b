"""Interviews ready to be scored, made through the product's verbs alone."""

import uuid

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.identity.models import Member
from app.interviews.commands import conduct, invitations, kits
from app.interviews.models import Interview, Kit
from app.interviews.queries import kit_of, last_turn
from app.kernel import clock
from app.kernel.ids import new_id
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import write_posting
from app.postings.models import Posting
from jobs.ledger import TaskRow
from tenants.db import db

ANCHORS = ("Nothing of it.", "Names it.", "Describes own steps.", "Own steps, reasons, and a measured result.")
SAID = (
    "In 2023 I moved our billing service to PostgreSQL. I wrote the dual write, compared both sides for two weeks, "
    "and cut over with four minutes of read-only time. The error rate fell from 0.8 to 0.1 percent."
)


def proposal(dimensions: int) -> KitProposal:
    names = [f"Criterion {number}" for number in range(dimensions)]
    weight = 100 // dimensions
    return KitProposal(
        dimensions=tuple(
            ProposedDimension(name, "How somebody changes a system", weight, ANCHORS) for name in names[:-1]
        )
        + (ProposedDimension(names[-1], "How somebody changes a system", 100 - weight * (dimensions - 1), ANCHORS),),
        questions=(
            ProposedQuestion("Tell us about a system that you changed.", 3, "experience", tuple(names), "own steps"),
        ),
    )


def approved_kit(member: Member, *, dimensions: int = 5) -> tuple[Posting, Kit]:
    posting = write_posting(text="Backend engineer\nPython", by=member, actor=actor_of(member))
    kits.take_proposal(posting.id, proposal(dimensions), engine="tests", language="en")
    db.session.flush()
    kit = kit_of(posting.id)
    assert kit is not None
    kits.approve(kit, by=actor_of(member))
    return posting, kit


def submitted_interview(member: Member, posting: Posting, kit: Kit, *, name: str, said: str = SAID) -> Interview:
    application = apply(posting, register(name=name), resume=None, source="upload", by=actor_of(member))
    interview = invitations.open_interview(application, kit, by=actor_of(member))
    conduct.begin(interview, consented_to={}, by=actor_of(member))
    conduct.answer(interview, 1, said)
    turn = last_turn(interview.id)
    assert turn is not None
    conduct.settle_follow_up(interview, turn, None)
    conduct.submit(interview, by=actor_of(member))
    return interview


def some_key() -> str:
    return uuid.uuid4().hex


def task_row(name, **values):
    """A waiting task that nobody was told of."""
    now = clock.now()
    row = TaskRow(id=new_id(), key=uuid.uuid4().hex, name=name, arguments={}, run_at=now, created_at=now, **values)
    db.session.add(row)
    return row
