"""Short answers graded by hand: does the score go with the grade?

python -m tests.evals.answers.measure [-v]
"""

import json
import sys
from pathlib import Path

import numpy as np

from app.adapters.local.judging import LocalJudge

HERE = Path(__file__).parent


def measured(judge: LocalJudge) -> dict[str, float]:
    rows = [json.loads(line) for line in (HERE / "graded.jsonl").read_text(encoding="utf-8").splitlines()]
    grades, scores, groups = [], [], []
    for row in rows:
        scored = judge.score_answer(row["id"], row["question"], row["reference"], row["answer"])
        grades.append(row["grade"])
        scores.append(scored["score"])
        groups.append(row["id"].split("-")[0])
        if "-v" in sys.argv:
            print(f"{row['id']:10} {row['grade']:.1f} {scored['score']:.2f}  {row['answer'][:90]}")
    return {
        "answers": len(rows),
        "Pearson r": pearson(scores, grades),
        "r within questions": within(scores, grades, groups),
    }


def pearson(one, other) -> float:
    return float(np.corrcoef(one, other)[0, 1])


def within(scores, grades, groups) -> float:
    def centred(values):
        means = {g: np.mean([v for v, h in zip(values, groups, strict=True) if h == g]) for g in groups}
        return [v - means[g] for v, g in zip(values, groups, strict=True)]

    return pearson(centred(scores), centred(grades))


if __name__ == "__main__":
    for name, value in measured(LocalJudge(Path("var/models"))).items():
        print(f"{name:20} {value:.2f}")
