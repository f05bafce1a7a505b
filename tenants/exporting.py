"""Everything a tenant has, row by row, read as its own role: so an export can hold nothing of anybody else."""

import base64
import json
import uuid
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tenants.db import db
from tenants.tables import TenantModel


def tables() -> list[str]:
    return [table.name for table in TenantModel.metadata.sorted_tables]


def rows(table: str) -> Iterator[str]:
    """The table's rows as JSON lines, in the order of their keys."""
    found = TenantModel.metadata.tables[table]
    query = sa.select(found).order_by(*found.primary_key.columns).execution_options(yield_per=500)
    for row in db.session.execute(query).mappings():
        yield json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
