"""The words of resumes, out of lexicon.toml, folded the way they are looked up."""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

_BULLETS = "•·‣▪■□◦●○➢►▶–—*-»›✓✔→"
_SPACED = re.compile(r"^(?:\w ){3,}\w$")
_SIGNS = re.compile(r"^[^\w\s()\[\]\"'«“„+#@&]+\s+(?=\S)")


@cache
def lexicon() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8"))


@cache
def words(part: str, name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in lexicon()[part][name])


@cache
def phrases(part: str, name: str) -> re.Pattern[str]:
    """Any of the words, whole, wherever they stand in folded text."""
    longest = sorted((re.escape(word) for word in words(part, name)), key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(longest)})(?![^\W_])")


def fold(text: str) -> str:
    """Lower case, composed, one space between words, straight quotes."""
    text = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(text.replace("’", "'").replace("`", "'").split())


def plain(text: str) -> str:
    """Without the marks around it: bullets, colons, rules."""
    text = _SIGNS.sub("", text.strip()).strip(_BULLETS + ":：|_=#~.,;").strip()
    return text.replace(" ", "") if _SPACED.match(text) else text


_BULLET = re.compile(rf"^\s*(?:[{re.escape(_BULLETS)}](?=\s)|[•·‣▪■◦●○➢►▶✓✔→]|o\s(?=[A-Z]))")
_BULLETED = re.compile(rf"^\s*(?:[{re.escape(_BULLETS)}]|o(?=\s))\s*")


def is_bullet(text: str) -> bool:
    return _BULLET.match(text) is not None


def unbulleted(text: str) -> str:
    return _BULLETED.sub("", text).strip() if is_bullet(text) else text.strip()
