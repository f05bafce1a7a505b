"""Ten advertisements of our own: how much of each is read right?

python -m tests.evals.postings.measure [-v]
"""

import json
import re
import sys
from pathlib import Path

from app.adapters.local.analysis import analyse_file

HERE = Path(__file__).parent


def plain(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


def same_skill(one: str, other: str) -> bool:
    """Alike when one names the other, in whole words: "Food hygiene level 3" is "food hygiene"."""
    a, b = plain(one), plain(other)
    return f" {a} " in f" {b} " or f" {b} " in f" {a} "


def skills(found: list[str], wanted: list[str]) -> tuple[int, int, int]:
    hits = sum(any(same_skill(skill, other) for other in found) for skill in wanted)
    right = sum(any(same_skill(skill, other) for other in wanted) for skill in found)
    return hits, right, len(found)


def measured() -> dict[str, float]:
    labels = json.loads((HERE / "labels.json").read_text(encoding="utf-8"))
    right = dict.fromkeys(("title", "years", "pay", "location", "remote"), 0)
    hits = correct = found_skills = wanted_skills = 0
    for file, label in labels.items():
        got = analyse_file(str(HERE / "texts" / file))
        same = {
            "title": plain(got["title"]) == plain(label["title"]),
            "years": got["years_min"] == label["years_min"],
            "pay": got["salary"] == label["salary"],
            "location": plain(got["location"]) == plain(label["location"]),
            "remote": got["remote"] == label["remote"],
        }
        for name, ok in same.items():
            right[name] += ok
        hit, ok_found, total = skills(got["must_have"], label["must_have"])
        hits, correct, found_skills, wanted_skills = (
            hits + hit,
            correct + ok_found,
            found_skills + total,
            wanted_skills + len(label["must_have"]),
        )
        if "-v" in sys.argv:
            print(
                file,
                {
                    name: got["salary" if name == "pay" else "years_min" if name == "years" else name]
                    for name, ok in same.items()
                    if not ok
                },
                got["must_have"],
                "| nice:",
                got["nice_to_have"],
            )
    recall, precision = hits / wanted_skills, correct / max(found_skills, 1)
    return {name: count / len(labels) for name, count in right.items()} | {
        "must-have precision": precision,
        "must-have recall": recall,
        "must-have F1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


if __name__ == "__main__":
    for name, value in measured().items():
        print(f"{name:20} {value:.2f}")
