"""Interviews and kits as pages and tasks need them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.applications.enums import ApplicationState
from app.applications.models import Application
from app.applications.queries import together
from app.candidates.models import Resume
from app.identity.models import Member
from app.interviews.enums import OPEN, RUNNING, InterviewState
from app.interviews.models import HelpRequest, Interview, Kit, PersonalQuestions, Turn
from app.kernel import clock
from app.kernel.errors import NotFound
from app.letters.queries import key_of, keyset
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion, QuestionKind
from app.postings.access import visible_to
from app.postings.models import Posting
from tenants.db import db

IN_IT = timedelta(minutes=30)
LATE = timedelta(minutes=5)  # longer than an engine takes for questions, trying three times


def interview(interview_id: uuid.UUID) -> Interview:
    """With its application, candidate, posting."""
    found = db.session.scalar(
        sa.select(Interview)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
        )
        .where(Interview.id == interview_id)
    )
    if found is None:
        raise NotFound("interview")
    return found


def turns_of(interview_id: uuid.UUID) -> list[Turn]:
    query = sa.select(Turn).where(Turn.interview_id == interview_id).order_by(Turn.number)
    return list(db.session.scalars(query, execution_options={"populate_existing": True}))


@dataclass(frozen=True)
class Asked:
    """A question of the plan, and its turns: the question as asked, then at most one follow-up. None: not asked."""

    number: int
    text: str
    minutes: int
    limited: bool
    turns: tuple[Turn, ...]

    @property
    def asked(self) -> bool:
        return bool(self.turns)


def transcript(interview: Interview, turns: Sequence[Turn]) -> list[Asked]:
    """The whole plan, question by question, with what was said."""
    return [
        Asked(
            number=position + 1, text=question["text"], minutes=question["minutes"], limited=question["limited"],
            turns=tuple(sorted((t for t in turns if t.question == position), key=lambda t: t.number)),
        )
        for position, question in enumerate(interview.plan["questions"])
    ]  # fmt: skip


def gaps_in(asked: Sequence[Asked]) -> list[tuple[Asked, Turn]]:
    """What would be sent without an answer: each question or follow-up that was left, with its question."""
    return [(one, left) for one in asked for left in one.turns if left.state == "not_answered"]


def turn(turn_id: uuid.UUID) -> Turn:
    found = db.session.get(Turn, turn_id)
    if found is None:
        raise NotFound("turn")
    return found


def last_turn(interview_id: uuid.UUID) -> Turn | None:
    query = sa.select(Turn).where(Turn.interview_id == interview_id).order_by(Turn.number.desc()).limit(1)
    return db.session.scalar(query)


_turn = cast("sa.Table", Turn.__table__)
_AWAITED = sa.select(_turn.c.answered_at).where(  # built once: asked twenty times a second by everybody who waits
    _turn.c.interview_id == sa.bindparam("interview"), _turn.c.follow_up_state == "waiting"
)


def follow_up_awaited_since(interview_id: uuid.UUID) -> datetime | None:
    """When the answer came over which somebody thinks about a follow-up; asks the table, not the session."""
    return db.session.scalar(_AWAITED, {"interview": interview_id})


def follow_up_settled(interview_id: uuid.UUID) -> bool:
    return follow_up_awaited_since(interview_id) is None


def kit_of(posting_id: uuid.UUID) -> Kit | None:
    return db.session.scalar(
        sa.select(Kit)
        .options(selectinload(Kit.dimensions), selectinload(Kit.questions))
        .where(Kit.posting_id == posting_id)
    )


def as_proposal(kit: Kit) -> KitProposal:
    """As people have edited it: what an engine is told of the kit."""
    names = {dimension.id: dimension.name for dimension in kit.dimensions}
    return KitProposal(
        dimensions=tuple(
            ProposedDimension(each.name, each.description, each.weight, _four(each.anchors))
            for each in kit.dimensions
        ),
        questions=tuple(
            ProposedQuestion(
                each.text, each.minutes, cast("QuestionKind", each.kind),
                tuple(names[known] for known in each.dimension_ids), each.shows,
            )
            for each in kit.questions
        ),
        language=kit.language,
    )  # fmt: skip


def _four(anchors: Sequence[str]) -> tuple[str, str, str, str]:
    missing, partial, solid, strong = anchors
    return missing, partial, solid, strong


def personal_questions_of(application: Application) -> PersonalQuestions | None:
    """Of a resume that stood with them for a while, they are somebody else's."""
    found = db.session.get(PersonalQuestions, application.id)
    resume = db.session.get(Resume, found.resume_id) if found and found.resume_id else None
    elsewhere = resume is not None and resume.candidate_id != application.candidate_id
    return None if found and found.state == "made" and elsewhere else found


def are_late(proposed: PersonalQuestions | None) -> bool:
    """Waited for longer than it takes: whoever wants may ask anew."""
    return proposed is not None and proposed.state == "waiting" and proposed.asked_at < clock.now() - LATE


def interviews_of(application_id: uuid.UUID) -> list[Interview]:
    query = sa.select(Interview).where(Interview.application_id.in_(together(application_id)))
    return list(db.session.scalars(query.order_by(Interview.invited_at.desc())))


def past_deadline(interview: Interview, now: datetime) -> bool:
    """Whoever is in the interview when its deadline comes may finish."""
    if interview.state == InterviewState.STARTED and interview.seen_at and interview.seen_at > now - IN_IT:
        return False
    return interview.state in OPEN and interview.deadline < now


def overdue(now: datetime) -> list[Interview]:
    """Past their deadline; not those whose clock stands still because somebody asked for help."""
    asked = sa.exists().where(HelpRequest.interview_id == Interview.id, HelpRequest.settled_at.is_(None))
    busy = sa.and_(Interview.state == InterviewState.STARTED, Interview.seen_at > now - IN_IT)
    query = sa.select(Interview).where(Interview.state.in_(sorted(OPEN)), Interview.deadline < now, ~asked, ~busy)
    return list(db.session.scalars(query.limit(500).with_for_update(skip_locked=True)))


def to_remind(now: datetime, *, before: timedelta = timedelta(hours=24)) -> list[Interview]:
    query = (
        sa.select(Interview)
        .options(
            joinedload(Interview.application).joinedload(Application.candidate),
            joinedload(Interview.application).joinedload(Application.posting),
        )
        .join(Application, Application.id == Interview.application_id)
        .where(
            Interview.state.in_(sorted(OPEN)), Application.state == ApplicationState.ACTIVE,
            Interview.reminded_at.is_(None), Interview.rehearsal.is_(False), Interview.link_hash.is_not(None),
            Interview.link_revoked_at.is_(None),
            Interview.deadline > now, Interview.deadline < now + before, Interview.invited_at < now - before,
        )
    )  # fmt: skip
    return list(db.session.scalars(query.limit(200).with_for_update(skip_locked=True, of=Interview)))


def open_help_requests(interview_ids: list[uuid.UUID]) -> list[HelpRequest]:
    query = sa.select(HelpRequest).where(HelpRequest.interview_id.in_(interview_ids), HelpRequest.settled_at.is_(None))
    return list(db.session.scalars(query.order_by(HelpRequest.at)))


@dataclass(frozen=True)
class Running:
    """An interview under way, as the live page shows it; `last` is the turn that it stands at."""

    interview: Interview
    last: Turn | None
    answered: int
    help: tuple[HelpRequest, ...]

    @property
    def questions(self) -> int:
        return len(self.interview.plan["questions"])


@dataclass(frozen=True)
class LivePage:
    running: list[Running]
    waiting: list[Running]
    next: str | None


def live_for(member: Member, *, after: str = "", limit: int = 50) -> LivePage:
    """What goes on now in the openings that the member may see; whoever was seen last comes first.

    `waiting` are those of others who asked for help: not begun yet, or past their deadline.
    """
    query = _visible(member).where(Interview.state.in_(sorted(RUNNING)))
    if after:
        moment, interview_id = keyset(after)
        query = query.where(sa.tuple_(Interview.seen_at, Interview.id) < (moment, interview_id))
    query = query.order_by(Interview.seen_at.desc(), Interview.id.desc()).limit(limit + 1)
    found = list(db.session.scalars(query))
    asked = sa.select(HelpRequest.interview_id).where(HelpRequest.settled_at.is_(None))
    others = _visible(member).where(Interview.id.in_(asked), Interview.state.in_(["invited", "expired"]))
    waiting = list(db.session.scalars(others.order_by(Interview.deadline).limit(limit)))
    rows = with_progress([*found[:limit], *waiting])
    more = _place_of(found[limit - 1]) if len(found) > limit else None
    return LivePage(rows[: len(found[:limit])], rows[len(found[:limit]) :], more)


def _place_of(interview: Interview) -> str:
    return key_of(interview.seen_at or interview.invited_at, interview.id)


def _visible(member: Member) -> sa.Select[tuple[Interview]]:
    people = joinedload(Interview.application)
    return (
        sa.select(Interview)
        .join(Application, Application.id == Interview.application_id)
        .join(Posting, Posting.id == Application.posting_id)
        .options(people.joinedload(Application.candidate), people.joinedload(Application.posting))
        .where(visible_to(member), Interview.rehearsal.is_(False))
    )


def with_progress(interviews: Sequence[Interview]) -> list[Running]:
    """How far each has come, and who of them asked for help."""
    ids = [interview.id for interview in interviews]
    newest = sa.select(Turn).distinct(Turn.interview_id).where(Turn.interview_id.in_(ids))
    last = {
        turn.interview_id: turn for turn in db.session.scalars(newest.order_by(Turn.interview_id, Turn.number.desc()))
    }
    answers = sa.select(Turn.interview_id, sa.func.count()).where(Turn.interview_id.in_(ids), Turn.state == "answered")
    answered = {row[0]: row[1] for row in db.session.execute(answers.group_by(Turn.interview_id))}
    wishes = open_help_requests(ids)
    return [
        Running(one, last.get(one.id), answered.get(one.id, 0), tuple(w for w in wishes if w.interview_id == one.id))
        for one in interviews
    ]
