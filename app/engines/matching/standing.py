# ruff: noqa: E501 (patterns and word lists)
"""What a line says of its own words: that they are not so, or not whole."""

import re
from collections.abc import Iterator
from typing import Final

_START: Final = (
    r"(?:^|[,;:.(–|•-]\s*|\b(?:but|and|with|have|had|has|got|do|does|did|am|is|are|was|were|can|could|i)\s+)"
)
_DENIED: Final = re.compile(
    rf"{_START}(?:no(?![-.]|\s+(?:fewer|less|later)\b)|not(?!\s+only\b|[- ]for[- ]profit)|never|without)\b"
    r"|\b(?:don't|doesn't|didn't|haven't|hasn't|can't|cannot|lack(?:s|ing)?)\s"
    r"|\b(?:no|without|lack of|little or no) (?:\w+ )?(?:experience|knowledge|access|training)\b"
    r"|\b(?:keine?[nmrs]?|nicht|nie|pas (?:de|d['’])|aucune?|jamais|ningun[ao]?|ninguna?|nunca)\b"
    rf"|{_START}(?:ohne|sans|sin)\s"
    r"|\b(?:would|'d) like to\b|\b(?:want(?:s|ing)?|keen|eager|hop(?:e|es|ing)|plan(?:s|ning)?|wish(?:es)?|willing) to "
    r"(?:learn|take|do|train|get|become|study|work|move|start|gain|try)\b|\binterest(?:ed)? in (?:learning|taking|training|studying|getting|becoming)\b"
    r"|\b(?:möchte|souhaite|quiero aprender|interessiert an|interesse an)\b",
    re.IGNORECASE,
)  # fmt: skip
_STOP: Final = re.compile(r"[,;:.()|•\n]|\b(?:but|aber|mais|pero|yet|only|bisher|instead)\b", re.IGNORECASE)
_LISTED: Final = re.compile(
    r"(?:[^,;:.()|•]{1,40},\s*)+[^,;:.()|•]{0,40}\b(?:or|nor|oder|noch|ou|ni|o)\b[^,;:.()|•]*", re.IGNORECASE
)
_LATER: Final = re.compile(
    r"\b(?:booked|planned|not yet started|to start|starting (?:in )?(?:\w+ )?20\d\d|geplant|prévue?|previst[oa])\b",
    re.IGNORECASE,
)
_WEAK: Final = re.compile(
    r"\b(?:expired|lapsed|out of date|abgelaufen\w*|expirée?s?|périmée?s?|caducad[oa]s?|in progress|ongoing"
    r"|(?:un|in|not (?:yet )?|nicht )(?:finished|completed?|abgeschlossen)|abgebrochen\w*|abandoned|dropped out"
    r"|en cours|en curso|sin terminar|finishing(?: in)?(?: \w+)? 20\d\d|expected(?: in)?(?: \w+)? 20\d\d|due(?: to \w+)?(?: in)?(?: \w+)? 20\d\d"
    r"|(?:started|begonnen|begun)(?: in)?(?: \w+)? 20\d\d|(?:currently )?studying(?: for| towards)?|working towards"
    r"|(?:first|second|third|fourth)[ -]year (?:of|student)|under supervision|unter (?:an|auf)\w+|provisional"
    r"|beginners?|elementary|basic(?! life)s?|awareness|introduct(?:ion|ory)(?: to)?|a little|a few words|limited"
    r"|trial (?:account|version|period|licence)|help(?:ed|s|ing)? (?:out )?(?:with|on|in)|part of"
    r"|assist\w* (?:(?:the|a|an|our|senior|qualified|registered) )*\w*(?:nurse|chef|er|or|ist|ian)s? (?:with|in|on|to)"
    r"|shadow(?:ed|ing)|grundkenntnisse|grundlagen|anfänger|notions|bases (?:de|en)|débutante?|nociones|básic[oa]s?)\b"
    r"|\(supervised\)",
    re.IGNORECASE,
)  # fmt: skip
_SEGMENT: Final = re.compile(r"[^;•|\n]+?(?:[.](?=\s|$)|(?=[;•|\n])|$)")
_ITEM: Final = re.compile(r"(?:\([^)]*\)|[^,(]|\()+")
_FEW: Final = 4


def denied(text: str) -> list[tuple[int, int]]:
    """Where it says that something is not so, or only wished for: from the word that denies to the end of its clause."""
    found = [(match.start(), _end(text, match.end())) for match in _DENIED.finditer(text)]
    for begin, segment in _segments(text):
        if _LATER.search(segment):
            found.append((begin, begin + len(segment)))
    return found


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """Of the same length."""
    for begin, end in spans:
        text = text[:begin] + " " * (end - begin) + text[end:]
    return text


def weakened(text: str, begin: int, end: int, wanted: str) -> tuple[int, int] | None:
    """Where the line says of this place that it ran out, is not finished, or was a part; unless as much is wanted."""
    low = wanted.casefold()
    for cue in _WEAK.finditer(text):
        first, last = _reach(text, cue)
        if first < end and begin < last and cue.group().casefold().strip("()") not in low:
            return cue.span()
    return None


def _end(text: str, after: int) -> int:
    """Of a clause; a list of what is denied ("no Java, Go or Rust") is one."""
    if listed := _LISTED.match(text, after):
        return listed.end()
    stop = _STOP.search(text, after)
    return stop.start() if stop else len(text)


def _reach(text: str, cue: re.Match[str]) -> tuple[int, int]:
    """Its own item between commas; said after a comma of all before it, of its whole sentence."""
    for begin, segment in _segments(text):
        if begin <= cue.start() < begin + len(segment):
            for item in _ITEM.finditer(segment):
                first, last = begin + item.start(), begin + item.end()
                if first <= cue.start() < last:
                    trails = len(item.group().split()) <= _FEW + 1 and "(" not in text[first : cue.start()]
                    trails = trails and len(text[first : cue.start()].split()) <= 1
                    return (begin if trails else first), last
    return cue.span()


def _segments(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match.group()) for match in _SEGMENT.finditer(text))
