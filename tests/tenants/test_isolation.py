"""The database itself refuses one company another one's rows."""

import os
import re
from datetime import UTC, datetime

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from app.audit.queries import first_broken_link
from app.identity.models import Member
from app.kernel.events import record
from app.postings.events import PostingChanged
from tenants import provisioning
from tenants.db import ENTER, db
from tenants.names import schema_of
from tenants.outbox import OutboxRow
from tenants.scope import NoTenantError
from tests.memory import TABLES

REFUSED = (
    "select * from {}",
    "insert into {} default values",
    "update {} set ctid = null",
    "delete from {}",
    "copy {} to stdout",
)


def test_s04_every_table_of_another_company_is_refused_by_postgresql(alpha, cast, in_tenant):
    tried = 0
    for table in (table.name for table in TABLES):
        for statement in REFUSED:
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema t_beta"), in_tenant(alpha):
                db.session.execute(sa.text(statement.format(f"t_beta.{table}")))
            tried += 1
    assert tried == len(TABLES) * len(REFUSED) >= 150


@pytest.mark.parametrize(
    "statement",
    [
        "update t_beta.member set name = 'x'",
        "insert into t_beta.member select * from member",
        "delete from shared.tenant",
        "select * from shared.tenant",
        "create table leak (id int)",
        "drop table member",
        "select set_config('role', 't_beta', true)",
        "update pg_settings set setting = 't_beta' where name = 'role'",
        "do $$ begin set local role t_beta; end $$",
        "create temp table leak (id int)",
        "create function leak() returns int language sql as 'select 1'",
        "set session authorization t_beta",
        "grant t_beta to t_alpha",
        "copy (select 1) to program 'true'",
        "alter role t_alpha superuser",
        "update audit_entry set action = 'x'",
        "delete from audit_entry",
    ],
)
def test_s04_what_a_tenants_role_may_not_do(statement, settings, cast):
    """Asked of PostgreSQL itself, on a connection of nobody's making."""
    url = settings.login_url(settings.database_url.get_secret_value()).replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute(str(ENTER).replace(":schema", "'t_alpha'"))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_s06_without_a_tenant_nothing_is_read(flask_app):
    with flask_app.app_context(), pytest.raises(NoTenantError):
        db.session.scalars(sa.select(Member)).all()


def test_s03_a_pooled_connection_goes_back_as_the_login_role(flask_app, alpha, cast, in_tenant):
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Member)).all()) == 4
    with flask_app.app_context(), db.engines[None].connect() as connection:
        who, path = connection.execute(sa.text("select current_user, current_setting('search_path')")).one()
    assert (who, path) == ("assay_login", '""')


def test_each_company_sees_its_own_members(alpha, beta, cast, in_tenant):
    found = {}
    for tenant in (alpha, beta):
        with in_tenant(tenant):
            found[tenant.slug] = sorted(db.session.scalars(sa.select(Member.name)))

    assert found == {"alpha": ["Ada", "Hugo", "Ivy", "Rita"], "beta": ["Rex"]}


def test_s03_an_aborted_request_leaves_nothing_for_the_next_tenant(alpha, beta, cast, in_tenant):
    with pytest.raises(RuntimeError), in_tenant(alpha):
        db.session.execute(sa.update(Member).values(name="changed"))
        raise RuntimeError

    with in_tenant(beta):
        assert db.session.scalars(sa.select(Member.name)).all() == ["Rex"]
    with in_tenant(alpha):
        assert "changed" not in db.session.scalars(sa.select(Member.name)).all()


def test_tenant_role_has_no_password_and_the_login_role_no_rights(settings):
    url = settings.login_url(settings.database_url.get_secret_value()).replace("+psycopg", "")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from t_alpha.member")
    host = url.rpartition("@")[2]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://t_alpha:guess@{host}")


def test_the_audit_chain_holds_and_shows_a_change(flask_app, alpha, cast, in_tenant):
    with in_tenant(alpha):
        assert first_broken_link() is None
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.execute(sa.text("update t_alpha.audit_entry set actor_name = 'Mallory' where number = 3"))
    with in_tenant(alpha):
        assert first_broken_link() == 3


def test_a_suspended_company_is_closed_and_the_other_works(flask_app, anyone, cast):
    from tenants.provisioning import set_state

    set_state(flask_app.extensions["owners"].main, "alpha", "suspended")
    flask_app.registry._by_host.clear()

    assert anyone("alpha").get("/sign-in").status_code == 403
    assert anyone("beta").get("/sign-in").status_code == 200


def test_an_unknown_host_is_not_found(anyone):
    assert anyone("gamma").get("/sign-in").status_code == 404


NO_SLUGS = ["", "a", "Bad", "a b", "a;drop schema shared", "t_alpha", "a-", "-a", "ä-ö", "x" * 41, 'a"b', "a\n"]


@pytest.mark.parametrize("text", NO_SLUGS)
def test_what_is_no_slug_becomes_no_name_in_a_statement(text):
    with pytest.raises(ValueError, match="not a slug"):
        schema_of(text)


@pytest.mark.parametrize("text", NO_SLUGS)
def test_what_is_no_slug_founds_no_company(flask_app, text):
    owner = flask_app.extensions["owners"].main
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        provisioning.provision(
            owner,
            owner,
            slug=text,
            name="X",
            hosts=["x.localhost"],
            database="main",
            at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    assert [tenant.slug for tenant in flask_app.registry.all()] == ["alpha", "beta"]
    assert flask_app.registry.by_host("x.localhost") is None


def test_password_of_the_login_role_that_is_not_ours_is_refused_and_the_old_one_works(flask_app, settings):
    owner = flask_app.extensions["owners"].main
    with pytest.raises(ValueError, match="URL-safe"):
        provisioning.prepare(owner, login_password="x'; drop schema shared cascade; --")

    with psycopg.connect(settings.login_url(settings.database_url.get_secret_value()).replace("+psycopg", "")) as login:
        assert login.execute("select current_user").fetchone() == ("assay_login",)


def test_owner_who_is_no_superuser_takes_no_rights_away(flask_app):
    """On a hosted PostgreSQL the owner may not; the rest of the walls stands without it."""
    owner, name = flask_app.extensions["owners"].main, f"assay_plain_{os.getpid()}"
    rights = sa.text("select proacl::text from pg_proc where proname = 'set_config'")
    with owner.begin() as connection:
        connection.exec_driver_sql(f"create role {name} login password 'plain'")
        before = connection.scalar(rights)
    plain = sa.create_engine(owner.url.set(username=name, password="plain"), poolclass=NullPool)
    try:
        provisioning._harden(plain)
        with owner.begin() as connection:
            assert connection.scalar(rights) == before
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql(f"drop role {name}")


def test_hosts_that_nobody_has_do_not_fill_the_memory(flask_app, alpha):
    known = flask_app.registry._by_host
    known.update({f"host{number}.example": (0.0, None) for number in range(10_001)})

    assert flask_app.registry.by_host("alpha.localhost") == alpha
    assert list(known) == ["alpha.localhost"]


@pytest.mark.parametrize("listener", [None, lambda *_: 1 / 0])
def test_what_is_committed_stays_when_nobody_can_be_told(flask_app, alpha, cast, in_tenant, monkeypatch, listener):
    monkeypatch.setitem(flask_app.extensions, "after_commit", listener)
    with in_tenant(alpha):
        record(PostingChanged(cast.rita.id))

    with in_tenant(alpha):
        assert db.session.scalars(sa.select(OutboxRow.name)).all() == ["posting.changed"]
