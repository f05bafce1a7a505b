"""Which words name a place: countries in five languages, larger cities, regions."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from app.engines.resumes.lexicon import fold

_LOCALES = ("en", "de", "fr", "es", "hi")
_POSTCODE = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}|[A-Z]\d\d [A-Z\d]{4}|[A-Z]{1,2}\d{1,2}[A-Z]?$|"
    r"(?:[A-Z]{1,2}-)?\d{4,6}(?:-\d{4})?|[A-Z]\d[A-Z] \d[A-Z]\d)\b"
)
_STREET = re.compile(
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|court|terrace|boulevard|blvd|way|rue|chemin|allée|impasse|"
    r"calle|c/|avda|avenida|plaza|paseo|nagar|colony|marg|sector|flat|house|apt|apartment|suite|no|nr|मार्ग|नगर|कॉलोनी|मकान|वार्ड)\b|"
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm)(?:\s|$)",
    re.IGNORECASE,
)  # fmt: skip


@cache
def _places() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("places.toml").read_text("utf-8"))


@cache
def countries() -> dict[str, str]:
    """Folded name → ISO 3166 code."""
    from babel import Locale

    names = {
        "uk": "GB",
        "u.k.": "GB",
        "england": "GB",
        "scotland": "GB",
        "wales": "GB",
        "northern ireland": "GB",
    }
    names |= {"usa": "US", "u.s.a.": "US", "uae": "AE", "भारत": "IN", "deutschland": "DE"}
    for language in _LOCALES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():  # noqa: PLR2004  not continents
                names.setdefault(fold(name), code)
    return names


@cache
def _known() -> frozenset[str]:
    found = _places()
    return frozenset(map(fold, [*found["cities"].split(), *found["phrases"], *found["regions"], *countries()]))


@cache
def _cities() -> frozenset[str]:
    found = _places()
    return frozenset(map(fold, [*found["cities"].split(), *found["phrases"]])) - frozenset(map(fold, found["regions"]))


@cache
def _codes() -> frozenset[str]:
    return frozenset(_places()["state_codes"].split())


def is_place(text: str) -> bool:
    text = re.sub(r"(?<=\w)\s*\([^()]*\)$", "", text.strip(" .,;"))
    text = re.sub(r"(?<=[a-z])\s\(?\d{1,2}$", "", text.strip(" .,;()"))
    bare = _POSTCODE.sub("", text).strip(" ,-")
    return fold(bare) in _known() or bare in _codes() or (not bare and bool(_POSTCODE.fullmatch(text)))


def is_city(text: str) -> bool:
    bare = fold(_POSTCODE.sub("", text).strip(" ,-()"))
    return bare in _known() and bare not in countries()


def is_location(text: str) -> bool:
    """Such as "Leeds, UK", "10115 Berlin", "Rua X 5, 1000 Lisboa": ends in a place; the rest could be an address."""
    parts = [part.strip() for part in re.split(r"[,|/·•\t]|\s[–-]\s", text) if part.strip()]
    if not parts or len(text) > 110:  # noqa: PLR2004  letters
        return False
    known = [is_place(part) for part in parts]
    if known.count(False) > 1 and not any(_address(part) for part in parts):
        return False
    if all(known):
        return True
    if len(parts) > 1 and known[-1] and not known[0]:
        return all(_short_name(part) or _address(part) for part in parts[:-1])
    if len(parts) > 1 and any(known):
        return all(good or _short_name(part) or _address(part) for part, good in zip(parts, known, strict=True))
    return bool(_POSTCODE.search(text)) and (_address(text) or len(parts) <= 4) and _titled(parts[-1])  # noqa: PLR2004


def _short_name(part: str) -> bool:
    return len(part.split()) <= 3 and _titled(part) and not re.search(r"\d", part)  # noqa: PLR2004  words


def _titled(part: str) -> bool:
    letters = [word for word in part.split() if word[:1].isalpha()]
    return bool(letters) and (letters[-1][0].isupper() or not letters[-1][0].islower())


def _address(part: str) -> bool:
    numbered = re.match(r"^\d+\s?\w?\b(?:$|\s\D+$)|^\D+\s\d+\s?[a-z]?$", part) and len(part.split()) <= 6  # noqa: PLR2004
    return bool(_STREET.search(part) or _POSTCODE.search(part) or numbered)


def location_of(text: str) -> dict[str, str]:
    """JSON Resume's location; the address is kept as it was written."""
    text = " ".join(text.replace("\t", ", ").split()).strip(" ,|;")
    parts = [part.strip() for part in re.split(r",|\||·|\s[–-]\s", text) if part.strip()]
    location: dict[str, str] = {"address": text}
    code = next((countries()[fold(part)] for part in reversed(parts) if fold(part) in countries()), None)
    match = _POSTCODE.search(text)
    if match:
        location["postalCode"] = match[0]
    city = _city(parts)
    if city:
        location["city"] = city
    if code:
        location["countryCode"] = code
    return location


def _city(parts: list[str]) -> str | None:
    bare = [
        re.sub(
            rf"(?<=[a-z])\s\(?\d{{1,2}}\)?$|\s(?:{'|'.join(_codes())})$",
            "",
            re.sub(r"(?<=\w)\s*\([^()]*\)$", "", _POSTCODE.sub("", part).strip(" -")),
        )
        for part in parts
    ]
    coded = [
        part
        for part, whole in zip(bare, parts, strict=True)
        if part and part != whole and part not in _codes() and _POSTCODE.search(whole)
    ]
    known = next((part for part in bare if fold(part) in _cities()), None) or next(
        (p for p in coded if not re.search(r"\d|box", p, re.IGNORECASE)), None
    )
    if known and not _STREET.search(known):
        return known
    named = [part for part in bare if part and not _STREET.search(part) and not re.search(r"\d", part)]
    inner = [part for part in named if fold(part) not in countries() and part not in _codes()]
    regions = frozenset(map(fold, _places()["regions"]))
    return next((part for part in inner if fold(part) not in regions), None)
