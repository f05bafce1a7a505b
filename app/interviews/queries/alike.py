"""Questions like a question: of the project's bank, and of the kits of other jobs that a member may see.

All of a company's questions are compared one by one: a thousand kits have some eight thousand, which takes no index.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from operator import attrgetter, mul
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.candidates.queries import is_found_by_meaning
from app.identity.models import Member
from app.interviews.events import LikesAsked
from app.interviews.models import Kit, Question, QuestionMeaning
from app.postings.access import visible_to
from app.postings.models import Posting
from tenants import meaning
from tenants.db import db
from tenants.outbox import OutboxRow

FEW = 8
LOOKED_AT = 40
NEAR = 0.6  # beyond that distance two questions have only the tone in common
SAME = 0.85  # cosine from which two questions are one, worded twice; the nearest two of the bank have 0.79
JOBS_NAMED = 3

# The ledger belongs to background work (jobs/ledger.py); its index of open tasks is as short as the queue is.
_TASK = sa.table("task", sa.column("name", sa.Text), sa.column("arguments", JSONB))
_OPEN = sa.text("task.state in ('waiting', 'running')")  # in the words of the index
_PLACED = QuestionMeaning.question_id == Question.id


class Job(NamedTuple):
    """Whose kit has it."""

    id: uuid.UUID
    title: str


@dataclass(frozen=True)
class Alike:
    """A question near to another, and where it comes from: `work` is what the bank has it for, "" for any."""

    key: str
    text: str
    shows: str
    kind: str
    minutes: int
    near: float
    jobs: tuple[Job, ...] = ()
    more_jobs: int = 0
    in_bank: bool = False
    work: str = ""


@dataclass(frozen=True)
class Likes:
    """`state`: "waiting" until a worker knows the question, "words" where the model never will, else "made".

    `lacking`: how many questions of other kits no worker has looked at yet.
    """

    state: str
    found: tuple[Alike, ...] = ()
    lacking: int = 0
    kits_too: bool = True


@dataclass(frozen=True)
class _Candidate:
    """With what tells whether it is another one once more."""

    alike: Alike
    vector: Sequence[float] | None
    bank: dict[str, float]

    def is_like(self, other: "_Candidate") -> bool:
        if _words(self.alike.text) == _words(other.alike.text):
            return True
        if self.vector is not None and other.vector is not None:
            return bool(sum(map(mul, self.vector, other.vector)) >= SAME)
        return max(self.bank.get(other.alike.text, 0), other.bank.get(self.alike.text, 0)) >= SAME


def likes_of(member: Member, kit: Kit, question: Question, *, engine: str) -> Likes:
    """The nearest first, none twice, none that the kit has. What another engine placed counts as not looked at."""
    placed = {row.question_id: row for row in db.session.scalars(_placed_in(kit, engine))}
    own, kits_too = placed.get(question.id), is_found_by_meaning()
    lacking = _lacking(member, kit, engine) if kits_too else 0
    if own is None:
        return Likes("waiting", lacking=lacking, kits_too=kits_too)
    if own.meaning is None:
        return Likes("words", kits_too=kits_too)
    taken = [_of_kit(each, placed.get(each.id)) for each in kit.questions]
    offered = [_of_bank(entry) for entry in own.bank] + (_of_others(member, kit, own) if kits_too else [])
    return Likes("made", tuple(islice(_one_of_each(taken, offered), FEW)), lacking, kits_too)


def _one_of_each(taken: list[_Candidate], offered: list[_Candidate]) -> Iterator[Alike]:
    """A company's own wording stands for the bank's, and says that the bank has it, too."""
    shown: list[_Candidate] = []
    for one in sorted(offered, key=lambda each: -each.alike.near):
        if any(one.is_like(known) for known in (*taken, *shown)):
            continue
        shown.append(one)
        bank = next((each.alike for each in offered if each.alike.in_bank and one.is_like(each)), None)
        yield replace(one.alike, in_bank=True, work=bank.work) if bank else one.alike


def without_meaning(posting_id: uuid.UUID, engine: str, *, others: bool, most: int) -> list[tuple[uuid.UUID, str]]:
    """Questions that no worker has looked at by this engine: of one kit, or of all others."""
    query = sa.select(Question.id, Question.text).join(Kit, Kit.id == Question.kit_id).where(~_placed_by(engine))
    if others:
        query = query.join(Posting, Posting.id == Kit.posting_id).where(
            Kit.posting_id != posting_id, ~Posting.rehearsal
        )
    else:
        query = query.where(Kit.posting_id == posting_id)
    return [(row.id, row.text) for row in db.session.execute(query.order_by(Question.id.desc()).limit(most))]


def are_asked_for(posting_id: uuid.UUID, likes: Likes) -> bool:
    """Whether the task that the page waits for is under way: as a fact that nobody relayed yet, or in the ledger."""
    its = {"posting_id": str(posting_id)}
    told = sa.exists().where(
        OutboxRow.relayed_at.is_(None), OutboxRow.name == LikesAsked.name, OutboxRow.data.contains(its)
    )
    name = "interviews.understand" if likes.state == "waiting" else "interviews.find_by_meaning"
    begun = sa.exists().where(_OPEN, _TASK.c.name == name, _TASK.c.arguments.contains(its))
    return bool(db.session.scalar(sa.select(sa.or_(told, begun))))


def _placed_by(engine: str) -> sa.Exists:
    return sa.exists().where(_PLACED, QuestionMeaning.engine == engine)


def _placed_in(kit: Kit, engine: str) -> sa.Select[tuple[QuestionMeaning]]:
    placed = sa.select(QuestionMeaning).join(Question, _PLACED)
    return placed.where(Question.kit_id == kit.id, QuestionMeaning.engine == engine)


def _lacking(member: Member, kit: Kit, engine: str) -> int:
    query = sa.select(sa.func.count()).select_from(Question).join(Kit, Kit.id == Question.kit_id)
    query = query.join(Posting, Posting.id == Kit.posting_id).where(Kit.id != kit.id, visible_to(member))
    return db.session.scalar(query.where(~_placed_by(engine))) or 0


def _of_others(member: Member, kit: Kit, own: QuestionMeaning) -> list[_Candidate]:
    """What is worded alike comes once, with the newest jobs that have it."""
    spots = _spots(member, kit, own).subquery()
    placed = sa.and_(QuestionMeaning.question_id == spots.c.id, spots.c.place == 1)
    query = sa.select(spots, QuestionMeaning.meaning, QuestionMeaning.bank).outerjoin(QuestionMeaning, placed)
    query = query.where(spots.c.place <= JOBS_NAMED).order_by(spots.c.least, spots.c.words, spots.c.place)
    rows = db.session.execute(query.limit(LOOKED_AT * JOBS_NAMED))
    return [_of_rows(list(group)) for _words, group in groupby(rows, attrgetter("words"))]


def _spots(member: Member, kit: Kit, own: QuestionMeaning) -> sa.Select[Any]:
    """Each place where a near question stands; `place` counts those of the same words, the newest job first."""
    vector = sa.literal(own.meaning, QuestionMeaning.meaning.type)
    far = meaning.distance(QuestionMeaning.meaning, vector).label("far")
    same_model = sa.select(QuestionMeaning.question_id, far).where(QuestionMeaning.engine == own.engine)
    every = same_model.cte("every").prefix_with("materialized")  # each distance once
    words = sa.func.lower(Question.text)
    return (
        sa.select(
            Question.id, Question.text, Question.shows, Question.kind, Question.minutes, Posting.id.label("job"),
            Posting.title, words.label("words"), sa.func.min(every.c.far).over(partition_by=words).label("least"),
            sa.func.row_number().over(partition_by=words, order_by=Posting.id.desc()).label("place"),
            sa.func.count().over(partition_by=words).label("jobs"),
        )
        .join(every, every.c.question_id == Question.id)
        .join(Kit, Kit.id == Question.kit_id)
        .join(Posting, Posting.id == Kit.posting_id)
        .where(Kit.id != kit.id, visible_to(member), every.c.far.between(1 - SAME, NEAR))
    )  # fmt: skip


def _of_rows(rows: list[Any]) -> _Candidate:
    first = rows[0]
    jobs = tuple(Job(row.job, row.title) for row in rows)
    alike = Alike(
        str(first.id), first.text, first.shows, first.kind, first.minutes, 1 - first.least,
        jobs=jobs, more_jobs=first.jobs - len(jobs),
    )  # fmt: skip
    return _Candidate(alike, first.meaning, _nears(first.bank))


def _of_bank(entry: dict[str, Any]) -> _Candidate:
    key = hashlib.sha256(entry["text"].encode()).hexdigest()[:16]
    alike = Alike(
        f"bank-{key}", entry["text"], entry["shows"], entry["kind"], entry["minutes"],
        entry["near"], in_bank=True, work=entry["work"] or "",
    )  # fmt: skip
    return _Candidate(alike, None, {})


def _of_kit(question: Question, placed: QuestionMeaning | None) -> _Candidate:
    alike = Alike(str(question.id), question.text, question.shows, question.kind, question.minutes, 1.0)
    return _Candidate(alike, placed.meaning if placed else None, _nears(placed.bank) if placed else {})


def _nears(bank: list[dict[str, Any]]) -> dict[str, float]:
    return {entry["text"]: entry["near"] for entry in bank}


def _words(text: str) -> str:
    return " ".join(text.casefold().split())
