"""Judging what was said on one dimension, and the rules that every engine's judgement has to pass.

A judge sees the questions, the answers and the anchors: nothing that tells who speaks, or how.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, Protocol

from app.kernel.errors import Refused

Level = Literal["missing", "partial", "solid", "strong"]
NotScored = Literal["nothing-said", "language", "no-evidence"]

LEVELS: Final[tuple[Level, ...]] = ("missing", "partial", "solid", "strong")
BANDS: Final[dict[Level, tuple[int, int]]] = {
    "missing": (0, 24),
    "partial": (25, 49),
    "solid": (50, 74),
    "strong": (75, 100),
}


@dataclass(frozen=True, slots=True)
class AnswerTurn:
    number: int
    question: str
    answer: str
    follow_up_of: int | None


@dataclass(frozen=True, slots=True)
class JudgeRequest:
    """The turns that were asked for this dimension. `language` None: the engine finds out."""

    dimension: str
    description: str
    anchors: tuple[str, str, str, str]
    turns: tuple[AnswerTurn, ...]
    language: str | None


@dataclass(frozen=True, slots=True)
class Quote:
    text: str
    turn: int


@dataclass(frozen=True, slots=True)
class JudgeFlag:
    """Something a person should look at: `instruction-like`, `repeated-text` … It moves no score."""

    code: str
    turn: int
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    level: Level | None
    score: int | None
    reason: str
    quotes: tuple[Quote, ...]
    not_scored: NotScored | None
    flags: tuple[JudgeFlag, ...]
    engine: str
    prompt_version: str
    input_hash: str
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    took_ms: int


class Judge(Protocol):
    engine: str

    def judge(self, request: JudgeRequest) -> Judgement:
        """Raises Unavailable when trying again may help, Refused when it cannot."""
        ...


_SINGLE = dict.fromkeys("‘’‚‛′`´ʼ＇", "'")
_DOUBLE = dict.fromkeys("“”„‟″«»＂", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−⁃", "-")
_TYPOGRAPHY: Final = str.maketrans({**_SINGLE, **_DOUBLE, **_DASHES, "…": "..."})
_INVISIBLE: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
# Zero-width joiners shape Devanagari, Bengali and Tamil: with or without, it is the same word to a reader.


def fold(text: str) -> str:
    """Two texts that read alike fold alike: NFKC, case, white space, typographic quotes and dashes."""
    visible = _INVISIBLE.sub("", text).translate(_TYPOGRAPHY)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", visible).casefold())
    return " ".join(folded.translate(_TYPOGRAPHY).split())


def literal_quote(text: str, answer: str) -> bool:
    """Whether the text stands in the answer, after folding. Punctuation alone is no quote."""
    wanted = fold(text)
    return any(character.isalnum() for character in wanted) and wanted in fold(answer)


def band_of(score: int) -> Level:
    if not 0 <= score <= BANDS["strong"][1]:
        raise Refused("bad-range", f"a score of {score}")
    return next(level for level in reversed(LEVELS) if score >= BANDS[level][0])


def nothing_said(request: JudgeRequest) -> bool:
    return all(not turn.answer.strip() for turn in request.turns)


def input_hash(request: JudgeRequest, engine: str, prompt_version: str) -> str:
    """Same hash, same question to the same engine: a result that is there already may be taken."""
    canonical = json.dumps([engine, prompt_version, asdict(request)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def checked(judgement: Judgement, request: JudgeRequest) -> Judgement:
    """The judgement as it may be shown: in range, and with no quote that is not in the cited turn's answer.

    One that has no quote left is not scored: no score without words.
    """
    if judgement.not_scored is not None or judgement.level is None or judgement.score is None:
        return replace(judgement, level=None, score=None, not_scored=judgement.not_scored or "no-evidence")
    low, high = BANDS.get(judgement.level, (1, 0))
    if not low <= judgement.score <= high:
        raise Refused("bad-range", f"{judgement.score} is not within “{judgement.level}”")
    if nothing_said(request):
        return replace(judgement, level=None, score=None, quotes=(), not_scored="nothing-said")
    answers = {turn.number: turn.answer for turn in request.turns}
    found = tuple(q for q in judgement.quotes if literal_quote(q.text, answers.get(q.turn, "")))
    if not found:
        return replace(judgement, level=None, score=None, quotes=(), not_scored="no-evidence")
    return replace(judgement, quotes=found)


def overall(scores: Iterable[tuple[int | None, int]]) -> float | None:
    """Weighted mean of the dimensions that have a score, to one decimal: (80, 30), (70, 20) give 76.0."""
    scored = [(score, weight) for score, weight in scores if score is not None and weight > 0]
    total = sum(weight for _, weight in scored)
    if not total:
        return None
    mean = Decimal(sum(score * weight for score, weight in scored)) / total
    return float(mean.quantize(Decimal("0.1"), ROUND_HALF_UP))
