"""Finds skills by phrase. The words are in families/: a file a profession, a line a skill with its other names."""

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

_FAMILIES = Path(__file__).with_name("families")
_CASED, _ONLY_LISTED = "=", "?"


@dataclass(frozen=True, slots=True)
class Name:
    """`cased`: upper and lower case matter. `ambiguous`: a word of everyday language too, sure only in a list."""

    text: str
    cased: bool
    ambiguous: bool


@dataclass(frozen=True, slots=True)
class Skill:
    """`names` has our own name first."""

    family: str
    names: tuple[Name, ...]

    @property
    def name(self) -> str:
        return self.names[0].text


@dataclass(frozen=True, slots=True)
class Mention:
    """`begin` and `end` are places in the text; `written` stands there, `name` is what we call it."""

    name: str
    family: str
    written: str
    begin: int
    end: int
    ambiguous: bool


class SkillVocabulary:
    """Of phrases inside each other the longest is found."""

    def __init__(self, listed: tuple[Skill, ...]) -> None:
        self.skills = listed
        self._by_name = {_fold(name.text): skill for skill in reversed(listed) for name in reversed(skill.names)}
        self._built: tuple[Any, list[Any]] | None = None

    def named(self, text: str) -> str | None:
        """Our name for exactly this."""
        skill = self._by_name.get(_fold(text))
        return skill.name if skill else None

    def family(self, name: str) -> str | None:
        skill = self._by_name.get(_fold(name))
        return skill.family if skill else None

    def find(self, text: str) -> list[Mention]:
        """Every skill the text names, in order, none inside another."""
        self._built = self._built or _matchers(self.skills)
        nlp, matchers = self._built
        doc = nlp(text[:100_000])
        spans = [(start, end, nlp.vocab.strings[key]) for matcher in matchers for key, start, end in matcher(doc)]
        found: list[Mention] = []
        taken = 0
        for start, end, key in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start >= taken:
                taken = end
                found.append(self._mention(doc[start:end], *map(int, key.split(":"))))
        return found

    def _mention(self, span: Any, skill: int, ambiguous: int) -> Mention:
        one = self.skills[skill]
        return Mention(one.name, one.family, span.text, span.start_char, span.end_char, bool(ambiguous))


def _matchers(listed: tuple[Skill, ...]) -> tuple[Any, list[Any]]:
    """A key says which skill, and whether it is sure only in a list: a key a name would take twice the time to add."""
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    nlp.max_length = 200_000
    matchers = [PhraseMatcher(nlp.vocab, attr="LOWER"), PhraseMatcher(nlp.vocab, attr="ORTH")]
    for number, skill in enumerate(listed):
        for cased, ambiguous in product((False, True), repeat=2):
            names = [name.text for name in skill.names if (name.cased, name.ambiguous) == (cased, ambiguous)]
            if names:
                matchers[cased].add(f"{number}:{int(ambiguous)}", list(map(nlp.make_doc, names)))
    return nlp, matchers


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@cache
def skills() -> SkillVocabulary:
    """Read once a process. A line is "name|other name|…"; before a name "=" keeps case, "?" is sure only in lists."""
    files = sorted(_FAMILIES.glob("*.toml"))
    return SkillVocabulary(tuple(skill for file in files for skill in _family(file)))


def _family(file: Path) -> list[Skill]:
    listed = tomllib.loads(file.read_text("utf-8"))["skills"].split("\n")
    return [Skill(file.stem, tuple(map(_name, line.split("|")))) for line in listed if line.strip()]


def _name(marked: str) -> Name:
    text = marked.strip().lstrip(_CASED + _ONLY_LISTED)
    marks = marked.strip()[: -len(text)]
    return Name(text, _CASED in marks, _ONLY_LISTED in marks)
