"""What the slices below ask about applications: who came to which job, and who may see whom."""

import uuid
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from app.applications.commands import apply
from app.applications.commands.joining import follow, go_back
from app.applications.models import Application
from app.applications.queries import for_one_job
from app.candidates.access import ApplicationLine, sign_in
from app.candidates.models import Candidate, Resume
from app.identity.access import hires
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.actor import Actor
from app.postings.access import visible_to
from app.postings.models import Posting, Stage
from app.postings.queries import count_people_by
from tenants.db import db


def people_by_stage(posting_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many active applications each stage of these openings holds; stages without any are left out."""
    rows = db.session.execute(
        sa.select(Application.stage_id, sa.func.count())
        .where(Application.posting_id.in_(posting_ids), Application.state == "active", Application.joined_in.is_(None))
        .group_by(Application.stage_id)
    )
    return {stage_id: count for stage_id, count in rows}  # noqa: C416 -- rows are not pairs to mypy


class ApplicationsAbove:
    def seen_by(self, member: Member) -> sa.ColumnElement[bool]:
        """Hiring staff: everybody but who only took part in rehearsals. Managers: who applied to their jobs."""
        if member.role == Role.INTERVIEWER:
            return sa.false()
        own = sa.select(Application.id).where(Application.candidate_id == Candidate.id)
        if not hires(member):
            return own.join(Posting, Posting.id == Application.posting_id).where(visible_to(member)).exists()
        return sa.or_(own.where(sa.not_(Application.rehearsal)).exists(), sa.not_(own.exists()))

    def in_posting(self, posting_id: uuid.UUID) -> sa.Select[tuple[uuid.UUID]]:
        return sa.select(Application.candidate_id).where(Application.posting_id == posting_id)

    def of_candidate(self, candidate_id: uuid.UUID, member: Member) -> list[ApplicationLine]:
        query = _lines().where(Application.candidate_id == candidate_id, visible_to(member))
        return [_line(*row) for row in db.session.execute(query.order_by(Application.applied_at.desc()))]

    def enter(self, posting: Posting, candidate: Candidate, *, resume: Resume, source: str, by: Actor) -> uuid.UUID:
        return apply(posting, candidate, resume=resume, source=source, by=by).id

    def follow(
        self, survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, leading: Collection[uuid.UUID]
    ) -> None:
        follow(survivor, absorbed, merge_id=merge_id, leading=leading)

    def go_back(
        self, survivor: uuid.UUID, absorbed: uuid.UUID, *, merge_id: uuid.UUID, whose: Collection[uuid.UUID]
    ) -> None:
        go_back(survivor, absorbed, merge_id=merge_id, whose=whose)

    def for_one_job(self, first: uuid.UUID, second: uuid.UUID) -> list[tuple[ApplicationLine, ApplicationLine]]:
        ids = [(further.id, other.id) for further, other in for_one_job(first, second)]
        lines = self._lines_of(Application.id.in_([one for pair in ids for one in pair]))
        return [(lines[further], lines[other]) for further, other in ids]

    def whose(self, survivor: uuid.UUID, persons: Collection[uuid.UUID]) -> list[ApplicationLine]:
        theirs = (Application.candidate_id == survivor, Application.person_id.in_(persons))
        return list(self._lines_of(*theirs).values())

    def _lines_of(self, *which: sa.ColumnElement[bool]) -> dict[uuid.UUID, ApplicationLine]:
        rows = db.session.execute(_lines().where(*which).order_by(Application.applied_at.desc()))
        return {row[0].id: _line(*row) for row in rows}

    def one(self, application_id: uuid.UUID) -> ApplicationLine | None:
        row = db.session.execute(_lines().where(Application.id == application_id)).one_or_none()
        return _line(*row) if row else None


def _lines() -> sa.Select[tuple[Application, str, str]]:
    return (
        sa.select(Application, Posting.title, Stage.name)
        .join(Posting, Posting.id == Application.posting_id)
        .join(Stage, Stage.id == Application.stage_id)
    )


def _line(application: Application, job: str, stage: str) -> ApplicationLine:
    return ApplicationLine(
        application.id, application.posting_id, job, stage, application.state, application.applied_at,
        application.promised_on, joined=application.joined_in is not None,
    )  # fmt: skip


def install() -> None:
    count_people_by(people_by_stage)
    sign_in(ApplicationsAbove())
