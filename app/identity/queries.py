"""Who is a member, who is signed in."""

import uuid
from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.identity.models import Member, PasswordLink, SignIn
from app.kernel import clock
from app.kernel.ids import token_digest
from tenants.db import db

SEEN_EVERY = timedelta(minutes=5)


@cache
def _by_token() -> sa.Select[tuple[SignIn]]:
    """Made once, since every request asks it: making a statement takes longer than running it."""
    return sa.select(SignIn).options(joinedload(SignIn.member)).where(SignIn.token_hash == sa.bindparam("token"))


def session_of(token: str) -> SignIn | None:
    """The session behind a cookie, with its member; None when it ended, or the member left."""
    found = db.session.scalar(_by_token(), {"token": token_digest(token)})
    now = clock.now()
    if found is None or found.expires_at < now or not found.member.active:
        return None
    if now - found.seen_at > SEEN_EVERY:
        found.seen_at = now
    return found


def sessions_of(member: Member) -> list[SignIn]:
    query = sa.select(SignIn).where(SignIn.member_id == member.id, SignIn.expires_at > clock.now())
    return list(db.session.scalars(query.order_by(SignIn.seen_at.desc())))


def members() -> list[Member]:
    return list(db.session.scalars(sa.select(Member).order_by(Member.name, Member.id)))


def member_by_email(email: str) -> Member | None:
    query = sa.select(Member).where(sa.func.lower(Member.email) == email.strip().lower(), Member.active)
    return db.session.scalar(query)


def member_by_id(member_id: uuid.UUID) -> Member | None:
    return db.session.get(Member, member_id)


def password_link_works(token: str) -> bool:
    link = db.session.get(PasswordLink, token_digest(token))
    return link is not None and link.used_at is None and link.expires_at > clock.now()
