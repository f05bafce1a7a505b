"""When two names of skills are one skill written twice: by words, by stems in any order, by a letter."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator

from app.engines.vocabulary import Skill

_SPELLINGS = (
    (r"is(e|ed|ing|ation|er)\b", r"iz\1"), (r"yse\b", "yze"), (r"our(?=\b|s\b|ing\b|ed\b)", "or"), (r"aes?(?=[mt])", "e"), (r"programme", "program"),
    (r"mould", "mold"), (r"fibre", "fiber"), (r"aluminium", "aluminum"), (r"tyre", "tire"), (r"centre", "center"), (r"licence", "license"), (r"ll(?=ing|ed|er)", "l"),
    (r"defence", "defense"), (r"theatre", "theater"), (r"grey", "gray"), (r"sulph", "sulf"), (r"paed", "ped"), (r"haem", "hem"), (r"oed", "ed"),
)  # fmt: skip
_SMALL = frozenset(
    [
        "a",
        "an",
        "and",
        "of",
        "the",
        "for",
        "in",
        "on",
        "to",
        "with",
        "und",
        "der",
        "die",
        "das",
        "de",
        "des",
        "du",
        "la",
        "le",
        "les",
        "en",
        "et",
        "y",
        "e",
        "d",
        "l",
        "&",
        "skills",
    ]
)
_ENDINGS = (
    "isations", "izations", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ies", "ers", "ed", "es", "er", "s", "y", "e",
)  # fmt: skip
_DOUBLED = frozenset("bdgmnprt")
_SHORTEST_STEM = 4
_LONG = 8


def normal(text: str) -> str:
    """Case, accents, hyphens and American spelling left out; "C++", "C#" and ".NET" stay themselves."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not "\u0300" <= c <= "\u036f")
    for pattern, replacement in _SPELLINGS:
        plain = re.sub(pattern, replacement, plain)
    return " ".join(re.sub(r"[^\w+#&.]|_|\.(?!\w)", " ", plain).split())


def stems(text: str) -> tuple[str, ...]:
    """The words without endings, in no order."""
    return tuple(sorted(_stem(word) for word in normal(text).split() if word not in _SMALL))


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            stem = word.removesuffix(ending)
            return stem[:-1] if stem[-1] == stem[-2] and stem[-1] in _DOUBLED else stem
    return word


def alike(skills: Iterable[Skill]) -> set[tuple[str, str]]:
    """Pairs of names, of two skills each, that look like one: in alphabetical order."""
    groups: dict[object, dict[str, str]] = defaultdict(dict)
    for skill in skills:
        for name in skill.names:
            for key in _keys(name.text):
                groups[key].setdefault(skill.name, name.text)
    pairs = set()
    for found in groups.values():
        written = sorted(found.values())
        pairs |= {(one, other) for i, one in enumerate(written) for other in written[i + 1 :]}
    return pairs


def _keys(text: str) -> Iterator[object]:
    plain = normal(text)
    yield plain
    yield stems(text) or plain
    if len(plain) >= _LONG and not re.search(r"\d", plain):
        squeezed = plain.replace(" ", "")
        yield from {("less", squeezed[:i] + squeezed[i + 1 :]) for i in range(len(squeezed))} | {("less", squeezed)}
