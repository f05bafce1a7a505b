"""A company's schema stays one that Citus can place on any node (schema-based sharding): the three conditions, and
what else would tie it to its neighbours or to this database."""

import ast
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from tenants.tables import TenantModel

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "tenant" / "versions"
NOT_PLAIN = re.compile(
    r"\b(do\s+(\$|language)|create\s+(or\s+replace\s+)?(constraint\s+)?"
    r"(trigger|type|domain|function|procedure|rule|extension|event|materialized|view|policy|aggregate|cast|operator)\b"
    r"|partition\s+(of|by)|inherits\s*\(|references\s+\w+\.)",
    re.IGNORECASE,
)
NONE_OF = {
    "triggers": "select t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
    " where c.relnamespace = 't_alpha'::regnamespace and not t.tgisinternal",
    "types": "select typname from pg_type t left join pg_class c on c.oid = t.typrelid"
    " where t.typnamespace = 't_alpha'::regnamespace and t.typelem = 0 and coalesce(c.relkind, 'c') = 'c'",
    "functions": "select proname from pg_proc where pronamespace = 't_alpha'::regnamespace",
    "relations of other kinds": "select relname from pg_class where relnamespace = 't_alpha'::regnamespace"
    " and relkind not in ('r', 'i', 'S')",
    "temporary tables": "select relname from pg_class where relnamespace = 't_alpha'::regnamespace"
    " and relpersistence = 't'",
    "unlogged table but the copies for search": "select relname from pg_class where relpersistence = 'u'"
    " and relnamespace = 't_alpha'::regnamespace and relkind = 'r' and relname not in ('candidate_clear', 'candidate_passage')",
    "inheritance": "select inhrelid::regclass from pg_inherits i join pg_class c on c.oid = i.inhrelid"
    " where c.relnamespace = 't_alpha'::regnamespace",
    "foreign keys to elsewhere": "select k.conname from pg_constraint k join pg_class c on c.oid = k.conrelid"
    " join pg_class to_ on to_.oid = k.confrelid where k.contype = 'f'"
    " and (c.relnamespace = 't_alpha'::regnamespace) <> (to_.relnamespace = 't_alpha'::regnamespace)",
    "exclusion constraints": "select conname from pg_constraint where connamespace = 't_alpha'::regnamespace"
    " and contype = 'x'",
    "columns of types of elsewhere": "select c.relname || '.' || a.attname from pg_attribute a"
    " join pg_class c on c.oid = a.attrelid and c.relkind = 'r' join pg_type t on t.oid = a.atttypid"
    " join pg_namespace n on n.oid = t.typnamespace where c.relnamespace = 't_alpha'::regnamespace and a.attnum > 0"
    " and not a.attisdropped and n.nspname <> 'pg_catalog' and t.typname <> 'vector'",
    "rules and policies": "select tablename from pg_rules where schemaname = 't_alpha'"
    " union all select tablename from pg_policies where schemaname = 't_alpha'",
    "tables without a primary key": "select relname from pg_class c where relnamespace = 't_alpha'::regnamespace"
    " and relkind = 'r' and not exists (select 1 from pg_constraint where conrelid = c.oid and contype = 'p')",
}


@pytest.mark.parametrize("what", NONE_OF)
def test_a_companys_schema_has_no(what, flask_app):
    with flask_app.extensions["owners"].main.connect() as owner:
        assert owner.scalars(sa.text(NONE_OF[what])).all() == []


def test_a_companys_role_may_log_in_and_has_no_password(flask_app):
    """Citus opens its connections to other nodes as the role of the moment; NOLOGIN fails each statement. Nobody else
    gets in: scram refuses a role without a password."""
    query = "select rolcanlogin, rolpassword, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_authid"
    with flask_app.extensions["owners"].main.connect() as owner:
        found = owner.execute(sa.text(f"{query} where rolname like 't\\_%'")).all()

    assert len(found) >= 2
    assert set(found) == {(True, None, False, False, False, False)}


def test_migrations_are_plain_statements():
    """A table made within a DO block stays on one node, silently."""
    found = [
        f"{file.name}: {node.value.strip()[:60]}"
        for file in MIGRATIONS.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NOT_PLAIN.search(node.value)
    ]

    assert found == []


@pytest.mark.parametrize(
    "statement",
    ["do $$ begin create table x (id int); end $$", "create trigger x before", "create type x as enum ('a')",
     "create table x (y uuid references shared.tenant)", "CREATE OR REPLACE FUNCTION x()"],
)  # fmt: skip
def test_what_is_not_plain_is_seen(statement):
    assert NOT_PLAIN.search(statement)


def test_models_name_no_other_schema_and_no_type_of_their_own():
    columns = [column for table in TenantModel.metadata.sorted_tables for column in table.columns]

    assert {table.schema for table in TenantModel.metadata.sorted_tables} == {None}
    assert [str(c) for c in columns if isinstance(c.type, sa.Enum) and c.type.native_enum] == []
    assert [
        str(key.target_fullname) for c in columns for key in c.foreign_keys if key.target_fullname.count(".") > 1
    ] == []
