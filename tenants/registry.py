"""Which tenants there are, under which hosts, in which database. Read as the login role, outside of any tenant."""

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tenants.names import schema_of
from tenants.tables import SharedModel, Timestamp

State = Literal["active", "suspended", "deleting", "moving"]
Kind = Literal["company", "operators"]
SECONDS_REMEMBERED = 2.0


class Tenant(SharedModel):
    __tablename__ = "tenant"
    __table_args__ = (
        sa.CheckConstraint("state in ('active', 'suspended', 'deleting', 'moving')", name="state"),
        sa.CheckConstraint("kind in ('company', 'operators')", name="kind"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="company")
    state: Mapped[str] = mapped_column(server_default="active")
    database: Mapped[str] = mapped_column(server_default="main")
    region: Mapped[str | None]
    revision: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Timestamp)


class Host(SharedModel):
    __tablename__ = "host"

    name: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Tenant.id, ondelete="CASCADE"), index=True)


class Move(SharedModel):
    """A move begun and not yet switched, or one whose old copy is still there (tenants/moving.py)."""

    __tablename__ = "move"

    tenant_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Tenant.id, ondelete="CASCADE"), primary_key=True)
    source: Mapped[str]
    target: Mapped[str]
    state_before: Mapped[str]
    switched_at: Mapped[datetime | None] = mapped_column(Timestamp)


@dataclass(frozen=True)
class TenantRecord:
    id: uuid.UUID
    slug: str
    name: str
    state: State
    database: str
    kind: Kind = "company"
    region: str | None = None

    @property
    def schema(self) -> str:
        return schema_of(self.slug)


_COLUMNS = (Tenant.id, Tenant.slug, Tenant.name, Tenant.state, Tenant.database, Tenant.kind, Tenant.region)


class Registry:
    """Look-ups over one engine; by host they are remembered for two seconds, a request's worth of grace."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")  # one statement, one round trip
        self._by_host: dict[str, tuple[float, TenantRecord | None]] = {}

    def by_host(self, host: str) -> TenantRecord | None:
        remembered = self._by_host.get(host)
        if remembered and time.monotonic() - remembered[0] < SECONDS_REMEMBERED:
            return remembered[1]
        found = self._one(sa.select(*_COLUMNS).join(Host, Host.tenant_id == Tenant.id).where(Host.name == host))
        if len(self._by_host) > 10_000:  # noqa: PLR2004 -- hosts come from outside: bounded memory
            self._by_host.clear()
        self._by_host[host] = (time.monotonic(), found)
        return found

    def by_slug(self, slug: str) -> TenantRecord | None:
        return self._one(sa.select(*_COLUMNS).where(Tenant.slug == slug))

    def all(self, *states: State) -> list[TenantRecord]:
        query = sa.select(*_COLUMNS).order_by(Tenant.slug)
        if states:
            query = query.where(Tenant.state.in_(states))
        with self._engine.connect() as connection:
            return [TenantRecord(*row) for row in connection.execute(query)]

    def companies(self, *, after: str, limit: int) -> list[tuple[TenantRecord, str | None, datetime]]:
        """A page of companies by slug, with schema revision and beginning."""
        query = sa.select(*_COLUMNS, Tenant.revision, Tenant.created_at).where(
            Tenant.kind == "company", Tenant.slug > after
        )
        with self._engine.connect() as connection:
            found = connection.execute(query.order_by(Tenant.slug).limit(limit)).all()
        return [(TenantRecord(*row[:7]), row[7], row[8]) for row in found]

    def hosts(self) -> dict[uuid.UUID, list[str]]:
        found: dict[uuid.UUID, list[str]] = {}
        with self._engine.connect() as connection:
            for name, tenant_id in connection.execute(sa.select(Host.name, Host.tenant_id).order_by(Host.name)):
                found.setdefault(tenant_id, []).append(name)
        return found

    def _one(self, query: sa.Select[tuple[uuid.UUID, str, str, str, str, str, str | None]]) -> TenantRecord | None:
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return TenantRecord(*row) if row else None
