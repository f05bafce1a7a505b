"""Erasing somebody: their rows in one transaction, then their key, their files and what Redis still names.

A person decides it, and a receipt stays. What a restored backup brings back of somebody is forgotten again by their
tombstone (`forget_again`).
"""

import uuid
from collections.abc import Collection

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.commands.merging import part_from
from app.candidates.commands.searches import forget_searches_by_words, forget_searches_for
from app.candidates.models import Candidate, candidate_table
from app.candidates.queries.merged import group_of
from app.kernel import clock
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.shelf import Shelf, Tombstone
from app.ports.storage import Storage
from app.privacy.events import ErasureBegun, ErasureDone
from app.privacy.models import Erasure
from app.privacy.queries import erasure_of
from tenants import forgetting
from tenants.db import db

KEY, FILES, PINGS = "key", "file", "ping"


def erase(candidate: Candidate, *, by: Actor) -> Erasure:
    """Delete every row of theirs, and whatever names one; the rest is a task's, since it lies outside of PostgreSQL.

    Everybody who was merged with them is the same person, with a key of their own: each is erased, with a receipt.
    Raises Conflict for whoever is no person: nothing in the product erases by itself.
    """
    if by.kind not in {"member", "operator"}:
        raise Conflict("only a person erases")
    if erasure_of(candidate.id) is not None:
        raise Conflict(sentence("This person is being erased already. Load the page again to see how far it is."))
    merged = [person for person in group_of(candidate.id) if person != candidate.id]
    receipts = [_begin(person, by=by) for person in (candidate.id, *merged)]
    for erasure in reversed(receipts):
        _forget_rows(erasure)
        record(ErasureBegun(erasure.id))
    return receipts[0]


def _begin(person: uuid.UUID, *, by: Actor) -> Erasure:
    erasure = _receipt(person, number=_next_number(), asked_by=by.id if by.kind == "member" else None)
    audit.note("privacy.erase", by=by, target=("candidate", person), receipt=erasure.number)
    return erasure


def destroy(erasure: Erasure, *, shelf: Shelf, storage: Storage) -> int:
    """What no transaction can do: the tombstone, the end of the key, the files. Gives the number of files.

    Twice is as once. The tombstone comes first, so that whatever happens after it, the person stays erased.
    """
    shelf.destroy(Tombstone(erasure.person, erasure.asked_at, erasure.number))
    return storage.forget_person(erasure.person)


def finish(erasure: Erasure, *, files: int, pings: int) -> None:
    """The receipt says so; from now on it names nothing of theirs but who it was.

    What a transaction that was open when the rows went has written since, and points at none of them, goes as well.
    """
    if erasure.done_at is not None:
        return
    late = _deleted(erasure.person, {*erasure.ids, *forgetting.ids_of(erasure.person)})
    counted = [[store, int(number) + late.get(str(store), 0)] for store, number in erasure.stores]
    erasure.stores = [*counted, [FILES, files], [PINGS, pings], [KEY, 1]]
    erasure.done_at, erasure.ids = clock.now(), []
    record(ErasureDone(erasure.id))


def forget_again(graves: list[Tombstone], *, storage: Storage) -> dict[str, int]:
    """After a restore: whoever has a tombstone is forgotten once more, and has a receipt again.

    A merge that was undone before somebody was erased may stand again: it is undone first, so that nobody else goes.
    Saved searches by words go, whomever they name: an erased person's name is in no backup to compare them with.
    """
    part_from([grave.person for grave in graves])
    back = forgetting.present(grave.person for grave in graves)
    rows = files = 0
    for grave in graves:
        erasure = erasure_of(grave.person) or _receipt(grave.person, number=_free(grave.receipt), asked_by=None)
        erasure.done_at = erasure.done_at or grave.at
        if grave.person in back:
            rows += _forget_rows(erasure)
            erasure.forgotten_again_at, erasure.ids = clock.now(), []
            audit.note("privacy.forget_again", by=SYSTEM, target=("candidate", grave.person), receipt=erasure.number)
        files += storage.forget_person(grave.person)
    if back:
        rows += forget_searches_by_words()
    return {"people": len(back), "rows": rows, "files": files}


def _receipt(person: uuid.UUID, *, number: int, asked_by: uuid.UUID | None) -> Erasure:
    erasure = Erasure(
        id=new_id(), number=number, person=person, asked_by=asked_by, asked_at=clock.now(), stores=[], ids=[]
    )
    db.session.add(erasure)
    db.session.flush()
    return erasure


def _forget_rows(erasure: Erasure) -> int:
    """Locked first, so that nobody adds a row to what is going."""
    db.session.execute(sa.select(candidate_table.c.id).where(candidate_table.c.id == erasure.person).with_for_update())
    searches = forget_searches_for(erasure.person)
    erasure.ids = forgetting.ids_of(erasure.person)
    found = _deleted(erasure.person, erasure.ids) | {"saved_search": searches}
    if not erasure.stores:
        erasure.stores = [[table, number] for table, number in sorted(found.items())]
    return sum(found.values())


def _deleted(person: uuid.UUID, ids: Collection[uuid.UUID]) -> dict[str, int]:
    return forgetting.forget(person) | forgetting.forget_mentions(ids)


def _next_number() -> int:
    """One after the other; the lock ends with the transaction."""
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.func.current_schema() + ":erase"))))
    return (db.session.scalar(sa.select(sa.func.max(Erasure.number))) or 0) + 1


def _free(number: int) -> int:
    """The one that was given, unless somebody has it since: a database that was restored counts anew."""
    taken = db.session.scalar(sa.select(Erasure.id).where(Erasure.number == number))
    return _next_number() if taken else number
