"""Applications as pages and tasks need them."""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased, joinedload

from app.applications.enums import ApplicationState
from app.applications.models import Application, Decision, Match, Move, Note
from app.candidates.models import Resume, clear_table
from app.identity.models import Member
from app.kernel import clock
from app.kernel.errors import NotFound
from app.ports.matching import Requirements
from app.postings.models import Posting, Stage
from app.postings.queries import posting
from tenants.db import db

FIRST_PAGE = 20
LIST_PAGE = 50
MOST_SHOWN = 400
MOST_COUNTED = 1_000  # of a column, where words are asked for: all of 100,000 take a quarter of a second
SAMPLE = 100  # of the newest, that tell whether most of a job are found
FEW = 1_000  # that match some words, of all people of a company
LATE = "late"
EVERY_STATE = "all"


@dataclass(frozen=True)
class Filter:
    """What of a job is looked at. A board shows the active ones in columns; a list any state, any stage."""

    q: str = ""
    thing: str = ""
    stage: uuid.UUID | None = None
    state: str = ApplicationState.ACTIVE

    def in_address(self) -> dict[str, Any]:
        """What differs from the usual, as parameters of an address."""
        told = {"q": self.q, "thing": self.thing, "stage": str(self.stage or ""), "state": self.state}
        return {name: value for name, value in told.items() if value and (name, value) != ("state", "active")}


class Place(NamedTuple):
    """Where a page of a list ends: the newest in their stage stand first, ids break ties."""

    since: datetime
    id: uuid.UUID


class Card(NamedTuple):
    """One line of a board or a list: no score, no photo."""

    id: uuid.UUID
    version: int
    stage_id: uuid.UUID
    state: str
    next_thing: str
    stage_since: datetime
    promised_on: date | None
    applied_at: datetime
    name: str
    headline: str | None

    @property
    def place(self) -> Place:
        return Place(self.stage_since, self.id)


class Row(NamedTuple):
    """A card with what a sheet says beside it."""

    card: Card
    place: str | None
    email: str | None
    phone: str | None
    stage: str
    source: str


@dataclass(frozen=True)
class Column:
    """`total` is of all; of those whom words find it ends at MOST_COUNTED, and `uncounted` says that there are more."""

    stage: Stage
    total: int
    cards: list[Card]
    uncounted: bool = False

    @property
    def last(self) -> Place | None:
        """Where the next page begins, if there is one."""
        there = self.cards and (self.uncounted or len(self.cards) < self.total)
        return self.cards[-1].place if there else None


@dataclass(frozen=True)
class Around:
    """Who stands before and after somebody, in the same filter."""

    position: int
    total: int
    previous: uuid.UUID | None
    next: uuid.UUID | None


class Said(NamedTuple):
    """A note, or, with its verdict, the reason of a decision."""

    at: datetime
    who: str
    text: str
    verdict: str | None


@dataclass(frozen=True)
class History:
    """What people did and said about one application."""

    moves: list[Move]
    said: list[Said]


_OWN = (
    Application.id, Application.version, Application.stage_id, Application.state, Application.next_thing,
    Application.stage_since, Application.promised_on, Application.applied_at,
)  # fmt: skip
_REACHED = ("name", "headline", "place", "email", "phone")
_NEWEST = (Application.stage_since.desc(), Application.id.desc())


def application(application_id: uuid.UUID) -> Application:
    """With candidate, posting, stage; for tasks."""
    found = db.session.scalar(
        sa.select(Application)
        .options(joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage))
        .where(Application.id == application_id)
    )
    if found is None:
        raise NotFound("application")
    return found


def requirements_of(posting: Posting) -> Requirements:
    years = None if posting.years_min is None else float(posting.years_min)
    return Requirements(tuple(posting.must_have), tuple(posting.nice_to_have), years)


def requirements_digest(requirements: Requirements) -> str:
    told = json.dumps([requirements.must_have, requirements.nice_to_have, requirements.years_min], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()


def match_of(application: Application) -> Match | None:
    """Of the resume that it has; an older one, or one that stood with them for a while, is another match."""
    found = db.session.get(Match, application.id)
    return found if found is not None and found.resume_id == application.resume_id else None


def behind_their_job(posting_id: uuid.UUID) -> list[uuid.UUID]:
    """Active applications with a resume that was not yet held beside what the job asks for now."""
    now = requirements_digest(requirements_of(posting(posting_id)))
    query = (
        sa.select(Application.id)
        .join(Resume, Resume.id == Application.resume_id)
        .outerjoin(Match, sa.and_(Match.application_id == Application.id, Match.resume_id == Application.resume_id))
        .where(Application.posting_id == posting_id, Application.state == ApplicationState.ACTIVE)
        .where(Resume.state == "read", sa.or_(Match.asked.is_(None), Match.asked != now))
    )
    return list(db.session.scalars(query.order_by(Application.id)))


def decisions_on(application_id: uuid.UUID) -> list[Decision]:
    query = sa.select(Decision).options(joinedload(Decision.by)).where(Decision.application_id == application_id)
    return list(db.session.scalars(query.order_by(Decision.at)))


def board(stages: list[Stage], wanted: Filter, *, shown: int = FIRST_PAGE) -> list[Column]:
    """Two statements at any size: the counts, and the first page of every column at once. Words cost a third."""
    posting_id = stages[0].posting_id
    here = _matching(posting_id, wanted)
    totals = _bounded_counts(posting_id, here) if wanted.q.strip() and _most_match(here) else _counts(here)
    cards: dict[uuid.UUID, list[Card]] = {stage.id: [] for stage in stages}
    for card in _first_pages(posting_id, here, min(shown, MOST_SHOWN)):
        cards[card.stage_id].append(card)
    return [_column(stage, totals.get(stage.id, 0), cards[stage.id], wanted) for stage in stages]


def _column(stage: Stage, total: int, cards: list[Card], wanted: Filter) -> Column:
    uncounted = bool(wanted.q.strip()) and total > MOST_COUNTED
    return Column(stage, MOST_COUNTED if uncounted else total, cards, uncounted)


def _counts(here: list[sa.ColumnElement[bool]]) -> dict[uuid.UUID, int]:
    query = sa.select(Application.stage_id, sa.func.count()).where(*here)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Application.stage_id))}


def _most_match(here: list[sa.ColumnElement[bool]]) -> bool:
    """Whether words, which stand last in `here`, find at least half of the newest; where few are here, no."""
    *others, words = here
    newest = sa.select(Application.id).where(*others).order_by(*_NEWEST).limit(SAMPLE).scalar_subquery()
    found = sa.select(sa.func.count()).select_from(Application).where(Application.id.in_(newest), words)
    return 2 * (db.session.scalar(found) or 0) >= SAMPLE


def _bounded_counts(posting_id: uuid.UUID, here: list[sa.ColumnElement[bool]]) -> dict[uuid.UUID, int]:
    """Each stage's up to one more than MOST_COUNTED: a sixth of the time where most match, longer where few do."""
    some = _up_to_most([*here, Application.stage_id == Stage.id]).lateral("some")
    query = sa.select(Stage.id, sa.func.count(some.c.id)).join(some, sa.true()).where(Stage.posting_id == posting_id)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Stage.id))}


def _up_to_most(conditions: list[sa.ColumnElement[bool]]) -> sa.Select[tuple[uuid.UUID]]:
    return sa.select(Application.id).where(*conditions).limit(MOST_COUNTED + 1)


def column(posting_id: uuid.UUID, stage: Stage, wanted: Filter, *, after: Place | None) -> Column:
    """The next page of one column; `total` counts those from here on."""
    here = [*_matching(posting_id, wanted), Application.stage_id == stage.id, *_after(after)]
    counted = _up_to_most(here).subquery() if wanted.q.strip() else sa.select(Application.id).where(*here).subquery()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    return _column(stage, total, _cards(here, FIRST_PAGE), wanted)


def listing(posting_id: uuid.UUID, wanted: Filter, *, after: Place | None) -> tuple[list[Card], Place | None]:
    """A page of the list, and where the next one begins."""
    found = _cards([*_matching(posting_id, wanted), *_in_stage(wanted), *_after(after)], LIST_PAGE + 1)
    page = found[:LIST_PAGE]
    return page, page[-1].place if len(found) > LIST_PAGE else None


def sheet_of(posting_id: uuid.UUID, wanted: Filter, *, most: int) -> list[Row]:
    """All of the list, with how to reach people; one more than `most` says that there are more."""
    query = (
        sa.select(*_OWN, *(clear_table.c[name] for name in _REACHED), Stage.name, Application.source)
        .join(clear_table, clear_table.c.id == Application.candidate_id)
        .join(Stage, Stage.id == Application.stage_id)
        .where(*_matching(posting_id, wanted), *_in_stage(wanted))
        .order_by(*_NEWEST)
        .limit(most + 1)
    )
    own = len(_OWN) + 2
    return [Row(Card(*row[:own]), *row[own:]) for row in db.session.execute(query)]


def around(application: Application, wanted: Filter) -> Around:
    """One statement, words apart. On a board the neighbours stand in the same column, so `wanted.stage` names it."""
    here = [*_matching(application.posting_id, wanted), *_in_stage(wanted)]
    mine = sa.tuple_(sa.literal(application.stage_since), sa.literal(application.id))
    own = sa.tuple_(Application.stage_since, Application.id)
    oldest = (Application.stage_since.asc(), Application.id.asc())
    before = sa.select(Application.id).where(*here, own > mine).order_by(*oldest).limit(1)
    after = sa.select(Application.id).where(*here, own < mine).order_by(*_NEWEST).limit(1)
    counted = (
        sa.select(sa.func.count().label("total"), sa.func.count().filter(own > mine).label("ahead"))
        .select_from(Application)
        .where(*here)
        .subquery()
    )
    row = db.session.execute(
        sa.select(counted.c.ahead, counted.c.total, before.scalar_subquery(), after.scalar_subquery())
    ).one()
    return Around(row[0] + 1, row[1], row[2], row[3])


def history_of(application_id: uuid.UUID) -> History:
    every = together(application_id)
    moves = sa.select(Move).where(Move.application_id.in_(every)).order_by(Move.at, Move.id)
    nothing = sa.null().cast(sa.Text).label("verdict")
    notes = sa.select(Note.at, Member.name, Note.text, nothing).join(Member, Member.id == Note.author_id)
    decisions = sa.select(Decision.at, Member.name, Decision.reason, Decision.verdict)
    decisions = decisions.join(Member, Member.id == Decision.by_id)
    said = sa.union_all(
        notes.where(Note.application_id.in_(every)), decisions.where(Decision.application_id.in_(every))
    )
    return History(list(db.session.scalars(moves)), [Said(*row) for row in db.session.execute(said)])


def together(application_id: uuid.UUID) -> sa.Select[tuple[uuid.UUID]]:
    """Its own id and, where it leads, those that were joined with it: what happened in any happened in this one."""
    asked = aliased(Application)
    same = sa.and_(Application.posting_id == asked.posting_id, Application.candidate_id == asked.candidate_id)
    query = sa.select(Application.id).join(asked, sa.or_(Application.id == asked.id, same))
    return query.where(asked.id == application_id, sa.or_(asked.joined_in.is_(None), Application.id == asked.id))


def for_one_job(first: uuid.UUID, second: uuid.UUID) -> list[tuple[Application, Application]]:
    """Where both applied for the same job; of each two first the one that leads unless a person says otherwise.

    An application that is going on comes before one that is over, a later stage before an earlier one, an interview
    under way before none, and then whoever applied first.
    """
    query = sa.select(Application).options(joinedload(Application.stage))
    query = query.where(Application.candidate_id.in_([first, second]), Application.joined_in.is_(None))
    jobs: dict[uuid.UUID, list[Application]] = {}
    for application in db.session.scalars(query.order_by(Application.applied_at, Application.id)):
        jobs.setdefault(application.posting_id, []).append(application)
    both = [sorted(found, key=_come_further, reverse=True) for found in jobs.values() if len(found) > 1]
    return [(further, other) for further, other in both]


def _come_further(application: Application) -> tuple[bool, int, bool]:
    return application.state == ApplicationState.ACTIVE, application.stage.position, application.next_thing != ""


def leading(application: Application) -> Application:
    """The one that stands on the board for it; itself, unless it is joined with another."""
    query = sa.select(Application).where(
        Application.posting_id == application.posting_id, Application.candidate_id == application.candidate_id,
        Application.joined_in.is_(None),
    )  # fmt: skip
    return application if application.joined_in is None else db.session.scalars(query).one()


def last_batch_of(moves: Iterable[Move]) -> Move | None:
    """The newest step that still stands and came from somewhere: what Undo would take back."""
    standing = [step for step in moves if step.undone_at is None]
    return standing[-1] if standing and standing[-1].from_stage_id is not None else None


def found_by(typed: str) -> sa.ColumnElement[bool]:
    """Applications of people whose words begin with all words of `typed`; one statement to choose the way.

    PostgreSQL guesses how many somebody's words are, and reads a whole job for a page of fifty where it guesses
    wrong. So few are named to it, of whom it finds the page; of many, the newest fifty are near the newest end.
    """
    words = [word.replace("\\", " ").replace("'", " ") for word in typed.split() if re.search(r"\w", word)]
    if not words:
        return sa.true()
    asked = " & ".join(f"'{word.strip()}':*" for word in words)
    query = sa.func.to_tsquery(sa.literal_column("'simple'::regconfig"), asked)
    people = sa.select(clear_table.c.id).where(clear_table.c.words.bool_op("@@")(query))
    whole = people.cte("people").prefix_with("materialized")  # planned as if all of them were read: by the index
    some = sa.select(whole.c.id).limit(FEW + 1).subquery()
    ids = sa.cast(sa.func.coalesce(sa.func.array_agg(some.c.id), sa.text("'{}'")), sa.Text)  # read by nobody here
    few = db.session.scalar(sa.select(sa.case((sa.func.count() <= FEW, ids))))
    if few is None:
        return Application.candidate_id.in_(people)
    return Application.candidate_id == sa.any_(sa.cast(sa.literal(few, sa.Text), ARRAY(sa.Uuid)))


def _matching(posting_id: uuid.UUID, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Application.posting_id == posting_id, Application.joined_in.is_(None)]
    if wanted.state != EVERY_STATE:
        conditions.append(Application.state == wanted.state)
    if wanted.thing == LATE:
        conditions += [Application.next_thing == "", Application.promised_on < clock.today()]
    elif wanted.thing:
        conditions.append(Application.next_thing == wanted.thing)
    if wanted.q.strip():
        conditions.append(found_by(wanted.q))
    return conditions


def _in_stage(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    return [Application.stage_id == wanted.stage] if wanted.stage else []


def _after(place: Place | None) -> list[sa.ColumnElement[bool]]:
    if place is None:
        return []
    own = sa.tuple_(Application.stage_since, Application.id)
    return [own < sa.tuple_(sa.literal(place.since), sa.literal(place.id))]


def _cards(conditions: list[sa.ColumnElement[bool]], limit: int) -> list[Card]:
    query = (
        sa.select(*_OWN, clear_table.c.name, clear_table.c.headline)
        .join(clear_table, clear_table.c.id == Application.candidate_id)
        .where(*conditions)
        .order_by(*_NEWEST)
        .limit(limit)
    )
    return [Card(*row) for row in db.session.execute(query)]


def _first_pages(posting_id: uuid.UUID, here: list[sa.ColumnElement[bool]], limit: int) -> list[Card]:
    """A lateral join: each stage reads its own few rows off the end of ix_application_board."""
    top = (
        sa.select(*_OWN, Application.candidate_id)
        .where(*here, Application.stage_id == Stage.id)
        .order_by(*_NEWEST)
        .limit(limit)
        .lateral("top")
    )
    query = (
        sa.select(*[top.c[own.key] for own in _OWN], clear_table.c.name, clear_table.c.headline)
        .select_from(Stage)
        .join(top, sa.true())
        .join(clear_table, clear_table.c.id == top.c.candidate_id)
        .where(Stage.posting_id == posting_id)
        .order_by(Stage.position, top.c.stage_since.desc(), top.c.id.desc())
    )
    return [Card(*row) for row in db.session.execute(query)]
