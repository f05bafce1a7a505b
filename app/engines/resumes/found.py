"""Where each field stands in the original, and how sure the reading of it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.engines.resumes.abilities import language_items, language_places, languages_by_name
from app.engines.resumes.dates import ranges_in
from app.engines.resumes.layout import Line, usual_size
from app.engines.resumes.parts import degree_weight, employer_weight, school_weight, title_weight
from app.engines.resumes.places import is_city

# Steps that order fields for a person who checks them, by what the words say; no calibrated probability.
_SURE, _LIKELY, _UNSURE, _GUESS = 0.97, 0.9, 0.75, 0.6


@dataclass(frozen=True, slots=True)
class _Spot:
    begin: int
    end: int


class Original:
    """The lines as one text (as text_of gives it), searched without regard to case and white space."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.starts: list[int] = []
        position = 0
        for line in lines:
            self.starts.append(position)
            position += len(line.text) + 1
        self.text = "\n".join(line.text for line in lines)
        self._even, self._places = _evened(self.text)

    def find(self, value: str, *, after: int = 0) -> _Spot | None:
        """The first at or after a place, else the first of all."""
        wanted, _ = _evened(value)
        wanted = wanted.strip()
        starts = list(_occurrences(self._even, wanted)) if wanted else []
        if not starts:
            return None
        start = next((one for one in starts if self._places[one] >= after), starts[0])
        return _Spot(self._places[start], self._places[start + len(wanted) - 1] + 1)

    def find_digits(self, value: str) -> _Spot | None:
        digits = re.sub(r"\D", "", value)[-7:]
        match = re.search(r"[\s()./–-]*".join(digits), self.text) if digits else None
        return _Spot(match.start(), match.end()) if match else None

    def find_date(self, when: str, *, near: int) -> _Spot | None:
        """The span of time that begins or ends so, on the line nearest to a place."""
        spots = [
            _Spot(start + span.begin, start + span.end)
            for start, line in zip(self.starts, self.lines, strict=True)
            for span in ranges_in(line.text)
            if when in {span.first, span.last}
        ]
        return min(spots, key=lambda spot: abs(spot.begin - near), default=None)

    def told(self, path: str, spot: _Spot, confidence: float) -> dict[str, Any]:
        number = max(n for n, start in enumerate(self.starts) if start <= spot.begin)
        line = self.lines[number]
        box = _box(line, spot.begin - self.starts[number], spot.end - self.starts[number])
        return {"path": path, "page": line.page, "box": box, "span": [spot.begin, spot.end], "confidence": confidence}


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    place = text.find(wanted)
    while place >= 0:
        yield place
        place = text.find(wanted, place + 1)


def _evened(text: str) -> tuple[str, list[int]]:
    """Lower case, white space single; each character's place in the text."""
    even: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        low = letter.lower() if len(letter.lower()) == 1 else letter
        low = " " if low.isspace() else low
        if low != " " or (even and even[-1] != " "):
            even.append(low)
            places.append(place)
    return "".join(even), places


def _box(line: Line, begin: int, end: int) -> list[float]:
    """Of the letters between two places of the line, as if all letters of a cell were equally wide."""
    x0s, x1s, position = [], [], 0
    for cell in line.cells:
        first, last = max(begin - position, 0), min(end - position, len(cell.text))
        if first < last:
            step = (cell.x1 - cell.x0) / max(len(cell.text), 1)
            x0s.append(cell.x0 + first * step)
            x1s.append(cell.x0 + last * step)
        position += len(cell.text) + 1
    x0s, x1s = x0s or [line.x0], x1s or [line.cells[-1].x1]
    return [round(value, 1) for value in (min(x0s), line.y0, max(x1s), line.y1)]


def places_of(
    resume: dict[str, Any], lines: list[Line], *, guessed: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """One entry for each field that stands in the text; derived ones (years, normal forms) have none.

    What the model said (`guessed`) is told to be so, at the lowest step.
    """
    original = Original(lines)
    found = [*_basics(resume["basics"], original), *_work(resume["work"], original),
             *_studies(resume["education"], original), *_lists(resume, original)]  # fmt: skip
    return [one | {"confidence": _GUESS, "by": "model"} if one["path"] in guessed else one for one in found]


def _basics(basics: dict[str, Any], original: Original) -> Iterator[dict[str, Any]]:
    finds = {"phone": original.find_digits}
    for key in ("name", "email", "phone", "url", "label"):
        value = re.sub(r"^https?://", "", basics.get(key, ""))
        spot = finds.get(key, original.find)(value) if value else None
        if spot:
            yield original.told(f"basics.{key}", spot, _sureness(key, value, original))
    place = basics.get("location", {})
    spot = original.find(place["city"]) if "city" in place else None
    if spot:
        yield original.told("basics.location.city", spot, _LIKELY if is_city(place["city"]) else _UNSURE)
    for number, profile in enumerate(basics.get("profiles", [])):
        spot = original.find(re.sub(r"^https?://(?:www\.)?", "", profile["url"]))
        if spot:
            yield original.told(f"basics.profiles[{number}].url", spot, _SURE)


def _sureness(key: str, value: str, original: Original) -> float:
    if key != "name":
        return _SURE if key in {"email", "phone"} else _LIKELY
    largest = max((line for line in original.lines), key=lambda line: line.size)
    alone = largest.size > 1.3 * usual_size(original.lines) and value.partition(" ")[0].lower() in largest.text.lower()
    return _SURE if alone else _LIKELY


def _work(jobs: list[dict[str, Any]], original: Original) -> Iterator[dict[str, Any]]:
    after = 0
    for number, job in enumerate(jobs):
        spots = {key: original.find(job[key], after=after) for key in ("position", "name", "location") if key in job}
        heads = [spot.begin for key, spot in spots.items() if spot and key != "location"]
        here = max(heads, default=after)
        after = min((begin for begin in heads if begin >= after), default=after) + 1
        lean = title_weight(job.get("position", "")) - employer_weight(job.get("position", ""))
        firm = employer_weight(job.get("name", "")) - title_weight(job.get("name", ""))
        sure = {"position": _likely(lean, firm), "name": _likely(firm, lean), "location": _UNSURE}
        for key, spot in spots.items():
            if spot:
                yield original.told(f"work[{number}].{key}", spot, sure[key])
        yield from _dates(f"work[{number}]", job, original, here)


def _likely(own: int, other: int) -> float:
    """By what the words of the field say, then by what those of its neighbour say."""
    if own < 0:
        return _GUESS
    return _SURE if own and other >= 0 else _LIKELY if own or other > 0 else _UNSURE


def _dates(path: str, item: dict[str, Any], original: Original, near: int) -> Iterator[dict[str, Any]]:
    for key in ("startDate", "endDate"):
        spot = original.find_date(item[key], near=near) if key in item else None
        if spot:
            yield original.told(f"{path}.{key}", spot, _SURE if "startDate" in item else _LIKELY)


def _studies(studies: list[dict[str, Any]], original: Original) -> Iterator[dict[str, Any]]:
    after = 0
    for number, study in enumerate(studies):
        spots = {
            key: original.find(study[key], after=after) for key in ("institution", "studyType", "area") if key in study
        }
        begins = [spot.begin for spot in spots.values() if spot]
        after = min((begin for begin in begins if begin >= after), default=after) + 1
        school, degree = school_weight(study.get("institution", "")), degree_weight(study.get("studyType", ""))
        sure = {"institution": _likely(school, degree), "studyType": _likely(degree, school), "area": _UNSURE}
        for key, spot in spots.items():
            if spot:
                yield original.told(f"education[{number}].{key}", spot, sure[key])
        yield from _dates(f"education[{number}]", study, original, max(begins, default=after))


def _lists(resume: dict[str, Any], original: Original) -> Iterator[dict[str, Any]]:
    for kind, key, sure in (("skills", "name", _LIKELY), ("certificates", "name", _UNSURE)):
        for number, item in enumerate(resume[kind]):
            spot = original.find(item[key])
            if spot:
                yield original.told(f"{kind}[{number}].{key}", spot, sure)
    yield from _languages(resume["languages"], original)


def _languages(items: list[dict[str, str]], original: Original) -> Iterator[dict[str, Any]]:
    """On the first line that says the same of it, under any of its names."""
    spoken = {item["language"] for item in items}
    names = [name for name, language in languages_by_name()[0].items() if language in spoken]
    lines = [pair for pair in zip(original.lines, original.starts, strict=True) if _has_any(names, pair[0].text)]
    told = [(line, start, language_items([line])) for line, start in lines]
    for number, item in enumerate(items):
        line, start = next(((line, start) for line, start, found in told if item in found), (None, 0))
        places = language_places(line.text, item["language"]) if line else []
        for begin, end in places[:1]:
            yield original.told(f"languages[{number}].language", _Spot(start + begin, start + end), _LIKELY)


def _has_any(names: list[str], text: str) -> bool:
    low = text.lower()
    return any(name in low for name in names)
