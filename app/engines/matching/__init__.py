"""A resume beside a job, requirement by requirement: met, partly, not seen, with the words that say so.

A requirement is met by words: the same skill under whatever name the vocabulary knows for it, or all that the
requirement says in one passage. What is merely near in meaning, or a part of it, is "partly". No sum is made of it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.engines.language import english
from app.engines.matching.words import content, shown_in
from app.engines.vocabulary import skills
from app.ports.matching import Claim, Evidence, Finding, How, Requirements, Strength, Track

Embed = Callable[[Sequence[str]], Any]
NEAR: Final = 0.58
MOST: Final = 0.6
MOST_EVIDENCE: Final = 3
MANY: Final = 4
PART_OF_YEARS: Final = 0.5
_DEGREE: Final = re.compile(
    r"\b(?:degree|diploma|bachelor\S*|master\S*|b\.?sc"
    r"|m\.?sc|b\.?eng|m\.?eng|b\.?a|ph\.?d|doctorate|studium|licence pro|titulación)\b",
    re.IGNORECASE,
)
_TELLING: Final = frozenset({"skill", "title", "work", "study", "certificate", "language"})


def match(requirements: Requirements, track: Track, embed: Embed) -> tuple[Finding, ...]:
    reading = _Reading(track, embed)
    asked: list[tuple[str, Strength]] = [(each, "must") for each in requirements.must_have]
    asked += [(each, "nice") for each in requirements.nice_to_have]
    found = [reading.finding(wanted, strength) for wanted, strength in asked]
    if requirements.years_min:
        found.append(_years(requirements.years_min, track))
    return tuple(found)


def _years(wanted: float, track: Track) -> Finding:
    dates = tuple(_whole(claim, "dates") for claim in track.claims if claim.what == "dates")
    told = f"{wanted:g}"
    if not track.years or not dates:
        return Finding(told, "years", "unseen")
    if track.years >= wanted:
        return Finding(told, "years", "met", dates)
    return Finding(told, "years", "partly" if track.years >= PART_OF_YEARS * wanted else "unseen", dates)


@dataclass(frozen=True, slots=True)
class _Named:
    skill: str
    evidence: Evidence


class _Reading:
    """A track, read once for all requirements."""

    def __init__(self, track: Track, embed: Embed) -> None:
        self._claims = [claim for claim in track.claims if claim.what in _TELLING]
        self._embed, self._english = embed, english(" ".join(claim.text for claim in self._claims))
        self._content = [content(claim.text) for claim in self._claims]
        self._named = [named for claim in self._claims for named in _named(claim)]
        self._vectors: Any = None

    def finding(self, wanted: str, strength: Strength) -> Finding:
        names = list(
            dict.fromkeys(one.name for one in skills().find(wanted) if not one.ambiguous or len(wanted.split()) < MANY)
        )
        by_name = [[one.evidence for one in self._named if one.skill == name] for name in names]
        whole = self._in_words(wanted)
        if names and all(by_name):
            return Finding(wanted, strength, "met", _some(wanted, [found[0] for found in by_name] + by_name[0][1:]))
        if whole:
            return Finding(wanted, strength, "met", _some(wanted, whole))
        if any(by_name):
            return Finding(wanted, strength, "partly", _some(wanted, [found[0] for found in by_name if found]))
        near = self._partly(wanted) or self._by_meaning(wanted)
        return Finding(wanted, strength, "partly" if near else "unseen", _some(wanted, near))

    def _in_words(self, wanted: str) -> list[Evidence]:
        """Passages that say all of it; of a degree, those about study."""
        asked = content(wanted)
        degree = _DEGREE.search(wanted) is not None
        asked = asked - content(_DEGREE.findall(wanted)[0]) if degree else asked
        return [
            _shown(claim, asked)
            for claim, said in zip(self._claims, self._content, strict=True)
            if (not degree or claim.what in {"study", "certificate"})
            and asked <= said
            and (asked or _DEGREE.search(claim.text))
        ]

    def _partly(self, wanted: str) -> list[Evidence]:
        """Passages with most of a longer requirement's words."""
        asked = content(wanted)
        if len(asked) < 3:  # noqa: PLR2004 -- of two words one is no part worth telling
            return []
        return [
            _shown(claim, asked)
            for claim, said in zip(self._claims, self._content, strict=True)
            if len(asked & said) >= MOST * len(asked)
        ]

    def _by_meaning(self, wanted: str) -> list[Evidence]:
        """The nearest passage, where it is near; the model knows English alone."""
        if not self._english or not self._claims:
            return []
        if self._vectors is None:
            self._vectors = self._embed([claim.text for claim in self._claims])
        near = self._vectors @ self._embed([wanted])[0]
        best = int(near.argmax())
        return [_whole(self._claims[best], "meaning")] if near[best] >= NEAR else []


def _named(claim: Claim) -> list[_Named]:
    """The skills that a passage names, each with its own words."""
    listed = claim.what in {"skill", "certificate", "language"}
    return [
        _Named(one.name, Evidence(one.written, *_place(claim, one.begin, one.end), "synonym"))
        for one in skills().find(claim.text)
        if listed or not one.ambiguous
    ]


def _place(claim: Claim, begin: int, end: int) -> tuple[int, int]:
    """In the resume's text; where white space was evened out the whole passage."""
    if claim.end - claim.begin != len(claim.text):
        return claim.begin, claim.end
    return claim.begin + begin, claim.begin + end


def _whole(claim: Claim, how: How) -> Evidence:
    return Evidence(claim.text, claim.begin, claim.end, how)


def _shown(claim: Claim, asked: frozenset[str]) -> Evidence:
    begin, end = shown_in(claim.text, asked)
    return Evidence(claim.text[begin:end], *_place(claim, begin, end), "words")


def _some(wanted: str, found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """A few, none twice; words that are the requirement's own are called the same."""
    kept = {(one.begin, one.end): one for one in reversed(found)}
    told = sorted(kept.values(), key=lambda one: [(each.begin, each.end) for each in found].index((one.begin, one.end)))
    same = wanted.casefold()
    return tuple(
        Evidence(one.quote, one.begin, one.end, "same") if one.quote.casefold() == same else one
        for one in told[:MOST_EVIDENCE]
    )
