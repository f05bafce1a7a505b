"""What no interview may ask a person about themselves, found by its words in eight languages (forbidden.toml).

It reads what a question says, not what it is after: a person still looks at every kit.
"""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from app.ports.analysis import Topic

_WORDS: Final = Path(__file__).with_name("forbidden.toml")
_SENTENCES: Final = re.compile(r"[.?!;:।॥]+")
_INDIC: Final = range(0x0900, 0x0E00)
_BLOCK: Final = 7  # bits: Latin, Devanagari, Bengali and Tamil letters each stand in 128 places of their own
_NUKTAS: Final = "\u093c\u09bc\u200b\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Forbidden:
    """`words` are those that gave it away, as they were compared."""

    topic: Topic
    words: str


def forbidden(question: str) -> Forbidden | None:
    """The first thing in it that must not be asked, whatever language it is in."""
    for sentence in _SENTENCES.split(question):
        compared = f" {_plain(sentence)} "
        for script in {ord(letter) >> _BLOCK for letter in compared}:
            for topic, pattern in _patterns(script):
                if found := pattern.search(compared):
                    return Forbidden(topic, found[0].strip())
    return None


@cache
def _patterns(script: int) -> tuple[tuple[Topic, re.Pattern[str]], ...]:
    """Of the languages written in this block of 128 characters."""
    return tuple(
        (cast("Topic", topic), re.compile("|".join(_pattern(phrase, table) for phrase in table[topic])))
        for table in _languages().values()
        if ord(table["you"][0]) >> _BLOCK == script
        for topic in table
        if topic not in {"you", "your"}
    )


@cache
def _languages() -> dict[str, Any]:
    return tomllib.loads(_WORDS.read_text("utf-8"))


def _pattern(phrase: str, table: dict[str, Any]) -> str:
    """Between blanks: "word boundary" means nothing to the vowel signs of Indian scripts."""
    filled = phrase.replace("{your}", f"(?:{table['your']})").replace("{you}", f"(?:{table['you']})")
    plain = _folded(filled).replace(" .. ", r"(?: \S+){0,4} ").replace("~", r"\S*")
    return rf"(?<= )(?:{plain})(?= )"


def _plain(text: str) -> str:
    """Words and blanks alone: case, accents, apostrophes, hyphens and nuktas left out."""
    kept = [character if _is_letter(character) else " " for character in _folded(text)]
    return " ".join("".join(kept).split())


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if c not in _NUKTAS and not 0x0300 <= ord(c) < 0x0370)  # noqa: PLR2004


def _is_letter(character: str) -> bool:
    return character.isalnum() or (ord(character) in _INDIC and unicodedata.category(character) in {"Mn", "Mc"})
