"""What waits for somebody, and where people and jobs are found by a few letters."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from app.applications.enums import ApplicationState, NextThing
from app.applications.models import Application
from app.applications.queries import found_by
from app.candidates.models import Candidate, clear_table
from app.identity.enums import Role
from app.identity.models import Member
from app.interviews.enums import KitState
from app.interviews.models import Interview, Kit
from app.postings.access import visible_to
from app.postings.enums import StageKind
from app.postings.models import Posting, Stage
from app.scorecards.enums import ScorecardState
from app.scorecards.models import Scorecard
from tenants.db import db

EACH = 8
FOUND = 8
ASKED = (NextThing.HELP_WANTED, NextThing.TO_DECIDE, NextThing.OVERDUE)


class Waiting(NamedTuple):
    """One piece of work: about whom, for which job, since when."""

    id: uuid.UUID
    name: str
    job: str
    since: datetime
    kind: str
    total: int


class ToReview(NamedTuple):
    """A job's first stage, with how many stand in it and since when."""

    posting_id: uuid.UUID
    stage_id: uuid.UUID
    job: str
    stage: str
    people: int
    since: datetime


class KitToApprove(NamedTuple):
    posting_id: uuid.UUID
    job: str


@dataclass(frozen=True)
class Work:
    """Everything that waits for one member, by what is to be done."""

    scorecards: Sequence[Waiting] = ()
    asked: Sequence[Waiting] = ()
    to_review: Sequence[ToReview] = ()
    kits: Sequence[KitToApprove] = ()

    def of_kind(self, kind: NextThing) -> list[Waiting]:
        return [one for one in self.asked if one.kind == kind]

    @property
    def is_empty(self) -> bool:
        return not (self.scorecards or self.asked or self.to_review or self.kits)


class Person(NamedTuple):
    application_id: uuid.UUID
    name: str
    job: str


class Job(NamedTuple):
    posting_id: uuid.UUID
    title: str
    place: str | None


@dataclass(frozen=True)
class Found:
    people: Sequence[Person] = ()
    jobs: Sequence[Job] = ()


def work_for(member: Member) -> Work:
    """Four statements at most, each bounded; interviewers have their scorecards and nothing else."""
    scorecards = _scorecards(member)
    if member.role == Role.INTERVIEWER:
        return Work(scorecards=scorecards)
    return Work(scorecards, _asked(member), _to_review(member), _kits(member))


def has_jobs(member: Member) -> bool:
    return db.session.scalar(sa.select(Posting.id).where(visible_to(member)).limit(1)) is not None


def find(member: Member, typed: str) -> Found:
    """People by their words, jobs by their title; those that the member may open."""
    if member.role == Role.INTERVIEWER or not any(letter.isalnum() for letter in typed):
        return Found()
    people = (
        sa.select(Application.id, clear_table.c.name, Posting.title)
        .join(clear_table, clear_table.c.id == Application.candidate_id)
        .join(Posting, Posting.id == Application.posting_id)
        .where(visible_to(member), found_by(typed), Application.joined_in.is_(None))
        .order_by(Application.applied_at.desc())
    )
    jobs = (
        sa.select(Posting.id, Posting.title, Posting.place)
        .where(visible_to(member), Posting.title.icontains(typed, autoescape=True))
        .order_by(Posting.created_at.desc())
    )
    return Found(
        [Person(*row) for row in db.session.execute(people.limit(FOUND))],
        [Job(*row) for row in db.session.execute(jobs.limit(FOUND))],
    )


def _scorecards(member: Member) -> list[Waiting]:
    query = (
        sa.select(
            Interview.id, Candidate.name, Posting.title, Scorecard.asked_at, Scorecard.state, sa.func.count().over()
        )
        .join(Interview, Interview.id == Scorecard.interview_id)
        .join(Application, Application.id == Interview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Posting, Posting.id == Application.posting_id)
        .where(
            Scorecard.member_id == member.id, Scorecard.state != ScorecardState.SUBMITTED, sa.not_(Posting.rehearsal)
        )
        .order_by(Scorecard.asked_at)
        .limit(EACH)
    )
    return [Waiting(*row) for row in db.session.execute(query)]


def _asked(member: Member) -> list[Waiting]:
    """The longest waiting of each kind, with how many there are of it."""
    kind, oldest = Application.next_thing, (Application.stage_since, Application.id)
    ranked = (
        sa.select(
            Application.id, Candidate.name, Posting.title, Application.stage_since, Application.next_thing,
            sa.func.count().over(partition_by=kind).label("total"),
            sa.func.row_number().over(partition_by=kind, order_by=oldest).label("rank"),
        )
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Posting, Posting.id == Application.posting_id)
        .where(visible_to(member), Application.state == ApplicationState.ACTIVE, Application.next_thing.in_(ASKED))
        .subquery()
    )  # fmt: skip
    columns = [column for column in ranked.c if column.key != "rank"]
    query = sa.select(*columns).where(ranked.c.rank <= EACH).order_by(ranked.c.rank)
    return [Waiting(*row) for row in db.session.execute(query)]


def _to_review(member: Member) -> list[ToReview]:
    query = (
        sa.select(
            Posting.id, Stage.id, Posting.title, Stage.name, sa.func.count(), sa.func.min(Application.stage_since)
        )
        .join(Stage, Stage.posting_id == Posting.id)
        .join(Application, sa.and_(Application.posting_id == Posting.id, Application.stage_id == Stage.id))
        .where(visible_to(member), Stage.kind == StageKind.NEW, Application.state == ApplicationState.ACTIVE)
        .where(Application.joined_in.is_(None))
        .group_by(Posting.id, Stage.id)
        .order_by(sa.func.min(Application.stage_since))
        .limit(EACH)
    )
    return [ToReview(*row) for row in db.session.execute(query)]


def _kits(member: Member) -> list[KitToApprove]:
    query = (
        sa.select(Posting.id, Posting.title)
        .join(Kit, Kit.posting_id == Posting.id)
        .where(visible_to(member), Kit.state == KitState.PROPOSED, Posting.state != "closed")
        .order_by(Posting.created_at)
        .limit(EACH)
    )
    return [KitToApprove(*row) for row in db.session.execute(query)]
