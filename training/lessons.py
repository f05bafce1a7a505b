"""What the marks of short answers are learned from: all that is graded for development, but what is near to what is kept out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from app.engines.embedding import embedder
from app.engines.judging.marker import encoded
from tests.evals.answers.measure import DEVELOPMENT, MODELS, NATURAL, SETS, TURNED, graded

TOO_NEAR, FOLDS = 0.65, 5


@dataclass
class Row:
    question_id: str
    grade: float
    weight: float
    tokens: list[int]
    states: Any = None


def rows() -> list[Row]:
    kept_out = {row.question for name in SETS for row in graded(name, "held")} | {r.question for r in graded(NATURAL)}
    found = [(name, row) for name, half in (*DEVELOPMENT, (TURNED, "dev")) for row in graded(name, half)]
    near = _near({row.question for _, row in found}, kept_out)
    return [
        Row(
            row.question_id.removeprefix(f"{TURNED}-"), row.grade / 5, 0.7 if name == TURNED else 1.0,
            encoded(row.question, row.reference, row.answer),
        )
        for name, row in found
        if row.question not in near
    ]  # fmt: skip


def _near(questions: set[str], kept_out: set[str]) -> set[str]:
    ours, theirs = sorted(questions), sorted(kept_out)
    model = embedder(MODELS)
    nearest = (model.embed(ours) @ model.embed(theirs).T).max(axis=1)
    return {question for question, near in zip(ours, nearest, strict=True) if near > TOO_NEAR}


def left_out(some: list[Row]) -> set[str]:
    """The questions by whose answers the weights are fitted."""
    ids = sorted({row.question_id for row in some})
    return {ids[place] for place in np.random.default_rng(7).permutation(len(ids))[::FOLDS]}
