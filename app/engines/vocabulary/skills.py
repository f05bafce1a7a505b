"""Finds skills by phrase. The words are in skills.toml: families, each skill with its other names."""

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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

    def _mention(self, span: Any, skill: int, name: int) -> Mention:
        one = self.skills[skill]
        ambiguous = one.names[name].ambiguous
        return Mention(one.name, one.family, span.text, span.start_char, span.end_char, ambiguous)


def _matchers(listed: tuple[Skill, ...]) -> tuple[Any, list[Any]]:
    import spacy
    from spacy.matcher import PhraseMatcher

    nlp = spacy.blank("en")
    nlp.max_length = 200_000
    matchers = [PhraseMatcher(nlp.vocab, attr="LOWER"), PhraseMatcher(nlp.vocab, attr="ORTH")]
    for number, skill in enumerate(listed):
        for position, name in enumerate(skill.names):
            matchers[name.cased].add(f"{number}:{position}", [nlp.make_doc(name.text)])
    return nlp, matchers


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


@cache
def skills() -> SkillVocabulary:
    """Read once a process. An entry is "name|other name|…"; before a name "=" keeps case, "?" is sure only in lists."""
    families = tomllib.loads(Path(__file__).with_name("skills.toml").read_text("utf-8"))
    entries = [(family, entry) for family, listed in families.items() for entry in _entries(listed)]
    return SkillVocabulary(tuple(Skill(family, tuple(map(_name, entry.split("|")))) for family, entry in entries))


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.replace("\n", ";").split(";") if entry.strip()]


def _name(marked: str) -> Name:
    text = marked.strip().lstrip(_CASED + _ONLY_LISTED)
    marks = marked.strip()[: -len(text)]
    return Name(text, _CASED in marks, _ONLY_LISTED in marks)
