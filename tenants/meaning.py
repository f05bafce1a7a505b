"""The index that finds passages by meaning, in each company's schema: only where the database has pgvector.

The column is an array of plain numbers, so a schema is the same with and without the extension, and moves between
such databases; the index alone casts it. Whoever asks casts it the same way: `distance`.
"""

from typing import Any

import sqlalchemy as sa

WIDTH = 384
INDEX = "ix_candidate_passage_meaning"
LOOKED_AT = 100  # how many neighbours the index keeps in sight
_THERE = sa.text("select to_regtype('public.halfvec') is not null")


def enable(connection: sa.Connection, login: str) -> bool:
    """Once a database, by its owner. False where pgvector is missing, or the owner may not: then words alone find."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("create extension if not exists vector schema public")
            if not connection.scalar(_THERE):
                return False
            connection.exec_driver_sql("select '[1]'::public.vector")  # loads it: now its settings are known
            connection.exec_driver_sql(f"alter role {login} set hnsw.ef_search = {LOOKED_AT}")
            connection.exec_driver_sql(f"alter role {login} set hnsw.iterative_scan = 'relaxed_order'")
    except sa.exc.DBAPIError:
        return False
    return True


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
