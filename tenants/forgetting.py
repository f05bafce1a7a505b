"""Everything that a tenant's tables have of one person, by whose each row says it is; and what names those rows."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from tenants.db import changed, db
from tenants.sealed import person_column, tables_of_persons
from tenants.tables import TenantModel

# A JSON object whose values are ids of rows: the row that has it is nothing without them.
IDS = {"ids": True}


def held(person: uuid.UUID) -> dict[str, int]:
    """How many rows of them there are, by table; tables without any are named, too."""
    counts = sa.func.count()
    return {
        table.name: db.session.scalar(sa.select(counts).select_from(table).where(person_column(table) == person)) or 0
        for table in tables_of_persons()
    }


def ids_of(person: uuid.UUID) -> list[uuid.UUID]:
    """The person's, and those of all that is theirs."""
    found = {person}
    for table in tables_of_persons():
        keys = [key for key in table.primary_key if isinstance(key.type, sa.Uuid)]
        for row in db.session.execute(sa.select(*keys).where(person_column(table) == person)):
            found.update(row)
    return sorted(found)


def forget(person: uuid.UUID) -> dict[str, int]:
    """Delete all rows of theirs, those first that point at others."""
    return {
        table.name: changed(sa.delete(table).where(person_column(table) == person))
        for table in reversed(tables_of_persons())
    }


def forget_mentions(ids: Collection[uuid.UUID]) -> dict[str, int]:
    """Delete rows that are about those ids and have no words: facts, tasks."""
    wanted = sa.cast([str(each) for each in ids], ARRAY(sa.Text))
    return {
        column.table.name: changed(sa.delete(column.table).where(_names_one_of(column, wanted)))
        for column in _columns_of_ids()
    }


def present(persons: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Who of them has rows here."""
    wanted = list(persons)
    found: set[uuid.UUID] = set()
    for table in tables_of_persons():
        whose = person_column(table)
        found.update(db.session.scalars(sa.select(whose).distinct().where(whose.in_(wanted))))
    return found


def _columns_of_ids() -> list[sa.Column[Any]]:
    tables = TenantModel.metadata.sorted_tables
    return [column for table in tables for column in table.columns if column.info.get("ids")]


def _names_one_of(column: sa.Column[Any], wanted: Any) -> sa.ColumnElement[bool]:
    each = sa.func.jsonb_each_text(column).table_valued("key", "value")
    return sa.exists(sa.select(1).select_from(each).where(each.c.value == sa.any_(wanted)))
