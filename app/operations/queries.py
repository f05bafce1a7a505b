"""What operators see, over all companies: numbers, ids, names of tasks, masked errors. No payload, no person's word.

Each company is read through its own role. A page ends when it is full or its time is over, and says where to go on.
"""

import re
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from app.billing.queries import Spending, spending
from app.kernel.masking import masked
from app.ports.work import WorkState
from tenants.db import bind_key, db
from tenants.registry import Registry, TenantRecord
from tenants.replicas import from_replica
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

ROWS: Final = 50
SECONDS: Final = 2.0
LONGEST: Final = 200
# The ledger belongs to background work (jobs/ledger.py); of its columns operators get those without arguments.
TASK: Final = sa.table(
    "task",
    sa.column("id", sa.Uuid),
    sa.column("name", sa.Text),
    sa.column("state", sa.Text),
    sa.column("attempts", sa.Integer),
    sa.column("lost", sa.Integer),
    sa.column("run_at", sa.DateTime(timezone=True)),
    sa.column("signalled_at", sa.DateTime(timezone=True)),
    sa.column("problem", sa.Text),
    sa.column("request_id", sa.Text),
    sa.column("finished_at", sa.DateTime(timezone=True)),
)
SIZES: Final = sa.text(
    "select n.nspname, sum(pg_total_relation_size(c.oid)) from pg_class c join pg_namespace n on n.oid = c.relnamespace"
    " where n.nspname = any(:schemas) and c.relkind in ('r', 'm') group by n.nspname"
)
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"|‘[^’]*’|“[^”]*”|«[^»]*»|„[^“]*“|`[^`]*`")


@dataclass(frozen=True)
class Failed:
    """`reference` is the request's id, which leads from here to the logs."""

    tenant: str
    company: str
    id: uuid.UUID
    name: str
    at: datetime
    attempts: int
    problem: str
    reference: str | None


@dataclass(frozen=True)
class Place:
    """Where a list goes on: in this company, after the task that ended then; or with the companies after it."""

    company: str = ""
    before: datetime | None = None
    id: uuid.UUID | None = None


@dataclass(frozen=True)
class FailedPage:
    """`further` is None at the end; `unread` are companies whose tables did not answer."""

    rows: list[Failed]
    further: Place | None
    unread: list[str]

    @property
    def names(self) -> list[str]:
        return sorted({row.name for row in self.rows})


@dataclass(frozen=True)
class Company:
    slug: str
    name: str
    hosts: list[str]
    state: str
    database: str
    region: str | None
    revision: str | None
    since: datetime
    size: int | None


@dataclass(frozen=True)
class Spent:
    """This month's language models of one company."""

    slug: str
    company: str
    spending: Spending

    @property
    def hits(self) -> int:
        return sum(each.hits for each in self.spending.usage)

    @property
    def tokens(self) -> int:
        return sum(each.tokens_in + each.tokens_out for each in self.spending.usage)


@dataclass(frozen=True)
class SpentPage:
    rows: list[Spent]
    further: str | None
    unread: list[str]


def companies_of(registry: Registry) -> list[TenantRecord]:
    """Those whose tables are there to be read."""
    return [tenant for tenant in registry.all("active", "suspended") if tenant.kind == "company"]


def failed(registry: Registry, place: Place, *, seconds: float = SECONDS) -> FailedPage:
    """By company, the newest first in each."""
    rows: list[Failed] = []
    unread: list[str] = []
    until = time.monotonic() + seconds
    for tenant in companies_of(registry):
        if tenant.slug < place.company or (tenant.slug == place.company and place.before is None):
            continue
        inside = place if tenant.slug == place.company else Place()
        try:
            rows += _failed_of(tenant, inside, ROWS + 1 - len(rows))
        except SQLAlchemyError:
            unread.append(tenant.slug)
        if len(rows) > ROWS:
            last = rows[ROWS - 1]
            return FailedPage(rows[:ROWS], Place(last.tenant, last.at, last.id), unread)
        if time.monotonic() > until:
            return FailedPage(rows, Place(tenant.slug), unread)
    return FailedPage(rows, None, unread)


def _failed_of(tenant: TenantRecord, place: Place, most: int) -> list[Failed]:
    query = sa.select(
        TASK.c.id, TASK.c.name, TASK.c.finished_at, TASK.c.attempts, TASK.c.problem, TASK.c.request_id
    ).where(TASK.c.state == "failed", TASK.c.finished_at.is_not(None))
    if place.before is not None:
        query = query.where(
            sa.tuple_(TASK.c.finished_at, TASK.c.id) < sa.tuple_(sa.literal(place.before), sa.literal(place.id))
        )
    newest = query.order_by(TASK.c.finished_at.desc(), TASK.c.id.desc()).limit(most)
    with tenant_scope(tenant), unit_of_work():
        return [
            Failed(tenant.slug, tenant.name, row.id, row.name, row.finished_at, row.attempts, shown(row.problem),
                   row.request_id)
            for row in db.session.execute(newest)
        ]  # fmt: skip


def shown(problem: str | None) -> str:
    """What an error says without what it quotes: that may be anybody's word."""
    text = _QUOTED.sub("[…]", masked(problem or ""))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def names_of(registry: Registry, work: WorkState) -> Mapping[uuid.UUID, str]:
    """The names of the tasks that are worked on now."""
    found: dict[uuid.UUID, str] = {}
    for tenant, ids in _by_company(registry, work):
        query = sa.select(TASK.c.id, TASK.c.name).where(TASK.c.id.in_(ids))
        with tenant_scope(tenant), unit_of_work():
            found |= {row.id: row.name for row in db.session.execute(query)}
    return found


def _by_company(registry: Registry, work: WorkState) -> Iterator[tuple[TenantRecord, list[uuid.UUID]]]:
    for slug in sorted({worker.tenant for worker in work.workers if worker.tenant}):
        tenant = registry.by_slug(slug)
        if tenant is not None and tenant.state == "active":
            yield tenant, [each.task_id for each in work.workers if each.tenant == slug and each.task_id]


def companies(registry: Registry, *, after: str = "") -> tuple[list[Company], str | None]:
    """A page of companies, and the last one's slug where there are more."""
    listed = registry.companies(after=after, limit=ROWS + 1)
    page, hosts = listed[:ROWS], registry.hosts()
    sizes = _sizes([tenant for tenant, _, _ in page])
    rows = [
        Company(tenant.slug, tenant.name, hosts.get(tenant.id, []), tenant.state, tenant.database, tenant.region,
                revision, since, sizes.get(tenant.slug))
        for tenant, revision, since in page
    ]  # fmt: skip
    return rows, rows[-1].slug if len(listed) > ROWS else None


def spent(registry: Registry, usual: Decimal | None, *, after: str = "", seconds: float = SECONDS) -> SpentPage:
    """Companies that asked any model this month; `usual` is the budget of those that chose none."""
    rows: list[Spent] = []
    unread: list[str] = []
    until = time.monotonic() + seconds
    for tenant in companies_of(registry):
        if tenant.slug <= after:
            continue
        if len(rows) == ROWS or time.monotonic() > until:
            return SpentPage(rows, after, unread)
        after = tenant.slug
        try:
            with tenant_scope(tenant), unit_of_work():
                found = from_replica(spending)(usual)
        except SQLAlchemyError:
            unread.append(tenant.slug)
            continue
        if found.usage:
            rows.append(Spent(tenant.slug, tenant.name, found))
    return SpentPage(rows, None, unread)


def _sizes(tenants: Iterable[TenantRecord]) -> dict[str, int]:
    """How many bytes their tables take, as the catalogue says, one look a database; none of one that is away."""
    found: dict[str, int] = {}
    by_schema = {(tenant.database, tenant.schema): tenant.slug for tenant in tenants}
    for database in sorted({database for database, _ in by_schema}):
        schemas = [schema for where, schema in by_schema if where == database]
        try:
            with db.engines[bind_key(database)].connect() as connection:
                sizes = connection.execute(SIZES, {"schemas": schemas}).all()
        except SQLAlchemyError:
            continue
        found |= {by_schema[database, schema]: int(size) for schema, size in sizes}
    return found
