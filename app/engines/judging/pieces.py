# ruff: noqa: E501 (patterns and word lists)
"""An answer in pieces that can be quoted: sentences, each a literal part of what was said."""

import re
from dataclasses import dataclass
from typing import Final

_END: Final = re.compile(r"(?<=[.!?…।}>])[\"”')\]]*\s+(?=[\"“'(\[]?[A-Z0-9À-Ý<{#\u0900-\u097f])|\n+|(?<=[;])\s+")
_ABBREVIATION: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|approx|etc|dr|mr|mrs|ms|no|vs|min|max|st|prof|fig|ca)|\b[A-Z])\.$", re.IGNORECASE
)
_CLAUSE: Final = re.compile(r"(?<=[,;:)\]])\s+|\s+(?=[(\[])|\s+[-–—]\s+|\s+(?=(?:and|but|so|then)\b)")
_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*%?", re.UNICODE)
LONGEST: Final = 60

STOP_WORDS: Final = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "been", "being", "but", "by", "can", "could", "did", "do", "does", "doing", "for", "from", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "itself", "just", "me", "more", "most", "my", "no", "nor", "not", "now", "of", "off", "on", "once", "only", "or", "other", "our", "out", "over", "own", "same", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "under", "until", "up", "very", "was", "we", "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with", "would", "you", "your", "about", "after", "again", "all", "also", "am", "any", "because", "before", "between", "both", "during", "each", "few", "further", "get", "got", "i'd", "i'll", "i'm", "i've", "don't", "didn't", "it's", "us", "one", "two", "really", "thing", "things", "lot", "much", "many", "well", "make", "made", "like", "tell", "use", "used", "using", "take", "way", "something", "someone", "somebody", "people", "person", "us"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """`text` stands literally in the answer of turn `turn`."""

    text: str
    turn: int


def sentences(text: str) -> list[str]:
    """Sentences as they stand; what nobody punctuated is cut at its clauses."""
    parts: list[str] = []
    start = 0
    for end in _END.finditer(text):
        if _ABBREVIATION.search(text[start : end.start()]):
            continue
        parts.append(text[start : end.start()])
        start = end.end()
    parts.append(text[start:])
    return [piece for part in parts for piece in _not_too_long(part.strip()) if piece]


def _not_too_long(sentence: str) -> list[str]:
    if len(sentence.split()) <= LONGEST:
        return [sentence]
    pieces: list[str] = []
    start = 0
    for cut in _CLAUSE.finditer(sentence):
        if len(sentence[start : cut.start()].split()) >= LONGEST // 3:
            pieces.append(sentence[start : cut.start()])
            start = cut.end()
    return [*pieces, sentence[start:]]


_RUN_ON: Final = re.compile(
    r"(?<=[.!?])\s+|(?<=\w)\s+(?=(?:I|In|There|We|The|A|An|At|On|My|It|When|First|Then|After|One|He|She|They|Once)\b)"
)


def run_on(sentence: str) -> list[str]:
    """Sentences that stand side by side without a stop between them."""
    return [part for part in _RUN_ON.split(sentence) if part.strip()]


def clauses(sentence: str) -> list[str]:
    return [part for part in _CLAUSE.split(sentence) if part.strip()]


def words(text: str) -> list[str]:
    return [word.lower().replace("’", "'") for word in _WORD.findall(text)]


def content(text: str) -> list[str]:
    """The stems of the words that carry meaning."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


_SUFFIXES: Final = (
    ("ational", "ate"), ("ization", "ize"), ("isation", "ize"), ("fulness", "ful"), ("ousness", "ous"), ("iveness", "ive"), ("ements", ""), ("ement", ""),
    ("ments", ""), ("ment", ""), ("ations", "ate"), ("ation", "ate"), ("itions", "it"), ("ition", "it"), ("ities", ""), ("ity", ""), ("nesses", ""),
    ("ness", ""), ("ances", ""), ("ance", ""), ("ences", ""), ("ence", ""), ("ables", ""), ("able", ""), ("ible", ""), ("ings", ""), ("ing", ""),
    ("edly", ""), ("ied", "y"), ("ed", ""), ("ies", "y"), ("ives", "ive"), ("ically", "ic"), ("ally", "al"), ("ly", ""), ("ers", ""), ("er", ""),
    ("ors", ""), ("or", ""), ("ions", ""), ("ion", ""), ("es", ""), ("s", ""), ("e", ""), ("y", "i"),
)  # fmt: skip
SHORTEST_STEM: Final = 3


def stem(word: str) -> str:
    """A light suffix stripper: "measured", "measuring" and "measurement" meet."""
    plain = word.removesuffix("'s").rstrip(".")
    for suffix, put in _SUFFIXES:
        if plain.endswith(suffix) and len(plain) - len(suffix) >= SHORTEST_STEM and not plain.endswith("ss"):
            cut = plain[: -len(suffix)] + put
            if len(cut) > SHORTEST_STEM and cut[-1] == cut[-2] and cut[-1] not in "lsz":
                cut = cut[:-1]
            return cut.removesuffix("e") if len(cut) > SHORTEST_STEM + 1 else cut
    return plain
