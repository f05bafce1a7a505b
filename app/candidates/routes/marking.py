"""Where each field stands in the original: boxes over the pages' pictures, and pieces of the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.candidates.models import Resume, ResumePage

NOTHING = (0, 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Of one field, by its number on the page; `box` in points from the page's top left corner."""

    number: int
    path: str
    page: int
    box: list[float]
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line that stand for these fields; `begins` names the one that is found here and in no picture.

    `quoted` are words that another page leads to; `opens` is where they begin.
    """

    text: str
    at: tuple[int, ...]
    begins: int | None = None
    quoted: bool = False
    opens: bool = False


def places_of(document: Mapping[str, Any] | None) -> list[Place]:
    """What the reading found; of resumes that an older one read there may be nothing."""
    found = (document or {}).get("meta", {}).get("found", [])
    return [
        Place(number, one["path"], one["page"], one["box"], (one["span"][0], one["span"][1]))
        for number, one in enumerate(found, start=1)
    ]


def marks_of(document: Mapping[str, Any] | None) -> dict[str, int]:
    return {place.path: place.number for place in places_of(document)}


def lines_of(
    text: str, places: Sequence[Place], drawn: set[int], quoted: tuple[int, int] = NOTHING
) -> list[list[Piece]]:
    """The text by lines, cut where a field or a quote begins or ends. `drawn` are the pages that have a picture."""
    lines, start = [], 0
    for line in text.split("\n"):
        lines.append(list(_pieces(line, start, places, drawn, quoted)) if line.strip() else [])
        start += len(line) + 1
    return lines


def _pieces(line: str, start: int, places: Sequence[Place], drawn: set[int], quoted: tuple[int, int]) -> list[Piece]:
    end = start + len(line)
    here = [place for place in places if place.span[0] < end and place.span[1] > start]
    cuts = sorted(
        {start, end, *(cut for span in (quoted, *(place.span for place in here)) for cut in span if start < cut < end)}
    )
    return [
        Piece(
            line[first - start : last - start],
            tuple(place.number for place in here if place.span[0] <= first and place.span[1] >= last),
            next((one.number for one in here if one.page not in drawn and one.span[0] == first), None),
            quoted=quoted[0] <= first and last <= quoted[1],
            opens=quoted[0] == first < quoted[1],
        )
        for first, last in pairwise(cuts)
    ]


def marked(resume: Resume, pages: Sequence[ResumePage], quoted: tuple[int, int] = NOTHING) -> dict[str, Any]:
    """What the page of a resume shows of it; `quoted` is a span of its text that another page leads to."""
    places, drawn = places_of(resume.document), {page.number for page in pages if page.image_key}
    return {
        "places": places, "marks": marks_of(resume.document), "original": "",
        "lines": lines_of(resume.text or "", places, drawn, quoted),
    }  # fmt: skip
