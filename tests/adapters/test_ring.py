"""Keys by turns, within their limits, the next when one fails, and a provider that is down is left alone."""

import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import redis

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import TOOL, LlmJudge
from app.adapters.llm.ring import FAILURES, Guard, Ring
from app.adapters.openai.client import ChatClient
from app.kernel.errors import Refused, Unavailable
from tests.contracts.test_judging import GOOD, request
from tests.fakes.llm_server import LlmServer

pytestmark = pytest.mark.xdist_group("llm")  # one process imports both libraries, which takes seconds

NOWHERE = "redis://127.0.0.1:9/0"
PROMPT = "Turn 1\n<answer-1>\nI measured every circuit, one after the other, and noted each value.\n</answer-1>"


@pytest.fixture
def server():
    with LlmServer().running() as running:
        yield running


@pytest.fixture
def other():
    with LlmServer().running() as running:
        yield running


@pytest.fixture
def ring(server, other, settings):
    """ring(keys, per_minute=…, rest_seconds=…, fallback=…): its breakers and limits are this test's own."""
    model = f"claude-{uuid.uuid4().hex}"
    with ExitStack() as opened:

        def made(keys=("one",), *, fallback=False, redis_url=None, timeout=5.0, **limits):
            providers = [MessagesClient(key, model, server.url, timeout=timeout, max_retries=0) for key in keys]
            if fallback:
                providers.append(ChatClient("two", model, f"{other.url}/v1", timeout=5, max_retries=0))
            guard = Guard(redis_url or settings.redis_url.get_secret_value(), **limits)
            found = Ring(providers, guard)
            opened.callback(found.close)
            return found

        yield made


def ask(ring):
    return ring.ask("You judge.", PROMPT, TOOL)


def keys_of(server):
    return [headers.get("x-api-key") or headers["authorization"].removeprefix("Bearer ") for headers in server.headers]


def test_keys_are_used_by_turns(ring, server):
    three = ring(["one", "two", "three"])
    for _ in range(9):
        ask(three)
    assert Counter(keys_of(server)) == {"one": 3, "two": 3, "three": 3}


@pytest.mark.parametrize("order", ["429", "529", "401", "403", "hang-up"])
def test_next_key_is_asked_when_one_fails(ring, server, order):
    two = ring(["one", "two"])
    server.orders = [order, "ok"]
    assert ask(two).fields["level"] == "solid"
    assert keys_of(server) == ["one", "two"]


def test_senseless_reply_is_not_asked_for_elsewhere(ring, server):
    server.orders = ["refusal"]
    with pytest.raises(Refused, match="no judgement came back"):
        ask(ring(["one", "two"]))
    assert len(server.requests) == 1


def test_every_key_refused_is_refused(ring, server):
    server.orders = ["401"]
    with pytest.raises(Refused) as caught:
        ask(ring(["one", "two"]))
    assert caught.value.code == "provider-401"


def test_other_engine_comes_in_only_when_the_first_fails_and_is_named(ring, server, other):
    both = ring(["one"], fallback=True)
    assert ask(both).engine == both.engine
    assert other.requests == []
    server.orders = ["529"]
    assert ask(both).engine == both.engine.replace("anthropic/", "openai/")


@pytest.mark.parametrize("order", ["500", "slow"])
def test_r39_an_open_breaker_answers_at_once(ring, server, order):
    """Whether the provider fails or hangs: few calls, then each caller knows within 50 ms (the median of 20)."""
    server.orders, server.slow_seconds = [order], 0.4
    one = ring(["one"], timeout=0.1)
    took = []
    for number in range(FAILURES + 20):
        started = time.perf_counter()
        with pytest.raises(Unavailable):
            ask(one)
        took += [time.perf_counter() - started] if number >= FAILURES else []

    assert len(server.requests) == FAILURES <= 10
    assert sorted(took)[10] <= 0.05


def once_rested(judge):
    """A breaker rests by the real clock, for a second here."""
    end = time.monotonic() + 5
    while True:
        try:
            return ask(judge)
        except Unavailable:
            assert time.monotonic() < end
            time.sleep(0.02)


def test_calls_that_are_not_made_while_a_provider_rests_are_none_of_its_minute(ring, server):
    server.orders = ["503"]
    one = ring(["one"], rest_seconds=1, per_minute=10)
    for _ in range(40):
        with pytest.raises(Unavailable):
            ask(one)
    server.orders = ["ok"]

    assert once_rested(one).fields["level"] == "solid"


def test_provider_that_is_down_is_left_alone_after_few_calls_and_found_again(ring, server):
    server.orders = ["503"]
    one = ring(["one"], rest_seconds=1)
    waits = []
    for _ in range(8):
        with pytest.raises(Unavailable) as caught:
            ask(one)
        waits.append(caught.value.after)
    assert len(server.requests) == FAILURES <= 10
    assert waits[-1] == timedelta(seconds=1)
    server.orders = ["ok"]
    assert once_rested(one).fields["level"] == "solid"
    assert ask(one).fields["level"] == "solid"


def test_breaker_is_known_to_every_process(ring, server):
    server.orders = ["503"]
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            ask(ring(["one"]))
    server.orders = ["ok"]
    with pytest.raises(Unavailable, match="left alone"):
        ask(ring(["one"]))
    assert len(server.requests) == FAILURES


def test_calls_run_side_by_side(ring, server):
    server.orders, server.slow_seconds = ["slow"], 0.5
    one, started = ring(["one"]), time.monotonic()
    with ThreadPoolExecutor(6) as threads:
        assert len(list(threads.map(lambda _: ask(one), range(6)))) == 6
    assert time.monotonic() - started < 6 * 0.5


def test_limit_of_a_key_holds_for_all_processes_and_says_when_to_come_again(ring, server):
    first, second = ring(["one"], per_minute=4), ring(["one"], per_minute=4)
    for each in (first, second, first, second):
        ask(each)
    with pytest.raises(Unavailable) as caught:
        ask(first)
    assert timedelta(0) < caught.value.after <= timedelta(seconds=60)
    assert len(server.requests) == 4


def test_two_keys_have_two_limits(ring, server):
    two = ring(["one", "two"], per_minute=2)
    for _ in range(4):
        ask(two)
    with pytest.raises(Unavailable):
        ask(two)
    assert Counter(keys_of(server)) == {"one": 2, "two": 2}


def test_wiped_redis_closes_the_breaker_and_asks_again(ring, server, settings):
    server.orders = ["503"]
    one = ring(["one"])
    for _ in range(FAILURES + 1):
        with pytest.raises(Unavailable):
            ask(one)
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as connection:
        for key in connection.scan_iter("*llm:*"):
            connection.delete(key)
    server.orders = ["ok"]
    assert ask(ring(["one"])).fields["level"] == "solid"


def test_redis_away_stops_no_judging(ring):
    judged = LlmJudge(ring(["one"], redis_url=NOWHERE)).judge(request(GOOD))
    assert (judged.level, judged.low, judged.high) == ("solid", 62, 62)


def test_s07_breakers_and_limits_are_of_keys_and_of_no_company(ring, settings):
    one = ring(["one"])
    ask(one)
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as connection:
        kept = [key.decode() for key in connection.scan_iter("*") if one.engine in key.decode()]
        assert len(kept) >= 2
        assert {key.partition(one.engine)[0] for key in kept} <= {"llm:", "LIMITS:LIMITER/", "LIMITS:{LIMITER/"}, kept
        assert all(PROMPT.encode() not in (connection.dump(key) or b"") for key in kept)


def test_r48_a_breaker_opened_by_a_clock_that_was_ahead_shuts_nobody_out_for_hours(ring, server):
    """It rests no longer than any other: one caller tries, and closes it."""
    server.orders, asked = ["529"] * FAILURES + ["ok"], ring(rest_seconds=5)
    for _number in range(FAILURES):
        with pytest.raises(Unavailable):
            ask(asked)
    [(name, _provider)] = asked._seats
    asked._guard._storage(name).opened_at = datetime.now(UTC) + timedelta(hours=3)

    assert [ask(asked).engine for _number in range(3)] == [asked.engine] * 3
    assert len(server.requests) == FAILURES + 3
