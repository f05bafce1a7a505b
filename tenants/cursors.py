"""The cursor of web and workers: one statement at a time, and none that could make it another company's.

The switch to a company's role is made by SQL, so SQL could make another one: `set_config` is refused by PostgreSQL
(provisioning takes it away), whole statements like SET ROLE are refused here. Both hold against whoever gets a text of
theirs executed; neither against whoever can run Python.
"""

import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors

if TYPE_CHECKING:
    from psycopg._queries import PostgresQuery

# What may stand first, as PostgreSQL reads it: comments end at either newline, and one that holds another one
# (they nest) is more than any statement of ours has.
_BLANK = rb"(?:[\s;(]|--[^\r\n]*[\r\n]|/\*(?:(?!/\*|\*/).)*\*/)*+"
_OURS = rb"(?:select|insert|update|delete|merge|with|values|table|copy|show|savepoint|release|rollback\s+to)\b"
_STATEMENT = re.compile(_BLANK + _OURS, re.IGNORECASE | re.DOTALL)


class TenantCursor(psycopg.Cursor[Any]):
    """Refuses what reads or writes no rows, and sends the rest by the protocol that knows no second statement."""

    def _execute_send(
        self, query: "PostgresQuery", *, force_extended: bool = False, binary: bool | None = None
    ) -> None:
        del force_extended
        if not _STATEMENT.match(query.query):
            raise errors.InsufficientPrivilege("permission denied: this is no statement that a company's work needs")
        super()._execute_send(query, force_extended=True, binary=binary)
