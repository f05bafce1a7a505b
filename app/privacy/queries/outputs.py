"""What engines made, for admins: what it is about, and whether they may read it yet."""

import uuid
from collections.abc import Collection, Iterable
from typing import NamedTuple

import sqlalchemy as sa

from app.applications.models import Application
from app.audit.models import AiOutput
from app.candidates.models import Candidate, Resume, clear_table
from app.identity.models import Member
from app.interviews.models import Interview, Turn
from app.postings.models import Posting
from app.scorecards.access import may_see_others
from app.scorecards.models import Assessment
from tenants.db import db


class About(NamedTuple):
    """`what` is "posting", "application" or "resume"; without an id there is no page of it, as for a rehearsal."""

    what: str
    id: uuid.UUID | None
    job: str = ""
    person: str = ""


def about(rows: Iterable[AiOutput]) -> dict[uuid.UUID, About]:
    """By subject; what is gone since is left out. As many statements for fifty as for one."""
    kinds: dict[str, set[uuid.UUID]] = {}
    for row in rows:
        kinds.setdefault(row.kind, set()).add(row.subject_id)
    found = _postings(kinds.get("analysis", set()) | kinds.get("kit", set())) | _resumes(kinds.get("reading", set()))
    whose = {one: one for kind in ("match", "questions") for one in kinds.get(kind, ())}
    whose |= _whose(Turn, kinds.get("follow-up", set())) | _whose(Assessment, kinds.get("judging", set()))
    applications = _applications(set(whose.values()))
    return found | {subject: applications[one] for subject, one in whose.items() if one in applications}


def withheld(member: Member, rows: Collection[AiOutput]) -> set[uuid.UUID]:
    """Those that the member may not read yet: drafts of ratings before people have rated, here as everywhere."""
    drafts = {row.subject_id for row in rows if row.kind == "judging"}
    query = sa.select(Assessment.interview_id, sa.func.array_agg(Assessment.id)).where(Assessment.id.in_(drafts))
    found = db.session.execute(query.group_by(Assessment.interview_id)).all() if drafts else []
    hidden = {one for interview, judged in found if not may_see_others(member, interview) for one in judged}
    return {row.id for row in rows if row.subject_id in hidden}


def _postings(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, About]:
    if not ids:
        return {}
    query = sa.select(Posting.id, Posting.title, Posting.rehearsal).where(Posting.id.in_(ids))
    return {row.id: About("posting", _page(row.id, row.rehearsal), row.title) for row in db.session.execute(query)}


def _resumes(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, About]:
    if not ids:
        return {}
    query = sa.select(Resume.id, clear_table.c.name).join(clear_table, clear_table.c.id == Resume.candidate_id)
    rows = db.session.execute(query.where(Resume.id.in_(ids)))
    return {row.id: About("resume", row.id, person=row.name) for row in rows}


def _whose(model: type[Turn] | type[Assessment], ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The application that each belongs to."""
    if not ids:
        return {}
    query = sa.select(model.id, Interview.application_id).join(Interview, Interview.id == model.interview_id)
    return {row[0]: row[1] for row in db.session.execute(query.where(model.id.in_(ids)))}


def _applications(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, About]:
    if not ids:
        return {}
    query = (
        sa.select(Application.id, Posting.title, Posting.rehearsal, Candidate.name)
        .join(Posting, Posting.id == Application.posting_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Application.id.in_(ids))
    )
    return {
        row.id: About("application", _page(row.id, row.rehearsal), row.title, row.name)
        for row in db.session.execute(query)
    }


def _page(identifier: uuid.UUID, rehearsal: bool) -> uuid.UUID | None:  # noqa: FBT001 -- a column's value
    return None if rehearsal else identifier
