"""Twenty pairs of whole interviews: does the better one win, and do weak answers get the lowest level?

python -m tests.evals.pairs.measure [--quotes]
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from app.adapters.local.judging import LocalJudge
from app.ports.judging import AnswerTurn, Judge, Judgement, JudgeRequest, literal_quote, overall

HERE = Path(__file__).parent
JOBS = ("nurse", "developer", "electrician", "office")
OFF_TOPIC = "At the weekend I bake sourdough bread and walk along the river with my dog, whatever the weather is like."


@dataclass(frozen=True)
class Outcome:
    overall: float | None
    judgements: dict[str, Judgement]


def kit(job: str) -> dict:
    return json.loads((HERE / "kits" / f"{job}.json").read_text(encoding="utf-8"))


def answers(name: str) -> list[str]:
    return json.loads((HERE / "answers" / f"{name}.json").read_text(encoding="utf-8"))


def pairs() -> list[str]:
    return sorted(path.name.removesuffix("-better.json") for path in (HERE / "answers").glob("*-better.json"))


def requests(kit: dict, given: list[str]) -> dict[str, JudgeRequest]:
    turns = [
        (question, AnswerTurn(number, question["text"], answer, None))
        for number, (question, answer) in enumerate(zip(kit["questions"], given, strict=True), 1)
    ]
    return {
        one["name"]: JudgeRequest(
            dimension=one["name"],
            description=one["description"],
            anchors=tuple(one["anchors"]),
            turns=tuple(turn for question, turn in turns if one["name"] in question["dimensions"]),
            language=None,
        )
        for one in kit["dimensions"]
    }


def judged(judge: Judge, kit: dict, given: list[str]) -> Outcome:
    found = {name: judge.judge(request) for name, request in requests(kit, given).items()}
    weights = {one["name"]: one["weight"] for one in kit["dimensions"]}
    return Outcome(overall((found[name].score, weights[name]) for name in found), found)


def lowest(judge: Judge) -> dict[str, tuple[int, int]]:
    """Of all dimensions of all kits, in how many a set of such answers gets the level "missing", and quoted."""
    kinds = {
        "repeated question": lambda question: question["text"],
        "off-topic": lambda _: OFF_TOPIC,
        "I don't know": lambda _: "I don't know.",
    }
    found = {}
    for name, answer in kinds.items():
        results = [
            one
            for job in JOBS
            for one in judged(judge, kit(job), [answer(q) for q in kit(job)["questions"]]).judgements.values()
        ]
        found[name] = (sum(one.level == "missing" and bool(one.quotes) for one in results), len(results))
    return found


def main(judge: Judge) -> None:
    wins = 0
    quotes = bearing = 0
    for name in pairs():
        job = kit(name.split("-")[0])
        better, worse = (judged(judge, job, answers(f"{name}-{side}")) for side in ("better", "worse"))
        won = (better.overall or 0) > (worse.overall or 0)
        wins += won
        longer = len("".join(answers(f"{name}-worse"))) > len("".join(answers(f"{name}-better")))
        mark = "" if won else "  <- lost"
        print(
            f"{name:14} better {better.overall:5}  worse {worse.overall:5}{'  (worse is longer)' if longer else ''}{mark}"
        )
        asked = requests(job, answers(f"{name}-better"))
        for dimension, one in better.judgements.items():
            turns = {turn.number: turn for turn in asked[dimension].turns}
            quotes += len(one.quotes)
            bearing += sum(q.turn in turns and literal_quote(q.text, turns[q.turn].answer) for q in one.quotes)
            if "--quotes" in sys.argv:
                print(f"   {dimension}: {one.level} {one.score} | " + " | ".join(q.text for q in one.quotes))
    print(f"better wins: {wins} of {len(pairs())}")
    print(f"quotes from an answer that was asked for the dimension, literal: {bearing} of {quotes}")
    for name, (missing, total) in lowest(judge).items():
        print(f"{name}: lowest level and quoted in {missing} of {total}")


if __name__ == "__main__":
    main(LocalJudge(Path("var/models")))
