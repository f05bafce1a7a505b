"""Advertisements written by hand from life: how much of each is read right?

`dev` are those that rules may be mended on, `held` those that nobody looks into; `own` are the ten of the first days.

python -m tests.evals.postings.measure [dev|held|own] [-v]
"""

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from app.adapters.local.analysis import analyse_file

HERE = Path(__file__).parent
PARTS = ("dev", "held", "own")
GOALS = {"title": 0.9, "years": 0.85, "pay": 0.85, "must-have F1": 0.7}


def plain(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


def same_skill(one: str, other: str) -> bool:
    """Alike when one names the other, in whole words: "Food hygiene level 3" is "food hygiene"."""
    a, b = plain(one), plain(other)
    return f" {a} " in f" {b} " or f" {b} " in f" {a} "


def labels(part: str) -> dict[str, dict[str, Any]]:
    return json.loads((HERE / part / "labels.json").read_text(encoding="utf-8"))


@cache
def read(part: str, file: str) -> dict[str, Any]:
    return analyse_file(str(HERE / part / "texts" / file))


def right(got: dict[str, Any], label: dict[str, Any]) -> dict[str, bool]:
    """Of each field that has a label."""
    whole = {
        "title": plain(got["title"]) == plain(label["title"]),
        "years": got["years_min"] == label["years_min"],
        "pay": got["salary"] == label["salary"],
    }
    return whole | {name: plain(got[name]) == plain(label[name]) for name in ("location", "remote") if name in label}


def measured(part: str) -> dict[str, float]:
    judged = [(label, read(part, file)) for file, label in labels(part).items()]
    fields = [right(got, label) for label, got in judged]
    shares = {name: sum(one[name] for one in fields) / len(fields) for name in fields[0]}
    hits = sum(
        any(same_skill(skill, other) for other in got["must_have"])
        for label, got in judged
        for skill in label["must_have"]
    )
    correct = sum(
        any(same_skill(skill, other) for other in label["must_have"])
        for label, got in judged
        for skill in got["must_have"]
    )
    recall = hits / sum(len(label["must_have"]) for label, _ in judged)
    precision = correct / max(sum(len(got["must_have"]) for _, got in judged), 1)
    return shares | {
        "must-have precision": precision,
        "must-have recall": recall,
        "must-have F1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


def misses(part: str) -> None:
    for file, label in labels(part).items():
        got = read(part, file)
        keys = {"pay": "salary", "years": "years_min"}
        wrong = {name: got[keys.get(name, name)] for name, ok in right(got, label).items() if not ok}
        missed = [one for one in label["must_have"] if not any(same_skill(one, other) for other in got["must_have"])]
        extra = [one for one in got["must_have"] if not any(same_skill(one, other) for other in label["must_have"])]
        print(file, wrong, "missed:", missed, "extra:", extra)


def told(part: str) -> str:
    figures = (f"  {name:20} {value:.2f}" for name, value in measured(part).items())
    return "\n".join((f"{part}: {len(labels(part))} advertisements", *figures))


if __name__ == "__main__":
    for part in [name for name in sys.argv[1:] if name in PARTS] or PARTS:
        if "-v" in sys.argv:
            misses(part)
        print(told(part))
