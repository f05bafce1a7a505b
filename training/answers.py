"""Fits the weights of the mark of a short answer on the fifth of our questions that `training.marker` left out.

python -m training.answers: prints start and weights for app/engines/judging/short.py, and what they are worth where each
eighth of the questions is marked by weights of the other seven. The trained reader has not seen these questions. All
sets count the same, however long they are; answers that preach, and those that are marked without their reference,
are left out of the fitting.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from app.engines.embedding import embedder
from app.engines.judging.evidence import no_answer
from app.engines.judging.instructions import parted
from app.engines.judging.marker import Marker, marker
from app.engines.judging.short import (
    DONT_KNOW,
    NONE_OF_IT,
    PREACHED,
    WEIGHTS,
    WHOLE_OF_IT,
    agreement,
    answering,
    weighed,
)
from tests.evals.answers.measure import DEVELOPMENT, MODELS, Graded, graded, pearson, within
from training.lessons import left_out
from training.lessons import rows as lessons

FOLDS, RIDGE = 8, 0.5
Seen = tuple[list[float], float] | None


def main() -> None:
    left = left_out(lessons())
    sets = [_of(graded(name, half), left) for name, half in DEVELOPMENT]
    reader = marker(MODELS)
    rows = [row for some in sets for row in some]
    found = [_seen(row, reader) for row in rows]
    seen = np.array([one[0] if one else [0.0] * len(WEIGHTS) for one in found])
    kept = np.array([1 - PREACHED * one[1] if one else 0.0 for one in found])
    grades = np.array([row.grade / 5 for row in rows])
    counts = np.array([len(rows) / len(sets) / len(some) for some in sets for _ in some])
    counts = np.where(kept < 1, 0.0, counts)
    questions = sorted({row.question_id for row in rows})
    marks = np.zeros(len(rows))
    for fold in range(FOLDS):
        held = np.isin([row.question_id for row in rows], questions[fold::FOLDS])
        start, weights = fitted(seen[~held], grades[~held], counts[~held])
        marks[held] = np.clip(start + seen[held] @ weights - NONE_OF_IT, 0, WHOLE_OF_IT - NONE_OF_IT) * kept[held]
    marks = np.where([one is None for one in found], DONT_KNOW, marks)
    at = 0
    for (name, _), some in zip(DEVELOPMENT, sets, strict=True):
        values, at = marks[at : at + len(some)], at + len(some)
        print(f"{name}: r {pearson(values, [row.grade for row in some]):.3f}, within {within(values, some):.3f}")
    start, weights = fitted(seen, grades, counts)
    print(f"start {start:.3f}", *(f"{name} {weight:.3f}" for name, weight in zip(WEIGHTS, weights, strict=True)))


def _of(rows: Iterable[Graded], questions: set[str]) -> list[Graded]:
    return [row for row in rows if row.question_id in questions]


def _seen(row: Graded, reader: Marker) -> Seen:
    model = embedder(MODELS)
    kept, _ = parted(row.answer, model.embed)
    said = answering(kept, row.question)
    if not said or no_answer(" ".join(said)):
        return None
    found = agreement(row.question, row.reference, weighed(row.question, row.reference, said), model, reader)
    return list(found.measures.values()), found.preached


def fitted(seen: Any, grades: Any, counts: Any) -> tuple[float, Any]:
    """Ridge regression; the penalty is of deviations, so that no measure is held back for its unit."""
    columns = np.c_[seen, np.ones(len(seen))]
    penalty = np.diag([RIDGE * len(seen) / 100 * variance for variance in seen.var(axis=0)] + [0.0])
    found = np.linalg.solve(columns.T @ (columns * counts[:, None]) + penalty, columns.T @ (grades * counts))
    return float(found[-1]), found[:-1]


if __name__ == "__main__":
    main()
