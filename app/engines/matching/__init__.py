"""A resume beside a job, requirement by requirement: met, partly, not seen, with the words that say so.

A requirement is met by words: the same skill under whatever name the vocabulary knows for it, or all that the
requirement says in one passage. What is merely near in meaning, a part of it, of a lower level, run out or not finished
is "partly"; what a line denies or only wishes for is not there. No sum is made of it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.engines.language import english
from app.engines.matching.levels import language_of, languages_asked, level_in, levelless, spoken, spoken_of
from app.engines.matching.standing import denied, weakened, without
from app.engines.matching.words import content, said_in, shown_in
from app.engines.vocabulary import skills
from app.ports.matching import Claim, Evidence, Finding, How, Requirements, Strength, Track, Verdict

Embed = Callable[[Sequence[str]], Any]
NEAR: Final = 0.46
MOST: Final = 0.6
MOST_EVIDENCE: Final = 3
MANY: Final = 4
PART_OF_YEARS: Final = 0.5
_DEGREE: Final = re.compile(
    r"\b(?:degree|diploma|bachelor\S*|master\S*|b\.?sc"
    r"|m\.?sc|b\.?eng|m\.?eng|b\.?a|ph\.?d|doctorate|studium|licence pro|titulación)\b",
    re.IGNORECASE,
)
_HALVES: Final = re.compile(r"\s*(?:,|;|&|\+|\b(?:and|und|et|y|including|plus)\b)\s*", re.IGNORECASE)
_OTHERS: Final = re.compile(r"\s*(?:/|\b(?:or|oder|ou|o)\b)\s*", re.IGNORECASE)
_IN_SHORT: Final = re.compile(r"^(.*\w)\s*\(([^()]+)\)\s*$")
_TELLING: Final = frozenset({"skill", "title", "work", "study", "certificate", "language"})
_STUDIES: Final = frozenset({"study", "certificate"})


def match(requirements: Requirements, track: Track, embed: Embed) -> tuple[Finding, ...]:
    reading = _Reading(track, embed)
    asked: list[tuple[str, Strength]] = [(each, "must") for each in requirements.must_have]
    asked += [(each, "nice") for each in requirements.nice_to_have]
    found = [reading.finding(wanted, strength) for wanted, strength in asked]
    if requirements.years_min:
        found.append(_years(requirements.years_min, track))
    return tuple(found)


def _years(wanted: float, track: Track) -> Finding:
    """Of all work together, whatever it was."""
    dates = tuple(_whole(claim, "dates") for claim in track.claims if claim.what == "dates")
    told = f"{wanted:g}"
    if not track.years or not dates:
        return Finding(told, "years", "unseen")
    if track.years >= wanted:
        return Finding(told, "years", "met", dates)
    return Finding(told, "years", "partly" if track.years >= PART_OF_YEARS * wanted else "unseen", dates)


@dataclass(frozen=True, slots=True)
class _Shown:
    """Words of the resume; `whole` unless their line says that they ran out, were a part, or are of a lower level."""

    evidence: Evidence
    whole: bool


@dataclass(frozen=True, slots=True)
class _Named:
    skill: str
    place: "_Passage"
    begin: int
    end: int


class _Passage:
    """A claim as its whole line leaves it: what is denied there is blank."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self._line = claim.before + claim.text + claim.after
        self._at = len(claim.before)
        self.said = without(self._line, denied(self._line))[self._at : self._at + len(claim.text)]
        self.content = said_in(self.said)
        self.denied = said_in(claim.text) - self.content

    def shown(self, begin: int, end: int, wanted: str, how: How) -> _Shown:
        """With the words that make it a part, where there are such."""
        asked = level_in(wanted)
        low = asked is not None and (level_in(self.said) or 0) < asked
        cue = weakened(self._line, self._at + begin, self._at + end, wanted)
        if cue:
            begin, end = min(begin, cue[0] - self._at), max(end, cue[1] - self._at)
        quote = self._line[self._at + begin : self._at + end]
        return _Shown(Evidence(quote, *_place(self.claim, begin, end), how), not low and cue is None)

    def asked(self, asked: frozenset[str], wanted: str) -> _Shown:
        return self.shown(*shown_in(self.said, asked), wanted, "words")


class _Reading:
    """A track, read once for all requirements."""

    def __init__(self, track: Track, embed: Embed) -> None:
        passages = [_Passage(claim) for claim in track.claims if claim.what in _TELLING]
        self._passages = [one for one in passages if one.said.strip()]
        self._embed, self._english = embed, english(" ".join(one.claim.text for one in passages))
        self._named = [named for one in self._passages for named in _named(one)]
        self._vectors: Any = None

    def finding(self, wanted: str, strength: Strength) -> Finding:
        verdict, shown = self._verdict(wanted)
        return Finding(wanted, strength, verdict, _some(wanted, shown))

    def _verdict(self, wanted: str) -> tuple[Verdict, list[Evidence]]:
        ways = (self._language, self._plainly, self._either, self._halves)
        found = [told for way in ways if (told := way(wanted))]
        if found:
            return next((told for told in found if told[0] == "met"), found[0])
        near = self._partly(wanted) or self._by_meaning(wanted)
        return ("partly" if near else "unseen"), near

    def _plainly(self, wanted: str) -> tuple[Verdict, list[Evidence]] | None:
        """By the skills that it names, or by all its words."""
        names = _names(wanted)
        study = _DEGREE.search(wanted) is not None
        by_name = [
            [
                each.place.shown(each.begin, each.end, wanted, "synonym")
                for each in self._named
                if each.skill == name and (not study or each.place.claim.what in _STUDIES)
            ]
            for name in names
        ]
        words = self._in_words(wanted)
        if any(one.whole for one in words) or not names:
            return _told(words)
        found = [_sorted(each) for each in by_name if each]
        if len(found) == len(names) and all(each[0].whole for each in found):
            return "met", [each[0].evidence for each in found] + [one.evidence for one in found[0][1:] if one.whole]
        return _part([one for each in found for one in each[:1]] + words)

    def _language(self, wanted: str) -> tuple[Verdict, list[Evidence]] | None:
        asked, level, one_is_enough = languages_asked(wanted)
        told = [(one, language_of(one.claim.text)) for one in self._passages if one.claim.what == "language"]
        found = [
            _Shown(Evidence(one.said, *_place(one.claim, 0, len(one.said)), "words"), _speaks(one.claim, level, wanted))
            for one, language in told
            if language in asked
        ]
        whole = sum(one.whole for one in found)
        if whole >= (1 if one_is_enough else len(asked)) > 0:
            return "met", [one.evidence for one in found if one.whole]
        return _part(found)

    def _either(self, wanted: str) -> tuple[Verdict, list[Evidence]] | None:
        """One of several that the requirement names; and of "Immediate Life Support (ILS)" the long or the short."""
        short = _IN_SHORT.match(wanted)
        others = list(short.groups()) if short else _OTHERS.split(wanted)
        if len(others) < 2 or not all(_names(other) for other in others):  # noqa: PLR2004 -- one is no choice
            return None
        found = [told for other in others if (told := self._plainly(other))]
        met = [told for told in found if told[0] == "met"]
        if met and short and not _initials(*short.groups()) and met[0] == self._plainly(others[0]):
            return "partly", met[0][1]
        return met[0] if met else found[0] if found else None

    def _halves(self, wanted: str) -> tuple[Verdict, list[Evidence]] | None:
        """All of what an "and" joins, or a part of it."""
        halves = [half for half in _HALVES.split(wanted) if half]
        if len(halves) < 2 or not all(_names(half) or len(content(half)) > 1 for half in halves):  # noqa: PLR2004
            return None
        found = [self._plainly(half) for half in halves]
        told = [each for each in found if each]
        evidence = [each[1][0] for each in told]
        if not told:
            return None
        return ("met" if len(told) == len(halves) and all(each[0] == "met" for each in told) else "partly"), evidence

    def _in_words(self, wanted: str) -> list[_Shown]:
        """Passages that say all of it; of a degree, those about study."""
        asked = content(levelless(wanted))
        degree = _DEGREE.search(wanted)
        asked = asked - content(degree.group()) if degree else asked
        return [
            one.asked(asked, wanted)
            for one in self._passages
            if (not degree or one.claim.what in _STUDIES)
            and asked <= one.content
            and (asked or _DEGREE.search(one.said))
        ]

    def _partly(self, wanted: str) -> list[Evidence]:
        """Passages with most of a longer requirement's words."""
        asked = content(wanted)
        if len(asked) < 3:  # noqa: PLR2004 -- of two words one is no part worth telling
            return []
        return [
            one.asked(asked, wanted).evidence for one in self._passages if len(asked & one.content) >= MOST * len(asked)
        ]

    def _by_meaning(self, wanted: str) -> list[Evidence]:
        """The nearest passage, where it is near; the model knows English alone, and one language is near any other."""
        passages = [one for one in self._passages if one.claim.what != "language"]
        if not self._english or not passages:
            return []
        if self._vectors is None:
            self._vectors = self._embed([one.said for one in passages])
        near, asked = self._vectors @ self._embed([wanted])[0], content(wanted)
        best = passages[int(near.argmax())]
        return [_whole(best.claim, "meaning")] if near.max() >= NEAR and not asked & best.denied else []


def _names(wanted: str) -> list[str]:
    """The skills that a requirement names; everyday words count where it is short."""
    short = len(wanted.split()) < MANY
    return list(dict.fromkeys(one.name for one in skills().find(wanted) if short or not one.ambiguous))


def _named(passage: _Passage) -> list[_Named]:
    """The skills that a passage names, each with its own words."""
    listed = passage.claim.what in {"skill", "certificate", "language"}
    found = skills().find(passage.said)
    return [_Named(one.name, passage, one.begin, one.end) for one in found if listed or not one.ambiguous]


def _speaks(claim: Claim, level: int, wanted: str) -> bool:
    """As well as asked; where the resume tells no level, only what asks for none."""
    told = spoken_of(claim.after, claim.before)
    return (not spoken(wanted)) if told is None else told >= level


def _initials(long: str, short: str) -> bool:
    return "".join(word[0] for word in re.findall(r"\w+", long)).casefold().startswith(short.strip().casefold()[:2])


def _sorted(found: list[_Shown]) -> list[_Shown]:
    return sorted(found, key=lambda one: not one.whole)


def _told(found: list[_Shown]) -> tuple[Verdict, list[Evidence]] | None:
    whole = [one.evidence for one in found if one.whole]
    return ("met", whole) if whole else _part(found)


def _part(found: list[_Shown]) -> tuple[Verdict, list[Evidence]] | None:
    return ("partly", [one.evidence for one in found]) if found else None


def _place(claim: Claim, begin: int, end: int) -> tuple[int, int]:
    """In the resume's text; where white space was evened out the whole passage."""
    if claim.end - claim.begin != len(claim.text):
        return claim.begin, claim.end
    return claim.begin + begin, claim.begin + end


def _whole(claim: Claim, how: How) -> Evidence:
    return Evidence(claim.text, claim.begin, claim.end, how)


def _some(wanted: str, found: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """A few, none twice; words that are the requirement's own are called the same."""
    kept = {(one.begin, one.end): one for one in reversed(found)}
    told = sorted(kept.values(), key=lambda one: [(each.begin, each.end) for each in found].index((one.begin, one.end)))
    same = wanted.casefold()
    return tuple(
        Evidence(one.quote, one.begin, one.end, "same") if one.quote.casefold() == same else one
        for one in told[:MOST_EVIDENCE]
    )
