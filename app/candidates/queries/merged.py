"""Who was merged with whom, and what of it is whose."""

import uuid
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from app.candidates.models import Merge, Resume, candidate_table
from tenants.db import db


def group_of(person: uuid.UUID) -> list[uuid.UUID]:
    """The person and everybody who was merged into them, at any depth."""
    own = sa.select(sa.literal(person, sa.Uuid).label("id")).cte("merged", recursive=True)
    found = own.union(sa.select(Merge.absorbed_id).join(own, Merge.survivor_id == own.c.id))
    return list(db.session.scalars(sa.select(found.c.id).order_by(found.c.id)))


def stands_for(person: uuid.UUID) -> uuid.UUID:
    """On whose page somebody stands now: their own id, unless they were merged."""
    up = sa.select(sa.literal(person, sa.Uuid).label("id"), sa.literal(0).label("step")).cte("up", recursive=True)
    found = up.union_all(sa.select(Merge.survivor_id, up.c.step + 1).join(up, Merge.absorbed_id == up.c.id))
    top: uuid.UUID = db.session.scalars(sa.select(found.c.id).order_by(found.c.step.desc()).limit(1)).one()
    return top


def merges_of(person: uuid.UUID) -> list[Merge]:
    """Those that brought others to this page, the newest first: the first one can be undone."""
    query = sa.select(Merge).options(joinedload(Merge.by)).where(Merge.survivor_id == person)
    return list(db.session.scalars(query.order_by(Merge.id.desc())))


def newer_than(found: Merge) -> bool:
    """Whether something was merged on top of it."""
    other = aliased(Merge)
    on_top = sa.or_(
        sa.and_(other.survivor_id == found.survivor_id, other.id > found.id), other.absorbed_id == found.survivor_id
    )
    return db.session.scalar(sa.select(other.id).where(on_top).limit(1)) is not None


def contacts_of(persons: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, str]]:
    """What is sealed of them; of those who were merged, as they came."""
    query = sa.select(candidate_table.c.id, candidate_table.c.contact).where(candidate_table.c.id.in_(persons))
    return {row.id: row.contact for row in db.session.execute(query)}


def others_addresses(person: uuid.UUID) -> set[str]:
    """The e-mail addresses of those who were merged into them."""
    others = [one for one in group_of(person) if one != person]
    return {contact["email"].lower() for contact in contacts_of(others).values() if contact.get("email")}


def others_addresses_of(persons: Collection[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """The same of many, for those into whom anybody was merged: they are few."""
    query = sa.select(Merge.survivor_id).where(Merge.survivor_id.in_(persons)).distinct()
    return {person: others_addresses(person) for person in db.session.scalars(query)}


def owner_of_address(person: uuid.UUID, email: str) -> uuid.UUID:
    """Who of those on one page has the address; what comes in by it is theirs."""
    wanted = email.strip().lower()
    found = contacts_of(group_of(person))
    own = (found.get(person, {}).get("email") or "").lower()
    others = [one for one, contact in found.items() if (contact.get("email") or "").lower() == wanted]
    return person if own == wanted or not others else others[0]


def resumes_whose(survivor: uuid.UUID, persons: Collection[uuid.UUID]) -> list[Resume]:
    """What would go back with those persons."""
    query = sa.select(Resume).where(Resume.candidate_id == survivor, Resume.person_id.in_(persons))
    return list(db.session.scalars(query.order_by(Resume.uploaded_at.desc())))
