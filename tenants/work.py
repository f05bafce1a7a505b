"""One unit of work: return commits, raise rolls back, and only then does anybody hear of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from tenants.db import db
from tenants.scope import current_tenant

log = structlog.get_logger()


@dataclass(frozen=True)
class Ping:
    """A topic and an id, no content: it says "look again"."""

    topic: str
    id: str


Listener = Callable[[str, list[Ping]], None]


def announce(session: Session, *pings: Ping) -> None:
    """Keep the pings with the transaction; they go out after its commit, or not at all."""
    session.info.setdefault("pings", []).extend(pings)
    session.info["nudge"] = True


@contextmanager
def unit_of_work(*, durable: bool = True) -> Iterator[None]:
    """One that is not durable doesn't wait for the disk: a crash of PostgreSQL may undo it, whole and in its order."""
    session = db.session()
    if not durable:
        session.info["forgettable"] = True
    try:
        yield
        session.commit()
    except BaseException:
        session.rollback()
        session.info.clear()
        raise
    session.info.pop("forgettable", None)
    if session.info.pop("nudge", False):
        tell(current_tenant().slug, session.info.pop("pings", []))


def tell(slug: str, pings: list[Ping]) -> None:
    """A lost nudge costs seconds (the sweeps find the rows), so nothing that fails here fails the request."""
    listener: Listener | None = current_app.extensions.get("after_commit")
    if listener is None:
        return
    try:
        listener(slug, pings)
    except Exception:
        log.warning("nudge_lost", tenant=slug, exc_info=True)
