"""Tables to be saved and opened as sheets: CSV in which no cell is a formula.

A program for sheets runs a cell that begins with = + - or @, and some look for the beginning behind blanks, or behind a
semicolon, a tab or a line's end, where their country separates cells by those. An apostrophe before it makes it words
(OWASP, CSV injection). Nothing else is changed: `as_written` takes the apostrophes away and gives the same words.
"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime

from flask import Response
from flask_babel import get_timezone

from app.kernel.errors import Conflict
from app.kernel.sentences import sentence
from app.web.headers import INERT

Rows = list[list[str]]
MOST_ROWS = 10_000
AT_ONCE = 500
MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
_BLANK = r"[\s'\"\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
_FORMULA = rf"{_BLANK}*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
_BEGINS = re.compile(rf"(?:(?<=[;\t\r\n])|^)(?={_FORMULA})|^(?='*[\x00\t\r\n])")
_MADE_INERT = re.compile(rf"(?:(?<=[;\t\r\n])|^)'(?={_FORMULA})|^'(?='*[\x00\t\r\n])")


def inert(cell: str) -> str:
    return _BEGINS.sub("'", cell)


def as_written(cell: str) -> str:
    """What `inert` got."""
    return _MADE_INERT.sub("", cell)


def fitting(rows: Rows) -> Rows:
    """All of them, or Conflict: a sheet that lacks some without saying so would be taken for the whole."""
    if len(rows) > MOST_ROWS:
        raise Conflict(sentence("These are more than 10,000 people. Choose fewer by a filter, then download them."))
    return rows


def sheet(head: list[str], rows: Rows, *, name: str) -> Response:
    """Written while it is sent, when the transaction is over: the rows have to be there by now."""
    named = f'attachment; filename="{name}.csv"'
    return Response(
        _written([head, *rows]), mimetype="text/csv", headers={**INERT, "Content-Disposition": named}
    )  # fmt: skip


def day(moment: datetime) -> str:
    """Where the company is; as programs for sheets read it everywhere."""
    return moment.astimezone(get_timezone()).date().isoformat()


def _written(rows: Rows) -> Iterator[bytes]:
    yield MARK.encode()
    for start in range(0, len(rows), AT_ONCE):
        piece = io.StringIO(newline="")
        writer = csv.writer(piece, quoting=csv.QUOTE_ALL)
        writer.writerows([inert(cell) for cell in row] for row in rows[start : start + AT_ONCE])
        yield piece.getvalue().encode()
