"""A company that comes second in a process gets its tables by one script: the same as by the revisions."""

import pytest
import sqlalchemy as sa

from tenants import meaning, migrate, provisioning

SAME = {
    "columns": "select table_name, column_name, ordinal_position, column_default, is_nullable, udt_name,"
    " generation_expression from information_schema.columns where table_schema = :schema",
    "indexes": "select tablename, indexname, replace(indexdef, :schema, 'here') from pg_indexes"
    " where schemaname = :schema",
    "constraints": "select conname, contype::text, replace(pg_get_constraintdef(oid), :schema, 'here')"
    " from pg_constraint where connamespace = cast(:schema as regnamespace)",
    "kinds of tables": "select relname, relkind::text, relpersistence::text, replace(relacl::text, :schema, 'here')"
    " from pg_class where relnamespace = cast(:schema as regnamespace)",
}


@pytest.fixture
def schemas(flask_app):
    """The first by revisions, the second by what they said."""
    owner, names = flask_app.extensions["owners"].main, ["t_fill_one", "t_fill_two"]
    migrate._remembered.clear()
    with owner.begin() as connection:
        for name in names:
            provisioning.create_schema(connection, name)
    assert list(migrate._remembered) == [migrate.head("tenant")]
    yield names
    with owner.begin() as connection:
        for name in names:
            provisioning.drop_schema(connection, name)


def test_the_second_company_of_a_process_is_as_the_first(flask_app, schemas):
    with flask_app.extensions["owners"].main.connect() as connection:
        for what, query in SAME.items():
            one, two = (sorted(connection.execute(sa.text(query), {"schema": name}).all(), key=str) for name in schemas)
            assert len(one) > 30, what
            assert one == two, what
        for name in schemas:
            version = connection.scalar(sa.text(f"select version_num from {name}.alembic_version"))
            assert version == migrate.head("tenant")


def test_a_database_with_pgvector_finds_by_meaning_and_preparing_twice_changes_nothing(flask_app, settings):
    owner = flask_app.extensions["owners"].main
    settings_of = sa.text("select unnest(setconfig) from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where rolname = :r")  # fmt: skip
    provisioning.prepare(owner, login_password=settings.login_password())
    with owner.connect() as connection:
        told = [each for each in connection.scalars(settings_of, {"r": provisioning.LOGIN}) if "hnsw" in each]
        there = connection.scalar(sa.text("select to_regclass('t_alpha.ix_candidate_passage_meaning') is not null"))

    assert sorted(told) == [f"hnsw.ef_search={meaning.LOOKED_AT}", "hnsw.iterative_scan=relaxed_order"]
    assert there
