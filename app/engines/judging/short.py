# ruff: noqa: E501 (patterns)
"""Grading a short answer: by how much of a reference it says, or, where there is none, as an interview answer.

Five things that a reader of the mark can be told: how far the answer covers each part of the reference beyond what the
question says already, which of the reference's words it has, whether it puts together what the reference keeps apart,
whether it has phrases that say nothing, and how much of it preaches where a deed was asked for; the last three only
take away. The sixth is what a small model says that learned from graded answers (marker.py). The weights come from other
graded answers (`python -m training.answers`).

Who speaks is taken out before an answer is weighed, as it is from interviews; what the question or the reference
itself names stays.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from app.engines.judging import evidence
from app.engines.judging.blind import about_oneself, blind
from app.engines.judging.instructions import parted
from app.engines.judging.interview import Meaning, Vectors, units
from app.engines.judging.pieces import STOP_WORDS, clauses, content, sentences, words
from app.engines.judging.wording import Rearranged, Shared, lead, rearranged, shared
from app.engines.language import english
from app.ports.judging import AnswerTurn, JudgeRequest

DONT_KNOW: Final = 0.03
NOTHING_OF_IT: Final = 0.02
QUOTES: Final = 2
FEW_WORDS: Final = 4
NEARLY_ALL, ALL_OF_IT, HALF, PART_OF_IT = 0.9, 0.75, 0.5, 0.35
NONE_OF_IT, WHOLE_OF_IT = 0.2, 0.8
START: Final = -0.081
WEIGHTS: Final = {
    "covered": 0.524,
    "shared": 0.326,
    "rearranged": -0.366,
    "phrases": -0.173,
    "read": 0.6,
}
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
    words: Shared
    order: Rearranged
    phrases: float
    preached: float
    read: float

    @property
    def measures(self) -> dict[str, float]:
        return {
            "covered": self.covered,
            "shared": self.words.share,
            "rearranged": self.order.share,
            "phrases": self.phrases,
            "read": self.read,
        }


class Marking(Protocol):
    """What the trained reader of short answers offers."""

    def grade(self, question: str, reference: str, answer: str) -> float: ...


def score_answer(
    question: str, reference: str | None, answer: str, meaning: Meaning, marker: Callable[[], Marking]
) -> dict[str, Any]:
    """The marker is asked for only where there is a reference: it takes memory."""
    if not answer.strip():
        return _line(None, [], "Nothing was answered.")
    if not english(blind(answer)):
        return _line(None, [], "The built-in evaluator was measured for English only, and this is in another language.")
    kept, ordered = parted(answer, meaning.embed)
    said = answering(kept, question)
    if not said:
        shown = (kept or ordered)[0]
        return _line(NOTHING_OF_IT, [shown], "It does not answer: it repeats the question or speaks to the evaluator.")
    if evidence.no_answer(" ".join(said)):
        return _line(DONT_KNOW, said[:1], "The answer says that there is none.")
    if reference and reference.strip():
        return _against(question, reference, said, meaning, marker())
    return _by_itself(question, said, meaning)


def answering(kept: list[str], question: str) -> list[str]:
    """The sentences that are left without those that repeat the question; of these no introduction beside others."""
    said = [text for text in kept if not _echo(text, question)]
    return [text for text in said if not about_oneself(text)] or said


def weighed(question: str, reference: str, said: list[str]) -> list[str]:
    """The same for whoever says it."""
    known = frozenset(words(f"{question} {reference}")) - STOP_WORDS
    return [blind(text, known) for text in said]


def _line(score: float | None, quotes: list[str], reason: str) -> dict[str, Any]:
    return {"score": None if score is None else round(score, 3), "quotes": quotes, "reason": reason}


def _echo(text: str, question: str) -> bool:
    said, asked = ({word for word in words(each) if word not in STOP_WORDS} for each in (text, question))
    return len(said) >= FEW_WORDS and said <= asked


def _against(question: str, reference: str, said: list[str], meaning: Meaning, marker: Marking) -> dict[str, Any]:
    heard = weighed(question, reference, said)
    found = agreement(question, reference, heard, meaning, marker)
    score = marked(found)
    quotes = [said[place] for place in _nearest(reference, heard, meaning)]
    return _line(score, quotes, _reason(score, found))


def marked(found: Agreement) -> float:
    """The fitted value of unrelated answers lies near 0.2, that of whole ones near 0.8."""
    measures = found.measures
    value = START + sum(weight * measures[name] for name, weight in WEIGHTS.items())
    agreed = min(1.0, max(0.0, (value - NONE_OF_IT) / (WHOLE_OF_IT - NONE_OF_IT)))
    return max(NOTHING_OF_IT, agreed * (1 - PREACHED * found.preached))


def agreement(question: str, reference: str, said: list[str], meaning: Meaning, marker: Marking) -> Agreement:
    answer = " ".join(said)
    return Agreement(
        covered=_covered(question, reference, said, meaning),
        words=shared(question, reference, answer, meaning),
        order=rearranged(question, reference, answer),
        phrases=float(any(evidence.signs(text, frozenset(), frozenset()).empty for text in said)),
        preached=_preached(question, said),
        read=min(1.0, max(0.0, marker.grade(question, reference, answer))),
    )


def _covered(question: str, reference: str, said: list[str], meaning: Meaning) -> float:
    """For each part of the reference the nearest part of the answer, without what the question brings in.

    Both are read as they stand and once more after the question: few words alone say what they bring, and what "it"
    is stands in the question.
    """
    wanted = [part for text in sentences(reference) for part in clauses(text) if len(content(part)) > 1] or [reference]
    given = list(dict.fromkeys([*said, *(part for text in said for part in clauses(text)), " ".join(said)]))
    asked = meaning.embed([question])[0]
    found = []
    for before in ("", lead(question)):
        one, other = (_beyond(meaning.embed([before + part for part in parts]), asked) for parts in (wanted, given))
        found.append(float((one @ other.T).max(axis=1).mean()))
    return sum(found) / len(found)


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


def _nearest(reference: str, said: list[str], meaning: Meaning) -> list[int]:
    near = meaning.embed(said) @ meaning.embed([reference])[0]
    return sorted(sorted(range(len(said)), key=lambda i: -float(near[i]))[:QUOTES])


def _reason(score: float, found: Agreement) -> str:
    head = (
        "It says what the reference says."
        if score >= ALL_OF_IT
        else "It says part of the reference."
        if score >= PART_OF_IT
        else "It says little of the reference."
    )
    missed, turned, odd = found.words.missed[:4], found.words.turned[:3], found.order.pairs[:2]
    parts = (
        head,
        f"Not found: {', '.join(missed)}." if missed and score < NEARLY_ALL else "",
        f"Something stands against the reference: {', '.join(turned)}." if turned else "",
        f"It puts together what the reference keeps apart: {', '.join(odd)}."
        if odd and (score < NEARLY_ALL or found.order.share >= HALF)
        else "",
        "It has phrases that say nothing." if found.phrases else "",
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
