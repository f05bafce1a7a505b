"""Scoring an interview of eight answers on five dimensions: by the built-in engine, and by a model that takes 2 s.

    bin/bench judging [--interviews 3]

The model is a server on this machine that waits two seconds for each call; it is asked as a worker asks: dimensions at
once (LLM_AT_ONCE), samples at once, a key within 50 calls a minute, and again after as long as the key's limit says.
Goals: under 2 s; under 5 s with the model; under 30 s at the limit of the key, of which others have used a part.
"""

import argparse
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import TOOL, LlmJudge, rendered
from app.adapters.llm.ring import Guard, Ring
from app.adapters.local.guarding import GuardedJudge
from app.adapters.local.judging import LocalJudge
from app.kernel.errors import Unavailable
from app.ports.judging import AnswerTurn, Judgement, JudgeRequest
from tests.evals.pairs.measure import HERE, kit

AT_ONCE, ANSWERS, DIMENSIONS = 5, 8, 5
PER_MINUTE, USED = 50, (30, 40, 50)


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


def seconds(judge: Callable[[JudgeRequest], Judgement], interviews: int, *, at_once: int) -> list[float]:
    took = []
    for number in range(interviews):
        started = time.perf_counter()
        with ThreadPoolExecutor(at_once) as threads:
            list(threads.map(judge, asked(number)))
        took.append(time.perf_counter() - started)
    return took


def patiently(judge: GuardedJudge, request: JudgeRequest) -> Judgement:
    """As a task does: what is put off is asked again when it may be."""
    while True:
        try:
            return judge.judge(request)
        except Unavailable as error:
            time.sleep(error.after.total_seconds() if error.after else 1)


def at_the_limit(used: int) -> tuple[float, int]:
    """Seconds for one interview where the key has answered so many other calls just before, and its own calls."""
    from tests.fakes.llm_server import LlmServer

    with LlmServer().running() as server:
        client = MessagesClient("key", "claude-bench", server.url, timeout=30, max_retries=0)
        ring = Ring([client], Guard(per_minute=PER_MINUTE))
        for _ in range(used):
            ring.ask(*rendered(asked(0)[0]), TOOL)
        server.orders, server.slow_seconds = ["slow"], 2.0
        judge = LlmJudge(ring)
        (took,) = seconds(partial(patiently, GuardedJudge(judge)), 1, at_once=AT_ONCE)
        judge.close()
        return took, len(server.requests) - used


def main() -> None:
    from tests.fakes.llm_server import LlmServer

    said = argparse.ArgumentParser()
    said.add_argument("--interviews", type=int, default=3)
    count = said.parse_args().interviews
    own = LocalJudge(Path("var/models"))
    seconds(own.judge, 1, at_once=1)  # the model is loaded once a process
    print(f"built-in: {median(seconds(own.judge, count, at_once=1)):.2f} s an interview, one by one")
    with LlmServer().running() as server:
        server.orders, server.slow_seconds = ["slow"], 2.0
        client = MessagesClient("key", "claude-bench", server.url, timeout=30, max_retries=0)
        judge = LlmJudge(Ring([client], Guard(per_minute=PER_MINUTE)))
        took = seconds(GuardedJudge(judge).judge, min(count, 3), at_once=AT_ONCE)
        judge.close()
    print(f"a model of 2 s a call: {median(took):.2f} s an interview, {len(server.requests)} calls, key of 50 a minute")
    for used in USED:
        waited, calls = at_the_limit(used)
        print(f"of the key's {PER_MINUTE} calls a minute {used} used by others: {waited:.1f} s, {calls} calls")


if __name__ == "__main__":
    main()
