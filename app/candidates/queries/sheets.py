"""The list of candidates, whole."""

import uuid
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from app.candidates.access import visible_to
from app.candidates.models import Candidate
from app.candidates.queries import applied_for, nearest, searched_before, words_found
from app.identity.models import Member
from tenants.db import db


class Row(NamedTuple):
    name: str
    headline: str | None
    place: str | None
    email: str | None
    phone: str | None
    since: datetime


def rows_for(member: Member, *, words: str, job: uuid.UUID | None = None, most: int) -> list[Row]:
    """Those that the list finds by these words and this job, newest first.

    Whom a passage finds stands there too, once a worker has told what the words mean. One more than `most` says that
    there are more.
    """
    found: sa.ColumnElement[bool] = sa.true()
    if words:
        asked = searched_before(words)
        near = (
            [passage.candidate_id for passage in nearest(member, asked.meaning, job=job)]
            if asked and asked.meaning
            else []
        )
        found = sa.or_(words_found(words), Candidate.id.in_(near))
    query = sa.select(
        Candidate.name, Candidate.headline, Candidate.place, Candidate.email, Candidate.phone, Candidate.created_at
    ).where(visible_to(member), applied_for(job), found)
    rows = db.session.execute(query.order_by(Candidate.id.desc()).limit(most + 1))
    return [Row(*row) for row in rows]
