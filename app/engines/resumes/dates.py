"""Dates and spans of time as resumes write them, in five languages."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from app.engines.resumes.lexicon import fold, lexicon

_DIGITS = {ord("०") + n: str(n) for n in range(10)}
_DASH = r"[-–—−‒~→]+>?|\.{2,3}|…"
_OLDEST = 1940


@dataclass(frozen=True, slots=True)
class Span:
    """`begin` and `end` are places in the text; a span that is still going on has `present` and no `last`."""

    first: str | None
    last: str | None
    present: bool
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Point:
    year: int | None
    month: int | None
    present: bool
    begin: int
    end: int
    vague: bool = False  # "03/17": a date only beside another

    def text(self) -> str:
        return f"{self.year:04d}-{self.month:02d}" if self.month else f"{self.year:04d}"


@cache
def _months() -> dict[str, int]:
    return {fold(name): int(number) for number, names in lexicon()["months"].items() for name in names}


def _any(words: list[str]) -> str:
    return "|".join(sorted((re.escape(fold(word)) for word in words), key=len, reverse=True))


@cache
def _point() -> re.Pattern[str]:
    year = r"(?:19|20)\d\d"
    month = r"0?[1-9]|1[0-2]"
    names = _any(list(_months()))
    return re.compile(
        rf"(?<![\w./-])(?:(?:3[01]|[12]\d|0?[1-9])\.?\s(?:de\s)?)?(?P<name>{names})(?![^\W_])\.?,?\s?(?:of\s|de\s|del\s)?[-/]?(?P<y1>{year})(?!\d)"
        rf"|(?<![\w./-])(?P<name2>{names})(?![^\W_])\.?\s?'(?P<y5>\d\d)(?!\d)"
        rf"|(?<![\w./-])(?P<name3>{names})-(?P<y7>\d\d)(?![\d./-])"
        rf"|(?<![\d./-])(?:3[01]|[12]\d|0?[1-9])[./-](?P<m2>{month})[./-](?P<y2>{year})(?!\d)"
        rf"|(?<![\d.])(?P<y3>{year})[-/.](?P<m3>1[0-2]|0[1-9])(?:[-/.](?:3[01]|[12]\d|0[1-9]))?(?![\d])"
        rf"|(?<![\d.])(?P<m4>{month})\s?[/.-]\s?(?P<y4>{year})(?!\d)"
        rf"|(?<![\d./-])(?P<m6>0[1-9]|1[0-2])/(?P<y6>\d\d)(?![\d./])"
        rf"|(?<![\d.,$€£₹])(?:(?:spring|summer|autumn|fall|winter|frühjahr|sommer|herbst|printemps|été|automne|hiver|primavera|verano|otoño|invierno)\s)?(?P<y>{year})(?![\d%]|[.,]\d)"
        rf"|(?<![^\W_])(?P<now>{_any(lexicon()['dates']['present'])})(?![^\W_])"
        rf"|(?<![^\W_])(?P<bare>{names})(?![^\W_])\.?"
    )  # fmt: skip


@cache
def _joint() -> re.Pattern[str]:
    return re.compile(
        rf"\s*(?:{_DASH}|(?<![^\W_])(?:{_any(lexicon()['dates']['to'])})(?![^\W_]))\s*(?:la\s|the\s|zum\s|den\s)?"
    )


@cache
def _since() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{_any(lexicon()['dates']['since'])})\s*$")


def ranges_in(text: str) -> list[Span]:
    """Every span and every single date, in the order they stand. Places are those of `text`."""
    return list(_ranges(text))


@lru_cache(maxsize=2_048)
def _ranges(text: str) -> tuple[Span, ...]:
    low = _level(text)
    points = [_read(match) for match in _point().finditer(low)]
    spans: list[Span] = []
    position = 0
    while position < len(points):
        one = points[position]
        two = points[position + 1] if position + 1 < len(points) else None
        span = _pair(low, one, two)
        if span is not None:
            spans.append(span)
            position += 2
            continue
        single = _short(low, one) or _single(low, one)
        spans += [single] if single else []
        position += 1
    return tuple(spans)


def _level(text: str) -> str:
    """Lower case and plain digits, each character still in its place."""
    out = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return out.translate(_DIGITS).replace("’", "'").replace("\t", " ").replace("\xa0", " ")


def _read(match: re.Match[str]) -> _Point:
    got = match.groupdict()
    if got["now"]:
        return _Point(None, None, True, match.start(), match.end())
    name = got["name"] or got["name2"] or got["name3"] or got["bare"]
    month = _months()[name] if name else int(got["m2"] or got["m3"] or got["m4"] or got["m6"] or 0) or None
    year = next((int(got[key]) for key in ("y1", "y2", "y3", "y4", "y") if got[key]), None)
    short = got["y5"] or got["y6"] or got["y7"]
    if short:
        year = 2000 + int(short) if int(short) < 60 else 1900 + int(short)  # noqa: PLR2004
    return _Point(year, month, False, match.start(), match.end(), vague=bool(got["y6"] or got["y7"]))


def _pair(low: str, one: _Point, two: _Point | None) -> Span | None:
    if two is None or one.present or not (two.present or two.year):
        return None
    between = low[one.end : two.begin]
    if (
        not _joint().fullmatch(between)
        and not (two.present and between.isspace())
        and not _two_years(one, two, between)
        and not (between.strip() == "/" and not one.month and not two.month)
    ):
        return None
    if one.year is None:
        one = _Point(two.year, one.month, False, one.begin, one.end)
    if one.year is None or (not two.present and two.text()[: len(one.text())] < one.text()[: len(two.text())]):
        return None
    return Span(one.text(), None if two.present else two.text(), two.present, one.begin, two.end)


def _two_years(one: _Point, two: _Point, between: str) -> bool:
    """Summers of "2013 and 2014"."""
    bare = one.year is not None and two.year is not None and not (one.month or two.month)
    return bare and between.strip() in {"and", "&", "und", "et", "y", "और"} and two.year == (one.year or 0) + 1


def _short(low: str, one: _Point) -> Span | None:
    """2019-21, 2019/20."""
    match = re.match(r"\s?[-–/]\s?(\d\d)(?![\d./-])", low[one.end :])
    if not match or one.year is None or one.month:
        return None
    year = one.year // 100 * 100 + int(match[1])
    if not one.year < year <= one.year + 50:
        return None
    return Span(one.text(), str(year), False, one.begin, one.end + match.end())


def _single(low: str, one: _Point) -> Span | None:
    if one.year is None or one.year < _OLDEST or (one.vague and not _since().search(low[: one.begin])):
        return None
    since = _since().search(low[: one.begin])
    open_end = re.match(rf"\s*(?:{_DASH}|से)\s*(?:…|\.\.\.|\?)?\s*(?:$|[),|;])", low[one.end :])
    if since and since[0].strip() not in {"de", "du", "von", "from"}:
        return Span(one.text(), None, True, since.start(), one.end)
    if open_end:
        return Span(one.text(), None, True, one.begin, one.end + open_end.end())
    return Span(None, one.text(), False, one.begin, one.end)


def months_worked(spans: list[tuple[str | None, str | None]], *, as_of: date) -> int:
    """Months of all spans together, those of overlaps once. No end means that it goes on; a bare year its middle."""
    taken: set[int] = set()
    for first, last in spans:
        if first:
            start, stop = _months_of(first, last, as_of)
            taken.update(range(start, stop))
    return len(taken)


def _months_of(first: str, last: str | None, as_of: date) -> tuple[int, int]:
    """Half open. "2015" to "2018" are three years, "2015-01" to "2015-12" twelve months."""
    now = as_of.year * 12 + as_of.month
    start = _number(first)
    if last is None:
        return start, now
    stop = _number(last) + (1 if len(last) > 4 else 0)  # noqa: PLR2004  "2018" has no month
    if len(first) == len(last) == 4 and first == last:  # noqa: PLR2004
        return start - 6, start
    return start, min(max(stop, start + 1), now)


def _number(when: str) -> int:
    year, _, month = when.partition("-")
    return int(year) * 12 + (int(month) - 1 if month else 6)


def is_month(text: str) -> bool:
    """A date as this product writes it: YYYY or YYYY-MM with a month that exists."""
    return bool(re.fullmatch(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?", text))
