"""Who may see which application: whoever may see its opening. Interviewers see theirs through their scorecards."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.applications.models import Application, Move
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.kernel.ids import token_digest
from app.postings.access import visible_to
from app.postings.models import Posting
from tenants.db import db


def application_for(member: Member, application_id: uuid.UUID) -> Application:
    """With its candidate, posting, stage and resume."""
    found = db.session.scalar(
        sa.select(Application)
        .join(Posting, Posting.id == Application.posting_id)
        .options(
            joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage),
            joinedload(Application.resume),
        )
        .where(Application.id == application_id, visible_to(member))
    )  # fmt: skip
    if found is None or member.role == Role.INTERVIEWER:
        raise NotFound("application")
    return found


def applications_for(member: Member, posting: Posting, ids: Collection[uuid.UUID]) -> list[Application]:
    """Several of one job that the member was shown already, with their candidates; all of them, or NotFound."""
    query = sa.select(Application).options(joinedload(Application.candidate))
    found = list(
        db.session.scalars(
            query.where(Application.posting_id == posting.id, Application.id.in_(ids)).with_for_update(of=Application)
        )
    )
    if not found or len(found) != len(set(ids)) or member.role == Role.INTERVIEWER:
        raise NotFound("application")
    return sorted(found, key=lambda one: one.candidate.name.casefold())


def batch_for(member: Member, batch_id: uuid.UUID) -> uuid.UUID:
    """The batch, if the member may see every application in it."""
    query = sa.select(sa.func.count(), sa.func.count().filter(visible_to(member))).select_from(Move)
    query = query.join(Application, Application.id == Move.application_id)
    every, seen = db.session.execute(
        query.join(Posting, Posting.id == Application.posting_id).where(Move.batch_id == batch_id)
    ).one()
    if not every or every != seen or member.role == Role.INTERVIEWER:
        raise NotFound("batch")
    return batch_id


def application_by_link(token: str) -> Application:
    """For the candidate who holds the link to their own application; of two that were joined, the one that leads."""
    named = sa.select(Application.posting_id, Application.candidate_id)
    named = named.where(Application.link_hash == token_digest(token))
    found = db.session.scalar(
        sa.select(Application)
        .options(joinedload(Application.candidate), joinedload(Application.posting), joinedload(Application.stage))
        .where(sa.tuple_(Application.posting_id, Application.candidate_id).in_(named), Application.joined_in.is_(None))
    )
    if found is None:
        raise NotFound("application")
    return found
