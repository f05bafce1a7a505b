"""What a resume says to each requirement of a job: no number for a person, and nothing of who they are."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Protocol

What = Literal["skill", "title", "work", "study", "certificate", "language", "dates"]
Strength = Literal["must", "nice", "years"]
Verdict = Literal["met", "partly", "unseen"]
How = Literal["same", "synonym", "words", "meaning", "dates"]

# What can tell who somebody is, or where they live: a passage that has it is not looked at.
_PRIVATE: Final = re.compile(
    r"@|https?:|www\.|\d{5,}|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{3} \d{2,3}\b"
    r"|\b(?:born|birth|aged?|years old|married|divorced|widowed|single parent|maternity|paternity|geboren|née?"
    r"|nacid[oa])\b|जन्म",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of the resume about work, study or ability; `begin` and `end` are places in its text.

    `before` and `after` are the rest of their line, which says "no experience of" and "expired".
    """

    what: What
    text: str
    begin: int
    end: int
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """All that a match knows of somebody: there is no field for a name, an address, a photo, or a day of birth."""

    claims: tuple[Claim, ...]
    years: float | None


@dataclass(frozen=True, slots=True)
class Requirements:
    must_have: tuple[str, ...]
    nice_to_have: tuple[str, ...]
    years_min: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The resume's own words, between two places of its text, and how they meet the requirement."""

    quote: str
    begin: int
    end: int
    how: How


@dataclass(frozen=True, slots=True)
class Finding:
    """`unseen` means that the resume does not say it, never that the person cannot do it."""

    requirement: str
    strength: Strength
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()


class Matcher(Protocol):
    engine: str

    def match(self, requirements: Requirements, track: Track) -> tuple[Finding, ...]:
        """One finding a requirement, in the job's order."""
        ...


def track_of(document: dict[str, Any], text: str) -> Track:
    """Out of JSON Resume and the text that it was read from: what stands in the text, and says nothing of who it is."""
    spots = {each["path"]: each["span"] for each in document.get("meta", {}).get("found", [])}
    private = _names_of(document.get("basics", {}))

    def silent(words: str) -> bool:
        return not (_PRIVATE.search(words) or (private and private.search(words)))

    claims = [
        _in_line(claim, text, silent)
        for claim in _claims(document, text, spots)
        if claim.what == "dates" or silent(claim.text)
    ]
    return Track(tuple(claims), document.get("meta", {}).get("years_experience"))


def _in_line(claim: Claim, text: str, silent: Callable[[str], bool]) -> Claim:
    """With the rest of its line, where that says nothing of who it is."""
    first, last = text.rfind("\n", 0, claim.begin) + 1, text.find("\n", claim.end)
    before, after = text[first : claim.begin], text[claim.end : last if last >= 0 else len(text)]
    return replace(claim, before=before, after=after) if silent(before) and silent(after) else claim


def _names_of(basics: dict[str, Any]) -> re.Pattern[str] | None:
    """The parts of the name, the town and the code: no passage that has one of them is looked at."""
    place = basics.get("location", {})
    told = [basics.get("name", ""), place.get("city", ""), place.get("postalCode", ""), place.get("region", "")]
    parts = sorted({part for each in told for part in re.findall(r"\w{2,}", each)}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, parts))})\b", re.IGNORECASE) if parts else None


def _claims(document: dict[str, Any], text: str, spots: dict[str, list[int]]) -> Iterator[Claim]:
    lists: tuple[tuple[What, str, str], ...] = (
        ("skill", "skills", "name"), ("certificate", "certificates", "name"), ("language", "languages", "language"),
    )  # fmt: skip
    for number, job in enumerate(document.get("work", [])):
        yield from _told("title", job.get("position"), text, spots.get(f"work[{number}].position"))
        after = (spots.get(f"work[{number}].position") or spots.get(f"work[{number}].name") or [0])[0]
        for line in [*job.get("highlights", []), job.get("summary")]:
            yield from _told("work", line, text, None, after=after)
        if span := spots.get(f"work[{number}].startDate"):
            yield Claim("dates", text[span[0] : span[1]], span[0], span[1])
    for number, study in enumerate(document.get("education", [])):
        kind, area = spots.get(f"education[{number}].studyType"), spots.get(f"education[{number}].area")
        if kind and area and 0 <= area[0] - kind[1] <= len("  in the "):
            yield Claim("study", text[kind[0] : area[1]], kind[0], area[1])
        else:
            yield from _told("study", study.get("studyType"), text, kind)
            yield from _told("study", study.get("area"), text, area)
    for what, part, key in lists:
        for number, each in enumerate(document.get(part, [])):
            yield from _told(what, each.get(key), text, spots.get(f"{part}[{number}].{key}"))


def _told(what: What, words: str | None, text: str, span: list[int] | None, *, after: int = 0) -> Iterator[Claim]:
    """As it stands in the text; nothing for words that are not there."""
    if not words:
        return
    if span is None:
        pattern = re.compile(r"\s+".join(map(re.escape, words.split())), re.IGNORECASE)
        found = pattern.search(text, after) or pattern.search(text)
        span = list(found.span()) if found else None
    if span is not None:
        yield Claim(what, " ".join(text[span[0] : span[1]].split()), span[0], span[1])
