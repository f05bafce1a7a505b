"""Each database: version, owner, login role, clock, revisions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from app.adapters.postgres import login_urls, owner_urls, replica_urls
from app.cli.doctor.findings import Finding, well, wrong
from app.kernel import clock
from app.settings import Settings
from tenants import migrate
from tenants.names import schema_of
from tenants.registry import Tenant
from tenants.replicas import NoReplicaError, behind

OLDEST = 160_000
MOST_SKEW_SECONDS = 2.0
MOST_NAMED = 5
_LOGIN_RIGHTS = {
    "is a superuser": "select rolsuper from pg_roles where rolname = current_user",
    "may create roles": "select rolcreaterole from pg_roles where rolname = current_user",
    "may create databases": "select rolcreatedb from pg_roles where rolname = current_user",
    "passes row security": "select rolbypassrls from pg_roles where rolname = current_user",
    "inherits the rights of companies' roles": (
        "select exists (select from pg_auth_members m join pg_roles r on r.oid = m.member"
        " where r.rolname = current_user and m.inherit_option)"
    ),
    "owns tables": (
        "select exists (select from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = current_user)"
    ),
    "may create in a schema": (
        "select exists (select from pg_namespace where nspname !~ '^pg_'"
        " and has_schema_privilege(current_user, oid, 'create'))"
    ),
}


def look(settings: Settings) -> Iterator[Finding]:
    logins: dict[str, sa.URL | None] = dict.fromkeys(owner_urls(settings))
    if _has_key(settings) or settings.app_database_url:
        logins |= login_urls(settings)
    for name, url in owner_urls(settings).items():
        of = "" if name == "main" else f" {name}"
        try:
            with _connected(url) as owner:
                yield from _of_owner(owner, of)
                yield from _revisions(owner, name, of)
                if name == "main":
                    yield from _at_home(owner, settings.regions)
        except sa.exc.OperationalError as error:
            yield wrong(f"database{of}", f"It does not answer: {_reason(error)}")
            continue
        yield _of_login(logins[name], of)


def replicas(settings: Settings) -> Iterator[Finding]:
    """Said only where reports are read from one."""
    owners = owner_urls(settings)
    for name, url in replica_urls(settings).items():
        check = "replica" if name == "main" else f"replica {name}"
        if name not in owners:
            yield wrong(check, f"DATABASE_REPLICAS names {name}, and DATABASES does not.")
            continue
        try:
            with _connected(owners[name]) as primary, _connected(url) as replica:
                yield _how_far(check, behind(primary, replica), settings.replica_seconds_behind)
        except sa.exc.OperationalError as error:
            yield wrong(check, f"It does not answer, so reports are read from the database itself: {_reason(error)}")
        except NoReplicaError as error:
            yield wrong(check, f"It is not read: {error}.")


def _how_far(check: str, seconds: float, most: float) -> Finding:
    if seconds > most:
        return wrong(
            check, f"It is {seconds:.0f} s behind, more than {most:.0f}, so it is not read until it caught up."
        )
    return well(
        check, "Reports are read from it; it has everything." if not seconds else f"It is {seconds:.0f} s behind."
    )


def _has_key(settings: Settings) -> bool:
    """The login role's password is made from it; looking must not make one."""
    return (settings.master_key_file or settings.data_dir / "master.key").exists()


@contextmanager
def _connected(url: str | sa.URL) -> Iterator[sa.Connection]:
    """Each statement by itself, so that one that is refused spoils no other."""
    options = {"prepare_threshold": None, "connect_timeout": 5}
    engine = sa.create_engine(url, poolclass=NullPool, connect_args=options, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def _of_owner(owner: sa.Connection, of: str) -> Iterator[Finding]:
    number, version = int(_one(owner, "show server_version_num")), _one(owner, "show server_version")
    says = f"PostgreSQL {version} answers."
    yield well(f"database{of}", says) if number >= OLDEST else wrong(f"database{of}", f"{says} 16 or newer is needed.")
    may = "select rolsuper or rolcreaterole from pg_roles where rolname = current_user"
    creates = "select has_database_privilege(current_database(), 'create')"
    if _one(owner, may) and _one(owner, creates):
        yield well(f"owner{of}", "The owner may create roles and schemas.")
    else:
        yield wrong(f"owner{of}", "The owner may not create roles and schemas: no company can be founded here.")
    yield _skew(owner, of)


def _skew(owner: sa.Connection, of: str) -> Finding:
    before = clock.now()
    theirs = _one(owner, "select clock_timestamp()")
    after = clock.now()
    skew = abs((theirs - (before + (after - before) / 2)).total_seconds())
    if skew < MOST_SKEW_SECONDS:
        return well(f"clock{of}", f"This machine's clock and the database's agree to {skew:.2f} s.")
    return wrong(f"clock{of}", f"The database's clock is {skew:.0f} s off: leases and deadlines end at the wrong time.")


def _revisions(owner: sa.Connection, name: str, of: str) -> Iterator[Finding]:
    newest, found = migrate.head("shared"), _revision(owner, "shared")
    if found != newest:
        yield wrong(f"shared tables{of}", f"They are at {found or 'nothing'}, not at {newest}: run database prepare.")
        return
    yield well(f"shared tables{of}", f"They are at the newest revision, {newest}.")
    if name == "main":
        yield from _companies(owner)


def _companies(main: sa.Connection) -> Iterator[Finding]:
    """By the registry's word and, in this database, by what the schemas themselves say."""
    newest, behind, companies = migrate.head("tenant"), [], 0
    for slug, database, noted in main.execute(sa.select(Tenant.slug, Tenant.database, Tenant.revision)):
        companies += 1
        found = _revision(main, schema_of(slug)) if database == "main" else noted
        if found != newest:
            behind.append(f"{slug} ({found or 'nothing'})")
    if not behind:
        yield well("companies", f"All {companies} are at the newest revision, {newest}.")
        yield from _searchable(main)
        return
    named = ", ".join(sorted(behind)[:MOST_NAMED]) + (" and others" if len(behind) > MOST_NAMED else "")
    yield wrong("companies", f"{len(behind)} of {companies} are not at {newest}: {named}. Run tenants migrate.")


def _at_home(main: sa.Connection, regions: dict[str, str]) -> Iterator[Finding]:
    """Said only where a company has to stay in a region."""
    if _revision(main, "shared") != migrate.head("shared"):
        return
    bound = sa.select(Tenant.slug, Tenant.database, Tenant.region).where(Tenant.region.is_not(None))
    found = main.execute(bound.order_by(Tenant.slug)).all()
    away = [slug for slug, database, region in found if regions.get(database) != region]
    if away:
        named = ", ".join(away[:MOST_NAMED]) + (" and others" if len(away) > MOST_NAMED else "")
        yield wrong("regions", f"Not in a database of their region, by REGIONS: {named}.")
    elif found:
        yield well("regions", f"Companies that have to stay in a region: {len(found)}, all of them there.")


def _searchable(main: sa.Connection) -> Iterator[Finding]:
    """Said only where something is missing: PostgreSQL empties that table when it crashes."""
    lacking = []
    for slug in main.scalars(sa.select(Tenant.slug).where(Tenant.database == "main").order_by(Tenant.slug)):
        schema = schema_of(slug)
        missing = f"select from {schema}.candidate c left join {schema}.candidate_clear k using (id) where k.id is null"
        if _one(main, f"select exists ({missing})"):
            lacking.append(slug)
    if lacking:
        named = ", ".join(lacking[:MOST_NAMED]) + (" and others" if len(lacking) > MOST_NAMED else "")
        yield wrong("search", f"People are missing in lists of {named}: run candidates rebuild-clear.")


def _of_login(url: sa.URL | None, of: str) -> Finding:
    check = f"login role{of}"
    if url is None:
        return wrong(check, "Its password is made from the master key, and there is none.")
    try:
        with _connected(url) as login:
            rights = [right for right, query in _LOGIN_RIGHTS.items() if _one(login, query)]
            path = _one(login, "show search_path")
    except sa.exc.OperationalError as error:
        return wrong(check, f"It does not get in: {_reason(error)}")
    if rights:
        return wrong(check, f"It {', '.join(rights)}: a mistake in code would meet no refusal.")
    if path.strip('"'):
        return wrong(check, f"Its search_path is {path}, and should be empty: run database prepare.")
    return well(check, "It gets in, and has no rights of its own.")


def _revision(connection: sa.Connection, schema: str) -> str | None:
    try:
        found: str | None = connection.scalar(sa.text(f"select version_num from {schema}.alembic_version"))
    except sa.exc.ProgrammingError:
        return None
    return found


def _one(connection: sa.Connection, query: str) -> Any:
    return connection.exec_driver_sql(query).scalar()


def _reason(error: sa.exc.OperationalError) -> str:
    """The driver's first line: it names host, port and role, never a password."""
    return str(error.orig).strip().splitlines()[0]
