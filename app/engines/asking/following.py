# ruff: noqa: E501 (patterns and word lists)
"""The one follow-up: what an answer left open, found by its signs, in a few milliseconds."""

import re
from typing import Final, Literal

from app.engines.judging import evidence
from app.engines.judging.pieces import content, sentences, stem, words

Gap = Literal["nothing-known", "off", "example", "own-part", "steps", "result", "figure"]

_ASK: Final[dict[str, dict[Gap, str]]] = {
    "en": {
        "nothing-known": "That is fine. Is there something similar you have done or seen, or what would be your first step?",
        "off": "Thank you. Coming back to the question: what did you do, or what would you do, in such a case?",
        "example": "Could you take one real case and tell us what happened there?",
        "own-part": "What exactly was your own part in it?",
        "steps": "Which steps did you take, one after the other?",
        "result": "How did it end, and how did you know that it had worked?",
        "figure": "Can you put a figure to it: how many, how long, how often, or how much better?",
    },
    "hi": {
        "nothing-known": "कोई बात नहीं। क्या आपने इससे मिलता-जुलता कुछ किया या देखा है, या आपका पहला कदम क्या होता?",
        "off": "धन्यवाद। सवाल पर लौटते हुए: ऐसी स्थिति में आपने क्या किया, या क्या करेंगे?",
        "example": "क्या आप एक असली उदाहरण लेकर बता सकते हैं कि वहाँ क्या हुआ?",
        "own-part": "उसमें ठीक-ठीक आपका अपना हिस्सा क्या था?",
        "steps": "आपने एक के बाद एक कौन-से कदम उठाए?",
        "result": "अंत में क्या हुआ, और आपको कैसे पता चला कि बात बन गई?",
        "figure": "क्या आप कोई संख्या बता सकते हैं: कितने, कितनी देर, कितनी बार, या कितना बेहतर?",
    },
}  # fmt: skip
_TOLD: Final = re.compile(
    r"\b(?:tell us|describe|walk us|take one|take a|which \w+ (?:have|did|was)|how did|how have|what have you)\b",
    re.IGNORECASE,
)
_HI_OWN: Final = re.compile(r"मैंने|मैं |मेरे|मेरी|मेरा|मुझे")
_HI_RESULT: Final = re.compile(r"परिणाम|नतीज|अंत में|आख़िर|आखिर|सफल|सुधर|बढ़|घट|कम हो|ठीक हो|बच ग|पूरा हु")
_HI_UNKNOWN: Final = re.compile(r"(?:पता नहीं|नहीं पता|नहीं मालूम|मालूम नहीं|नहीं जानत|याद नहीं|कोई अनुभव नहीं)")
_DEVANAGARI: Final = re.compile(r"[\u0900-\u097f]")
_DIGIT: Final = re.compile(r"\d")
SHORT_WORDS: Final = 25
OFF_WORDS: Final = 12
HI_SHORT_WORDS: Final = 18
ENOUGH: Final = 2


def follow_up(question: str, answer: str, *, shows: str, language: str) -> str | None:
    """None where nothing was said, nothing is open, or we have no words in that language.

    `language` is the one to ask in; an answer in Hindi is read as one, whatever it was asked in.
    """
    code = language.lower().replace("_", "-").split("-")[0]
    asked = _ASK.get(code)
    if asked is None or not answer.strip():
        return None
    gap = _hindi_gap(answer) if _in_hindi(answer) else _gap(question, answer, shows)
    return asked[gap] if gap else None


def _gap(question: str, answer: str, shows: str) -> Gap | None:
    """What is missing, the thing that a listener needs first first."""
    if evidence.no_answer(answer):
        return "nothing-known"
    found = [evidence.signs(text, frozenset(), frozenset()) for text in sentences(answer)]
    own = sum(one.own for one in found)
    actions = len(frozenset().union(*(one.actions for one in found)))
    results = sum(one.results for one in found) + max(sum(one.checks for one in found) - 1, 0)
    past = bool(_TOLD.search(question))
    if own + actions + results < ENOUGH and _off(question, answer, shows):
        return "off"
    if own + results == 0 and actions < ENOUGH:
        return "example" if past else "steps"
    if past and own == 0:
        return "own-part"
    return _late_gap(answer, shows, actions, results, told_numbers=any(one.numbers for one in found) or not past)


def _in_hindi(answer: str) -> bool:
    letters = [character for character in answer if character.isalpha()]
    return sum(bool(_DEVANAGARI.match(letter)) for letter in letters) * 2 > len(letters)


def _late_gap(answer: str, shows: str, actions: int, results: int, *, told_numbers: bool) -> Gap | None:
    if actions < ENOUGH or (len(words(answer)) < SHORT_WORDS and actions <= ENOUGH):
        return "steps"
    if results == 0:
        return "result"
    return "figure" if not told_numbers and _wants_figure(shows) else None


def _off(question: str, answer: str, shows: str) -> bool:
    asked = {stem(word) for word in content(f"{question} {shows}")}
    return len(words(answer)) >= OFF_WORDS and not asked & set(content(answer))


def _wants_figure(shows: str) -> bool:
    return bool(
        re.search(r"figure|saving|saved|cost|target|sales|before and after|budget|result", shows, re.IGNORECASE)
    )


def _hindi_gap(answer: str) -> Gap | None:
    count = len(answer.split())
    if _HI_UNKNOWN.search(answer) and count < HI_SHORT_WORDS:
        return "nothing-known"
    if not _HI_OWN.search(answer):
        return "own-part"
    if count < HI_SHORT_WORDS:
        return "steps"
    if not _HI_RESULT.search(answer):
        return "result"
    return None if _DIGIT.search(answer) or count > 2 * HI_SHORT_WORDS else "figure"
