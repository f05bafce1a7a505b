"""The index that finds passages by meaning, in each company's schema: only where the database has pgvector.

The column is an array of plain numbers, so a schema is the same with and without the extension, and moves between
such databases; the index alone casts it. Whoever asks casts it the same way: `distance`.
"""

from contextlib import suppress
from typing import Any

import sqlalchemy as sa

WIDTH = 384
INDEX = "ix_candidate_passage_meaning"
LOOKED_AT = 400  # how many neighbours the index keeps in sight: 100 found 0.86 of the nearest among 200,000, this 0.97
_SETTINGS = sa.text(
    "select unnest(setconfig) from pg_db_role_setting s join pg_roles r on r.oid = s.setrole"
    " where r.rolname = :role and s.setdatabase = 0"
)
_THERE = sa.text("select to_regtype('public.halfvec') is not null")


def enable(connection: sa.Connection, login: str) -> None:
    """Once a database, by its owner. Where pgvector is missing, or the owner may not, words alone find people.

    Where the owner may not set what the login role begins with, the index looks at fewer neighbours.
    """
    _tried(connection, "create extension if not exists vector schema public")
    if not connection.scalar(_THERE):
        return
    known = connection.scalars(_SETTINGS, {"role": login}).all()
    for name, value in (("hnsw.ef_search", str(LOOKED_AT)), ("hnsw.iterative_scan", "relaxed_order")):
        if f"{name}={value}" not in known:  # roles belong to the whole cluster: two at once would end in an error
            # what uses it first loads it, so that its settings are known
            _tried(connection, "select '[1]'::public.vector", f"alter role {login} set {name} = '{value}'")


def _tried(connection: sa.Connection, *statements: str) -> None:
    with suppress(sa.exc.DBAPIError), connection.begin_nested():
        for statement in statements:
            connection.exec_driver_sql(statement)


def index(connection: sa.Connection, schema: str) -> None:
    """Safe to repeat; nothing where pgvector is missing."""
    if connection.scalar(_THERE):
        connection.exec_driver_sql(
            f"create index if not exists {INDEX} on {schema}.candidate_passage"
            f" using hnsw ((meaning::public.halfvec({WIDTH})) public.halfvec_cosine_ops) where number > 0"
        )


class _HalfVector(sa.types.UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"public.halfvec({WIDTH})"


def distance(one: Any, other: Any) -> sa.ColumnElement[float]:
    """From 0, the same, to 2; in the words of the index."""
    return sa.cast(one, _HalfVector()).op("operator(public.<=>)", return_type=sa.Float())(sa.cast(other, _HalfVector()))
