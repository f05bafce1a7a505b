"""The only clock. Tests and the seeding set it; nothing else reads the machine's time."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

_ahead = timedelta(0)
_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    return _set_to.get() or machine() - _ahead


def machine() -> datetime:
    """What this machine says, right or wrong."""
    return datetime.now(UTC)


def correct(ahead: timedelta) -> None:
    """This machine is so far ahead of the clock that all go by (app/adapters/timekeeping.py)."""
    global _ahead  # noqa: PLW0603 -- there is one clock in a process
    _ahead = ahead


def today() -> date:
    return now().date()


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Within the block, and in this context alone, it is `moment`."""
    token = _set_to.set(moment)
    try:
        yield
    finally:
        _set_to.reset(token)
