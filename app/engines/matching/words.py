"""Which words of a passage count, and in which form they are the same."""

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W_][\w+#.'’]*")
_JOINED: Final = re.compile(r"[^\W\d_]{3,}(?:-[^\W\d_]{3,})+")
_SMALL: Final = """
a an and or the of in on at to for with by as is are be been have has had our your their you we us
it this that any some all such good strong excellent proven sound solid basic advanced very high
full current valid own great experience experienced knowledge skill skills ability able
understanding familiarity familiar proficient proficiency confident working work level least
minimum years year required essential equivalent similar relevant der die das ein eine und oder mit
im in von für gute sehr kenntnisse erfahrung sicherer umgang le la les un une de des du et ou en
avec bonne expérience connaissance maîtrise el los las y o con experiencia conocimientos
"""
_EMPTY: Final = frozenset(_SMALL.split())
_ENDINGS: Final = (
    "rations",
    "ration",
    "ership",
    "ering",
    "ered",
    "erinnen",
    "erin",
    "ungen",
    "ung",
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "ers",
    "ies",
    "ied",
    "ed",
    "er",
    "es",
    "s",
    "y",
    "e",
)
_SHORT: Final = 4


def content(text: str) -> frozenset[str]:
    """The stems of the words that say something; of "front-end" those of its parts."""
    return frozenset(stem for _, _, stem in _stems(text))


def said_in(text: str) -> frozenset[str]:
    """As `content`, and "front-end" as one word too: German writes "Umsatzsteuer-Voranmeldung" both ways."""
    joined = (_stem(match.group().replace("-", "").casefold()) for match in _JOINED.finditer(text))
    return content(text) | frozenset(joined)


def shown_in(text: str, asked: frozenset[str]) -> tuple[int, int]:
    """From the first to the last of the asked words; the whole text where none is asked."""
    places = [(begin, end) for begin, end, stem in _stems(text) if stem in asked]
    joined = [match.span() for match in _JOINED.finditer(text) if said_in(match.group()) & asked]
    places = sorted({*places, *joined})
    return (places[0][0], max(end for _, end in places)) if places else (0, len(text))


def _stems(text: str) -> list[tuple[int, int, str]]:
    found = [(match.start(), match.end(), match.group().casefold().rstrip(".-'’")) for match in _WORD.finditer(text)]
    return [(begin, begin + len(word), _stem(word)) for begin, end, word in found if word and word not in _EMPTY]


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORT:
            return word[: -len(ending)]
    return word
