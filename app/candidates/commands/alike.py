"""Saying that two entries look like one person, and that they are two."""

import uuid

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.audit import commands as audit
from app.candidates.commands import make_found
from app.candidates.events import LikenessFound
from app.candidates.models import Candidate, Likeness
from app.candidates.queries.alike import look_alikes
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from tenants.db import changed, db

AT_ONCE = 100


def find_alike(candidate: Candidate) -> int:
    """Propose whoever looks like them; nothing else happens by itself. Gives how many are new.

    What was proposed before and has no reason any more goes; what a person said stays.
    """
    found = [_pair(candidate.id, other) for other in look_alikes(candidate)]
    mine = sa.or_(Likeness.first_id == candidate.id, Likeness.second_id == candidate.id)
    pair = sa.tuple_(Likeness.first_id, Likeness.second_id)
    db.session.execute(sa.delete(Likeness).where(mine, Likeness.state == "proposed", pair.not_in(found)))
    new = sum(_propose(*each) for each in found)
    if new:
        record(LikenessFound(candidate.id))
    return new


def mark_and_find(after: uuid.UUID | None, *, finding: bool) -> tuple[int, int, uuid.UUID | None]:
    """For some people after an id: what they are found by, or who looks like them. How many, how many new, the last."""
    query = sa.select(Candidate).order_by(Candidate.id).limit(AT_ONCE)
    if after is not None:
        query = query.where(Candidate.id > after)
    people, new = list(db.session.scalars(query)), 0
    for candidate in people:
        if finding:
            new += find_alike(candidate)
        else:
            make_found(candidate)
    return len(people), new, people[-1].id if people else None


def _propose(first: uuid.UUID, second: uuid.UUID) -> int:
    values = {"first_id": first, "second_id": second, "found_at": clock.now()}
    return changed(insert(Likeness).values(values).on_conflict_do_nothing())


def tell_apart(first: Candidate, second: Candidate, *, by: Actor) -> None:
    """A person says that they are two: nobody is asked again."""
    if by.kind != "member":
        raise Conflict("only a person tells people apart")
    one, other = _pair(first.id, second.id)
    said = {"state": "apart", "said_by": by.id, "said_at": clock.now()}
    values = {"first_id": one, "second_id": other, "found_at": clock.now()} | said
    statement = insert(Likeness).values(values)
    db.session.execute(statement.on_conflict_do_update(index_elements=["first_id", "second_id"], set_=said))
    audit.note("candidates.tell_apart", by=by, target=("candidate", one), other=str(other))
    for each in (one, other):
        record(LikenessFound(each))


def _pair(first: uuid.UUID, second: uuid.UUID) -> tuple[uuid.UUID, uuid.UUID]:
    return (first, second) if first < second else (second, first)
