# ruff: noqa: E501 (patterns and word lists)
"""Grading a short answer: by how much of a reference it says, or, where there is none, as an interview answer.

Agreement with a reference combines the meaning of the whole, clause by clause coverage of the reference, and an
alignment of single words in which the words of the question count for nothing ("question demoting", Sultan,
Salazar and Sumner 2016: whoever repeats the question has not answered it). Negations and opposites that stand
against the reference take away from it.
"""

import re
from typing import Any, Final

import numpy as np

from app.engines.judging import evidence
from app.engines.judging.instructions import parted
from app.engines.judging.interview import Meaning, units
from app.engines.judging.pieces import STOP_WORDS, clauses, sentences, stem, words
from app.engines.language import english
from app.ports.judging import AnswerTurn, JudgeRequest

DONT_KNOW: Final = 0.03
NOTHING_OF_IT: Final = 0.02
WORD_FROM: Final = 0.35
SAME_WORD: Final = 0.8
RARE_WEIGHT: Final = 1.6
QUOTES: Final = 2
FEW_WORDS: Final = 4
NEGATED_REACH: Final = 3
ALL_OF_IT, PART_OF_IT = 0.75, 0.35
_NEGATION: Final = re.compile(
    r"\b(?:not|no|never|none|neither|nor|cannot|without|n't|don't|doesn't|isn't|aren't|can't|won't|didn't|wasn't|weren't|shouldn't|wouldn't|couldn't|hardly|unable|fails? to)\b|n't\b",
    re.IGNORECASE,
)
_OPPOSITES: Final = tuple(
    (frozenset(one.split()), frozenset(other.split()))
    for one, other in (
        ("increase increases increased rise rises more higher grow grows larger bigger greater", "decrease decreases decreased fall falls less lower shrink shrinks smaller fewer reduce reduces"),
        ("before prior earlier", "after later afterwards"), ("first front head top beginning start", "last back tail bottom end"),
        ("fast faster quick quicker quickly", "slow slower slowly"), ("true yes correct right", "false wrong incorrect"), ("always every all", "never none no"),
        ("open opens opened", "close closes closed shut"), ("add adds added insert inserts", "remove removes removed delete deletes deleted"),
        ("hot hotter warm warmer", "cold colder cool cooler"), ("high", "low"), ("positive", "negative"), ("public", "private"), ("input", "output"), ("inside internal inner", "outside external outer"),
        ("static", "dynamic"), ("attract attracts", "repel repels"), ("expand expands", "contract contracts"), ("gain gains", "lose loses"), ("same equal", "different unequal"),
        ("allow allows permit permits", "forbid forbids prevent prevents block blocks"), ("complete", "incomplete"), ("series", "parallel"), ("min minimum minimal", "max maximum maximal"),
    )
)  # fmt: skip


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
    said, asked = set(_content(text)), set(_content(question))
    return len(said) >= FEW_WORDS and said <= asked


def _content(text: str) -> list[str]:
    return [word for word in words(text) if word not in STOP_WORDS]


def _against(question: str, reference: str, said: list[str], meaning: Meaning) -> dict[str, Any]:
    answer = " ".join(said)
    whole = _meaning(reference, answer, meaning)
    aligned, missed = _aligned(question, reference, answer, meaning)
    covered = _covered(reference, said, meaning)
    against = _contradicts(reference, answer)
    agreement = 0.36 * whole + 0.42 * aligned + 0.22 * covered
    score = float(np.clip(_curve(agreement) * (1 - against), 0.0, 1.0))
    return _line(score, _nearest(reference, said, meaning), _reason(score, missed, against))


def _meaning(reference: str, answer: str, meaning: Meaning) -> float:
    one, other = meaning.embed([reference, answer])
    return max(0.0, float(one @ other))


def _covered(reference: str, said: list[str], meaning: Meaning) -> float:
    """For each clause of the reference, the nearest part of the answer."""
    wanted = [c for s in sentences(reference) for c in clauses(s) if len(_content(c)) > 1] or [reference]
    given = [*said, *(c for s in said for c in clauses(s)), " ".join(said)]
    return float(np.clip((meaning.embed(wanted) @ meaning.embed(given).T).max(axis=1), 0, 1).mean())


def _aligned(question: str, reference: str, answer: str, meaning: Meaning) -> tuple[float, list[str]]:
    """Share of the reference's own words that the answer has too, and the weightiest ones that it lacks."""
    asked = {stem(word) for word in _content(question)}
    wanted = [w for w in dict.fromkeys(_content(reference)) if stem(w) not in asked] or _content(reference)
    given = [w for w in dict.fromkeys(_content(answer)) if stem(w) not in asked] or _content(answer)
    if not wanted or not given:
        return 0.0, wanted[:3]
    rare = meaning.rare(wanted)
    weight = np.array([RARE_WEIGHT if word in rare else 1.0 for word in wanted])
    match = _word_matches(wanted, given, meaning)
    recall = float((match.max(axis=1) * weight).sum() / weight.sum())
    precision = float(match.max(axis=0).mean())
    harmonic = 0.0 if recall + precision == 0 else (1.25 * recall * precision) / (0.25 * precision + recall)
    missed = [word for word, best in zip(wanted, match.max(axis=1), strict=True) if best < WORD_FROM]
    return 0.5 * recall + 0.5 * min(harmonic, 1.0), missed


def _word_matches(wanted: list[str], given: list[str], meaning: Meaning) -> Any:
    near = meaning.embed(wanted) @ meaning.embed(given).T
    graded = np.clip((near - WORD_FROM) / (SAME_WORD - WORD_FROM), 0, 1) * 0.8
    same = np.array([[stem(one) == stem(other) for other in given] for one in wanted])
    return np.where(same, 1.0, graded)


def _contradicts(reference: str, answer: str) -> float:
    """0 to 0.7: opposites of the reference's words, and a denial of what it states."""
    ref, ans = set(words(reference)), set(words(answer))
    opposed = sum(
        bool(ref & one and ans & other and not ans & one and not ref & other)
        or bool(ref & other and ans & one and not ans & other and not ref & one)
        for one, other in _OPPOSITES
    )
    return min(0.7, 0.35 * opposed + 0.4 * _negated(reference, answer))


def _negated(reference: str, answer: str) -> bool:
    """The answer denies a word that the reference states: "bacteria do not multiply"."""
    if _NEGATION.search(reference):
        return False
    stated = {stem(word) for word in _content(reference)}
    reached = (answer[found.end() :].split()[:NEGATED_REACH] for found in _NEGATION.finditer(answer))
    return any(stem(word.lower().strip(".,;")) in stated for following in reached for word in following)


def _curve(agreement: float) -> float:
    """Agreement of unrelated sentences lies near 0.15 and that of good paraphrases near 0.75."""
    return (agreement - 0.15) / 0.6


def _nearest(reference: str, said: list[str], meaning: Meaning) -> list[str]:
    near = meaning.embed(said) @ meaning.embed([reference])[0]
    best = sorted(range(len(said)), key=lambda i: -float(near[i]))[:QUOTES]
    return [said[i] for i in sorted(best)]


def _reason(score: float, missed: list[str], against: float) -> str:
    head = (
        "It says what the reference says."
        if score >= ALL_OF_IT
        else "It says part of the reference."
        if score >= PART_OF_IT
        else "It says little of the reference."
    )
    tail = f" Not found: {', '.join(missed[:4])}." if missed and score < 0.9 else ""  # noqa: PLR2004
    return head + tail + (" Something in it stands against the reference." if against >= 0.2 else "")  # noqa: PLR2004


def _by_itself(question: str, said: list[str], meaning: Meaning) -> dict[str, Any]:
    turn = AnswerTurn(1, question, " ".join(said), None)
    request = JudgeRequest("Answer to the question", question, ("", "", "", ""), (turn,), "en")
    found, _ = units(request, meaning)
    quoted = [w.piece.text for unit in found for w in sorted(unit.evidence, key=lambda w: -w.worth)[:QUOTES]]
    value = sum(unit.value for unit in found) / len(found)
    return _line(value, quoted or said[:1], "Judged by itself: no reference was given.")
