# ruff: noqa: E501 (patterns)
"""Grading a short answer: by how much of a reference it says, or, where there is none, as an interview answer.

Four things that a reader of the mark can be told: how far the answer covers each part of the reference beyond what the
question says already, which of the reference's words it has, how far it only goes round the question, and how much of
it preaches where a deed was asked for. The weights come from half of our own graded answers
(`python -m training.answers`); only the first two of the four can raise a mark.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from app.engines.judging import evidence
from app.engines.judging.instructions import parted
from app.engines.judging.interview import Meaning, Vectors, units
from app.engines.judging.pieces import STOP_WORDS, clauses, content, sentences, words
from app.engines.judging.wording import Shared, shared
from app.engines.language import english
from app.ports.judging import AnswerTurn, JudgeRequest

DONT_KNOW: Final = 0.03
NOTHING_OF_IT: Final = 0.02
QUOTES: Final = 2
FEW_WORDS: Final = 4
NEARLY_ALL, ALL_OF_IT, HALF, PART_OF_IT = 0.9, 0.75, 0.5, 0.35
NONE_OF_IT, WHOLE_OF_IT = 0.2, 0.8
START: Final = 0.188
WEIGHTS: Final = {"covered": 1.04, "shared": 0.362, "round_the_question": -0.3}
PREACHED: Final = 0.6
_DEED_ASKED: Final = re.compile(
    r"\b(?:what|how|where|when) (?:do|did|would|will|can|could) you\b|\btell (?:me|us) about\b|\bdescribe (?:an?|how you|your)\b|\bhave you\b|\byour\b",
    re.IGNORECASE,
)
_PREACHING: Final = re.compile(
    r"\b(?:must|should|ought to|ha(?:s|ve) to|needs? to|(?:is|are) (?:\w+ )?(?:important|needed|essential|key|part|everything|king|crucial|necessary)|comes? first|be (?:dealt|handled|done)|one \w+s)\b",
    re.IGNORECASE,
)
_DOING: Final = re.compile(r"\b(?:i|i'd|i've|i'll|we)\b(?! (?:must|should|have to|all))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of an answer with a reference; each from about 0 to 1, as far as it goes."""

    covered: float
    shared: float
    round_the_question: float
    preached: float


def score_answer(question: str, reference: str | None, answer: str, meaning: Meaning) -> dict[str, Any]:
    if not answer.strip():
        return _line(None, [], "Nothing was answered.")
    if not english(answer):
        return _line(None, [], "The built-in evaluator was measured for English only, and this is in another language.")
    kept, ordered = parted(answer, meaning.embed)
    said = [text for text in kept if not _echo(text, question)]
    if not said:
        shown = (kept or ordered)[0]
        return _line(NOTHING_OF_IT, [shown], "It does not answer: it repeats the question or speaks to the evaluator.")
    if evidence.no_answer(" ".join(said)):
        return _line(DONT_KNOW, said[:1], "The answer says that there is none.")
    if reference and reference.strip():
        return _against(question, reference, said, meaning)
    return _by_itself(question, said, meaning)


def _line(score: float | None, quotes: list[str], reason: str) -> dict[str, Any]:
    return {"score": None if score is None else round(score, 3), "quotes": quotes, "reason": reason}


def _echo(text: str, question: str) -> bool:
    said, asked = ({word for word in words(each) if word not in STOP_WORDS} for each in (text, question))
    return len(said) >= FEW_WORDS and said <= asked


def _against(question: str, reference: str, said: list[str], meaning: Meaning) -> dict[str, Any]:
    found, words_shared = agreement(question, reference, said, meaning)
    score = marked(found)
    return _line(score, _nearest(reference, said, meaning), _reason(score, found, words_shared))


def marked(found: Agreement) -> float:
    """The fitted value of unrelated answers lies near 0.2, that of whole ones near 0.8."""
    measured = {"covered": found.covered, "shared": found.shared, "round_the_question": found.round_the_question}
    value = START + sum(weight * measured[name] for name, weight in WEIGHTS.items())
    agreed = min(1.0, max(0.0, (value - NONE_OF_IT) / (WHOLE_OF_IT - NONE_OF_IT)))
    return max(NOTHING_OF_IT, agreed * (1 - PREACHED * found.preached))


def agreement(question: str, reference: str, said: list[str], meaning: Meaning) -> tuple[Agreement, Shared]:
    answer = " ".join(said)
    asked, whole = meaning.embed([question, answer])
    words_shared = shared(question, reference, answer, meaning)
    found = Agreement(
        covered=_covered(asked, reference, said, meaning),
        shared=words_shared.share,
        round_the_question=float(asked @ whole),
        preached=_preached(question, said),
    )
    return found, words_shared


def _covered(asked: Vectors, reference: str, said: list[str], meaning: Meaning) -> float:
    """For each part of the reference the nearest part of the answer, both without what the question brings in."""
    wanted = [part for text in sentences(reference) for part in clauses(text) if len(content(part)) > 1] or [reference]
    given = list(dict.fromkeys([*said, *(part for text in said for part in clauses(text)), " ".join(said)]))
    near = _beyond(meaning.embed(wanted), asked) @ _beyond(meaning.embed(given), asked).T
    return float(near.max(axis=1).mean())


def _beyond(rows: Vectors, asked: Vectors) -> Vectors:
    left = rows - np.outer(rows @ asked, asked)
    unit: Vectors = left / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-6)
    return unit


def _preached(question: str, said: list[str]) -> float:
    """Share of sentences that say what one should do, where somebody was asked what they do."""
    if not _DEED_ASKED.search(question):
        return 0.0
    plain = [text.replace("’", "'") for text in said]
    return sum(bool(_PREACHING.search(text)) and not _DOING.search(text) for text in plain) / len(plain)


def _nearest(reference: str, said: list[str], meaning: Meaning) -> list[str]:
    near = meaning.embed(said) @ meaning.embed([reference])[0]
    best = sorted(range(len(said)), key=lambda i: -float(near[i]))[:QUOTES]
    return [said[i] for i in sorted(best)]


def _reason(score: float, found: Agreement, words_shared: Shared) -> str:
    head = (
        "It says what the reference says."
        if score >= ALL_OF_IT
        else "It says part of the reference."
        if score >= PART_OF_IT
        else "It says little of the reference."
    )
    missed, turned = words_shared.missed[:4], words_shared.turned[:3]
    parts = (
        head,
        f"Not found: {', '.join(missed)}." if missed and score < NEARLY_ALL else "",
        f"Something stands against the reference: {', '.join(turned)}." if turned else "",
        "It says what one should do, not what somebody does." if found.preached >= HALF else "",
    )
    return " ".join(part for part in parts if part)


def _by_itself(question: str, said: list[str], meaning: Meaning) -> dict[str, Any]:
    turn = AnswerTurn(1, question, " ".join(said), None)
    request = JudgeRequest("Answer to the question", question, ("", "", "", ""), (turn,), "en")
    found, _ = units(request, meaning)
    quoted = [w.piece.text for unit in found for w in sorted(unit.evidence, key=lambda w: -w.worth)[:QUOTES]]
    value = sum(unit.value for unit in found) / len(found)
    return _line(value, quoted or said[:1], "Judged by itself: no reference was given.")
