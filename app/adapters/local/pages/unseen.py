"""Characters that no font draws: they hide orders to machines between the letters."""

import re
from collections.abc import Iterator

from app.adapters.local.pages.found import FoundWord

# Joiners are real letters' business in Indic scripts; a few stray marks come out of word processors.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e01ef]+"
)
# Flags of regions are a black flag with the region's letters in tags, and an end.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f")
_JOINERS = "\u200c\u200d"
_TAGS = range(0xE0020, 0xE007F)
_STRAY = 3


def split_unseen(word: FoundWord) -> Iterator[FoundWord]:
    """The word without unseen characters, then those that were too many to be an accident, as a hidden word."""
    word.text = _FLAG.sub("\U0001f3f4", word.text)
    runs = [run for run in _UNSEEN.findall(word.text) if not _joins(run, word.text)]
    if not runs:
        yield word
        return
    secret = _spelt("".join(runs))
    word.text = _UNSEEN.sub(lambda match: match[0] if _joins(match[0], word.text) else "", word.text)
    if word.text:
        yield word
    if any(ord(letter) in _TAGS for run in runs for letter in run) or sum(map(len, runs)) > _STRAY:
        yield FoundWord(secret, word.x1, word.y0, word.x1, word.y1, word.size, word.font, word.bold, "zero-width")


def _joins(run: str, text: str) -> bool:
    return all(letter in _JOINERS for letter in run) and any("\u0900" <= letter <= "\u0dff" for letter in text)


def _spelt(run: str) -> str:
    tags = "".join(chr(ord(letter) - 0xE0000) for letter in run if ord(letter) in _TAGS)
    return tags or f"[{len(run)} zero-width characters]"
