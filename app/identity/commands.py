"""Members come in, sign in, sign out."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.dialects.postgresql import insert

from app.audit import commands as audit
from app.identity.enums import Role
from app.identity.models import Member, PasswordLink, SignIn, SignInFailure
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid, NotFound
from app.kernel.events import rights_changed
from app.kernel.ids import new_id, new_token, token_digest
from app.kernel.sentences import sentence
from tenants.db import db

SIGNED_IN_FOR = timedelta(days=14)
PASSWORD_LINK_FOR = timedelta(days=7)
FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=1)
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()


@dataclass(frozen=True)
class SlowDown(Exception):
    """Too many tries of this name from this place. Nothing was checked; trying later from here works."""

    seconds: int


def add_member(*, email: str, name: str, role: Role, by: Actor, password: str | None = None) -> Member:
    email = email.strip()
    if db.session.scalar(sa.select(Member.id).where(sa.func.lower(Member.email) == email.lower())):
        raise Invalid({"email": sentence("There is a member with this e-mail address already.")})
    member = Member(
        id=new_id(), email=email, name=name.strip(), role=role, active=True, created_at=clock.now(),
        password_hash=_hasher.hash(password) if password else None,
    )  # fmt: skip
    db.session.add(member)
    audit.note("identity.add_member", by=by, target=("member", member.id), role=role)
    return member


def write_password_link(member: Member, *, by: Actor) -> str:
    """A link's token, shown once; we keep its hash."""
    token = new_token()
    db.session.add(
        PasswordLink(token_hash=token_digest(token), member_id=member.id, expires_at=clock.now() + PASSWORD_LINK_FOR)
    )
    audit.note("identity.write_password_link", by=by, target=("member", member.id))
    return token


def set_password(token: str, password: str) -> Member:
    """Use a password link up, and end every session of that member."""
    link = db.session.scalar(
        sa.select(PasswordLink).where(PasswordLink.token_hash == token_digest(token)).with_for_update()
    )
    if link is None or link.used_at is not None or link.expires_at < clock.now():
        raise NotFound("password link")
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid({"password": sentence("Use at least 10 characters.")})
    member = db.session.get_one(Member, link.member_id)
    link.used_at = clock.now()
    member.password_hash = _hasher.hash(password)
    sign_out_everywhere(member, by=actor_of(member))
    return member


def sign_in(*, email: str, password: str, place: str, agent: str) -> str | None:
    """A new session's token, or None for a wrong name or password; which of the two, nobody learns from time or text.

    Raises SlowDown from the fifth failure on. `place` is the address it comes from: another place is not slowed, so
    nobody can lock a member out by failing in their name.
    """
    key = hashlib.sha256(f"{email.strip().lower()}\0{place}".encode()).digest()
    _refuse_hurry(key)
    member = db.session.scalar(sa.select(Member).where(sa.func.lower(Member.email) == email.strip().lower()))
    if not _password_fits(member, password) or member is None or not member.active:
        _count_failure(key)
        return None
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.key == key))
    audit.note("identity.sign_in", by=actor_of(member), target=("member", member.id))
    return _open_session(member, agent)


def _open_session(member: Member, agent: str) -> str:
    token, now = new_token(), clock.now()
    db.session.add(
        SignIn(
            id=new_id(), token_hash=token_digest(token), member_id=member.id, created_at=now, seen_at=now,
            expires_at=now + SIGNED_IN_FOR, agent=agent[:200],
        )
    )  # fmt: skip
    return token


def sign_out(sign_in_id: uuid.UUID, *, by: Actor) -> None:
    whose = db.session.scalar(sa.delete(SignIn).where(SignIn.id == sign_in_id).returning(SignIn.member_id))
    if whose is not None:
        rights_changed(whose)
    audit.note("identity.sign_out", by=by, target=("sign_in", sign_in_id))


def sign_out_everywhere(member: Member, *, by: Actor) -> None:
    db.session.execute(sa.delete(SignIn).where(SignIn.member_id == member.id))
    rights_changed(member.id)
    audit.note("identity.sign_out_everywhere", by=by, target=("member", member.id))


def set_active(member: Member, *, active: bool, by: Actor) -> None:
    """Whoever is switched off is signed out at once. Nobody switches themselves off."""
    if by.id == member.id and not active:
        raise Conflict(sentence("You cannot switch yourself off. Another admin can."))
    member.active = active
    audit.note("identity.set_active", by=by, target=("member", member.id), active=active)
    if not active:
        sign_out_everywhere(member, by=by)


def actor_of(member: Member) -> Actor:
    return Actor(kind="member", id=member.id, name=member.name)


def _password_fits(member: Member | None, password: str) -> bool:
    """Takes as long for names that nobody has."""
    known = member.password_hash if member and member.password_hash else _nobodys_hash()
    try:
        _hasher.verify(known, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return member is not None and member.password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _refuse_hurry(key: bytes) -> None:
    failure = db.session.get(SignInFailure, key)
    if failure is None or failure.failures < FREE_FAILURES:
        return
    wait = min(timedelta(seconds=2 ** (failure.failures - FREE_FAILURES + 1)), LONGEST_WAIT)
    left = failure.last_at + wait - clock.now()
    if left > timedelta(0):
        raise SlowDown(int(left.total_seconds()) + 1)


def _count_failure(key: bytes) -> None:
    now = clock.now()
    counted = insert(SignInFailure).values(key=key, failures=1, last_at=now)
    db.session.execute(
        counted.on_conflict_do_update(
            index_elements=["key"], set_={"failures": SignInFailure.failures + 1, "last_at": now}
        )
    )
