"""Who speaks is taken out before an answer is weighed: names, gender, age, where somebody lives. Quotes keep them."""

import re
from functools import partial
from typing import Final

from app.engines.judging.pieces import STOP_WORDS

_WORD: Final = r"[A-ZÀ-Ý][\w'’-]+"
_PARTICLE: Final = r"(?:(?:al|van|von|de|der|bin|da|dos|el)[ -])?"
_NAME: Final = re.compile(rf"\b{_WORD}(?:\s+{_PARTICLE}{_WORD}){{1,3}}")
_PLACE: Final = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b"
    r"|(?<=\bfrom )\d{5,6}\b|(?<=\bin )\d{5,6}\b|(?<=\bcode )\d{5,6}\b"
)
_AGE: Final = re.compile(r"\b(?:I am|I'm|aged|age)\s+\d\d\b(?:\s*years? old)?|\b\d\d[ -]years?[ -]old\b")
_GENDER: Final = re.compile(r"\b(?:man|woman|lady|gentleman|girl|boy|female|male)\b", re.IGNORECASE)
_FAMILY: Final = re.compile(r"\b(?:mother|father|mum|mom|dad|wife|husband)\b", re.IGNORECASE)
_ONESELF: Final = re.compile(
    rf"^\W*(?:(?:hi|hello|good \w+)\W+)?(?:my name is\b|I live in\b|I come from\b"
    rf"|(?:I am|I'm|this is) {_WORD} {_PARTICLE}{_WORD}\W*$"
    rf"|{_WORD}(?:\s+{_PARTICLE}{_WORD}){{0,3}} here\W*$|that is who I am\b"
    r"|I(?: am|'m) a (?:mother|father|parent|person|man|woman)\b|I(?: am|'m) \d\d\b)"
)


def about_oneself(sentence: str) -> bool:
    """Says who somebody is, and nothing of what they did."""
    return bool(_ONESELF.search(sentence) or _ONESELF.search(sentence[:1].lower() + sentence[1:]))


def blind(text: str, known: frozenset[str] = frozenset()) -> str:
    """The same for whoever says it. Words that are asked for stay: `known`, in small letters."""
    text = _NAME.sub(partial(_someone, known=known), text)
    text = _PLACE.sub("there", text)
    text = _AGE.sub("I am grown up", text)
    text = _GENDER.sub(partial(_instead, put="person", known=known), text)
    return _FAMILY.sub(partial(_instead, put="parent", known=known), text)


def _instead(found: re.Match[str], *, put: str, known: frozenset[str]) -> str:
    return found[0] if found[0].lower() in known else put


def _someone(found: re.Match[str], *, known: frozenset[str]) -> str:
    """A first word that any sentence may begin with is no name."""
    if known & {word.lower() for word in found[0].split()}:
        return found[0]
    first, _, rest = found[0].partition(" ")
    if first.lower() not in STOP_WORDS:
        return "Alex Miller"
    return f"{first} Alex Miller" if " " in rest else found[0]
