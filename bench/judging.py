"""Scoring an interview of eight answers on five dimensions: by the built-in engine, and by a model that takes 2 s.

    bin/bench judging [--interviews 3]

The model is a server on this machine that waits two seconds for each call; it is asked as a worker asks: dimensions at
once (LLM_AT_ONCE), samples at once, a key within 50 calls a minute. Goals: under 2 s; under 5 s with the model.
"""

import argparse
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import LlmJudge
from app.adapters.llm.ring import Guard, Ring
from app.adapters.local.guarding import GuardedJudge
from app.adapters.local.judging import LocalJudge
from app.ports.judging import AnswerTurn, Judge, JudgeRequest
from tests.evals.pairs.measure import HERE, kit

AT_ONCE, ANSWERS, DIMENSIONS = 5, 8, 5


def asked(number: int) -> list[JudgeRequest]:
    """Eight answers, of which each dimension is asked for by two or three."""
    known = kit("nurse")
    texts = [
        text
        for file in sorted((HERE / "answers").glob("nurse-*-better.json"))
        for text in json.loads(file.read_text("utf-8"))
    ]
    said = [texts[(number + each) % len(texts)] for each in range(ANSWERS)]
    dimensions = (known["dimensions"] * DIMENSIONS)[:DIMENSIONS]
    return [
        JudgeRequest(
            dimension=f"{one['name']} {place}", description=one["description"], anchors=tuple(one["anchors"]),
            turns=tuple(
                AnswerTurn(turn + 1, known["questions"][turn % len(known["questions"])]["text"], said[turn], None)
                for turn in range(place % 2, ANSWERS, 3)
            ),
            language=None,
        )
        for place, one in enumerate(dimensions)
    ]  # fmt: skip


def seconds(judge: Judge, interviews: int, *, at_once: int) -> list[float]:
    took = []
    for number in range(interviews):
        started = time.perf_counter()
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(judge.judge, asked(number)))
        took.append(time.perf_counter() - started)
    return took


def main() -> None:
    from tests.fakes.llm_server import LlmServer

    said = argparse.ArgumentParser()
    said.add_argument("--interviews", type=int, default=3)
    count = said.parse_args().interviews
    own = LocalJudge(Path("var/models"))
    seconds(own, 1, at_once=1)  # the model is loaded once a process
    print(f"built-in: {median(seconds(own, count, at_once=1)):.2f} s an interview, one by one")
    with LlmServer().running() as server:
        server.orders, server.slow_seconds = ["slow"], 2.0
        client = MessagesClient("key", "claude-bench", server.url, timeout=30, max_retries=0)
        judge = LlmJudge(Ring([client], Guard(per_minute=50)))
        took = seconds(GuardedJudge(judge), min(count, 3), at_once=AT_ONCE)
        judge.close()
    print(f"a model of 2 s a call: {median(took):.2f} s an interview, {len(server.requests)} calls, key of 50 a minute")


if __name__ == "__main__":
    main()
