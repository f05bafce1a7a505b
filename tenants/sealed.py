"""Columns that stand sealed in the database, each under the key of the person whom its row is about.

A row says whose it is in one column (`persons`); what is assigned to a sealed one is sealed when it is flushed, and
opened when it is read, so nothing but the model knows of it. Statements that write past the mapper say whose words they
carry: `belonging(text, person)`.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import MappedColumn, Mapper, mapped_column
from sqlalchemy.types import TypeDecorator

from tenants.db import db
from tenants.tables import TenantModel

# What a migration could not seal, since it has no keys: opened as it is, until `seal_some` has come by.
CLEAR = b"\x00"
PERSON = {"person": True}
AT_ONCE = 200


class Sealer(Protocol):
    def seal(self, plain: bytes, *, about: str, person: uuid.UUID | None) -> bytes: ...

    def open(self, sealed: bytes, *, about: str) -> bytes | None:
        """None for what was sealed for somebody who was erased."""
        ...


class _Sealed(TypeDecorator[Any]):
    """`about` is bound to the seal, so words of one column are not another's. Empty is stored as empty."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about

    def process_bind_param(self, value: Any, _dialect: sa.Dialect) -> bytes | None:
        if not value:
            return None if value is None else b""
        if not hasattr(value, "person"):
            raise TypeError(f"whose words are these? ({self.about})")
        return _sealer().seal(self.to_bytes(value), about=self.about, person=value.person)

    def process_result_value(self, value: bytes | None, _dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        plain = value[1:] if value[:1] in {CLEAR, b""} else _sealer().open(value, about=self.about)
        return self.from_bytes(plain or b"")

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError


class Sealed(_Sealed):
    """Text. What was sealed for somebody who was erased reads as nothing."""

    cache_ok = True

    def to_bytes(self, value: str) -> bytes:
        return value.encode()

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode()


class SealedJson(_Sealed):
    """Lists and objects; `empty` is what reads as nothing."""

    cache_ok = True

    def __init__(self, about: str, empty: Callable[[], Any] = list) -> None:
        super().__init__(about)
        self.empty = empty

    def to_bytes(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def from_bytes(self, plain: bytes) -> Any:
        return json.loads(plain) if plain else self.empty()


def persons() -> MappedColumn[Any]:
    """The column that says whose row it is."""
    return mapped_column(index=True, info=PERSON)


class Words(str):
    __slots__ = ("person",)
    person: uuid.UUID | None


class _List(list[Any]):
    person: uuid.UUID | None


class _Object(dict[str, Any]):
    person: uuid.UUID | None


def belonging(value: Any, person: uuid.UUID | None) -> Any:
    """The same, and whose it is: the company's own for None."""
    kind = Words if isinstance(value, str) else _List if isinstance(value, list) else _Object
    named = kind(value)
    named.person = person
    return named


@event.listens_for(TenantModel, "before_insert", propagate=True)
@event.listens_for(TenantModel, "before_update", propagate=True)
def _say_whose(mapper: Mapper[Any], _connection: sa.Connection, target: Any) -> None:
    written = sa.inspect(target).committed_state
    for table in mapper.tables:
        for column in sealed_columns(table):
            value = target.__dict__.get(column.key)
            if value and column.key in written and not hasattr(value, "person"):
                setattr(target, column.key, belonging(value, getattr(target, person_column(table).key)))


def sealed_columns(table: Any) -> list[sa.Column[Any]]:
    if "sealed" not in table.info:
        table.info["sealed"] = [column for column in table.columns if isinstance(column.type, _Sealed)]
    found: list[sa.Column[Any]] = table.info["sealed"]
    return found


def person_column(table: Any) -> sa.Column[Any]:
    """Raises StopIteration for a table that is nobody's."""
    return next(column for column in table.columns if column.info.get("person"))


def tables_of_persons() -> list[sa.Table]:
    """Every table that holds something of a person, those that others point at first."""
    tables = TenantModel.metadata.sorted_tables
    return [table for table in tables if any(column.info.get("person") for column in table.columns)]


def seal_some(table: sa.Table, after: Any = None, *, whose: uuid.UUID | None = None) -> tuple[int, Any]:
    """Seal what a migration left clear in some rows after a key, of anybody or of one person.

    Gives how many there were, and the last one's key.
    """
    raw = {column: sa.type_coerce(column, sa.LargeBinary) for column in sealed_columns(table)}
    keys, person = list(table.primary_key), person_column(table)
    query = sa.select(*keys, person.label("whose"), *[r.label(f"raw_{c.name}") for c, r in raw.items()])
    query = query.where(sa.or_(*[sa.func.substring(r, 1, 1) == CLEAR for r in raw.values()]))
    if whose is not None:
        query = query.where(person == whose)
    if after is not None:
        query = query.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, after)))
    rows = db.session.execute(query.order_by(*keys).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    for row in rows:
        values = {c: belonging(text, row.whose) for c, text in _clear_ones(raw, row)}
        this = [key == row._mapping[key] for key in keys]  # noqa: SLF001 -- SQLAlchemy's name for it
        db.session.execute(sa.update(table).where(*this).values(values))
    return len(rows), tuple(rows[-1][: len(keys)]) if rows else None


def _clear_ones(raw: dict[sa.Column[Any], Any], row: sa.Row[Any]) -> Iterator[tuple[sa.Column[Any], Any]]:
    for column in raw:
        value = getattr(row, f"raw_{column.name}")
        if value is not None and value[:1] == CLEAR:
            yield column, column.type.from_bytes(value[1:])  # type: ignore[attr-defined]


def _sealer() -> Sealer:
    found: Sealer = current_app.extensions["sealer"]
    return found
