"""Which line opens which section."""

import re
from functools import cache, lru_cache

from app.engines.resumes.dates import ranges_in
from app.engines.resumes.lexicon import fold, lexicon, plain

_AND = re.compile(r"\s*(?:&|\+|/|,|\band\b|\bund\b|\bet\b|\by\b|\be\b|एवं|और|व)\s+")
_LONGEST = 48
_SHORT = 24


@cache
def _sections() -> dict[str, str]:
    return {fold(heading): section for section, listed in lexicon()["headings"].items() for heading in listed}


@lru_cache(maxsize=2_048)
def heading_of(text: str) -> str | None:
    """The section that this text is the heading of: alone, or the first of two joined ("Skills & Tools")."""
    if len(text) > _LONGEST or "\t" in text:
        return None
    folded = fold(plain(text))
    folded = re.sub(r"^(?:\d{1,2}|[ivx]{1,4})[.)]\s+", "", folded)
    known = _sections()
    if folded in known:
        return known[folded]
    parts = [part for part in _AND.split(folded) if part]
    found = [known.get(part) for part in parts]
    if len(parts) > 1 and found[0] and (all(found) or len(parts) == 2):  # noqa: PLR2004  two joined
        return found[0]
    first, _, rest = folded.partition(" (")
    return known.get(first) if rest.endswith(")") or re.fullmatch(r"\w+\)", rest) else None


@lru_cache(maxsize=2_048)
def guessed(text: str) -> str | None:
    """What a heading that is in no list is about, by parts of its words."""
    folded = fold(plain(text))
    return next((section for section, stems in _stems().items() if stems.search(folded)), None)


@cache
def _stems() -> dict[str, re.Pattern[str]]:
    """Beginnings or ends of words."""
    found = {}
    for section, stems in lexicon()["stems"].items():
        any_of = "|".join(re.escape(fold(stem)) for stem in stems)
        found[section] = re.compile(rf"(?<![^\W_])(?:{any_of})|(?:{any_of})(?![^\W_])")
    return found


def looks_like_dates(text: str) -> bool:
    found = ranges_in(text)
    if not found:
        return False
    rest = text
    for one in reversed(found):
        rest = rest[: one.begin] + rest[one.end :]
    return len(plain(rest)) <= _SHORT // 2
