"""Judging what was said on one dimension, and the rules that every engine's judgement has to pass.

A judge sees the questions, the answers and the anchors: nothing that tells who speaks, or how.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal, NamedTuple, Protocol

from app.kernel.errors import Refused, Unavailable

Level = Literal["missing", "partial", "solid", "strong"]
NotScored = Literal["nothing-said", "language", "no-evidence"]

LEVELS: Final[tuple[Level, ...]] = ("missing", "partial", "solid", "strong")
BANDS: Final[dict[Level, tuple[int, int]]] = {
    "missing": (0, 24),
    "partial": (25, 49),
    "solid": (50, 74),
    "strong": (75, 100),
}
WIDEST_BAND: Final = 25


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
    """`low` and `high`: the band of an engine that was asked several times; None where it was asked once."""

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
    low: int | None = None
    high: int | None = None


class Bill(NamedTuple):
    engine: str
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal


class Unusable(Refused):
    """An engine answered, and what it said is of no use. It was paid for all the same."""

    def __init__(self, why: Refused, bill: Bill) -> None:
        super().__init__(why.code, str(why))
        self.engine, self.tokens_in, self.tokens_out, self.cost_usd = self.bill = bill


class Judge(Protocol):
    """`metered`: its calls cost, and the same question is not asked twice within a day."""

    engine: str
    metered: bool

    @property
    def prompt_version(self) -> str: ...

    def judge(self, request: JudgeRequest) -> Judgement:
        """Raises Unavailable when trying again may help, Refused when it cannot: Unusable where that was paid for."""
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


def span_of(quote: str, answer: str) -> tuple[int, int] | None:
    """Where a quote stands in an answer, although white space, case and typography may differ."""
    folded, places = _folded_with_places(answer)
    wanted = fold(quote)
    at = folded.find(wanted) if wanted else -1
    if at < 0:
        return None
    return places[at], places[at + len(wanted) - 1] + _cluster(answer, places[at + len(wanted) - 1])


def _folded_with_places(answer: str) -> tuple[str, list[int]]:
    """The folded answer, and for each of its characters where its cluster begins in the answer."""
    folded: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(answer):
        length = _cluster(answer, at)
        piece = answer[at : at + length]
        text = " " if piece.isspace() else fold(piece)
        if text != " " or (folded and folded[-1] != " "):
            folded += text
            places += [at] * len(text)
        at += length
    return "".join(folded), places


def _cluster(text: str, at: int) -> int:
    """A character with the marks that belong to it."""
    end = at + 1
    while end < len(text) and unicodedata.category(text[end]) in {"Mn", "Mc", "Me", "Cf"}:
        end += 1
    return end - at


def own_words(text: str, answer: str) -> str:
    """The quoted words as they stand in the answer: its own case, signs and white space."""
    span = span_of(text, answer)
    own = answer[span[0] : span[1]].strip() if span else text
    return own if literal_quote(text, own) else text


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
    found = tuple(
        Quote(own_words(q.text, answers[q.turn]), q.turn)
        for q in judgement.quotes
        if literal_quote(q.text, answers.get(q.turn, ""))
    )
    if not found:
        return replace(judgement, level=None, score=None, quotes=(), not_scored="no-evidence")
    return replace(judgement, quotes=found)


def agreed(samples: Sequence[Judgement | Unavailable | Refused]) -> Judgement:
    """One judgement out of several of the same request: the one in the middle, with the lowest and the highest score.

    Most of the samples have to be there, else their first error is raised, Unavailable before Refused. Where at least
    half of those that are there found no evidence, nothing is scored. What was paid is of all of them, those of no use
    included; what was flagged, of all that are there.
    """
    there = [sample for sample in samples if isinstance(sample, Judgement)]
    paid = [sample for sample in samples if isinstance(sample, Judgement | Unusable)]
    if 2 * len(there) <= len(samples):
        errors = [sample for sample in samples if not isinstance(sample, Judgement)]
        if waits := [error for error in errors if isinstance(error, Unavailable)]:
            raise waits[0]
        raise Unusable(errors[0], _billed(paid)) if paid and isinstance(errors[0], Refused) else errors[0]
    scored = sorted((s for s in there if s.score is not None), key=lambda s: s.score or 0)
    without = [s for s in there if s.score is None]
    if len(without) >= len(scored):
        middle, low, high = without[0], None, None
    else:
        middle = scored[(len(scored) - 1) // 2]
        low, high = (scored[0].score, scored[-1].score) if len(scored) > 1 else (None, None)
    bill = _billed(paid)
    return replace(
        middle, low=low, high=high, flags=tuple(dict.fromkeys(flag for s in there for flag in s.flags)),
        tokens_in=bill.tokens_in, tokens_out=bill.tokens_out, cost_usd=bill.cost_usd,
        took_ms=max(s.took_ms for s in there),
    )  # fmt: skip


def _billed(paid: Sequence[Judgement | Unusable]) -> Bill:
    return Bill(
        paid[0].engine, sum(one.tokens_in for one in paid), sum(one.tokens_out for one in paid),
        sum((one.cost_usd for one in paid), Decimal(0)),
    )  # fmt: skip


def unstable(low: int | None, high: int | None) -> bool:
    """Whether an engine contradicts itself by more than a level's width: then a person has to judge."""
    return low is not None and high is not None and high - low > WIDEST_BAND


def overall(scores: Iterable[tuple[int | None, int]]) -> float | None:
    """Weighted mean of the dimensions that have a score, to one decimal: (80, 30), (70, 20) give 76.0."""
    scored = [(score, weight) for score, weight in scores if score is not None and weight > 0]
    total = sum(weight for _, weight in scored)
    if not total:
        return None
    mean = Decimal(sum(score * weight for score, weight in scored)) / total
    return float(mean.quantize(Decimal("0.1"), ROUND_HALF_UP))
