"""The built-in evaluator: no key, no network, the same judgement for the same words."""

from dataclasses import replace
from decimal import Decimal
from time import perf_counter
from typing import Final

from app.engines.judging.interview import Meaning, Unit, units
from app.engines.judging.pieces import Piece
from app.engines.language import english
from app.ports.judging import (
    Judgement,
    JudgeRequest,
    NotScored,
    Quote,
    band_of,
    input_hash,
    nothing_said,
)

ENGINE: Final = "assay-built-in/1"
RULES: Final = "rules-4"
MAX_QUOTES: Final = 3
QUOTED_LENGTH: Final = 400
GOOD_ENOUGH: Final = 0.45
_LACKS: Final = {
    "steps": "own steps",
    "detail": "detail such as figures, names or tools",
    "reason": "reasons",
    "result": "a result or a check",
}
_WEAK_STATES: Final = {
    "no-answer": "The answer says that there is none.",
    "repeated": "The answer says the question or an earlier answer over again.",
    "orders": "The answer speaks to the evaluator and does not answer.",
    "off-topic": "The answer does not bear on what was asked.",
}


def judge(request: JudgeRequest, meaning: Meaning) -> Judgement:
    """Scores what was said; it is not for this to say whether the person is any good."""
    started = perf_counter()
    if nothing_said(request):
        return _unscored(request, "nothing-said", "Nothing was said on this.", started)
    said = " ".join(turn.answer for turn in request.turns)
    if not (english(said) if request.language is None else _is_english(request.language) and english(said)):
        reason = "The built-in evaluator was measured for English only, and this is in another language."
        return _unscored(request, "language", reason, started)
    found, flags = units(request, meaning)
    value = sum(unit.value for unit in found) / len(found)
    score = round(100 * min(0.98, max(0.0, value)))
    return replace(
        _unscored(request, None, _reason(found), started),
        level=band_of(score),
        score=score,
        quotes=tuple(Quote(piece.text[:QUOTED_LENGTH], piece.turn) for piece in _quoted(found)),
        flags=tuple(flags),
    )


def _is_english(language: str) -> bool:
    return language.lower().replace("_", "-").split("-")[0] == "en"


def _unscored(request: JudgeRequest, why: NotScored | None, reason: str, started: float) -> Judgement:
    return Judgement(
        level=None,
        score=None,
        reason=reason,
        quotes=(),
        not_scored=why,
        flags=(),
        engine=ENGINE,
        prompt_version=RULES,
        input_hash=input_hash(request, ENGINE, RULES),
        tokens_in=0,
        tokens_out=0,
        cost_usd=Decimal(0),
        took_ms=round(1000 * (perf_counter() - started)),
    )


def _quoted(found: list[Unit]) -> list[Piece]:
    """The sentences that brought most, of every question first one; else the weak ones, for they are evidence too."""
    ranked = [sorted(unit.evidence, key=lambda w: -w.worth) for unit in found]
    firsts = [row[0].piece for row in ranked if row]
    others = sorted((w for row in ranked for w in row[1:]), key=lambda w: -w.worth)
    weak = [piece for unit in found if not unit.evidence for piece in unit.weak]
    chosen = [*firsts, *weak, *(w.piece for w in others)]
    return chosen[: max(MAX_QUOTES, 1)]


def _reason(found: list[Unit]) -> str:
    states = [_WEAK_STATES[unit.state] for unit in found if unit.state in _WEAK_STATES]
    answered = [unit for unit in found if unit.state == "answered"]
    if not answered:
        return " ".join(dict.fromkeys(states))
    brings = {name: sum(unit.brings[name] for unit in answered) / len(answered) for name in _LACKS}
    has = [words for name, words in _LACKS.items() if brings[name] >= GOOD_ENOUGH]
    lacks = [words for name, words in _LACKS.items() if brings[name] < GOOD_ENOUGH]
    parts = [
        f"The answer gives {_joined(has)}." if has else "",
        f"It leaves out {_joined(lacks)}." if lacks else "",
    ]
    return " ".join([part for part in parts if part] + list(dict.fromkeys(states)))


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
