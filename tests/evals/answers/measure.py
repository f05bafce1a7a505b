"""Answers graded by hand: does the mark go with the grade, better than plain likeness to the reference does?

python -m tests.evals.answers.measure [held|dev] [-v]
"""

import json
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from app.adapters.local.judging import LocalJudge
from app.engines.embedding import embedder
from app.engines.judging.pieces import content

HERE = Path(__file__).parent
MODELS = Path("var/models")
SETS = ("short", "cases")
TURNED = "turned"
NATURAL = "natural"  # kept out, all of it
GRADED_ONCE = {f"{name} {kind}": (name, kind) for name in ("further", "taught") for kind in SETS}
DEVELOPMENT = (("short", "dev"), ("cases", "dev"), *((name, None) for name in GRADED_ONCE))
GOOD = 4


@dataclass(frozen=True)
class Graded:
    """`grade` is the mean of both gradings, 0 to 5."""

    question_id: str
    question: str
    reference: str
    answer: str
    first: float
    second: float

    @property
    def grade(self) -> float:
        return (self.first + self.second) / 2


def half_of(question_id: str) -> str:
    plain = question_id.removeprefix(f"{TURNED}-")
    return "held" if sha256(plain.encode()).digest()[0] % 2 else "dev"


def graded(name: str, half: str | None = None) -> list[Graded]:
    if name in GRADED_ONCE:
        return _graded_once(*GRADED_ONCE[name])
    first, second = _read("first"), _read("second")
    return [
        Graded(one["id"], one["question"], one["reference"], answer, *grades)
        for one in _read(name)
        if half in (None, half_of(one["id"]))
        for answer, *grades in zip(one["answers"], first[one["id"]], second[one["id"]], strict=True)
    ]


def _graded_once(name: str, kind: str) -> list[Graded]:
    """Of sets that are all for development."""
    return [
        Graded(one["id"], one["question"], one["reference"], answer, grade, grade)
        for one in _read(name)
        if one["set"] == kind
        for answer, grade in one["answers"]
    ]


@cache
def _read(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text("utf-8"))


def scores(rows: Iterable[Graded], *, reference: bool = True) -> list[float]:
    return [_score(row.question, row.reference if reference else None, row.answer) for row in rows]


@cache
def _score(question: str, reference: str | None, answer: str) -> float:
    return LocalJudge(MODELS).score_answer("", question, reference, answer)["score"] or 0.0


def cosines(rows: list[Graded]) -> list[float]:
    """Nearness of answer and reference by their sentence embeddings, and nothing else."""
    embed = embedder(MODELS).embed
    return [float(one @ other) for one, other in zip(embed([r.reference for r in rows]), embed([r.answer for r in rows]), strict=True)]  # fmt: skip


def word_cosines(rows: list[Graded]) -> list[float]:
    """The same by words alone, each weighed by how few texts of the set have it (TF-IDF)."""
    texts = list(dict.fromkeys(text for row in rows for text in (row.reference, row.answer)))
    counts = {text: Counter(content(text)) for text in texts}
    having = Counter(word for words in counts.values() for word in words)

    def weighed(text: str) -> dict[str, float]:
        found = {word: n * (math.log((1 + len(texts)) / (1 + having[word])) + 1) for word, n in counts[text].items()}
        length = math.sqrt(sum(value**2 for value in found.values())) or 1.0
        return {word: value / length for word, value in found.items()}

    def likeness(row: Graded) -> float:
        one, other = weighed(row.reference), weighed(row.answer)
        return sum(value * other.get(word, 0.0) for word, value in one.items())

    return [likeness(row) for row in rows]


def pearson(one: Iterable[float], other: Iterable[float]) -> float:
    return float(np.corrcoef(list(one), list(other))[0, 1])


def within(values: Iterable[float], rows: list[Graded]) -> float:
    """What is left of it once each question's mean is taken away from both."""
    return pearson(_centred(values, rows), _centred((row.grade for row in rows), rows))


def _centred(values: Iterable[float], rows: list[Graded]) -> list[float]:
    by_question: dict[str, list[float]] = {}
    known = list(values)
    for value, row in zip(known, rows, strict=True):
        by_question.setdefault(row.question_id, []).append(value)
    return [value - float(np.mean(by_question[row.question_id])) for value, row in zip(known, rows, strict=True)]


def figures(rows: list[Graded]) -> dict[str, tuple[float, float]]:
    """Of each way to mark: r, and r within questions."""
    ways: dict[str, Callable[[], list[float]]] = {
        "engine": lambda: scores(rows),
        "engine, no reference": lambda: scores(rows, reference=False),
        "cosine of embeddings": lambda: cosines(rows),
        "TF-IDF": lambda: word_cosines(rows),
    }
    found = {}
    for way, marked in ways.items():
        values = marked()
        found[way] = (pearson(values, [row.grade for row in rows]), within(values, rows))
    found["second grader on first"] = (pearson([r.first for r in rows], [r.second for r in rows]), math.nan)
    return found


def against_turned(half: str | None, marked: Callable[[list[Graded]], list[float]]) -> tuple[float, int]:
    """Of all pairs of a good answer and one that turns the reference's own words round, how many go the right way."""
    good = [row for name in SETS for row in graded(name, half) if row.grade >= GOOD]
    turned = graded(TURNED, half)
    marks = dict(zip([*good, *turned], marked([*good, *turned]), strict=True))
    pairs = [(g, t) for t in turned for g in good if g.question_id == t.question_id.removeprefix(f"{TURNED}-")]
    return sum(marks[g] > marks[t] for g, t in pairs) / len(pairs), len(pairs)


def told(half: str | None) -> str:
    lines = []
    for name in (*SETS, NATURAL) if half == "held" else SETS:
        rows = graded(name, None if name == NATURAL else half)
        lines.append(f"{name}, {half or 'all'}: {len(rows)} answers to {len({r.question_id for r in rows})} questions")
        lines += [f"  {way:24} r {r:5.2f}   within {w:5.2f}" for way, (r, w) in figures(rows).items()]
    for way, marked in (("engine", scores), ("cosine of embeddings", cosines), ("TF-IDF", word_cosines)):
        share, pairs = against_turned(half, marked)
        lines.append(f"turned, {half or 'all'}: {way:24} {share:.2f} of {pairs} pairs")
    return "\n".join(lines)


def main() -> None:
    halves = [half for half in ("dev", "held") if half in sys.argv] or ["dev", "held"]
    for half in halves:
        print(told(half))
    if "-v" in sys.argv and "held" not in halves:
        for name in SETS:
            rows = graded(name, "dev")
            for row, score in zip(rows, scores(rows), strict=True):
                print(f"{row.question_id:14} {row.grade:.1f} {5 * score:.1f}  {row.answer[:110]}")


if __name__ == "__main__":
    main()
