"""S-04: somebody gets any text executed inside alpha's transaction, and wants to be beta."""

from contextlib import suppress

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tenants.cursors import _STATEMENT
from tenants.db import db

pytestmark = pytest.mark.xdist_group("isolation")
BECOME = "set local role t_beta"
CALL = "select set_config('role', 't_beta', true)"
STATEMENTS = [
    "set role t_beta", BECOME, "SET SESSION ROLE t_beta", "set local role to t_beta", "set role = 't_beta'",
    "reset role", "reset all", "discard all", "set session authorization t_beta", "set session authorization default",
    "reset session authorization", "set local search_path to t_beta", "set transaction read only",
    f"do $$ begin {BECOME}; end $$", f"do language plpgsql 'begin {BECOME}; end'",
    "commit", "rollback", "abort", "end", "begin", "start transaction", "commit and chain", "prepare transaction 'x'",
    f"prepare leak as {CALL}", "execute leak", "call leak()", "listen leak", "load 'leak'",
    "create temp table leak (id int)", "create function leak() returns int language sql as 'select 1'",
    "create view leak as select 1", "grant t_beta to t_alpha", "grant all on member to t_beta", "reassign owned by t_beta to t_alpha",
    "alter role t_alpha superuser", "copy (select 1) to program 'true'", "copy member from program 'true'",
    "copy member to '/tmp/leak'", "security label on role t_alpha is 'x'", "vacuum", "lock table member",
]  # fmt: skip
HIDDEN = [
    f"{start}{BECOME}{end}"
    for start, end in [
        (";", ""), (";;\n ;", ""), ("/* a */", ""), ("/* /* */ select */ ", ""), ("-- select\n", ""), ("-- x\r", "\nselect 1"),
        ("-- x\r\nselect 1;", ""), ("select 1;", ""), ("select 1; ", "; select * from t_beta.member"), ("\f\v\t", ""), ("(", ")"),
        ("savepoint a; ", ""), ("rollback to a; ", ""), ("with x as (select 1) ", ""), ("explain ", ""), ("explain analyze ", ""),
        ("copy member to stdout; ", ""), ("values (1); ", ""), ("select '", "'; set role t_beta"), ("\ufeff", ""), ("\u00a0", ""),
    ]
]  # fmt: skip
CALLS = [
    CALL, CALL.replace("set_config", "pg_catalog.set_config"), CALL.replace("set_config", 'U&"set\\005fconfig"'),
    f"select query_to_xml('{CALL.replace(chr(39), chr(39) * 2)}', true, true, '')",
    f"select query_to_xml('{BECOME}', true, true, '')", f"select * from ts_stat('{CALL.replace(chr(39), chr(39) * 2)}')",
    f"select ts_rewrite('a'::tsquery, '{BECOME}')", f"insert into member select {CALL[7:]}", f"update member set name = {CALL[7:]}",
    "update pg_settings set setting = 't_beta' where name = 'role'",
    "update pg_catalog.pg_settings set setting = 't_beta' where name = 'session_authorization'",
    f"with x as materialized ({CALL}) select * from x", f"table member order by ({CALL})", f"values (({CALL}))",
    f"merge into member using (values (({CALL}))) as x on false when matched then delete",
    f"select 1 where ({CALL}) is null", f"select count(*) filter (where ({CALL}) is null)", "select lo_import('/etc/passwd')",
    "select pg_read_file('/etc/passwd')", "select pg_terminate_backend(pid) from pg_stat_activity",
    "select dblink('', 'select 1')", "select pg_reload_conf()", "select * from pg_authid",
]  # fmt: skip


@pytest.mark.parametrize("attack", STATEMENTS + HIDDEN + CALLS)
def test_s04_an_attacker_with_a_cursor_stays_in_the_company(attack, flask_app, alpha, beta, cast, in_tenant):
    with pytest.raises((sa.exc.DBAPIError, psycopg.Error)), in_tenant(alpha):
        db.session.connection().connection.cursor().execute(attack)

    with in_tenant(beta):
        assert db.session.scalars(sa.text("select name from member")).all() == ["Rex"]
        assert db.session.scalar(sa.text("select current_user")) == "t_beta"
    with flask_app.app_context(), db.engines[None].connect() as connection:
        assert connection.scalar(sa.text("select current_user")) == "assay_login"


def test_s04_an_attack_that_is_swallowed_reads_nothing_of_the_other(alpha, cast, in_tenant):
    """As code might: the error is caught within a savepoint, and the transaction goes on."""
    for attack in STATEMENTS + HIDDEN + CALLS:
        with in_tenant(alpha):
            with suppress(psycopg.Error), db.session.begin_nested():
                cursor = db.session.connection().connection.cursor()
                cursor.execute(attack)
            assert db.session.scalar(sa.text("select current_user")) == "t_alpha", attack
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                cursor.execute("select * from t_beta.member")
            db.session.rollback()


@pytest.mark.parametrize("way", ["copy", "executemany", "stream", "pipeline", "named", "connection"])
def test_s04_no_other_way_to_execute_is_open(way, alpha, cast, in_tenant):
    with in_tenant(alpha):
        raw = db.session.connection().connection.driver_connection
        cursor = raw.cursor()
        ways = {
            "copy": lambda: cursor.copy(f"copy member to stdout; {BECOME}").__enter__(),
            "executemany": lambda: cursor.executemany(BECOME, [()]),
            "stream": lambda: list(cursor.stream(BECOME)),
            "pipeline": lambda: _in_pipeline(raw, BECOME),
            "named": lambda: _by_name(raw, BECOME),
            "connection": lambda: raw.execute(f"select 1; {BECOME}"),
        }
        with pytest.raises(psycopg.Error):
            ways[way]()
        db.session.rollback()


def _by_name(raw, statement):
    with raw.cursor("leak") as cursor:
        cursor.execute(statement)


def _in_pipeline(raw, statement):
    with raw.pipeline():
        raw.execute(statement)


def test_s04_others_statements_are_not_to_be_seen(alpha, beta, cast, in_tenant, flask_app):
    """pg_stat_activity tells a company nothing of what runs for another one, though the login role is the same."""
    with flask_app.app_context(), db.engines[None].connect() as other:
        other.execute(sa.text("select 'beta''s secret'"))
        with in_tenant(alpha):
            seen = db.session.scalars(sa.text("select query from pg_stat_activity where pid <> pg_backend_pid()")).all()
    assert not any("secret" in (text or "") for text in seen)


SPACE = st.text(st.sampled_from(" \t\n\r\f\v;("), max_size=4)
COMMENT = st.text(st.sampled_from("ax '*-/\\"), max_size=8).map(lambda t: f"/*{t}*/") | st.text(
    st.sampled_from("ax */-"), max_size=6
).map(lambda t: f"--{t}\n")


@given(before=st.lists(SPACE | COMMENT, max_size=5).map("".join), again=st.lists(COMMENT, max_size=2).map("".join))
def test_s04_whatever_stands_before_it_set_stays_set(settings, before, again):
    """What the guard lets pass, PostgreSQL must not read as SET: both are asked."""
    text = f"{before}set role t_beta {again}"
    if not _STATEMENT.match(text.encode()):
        return
    url = settings.database_url.get_secret_value().replace("+psycopg", "")
    with psycopg.connect(url) as owner, suppress(psycopg.errors.Error):
        owner.cursor(binary=True).execute(text)  # by the protocol that takes one statement
        assert owner.execute("select current_user").fetchone() != ("t_beta",), text
