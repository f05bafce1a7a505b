"""Two entries become one person, by a person, and two again. See `Merge` for what is whose.

Merging changes on whose page things stand and what the survivor's own fields say, nothing else. So undoing it needs no
memory of what was where: each row knows whose it is. Fields that somebody wrote after the merge stay with the survivor.
"""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.access import applications
from app.candidates.commands import make_found, make_passages_anew, write_clear
from app.candidates.events import CandidatesMerged, CandidatesParted
from app.candidates.models import CLEAR, Candidate, Merge, Resume, candidate_table, clear_table
from app.candidates.queries.merged import contacts_of, group_of, merges_of, newer_than, stands_for
from app.kernel import clock
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from tenants.db import db

CHOSEN = ("name", "email", "phone", "place", "headline", "language")
KEPT = (*CLEAR, "language", "corrected")
OWN = {"synchronize_session": "fetch"}


def differing(survivor: Candidate, absorbed: Candidate) -> list[str]:
    """Fields in which both say something, and not the same."""
    said = [(field, getattr(survivor, field), getattr(absorbed, field)) for field in CHOSEN]
    return [field for field, mine, theirs in said if mine and theirs and mine != theirs]


def merge(
    survivor: Candidate,
    absorbed: Candidate,
    *,
    by: Actor,
    taken: Collection[str] = (),
    leading: Collection[uuid.UUID] = (),
) -> Merge:
    """`taken` are the differing fields that the absorbed one's value is kept of; `leading` the applications that lead.

    What was chosen counts as written by that person. A field that one of them lacks is filled from the other.
    """
    if by.kind != "member" or by.id is None:
        raise Conflict("only a person merges")
    _lock(survivor.id, absorbed.id)
    differ, before = differing(survivor, absorbed), _kept(survivor)
    for field in CHOSEN:
        if field in taken or not getattr(survivor, field):
            setattr(survivor, field, getattr(absorbed, field) or getattr(survivor, field))
    survivor.links = list(dict.fromkeys([*survivor.links, *absorbed.links]))
    said = {field for field in differ if field in CLEAR} | {*survivor.corrected, *absorbed.corrected}
    survivor.corrected = sorted(said)
    survivor.consented_at = survivor.consented_at or absorbed.consented_at
    found = Merge(
        id=new_id(), survivor_id=survivor.id, absorbed_id=absorbed.id, before=before, after=_kept(survivor),
        by_id=by.id, at=clock.now(),
    )  # fmt: skip
    db.session.add(found)
    db.session.flush()
    _move(found, leading)
    db.session.expunge(absorbed)
    make_found(survivor)
    audit.note(
        "candidates.merge", by=by, target=("candidate", survivor.id), absorbed=str(absorbed.id), merge=str(found.id),
        taken=sorted({*taken} & {*differ}), fields=[field for field in differ if field in CLEAR],
    )  # fmt: skip
    record(CandidatesMerged(survivor.id, absorbed.id))
    return found


def _lock(*persons: uuid.UUID) -> None:
    """One merge after the other: both have to stand by themselves still."""
    query = sa.select(clear_table.c.id).join(candidate_table, candidate_table.c.id == clear_table.c.id)
    query = query.where(clear_table.c.id.in_(persons)).order_by(clear_table.c.id)
    if len(db.session.scalars(query.with_for_update(of=candidate_table)).all()) != len({*persons}) or len(persons) < 2:  # noqa: PLR2004
        raise Conflict(sentence("One of them was merged meanwhile. Load the page again."))


def _move(found: Merge, leading: Collection[uuid.UUID]) -> None:
    resumes = sa.update(Resume).where(Resume.candidate_id == found.absorbed_id).values(candidate_id=found.survivor_id)
    db.session.execute(resumes, execution_options=OWN)
    applications().follow(found.survivor_id, found.absorbed_id, merge_id=found.id, leading=leading)
    db.session.execute(sa.delete(clear_table).where(clear_table.c.id == found.absorbed_id))
    for person in (found.survivor_id, found.absorbed_id):
        make_passages_anew(person)


def part(found: Merge, *, by: Actor) -> None:
    """They are two again. Raises Conflict while something was merged on top of it."""
    if by.kind != "member":
        raise Conflict("only a person undoes a merge")
    if newer_than(found):
        raise Conflict(sentence("Something was merged after it. Undo that first."))
    _lock_one(found.survivor_id)
    _part(found)
    audit.note(
        "candidates.part", by=by, target=("candidate", found.survivor_id), absorbed=str(found.absorbed_id),
        merge=str(found.id),
    )  # fmt: skip


def _lock_one(person: uuid.UUID) -> None:
    db.session.execute(sa.select(candidate_table.c.id).where(candidate_table.c.id == person).with_for_update())


def _part(found: Merge, gone: Collection[uuid.UUID] = ()) -> None:
    """`gone` are people whose key is destroyed: their fields are left as they are."""
    whose = group_of(found.absorbed_id)
    theirs = (Resume.candidate_id == found.survivor_id, Resume.person_id.in_(whose))
    db.session.execute(sa.update(Resume).where(*theirs).values(candidate_id=found.absorbed_id), execution_options=OWN)
    applications().go_back(found.survivor_id, found.absorbed_id, merge_id=found.id, whose=whose)
    before, after = found.before, found.after
    db.session.delete(found)
    db.session.flush()
    for person in {found.survivor_id, found.absorbed_id} - {*gone}:
        make_passages_anew(person)
    if found.absorbed_id not in gone:
        write_clear(contacts_of([found.absorbed_id]))
    if found.survivor_id not in gone:
        survivor = _in_lists(found.survivor_id)
        _give_back(survivor, before, after)
        make_found(survivor)
    record(CandidatesParted(found.survivor_id, found.absorbed_id))


def _in_lists(person: uuid.UUID) -> Candidate:
    """In a database that was restored nobody is searched yet."""
    if db.session.get(Candidate, person) is None:
        write_clear(contacts_of([person]))
    return db.session.get_one(Candidate, person)


def _give_back(survivor: Candidate, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """As it was, but for what was written since."""
    since = _written_since(survivor, after)
    for field in {*CLEAR, "language"} - {*since}:
        setattr(survivor, field, before[field])
    own = {*since} & {*survivor.corrected} | {*survivor.corrected} - {*after["corrected"]}
    survivor.corrected = sorted({*before["corrected"], *own})
    if survivor.consented_at is not None and survivor.consented_at.isoformat() == after["consented_at"]:
        survivor.consented_at = datetime.fromisoformat(before["consented_at"]) if before["consented_at"] else None


def written_since(survivor: Candidate, found: Merge) -> list[str]:
    """Fields that were written after the merge, and stay as they are when it is undone."""
    return _written_since(survivor, found.after)


def _written_since(survivor: Candidate, after: Mapping[str, Any]) -> list[str]:
    return [field for field in (*CLEAR, "language") if getattr(survivor, field) != after[field]]


def part_from(gone: Collection[uuid.UUID]) -> int:
    """After a restore: whoever was erased apart from the rest stands by themselves again, before they are forgotten.

    Merges that are erased as a whole stay; of the others the newest is undone first. Gives how many were undone.
    """
    undone = 0
    for person in gone:
        for found in _standing_around(person):
            if not {*group_of(found.survivor_id)} <= {*gone}:
                _part(found, gone)
                audit.note(
                    "candidates.part", by=SYSTEM, target=("candidate", found.survivor_id),
                    absorbed=str(found.absorbed_id), merge=str(found.id),
                )  # fmt: skip
                undone += 1
    return undone


def _standing_around(person: uuid.UUID) -> list[Merge]:
    """Every merge of those on one page with them, the newest first."""
    found = [each for one in group_of(stands_for(person)) for each in merges_of(one)]
    return sorted(found, key=lambda each: each.id, reverse=True)


def _kept(candidate: Candidate) -> dict[str, Any]:
    kept: dict[str, Any] = {field: getattr(candidate, field) for field in KEPT}
    kept["links"], kept["corrected"] = list(candidate.links), list(candidate.corrected)
    kept["consented_at"] = candidate.consented_at.isoformat() if candidate.consented_at else None
    return kept
