"""The database itself refuses one company another one's rows."""

import psycopg
import pytest
import sqlalchemy as sa

from app.audit.queries import first_broken_link
from app.identity.models import Member
from tenants.db import ENTER, db
from tenants.scope import NoTenantError
from tests.conftest import TABLES

REFUSED = (
    "select * from {}",
    "insert into {} default values",
    "update {} set ctid = null",
    "delete from {}",
    "copy {} to stdout",
)


def test_s04_every_table_of_another_company_is_refused_by_postgresql(alpha, cast, in_tenant):
    tried = 0
    for table in TABLES:
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
