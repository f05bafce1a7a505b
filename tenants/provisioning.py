"""A tenant's beginning and end: role, schema, tables, registry entry. As the owner, never as the login role."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from tenants import meaning, migrate
from tenants.names import is_slug
from tenants.registry import Host, Kind, State, Tenant, TenantRecord

LOGIN = "assay_login"
_HAS_EMPTY_PATH = sa.text(
    "select 1 from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname = :r"
    " and s.setdatabase = 0 and 'search_path=\"\"' = any(s.setconfig)"
)


class SlugTakenError(Exception):
    """There is such a tenant already, or one under that host."""


def prepare(owner: sa.Engine, *, login_password: str, older: Sequence[str] = ()) -> None:
    """Make a database ready: login role, schema `shared` at its head. Safe to repeat.

    A role that has one of the `older` passwords keeps it: processes that do not know the newest yet come in by it.

    Where the owner may, `set_config` is taken from everybody but the login role, so that no statement run as a
    tenant can become another one by calling it; and plpgsql, in whose blocks a SET ROLE could hide.
    """
    with owner.begin() as connection:
        run = connection.exec_driver_sql
        run("select pg_advisory_xact_lock(hashtext('assay:prepare'))")
        if not connection.scalar(sa.text("select 1 from pg_roles where rolname = :r"), {"r": LOGIN}):
            run(f"create role {LOGIN} login noinherit")
        if not any(_login_works(owner, each) for each in (login_password, *older)):
            run(_alter_password(login_password))
        run("create schema if not exists shared")
        run(f"grant usage on schema shared to {LOGIN}")
        if not connection.scalar(_HAS_EMPTY_PATH, {"r": LOGIN}):
            run(f"alter role {LOGIN} set search_path to ''")
        migrate.upgrade("shared", connection, schema="shared")
        run(f"grant select on all tables in schema shared to {LOGIN}")
        run("revoke create on schema public from public")
        meaning.enable(connection, LOGIN)
    _harden(owner)


def set_login_password(owner: sa.Engine, password: str) -> None:
    """For everybody who comes in from now on; whoever is in stays in."""
    with owner.begin() as connection:
        connection.exec_driver_sql("select pg_advisory_xact_lock(hashtext('assay:prepare'))")
        connection.exec_driver_sql(_alter_password(password))


def _login_works(owner: sa.Engine, password: str) -> bool:
    """Roles belong to the whole cluster: changing one while another database is prepared ends in an error."""
    login = sa.create_engine(owner.url.set(username=LOGIN, password=password), poolclass=NullPool)
    try:
        with login.connect():
            return True
    except sa.exc.OperationalError:
        return False


def _alter_password(password: str) -> str:
    """ALTER ROLE takes no parameters; the password is one of ours (URL-safe base64), and checked to be."""
    if not password.replace("-", "").replace("_", "").isalnum():
        raise ValueError("the login role's password must be URL-safe")
    return f"alter role {LOGIN} password '{password}'"


def _harden(owner: sa.Engine) -> None:
    with owner.begin() as connection:
        if not connection.scalar(sa.text("select rolsuper from pg_roles where rolname = current_user")):
            return
        function = "function pg_catalog.set_config(text, text, boolean)"
        connection.exec_driver_sql(f"revoke execute on {function} from public")
        connection.exec_driver_sql(f"grant execute on {function} to {LOGIN}")
        connection.exec_driver_sql("revoke usage on language plpgsql from public")
        database = connection.scalar(sa.text("select quote_ident(current_database())"))
        connection.exec_driver_sql(f"revoke temp on database {database} from public")


def provision(
    main: sa.Engine,
    owner: sa.Engine,
    *,
    slug: str,
    name: str,
    hosts: list[str],
    database: str,
    at: datetime,
    kind: Kind = "company",
    region: str | None = None,
) -> TenantRecord:
    """Create a tenant in `owner`'s database and enter it into `main`'s registry.

    Raises ValueError for what is no slug, SlugTakenError for one in use. Schema first, registry second: a crash
    between the two leaves an unreachable schema, which the next attempt replaces.
    """
    if not is_slug(slug):
        raise ValueError(slug)
    record = TenantRecord(uuid.uuid4(), slug, name, "active", database, kind, region)
    with _one_at_a_time(main, slug):
        _refuse_taken(main, slug, hosts)
        with owner.begin() as connection:
            create_schema(connection, record.schema)
        _enter(main, record, hosts, at)
    return record


@contextmanager
def _one_at_a_time(main: sa.Engine, slug: str) -> Iterator[None]:
    """Or the second of two would replace the schema that the first has just entered."""
    with main.begin() as lock:
        lock.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"assay:provision:{slug}"))))
        yield


def _enter(main: sa.Engine, record: TenantRecord, hosts: list[str], at: datetime) -> None:
    row = asdict(record) | {"revision": migrate.head("tenant"), "created_at": at}
    with main.begin() as connection:
        connection.execute(sa.insert(Tenant).values(**row))
        connection.execute(sa.insert(Host), [{"name": host.lower(), "tenant_id": record.id} for host in hosts])


def _refuse_taken(main: sa.Engine, slug: str, hosts: list[str]) -> None:
    with main.connect() as connection:
        taken = connection.scalar(sa.select(Tenant.id).where(Tenant.slug == slug))
        host = connection.scalar(sa.select(Host.name).where(Host.name.in_([h.lower() for h in hosts])))
    if taken or host:
        raise SlugTakenError(slug if taken else host)


def create_schema(connection: sa.Connection, schema: str) -> None:
    """The tenant's role and its schema at the head, empty. Replaces a schema of that name."""
    run = connection.exec_driver_sql
    run(f"drop schema if exists {schema} cascade")
    if not connection.scalar(sa.text("select 1 from pg_roles where rolname = :r"), {"r": schema}):
        run(f"create role {schema} login")
    inherit = "with inherit false, set true"
    run(f"grant {schema} to {LOGIN} {inherit}")
    run(f"create schema {schema}")
    migrate.fill(connection, schema)
    migrate.prove(connection, schema)
    meaning.index(connection, schema)
    grant(connection, schema)


def grant(connection: sa.Connection, schema: str) -> None:
    """What a tenant's role may do: its rows, in its schema; the audit log only grows."""
    run = connection.exec_driver_sql
    run(f"grant usage on schema {schema} to {schema}")
    run(f"grant select, insert, update, delete on all tables in schema {schema} to {schema}")
    run(f"grant usage, select on all sequences in schema {schema} to {schema}")
    run(f"alter default privileges in schema {schema} grant select, insert, update, delete on tables to {schema}")
    run(f"alter default privileges in schema {schema} grant usage, select on sequences to {schema}")
    run(f"revoke update, delete on {schema}.audit_entry from {schema}")
    run(f"revoke insert, update, delete on {schema}.alembic_version from {schema}")


def set_region(main: sa.Engine, slug: str, region: str | None) -> None:
    with main.begin() as connection:
        connection.execute(sa.update(Tenant).where(Tenant.slug == slug).values(region=region))


def set_state(main: sa.Engine, slug: str, state: State) -> bool:
    """False for a tenant that is being moved: its state is the move's until that is over."""
    free = sa.update(Tenant).where(Tenant.slug == slug, Tenant.state != "moving")
    with main.begin() as connection:
        return connection.execute(free.values(state=state)).rowcount == 1


def delete(
    main: sa.Engine, owner: sa.Engine, tenant: TenantRecord, *, elsewhere: Callable[[], None] = lambda: None
) -> None:
    """Drop everything the tenant has, `elsewhere` too. Marked first and forgotten last: a crash leaves it unreachable,
    and deletable again.
    """
    set_state(main, tenant.slug, "deleting")
    with owner.begin() as connection:
        drop_schema(connection, tenant.schema)
    elsewhere()
    with main.begin() as connection:
        connection.execute(sa.delete(Tenant).where(Tenant.id == tenant.id))


def drop_schema(connection: sa.Connection, schema: str) -> None:
    """The tenant's schema, and its role: unless another database of the same PostgreSQL still needs it."""
    connection.exec_driver_sql(f"drop schema if exists {schema} cascade")
    if not connection.scalar(sa.text("select 1 from pg_roles where rolname = :r"), {"r": schema}):
        return
    connection.exec_driver_sql(f"drop owned by {schema}")
    with suppress(sa.exc.InternalError), connection.begin_nested():
        connection.exec_driver_sql(f"drop role {schema}")
