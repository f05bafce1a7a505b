"""How moments, lengths, numbers and names are written, in the reader's language and zone."""

import unicodedata
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from babel import dates, numbers
from babel.core import Locale
from flask import Flask
from flask_babel import get_locale, get_timezone, gettext

from app.kernel import clock
from app.web import languages

_HOUR = 60


def _locale() -> Locale:
    return languages.formats(str(get_locale() or "en"))


def _year(moment: date) -> str:
    return " y" if moment.year != clock.now().astimezone(get_timezone()).year else ""


def day(moment: date, *, kept: bool = False) -> str:
    """Sunday 23 November; with its year when that is not this one, and on what is kept for years."""
    local = moment.astimezone(get_timezone()).date() if isinstance(moment, datetime) else moment
    return dates.format_date(local, f"EEEE d MMMM{' y' if kept else _year(local)}", locale=_locale())


def clock_time(moment: datetime) -> str:
    """11:59 pm"""
    return dates.format_time(moment, "h:mm a", tzinfo=get_timezone(), locale=_locale())


def when(moment: datetime, *, kept: bool = False) -> str:
    """Sunday 23 November, 11:59 pm"""
    return f"{day(moment, kept=kept)}, {clock_time(moment)}"


def zone_name() -> str:
    """The reader's zone by its place: India Time; its own name where it has no place."""
    zone = get_timezone()
    name = str(zone)
    return dates.get_timezone_name(zone, width="long", locale=_locale()) if "/" in name else name


def ago(moment: datetime) -> str:
    """3 hours ago, in 2 days"""
    return dates.format_timedelta(moment - clock.now(), add_direction=True, locale=_locale())


def number(value: float, places: int | None = None) -> str:
    pattern = None if places is None else "#,##,##0" + ("." + "0" * places if places else "")
    return numbers.format_decimal(value, format=pattern, locale=_locale())


def minutes(length: float | timedelta) -> str:
    """24 min, 1 h 5 min, 2 h; less than a minute says so."""
    total = round(length.total_seconds() / 60) if isinstance(length, timedelta) else round(length)
    hours, rest = divmod(total, _HOUR)
    if not total:
        return str(gettext("less than a minute"))
    if not hours:
        return str(gettext("%(count)s min", count=rest))
    if not rest:
        return str(gettext("%(count)s h", count=hours))
    return str(gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=rest))


def language_name(code: str | None) -> str:
    """English, Hindi: in the reader's own words; nothing for a code that names no language."""
    return str(_locale().languages.get((code or "").partition("-")[0], "")) if code != "und" else ""


def _first_letter(word: str) -> str:
    marks = takewhile(lambda mark: unicodedata.category(mark).startswith("M"), word[1:])
    return word[0].upper() + "".join(marks)


def initials(name: str) -> str:
    """AK of Asha Kulkarni; a vowel sign stays with its letter."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(_first_letter(word) for word in chosen) or "?"


def install(flask_app: Flask) -> None:
    filters: dict[str, Any] = {
        "when": when,
        "day": day,
        "clock_time": clock_time,
        "ago": ago,
        "number": number,
        "minutes": minutes,
        "initials": initials,
        "language_name": language_name,
    }
    flask_app.jinja_env.filters.update(filters)
    flask_app.jinja_env.globals["zone_name"] = zone_name
