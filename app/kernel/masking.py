"""What must not stand in a log, whoever puts it there: addresses, numbers, links that are keys, rows of a database.

Names and words of people are never logged in the first place: ids are. This is the net under it.
"""

import re
from typing import Any

_RULES = (
    # PostgreSQL quotes the row or the key that it refuses
    (re.compile(r"(DETAIL|CONTEXT):[^\n]*"), r"\1: [row]"),
    (re.compile(r"/(i|status|password)/[A-Za-z0-9_-]{16,}"), r"/\1/[token]"),
    (re.compile(r"(?<![\w-])[A-Za-z0-9_-]{43}(?![\w-])"), "[token]"),
    # from its beginning alone: what is tried anew at each letter takes seconds for a long word
    (re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    # seven digits and more with signs between them, or with a country's sign; days and times are none
    (re.compile(r"(?<![\w.:+-])(?!\d{4}-\d\d-\d\d)(?:\+|\(?0)[\d() ./-]{6,}\d(?!\w)"), "[phone]"),
)
OURS = frozenset({"timestamp", "level", "tenant", "request_id", "task"})


def masked(text: str) -> str:
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return text


def masked_all(value: Any) -> Any:
    """The same for whatever hangs below it."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {masked(str(key)): masked_all(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [masked_all(each) for each in value]
    return value if isinstance(value, int | float | None) else masked(str(value))
