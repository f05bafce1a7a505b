"""Openings as pages need them."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.identity.models import Member
from app.kernel.errors import NotFound
from app.postings.access import visible_to
from app.postings.models import Posting, Stage, TeamSeat
from tenants.db import db

PAGE = 50
CHOICES = 200
PeopleByStage = Callable[[Sequence[uuid.UUID]], Mapping[uuid.UUID, int]]
_signed_in: dict[str, PeopleByStage] = {}


def count_people_by(count: PeopleByStage) -> None:
    """The slice of applications lies above this one: it says at start how many people stand in which stage."""
    _signed_in["people"] = count


def people_by_stage(posting_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    return _signed_in["people"](posting_ids) if posting_ids else {}


def posting(posting_id: uuid.UUID) -> Posting:
    """For tasks, which act for nobody in particular."""
    found = db.session.get(Posting, posting_id)
    if found is None:
        raise NotFound("posting")
    return found


def told_by(posting: Posting) -> str:
    """What the job is about in a few sentences, the most telling first: a model reads no more than so many."""
    skills = ", ".join((*posting.must_have, *posting.nice_to_have))
    return ". ".join(part for part in (posting.title, skills, *posting.responsibilities[:6]) if part)


def postings_for(member: Member) -> list[Posting]:
    query = sa.select(Posting).where(visible_to(member)).order_by(Posting.state.desc(), Posting.created_at.desc())
    return list(db.session.scalars(query))


def titles_for(member: Member, *, also: Collection[uuid.UUID] = ()) -> list[tuple[uuid.UUID, str]]:
    """For a list to choose from, the newest first; `also` these, however old, where the member may see them."""
    newest = sa.select(Posting.id).where(visible_to(member)).order_by(Posting.id.desc()).limit(CHOICES)
    asked = sa.or_(Posting.id.in_(newest), Posting.id.in_(also))
    query = sa.select(Posting.id, Posting.title).where(visible_to(member), asked).order_by(Posting.id.desc())
    return [(row.id, row.title) for row in db.session.execute(query)]


def postings_page(member: Member, *, after: tuple[str, uuid.UUID] | None = None) -> tuple[list[Posting], bool]:
    """Open ones first, then drafts, then closed; newest first in each. With stages, and whether there are more."""
    query = sa.select(Posting).options(selectinload(Posting.stages)).where(visible_to(member))
    if after is not None:
        query = query.where(sa.tuple_(Posting.state, Posting.id) < sa.tuple_(*(sa.literal(part) for part in after)))
    found = list(db.session.scalars(query.order_by(Posting.state.desc(), Posting.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def published_postings() -> list[Posting]:
    query = sa.select(Posting).where(Posting.state == "published", sa.not_(Posting.rehearsal))
    return list(db.session.scalars(query.order_by(Posting.published_at.desc(), Posting.id)))


def stages_of(posting_id: uuid.UUID) -> list[Stage]:
    return list(db.session.scalars(sa.select(Stage).where(Stage.posting_id == posting_id).order_by(Stage.position)))


def stage_of_kind(posting_id: uuid.UUID, kind: str) -> Stage | None:
    query = sa.select(Stage).where(Stage.posting_id == posting_id, Stage.kind == kind)
    return db.session.scalar(query.order_by(Stage.position).limit(1))


def team_of(posting_id: uuid.UUID) -> list[Member]:
    query = sa.select(Member).join(TeamSeat, TeamSeat.member_id == Member.id)
    return list(db.session.scalars(query.where(TeamSeat.posting_id == posting_id, Member.active).order_by(Member.name)))


def with_stages(posting_id: uuid.UUID) -> Posting:
    found = db.session.scalar(sa.select(Posting).options(selectinload(Posting.stages)).where(Posting.id == posting_id))
    if found is None:
        raise NotFound("posting")
    return found
