"""Facts. `record` writes one into the tenant's outbox, inside the transaction that made it true."""

import dataclasses
import uuid
from datetime import date, datetime
from typing import Any, ClassVar

import structlog

from app.kernel import clock
from app.kernel.ids import new_id
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.work import Ping, announce

RIGHTS = "rights-"


@dataclasses.dataclass(frozen=True)
class Event:
    """Past tense, ids and times only: nothing a person said or is called.

    `topics` names the pages that should look again; a ping carries the topic and no content.
    """

    name: ClassVar[str]

    def topics(self) -> tuple[str, ...]:
        return ()


def record(event: Event) -> None:
    """Store the fact with the caller's transaction; nobody hears of it before that commits."""
    row = OutboxRow(
        id=new_id(),
        name=event.name,
        data={field.name: _plain(getattr(event, field.name)) for field in dataclasses.fields(event)},
        occurred_at=clock.now(),
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
    )
    db.session.add(row)
    announce(db.session(), *(Ping(topic=topic, id=str(row.id)) for topic in event.topics()))


def rights_changed(whose: uuid.UUID) -> None:
    """Their open streams end after the commit, and are asked again what they may hear."""
    announce(db.session(), Ping(topic=f"{RIGHTS}{whose}", id=str(whose)))


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
