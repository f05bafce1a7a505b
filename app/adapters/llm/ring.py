"""Keys and providers in a ring: by turns, each within its limit, the next one when one fails.

Limits and breakers stand in Redis, so that all workers know of them. A wiped Redis forgets them, which costs a few
calls; while Redis is away there are none, and the provider's own limits hold.
"""

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final

import pybreaker
import redis
import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from app.adapters import counting
from app.adapters.llm.calls import Provider, Reply, Tool
from app.kernel.errors import Refused, Unavailable

FAILURES: Final = 3
REST_SECONDS: Final = 30
# The key itself is refused: another one may do.
_WRONG_KEY: Final = frozenset({"provider-401", "provider-402", "provider-403"})

# Who waits for a score does not wait for Redis.
_SHORT: Final = {"socket_timeout": 1, "socket_connect_timeout": 1}

log = structlog.get_logger()
FEW_CALLS = 6


@dataclass(frozen=True)
class Guard:
    """Where breakers and limits are kept: in Redis for all processes, or in this one."""

    redis_url: str | None = None
    per_minute: int = 50
    rest_seconds: int = REST_SECONDS
    _own: dict[str, pybreaker.CircuitBreakerStorage] = field(default_factory=dict)
    _tried: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False)

    @cached_property
    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url or "", **_SHORT)

    def call(self, name: str, ask: Callable[[], Reply]) -> Reply:
        """By the breaker of this name. Raises CircuitBreakerError while it is open, else what `ask` raises."""
        answered: list[Reply] = []
        try:
            if not self._let_in(name):
                raise pybreaker.CircuitBreakerError("another caller is trying already")
            self._breaker(name).call(lambda: answered.append(ask()))
        except redis.RedisError:
            return answered[0] if answered else ask()
        return answered[0]

    def _let_in(self, name: str) -> bool:
        """After its rest a provider is tried by one caller alone, not by all who wait for it.

        One that was opened by a clock far ahead of ours has no rest that anybody could wait for.
        """
        kept = self._storage(name)
        resting, ahead = self._rests(kept)
        if kept.state == pybreaker.STATE_CLOSED or resting:
            return True  # while it rests, the breaker itself refuses
        if self.redis_url:
            first = bool(self._redis.set(f"llm:{name}:tried", 1, nx=True, ex=max(1, self.rest_seconds)))
        else:
            first = self._is_first(name)
        if first and ahead:
            self._breaker(name).half_open()
        return first

    def resting(self, name: str) -> bool:
        """Whether a call would be refused for the time that passed since it was opened."""
        try:
            kept = self._storage(name)
            return kept.state == pybreaker.STATE_OPEN and self._rests(kept)[0]
        except redis.RedisError:
            return False

    def _rests(self, kept: pybreaker.CircuitBreakerStorage) -> tuple[bool, bool]:
        """Whether it rests; and whether it was opened by a clock ahead of ours."""
        opened, now = at.timestamp() if (at := kept.opened_at) else 0.0, time.time()
        ahead = opened > now + self.rest_seconds
        return now < opened + self.rest_seconds and not ahead, ahead

    def _is_first(self, name: str) -> bool:
        now = time.monotonic()
        with self._lock:
            due = now >= self._tried.get(name, 0.0)
            if due:
                self._tried[name] = now + self.rest_seconds
        return due

    def _breaker(self, name: str) -> pybreaker.CircuitBreaker:
        """A new object each time: one breaker lets its callers in one by one, and only what it knows is shared."""
        return pybreaker.CircuitBreaker(
            fail_max=FAILURES,
            reset_timeout=self.rest_seconds,
            exclude=[Refused],
            state_storage=self._storage(name),
            throw_new_error_on_trip=False,
        )

    def _storage(self, name: str) -> pybreaker.CircuitBreakerStorage:
        if name not in self._own:
            self._own[name] = (
                pybreaker.CircuitRedisStorage(pybreaker.STATE_CLOSED, self._redis, f"llm:{name}")
                if self.redis_url
                else pybreaker.CircuitMemoryStorage(pybreaker.STATE_CLOSED)
            )
        return self._own[name]

    def limiter(self) -> SlidingWindowCounterRateLimiter:
        storage = (
            RedisStorage(self.redis_url, connection_pool=self._redis.connection_pool)
            if self.redis_url
            else MemoryStorage()
        )
        return SlidingWindowCounterRateLimiter(storage)


class Ring:
    """Asks the first engine's keys by turns, others' only where those fail. After one round it is Unavailable.

    A reply that makes no sense, and a refusal, are not tried elsewhere: they are about the question.
    """

    def __init__(self, providers: Sequence[Provider], guard: Guard, *, now: Callable[[], float] = time.time) -> None:
        seats = [(f"{provider.engine}:{number}", provider) for number, provider in enumerate(providers, 1)]
        self.engine = providers[0].engine
        self._seats = [seat for seat in seats if seat[1].engine == self.engine]
        self._others = [seat for seat in seats if seat[1].engine != self.engine]
        self._guard, self._limiter, self._now = guard, guard.limiter(), now
        self._limit = RateLimitItemPerMinute(guard.per_minute)
        self._turns = itertools.count()

    def close(self) -> None:
        for _, provider in [*self._seats, *self._others]:
            provider.close()

    def ask(self, system: str, user: str, tool: Tool) -> Reply:
        first = next(self._turns) % len(self._seats)
        failures: list[Exception] = []
        for name, provider in [*self._seats[first:], *self._seats[:first], *self._others]:
            try:
                return self._ask_one(name, provider, system, user, tool)
            except Unavailable as error:
                failures.append(error)
            except Refused as error:
                if error.code not in _WRONG_KEY:
                    raise
                log.warning("llm_key_refused", key=name, code=error.code)
                failures.append(error)
        raise _together(failures)

    def _ask_one(self, name: str, provider: Provider, system: str, user: str, tool: Tool) -> Reply:
        if self._guard.resting(name):  # before leave is asked for: a call that is not made is none of a minute's
            raise self._left_alone(name)
        self._wait_for_leave(name)
        try:
            reply = self._guard.call(name, lambda: provider.ask(system, user, tool))
        except pybreaker.CircuitBreakerError as error:
            raise self._left_alone(name) from error
        except Unavailable:
            counting.key(name, "unavailable")
            raise
        except Refused:
            counting.key(name, "refused")
            raise
        counting.key(name, "answered")
        return reply

    def _left_alone(self, name: str) -> Unavailable:
        counting.key(name, "skipped")
        rest = timedelta(seconds=self._guard.rest_seconds)
        return Unavailable("the provider failed several times and is left alone for a while", after=rest)

    def _wait_for_leave(self, name: str) -> None:
        """Raises Unavailable with the time until a few calls of this key have come free.

        The window slides, so they do one after the other, not all at the end of the clock's minute.
        """
        try:
            if self._limiter.hit(self._limit, name):
                return
            reset = self._limiter.get_window_stats(self._limit, name).reset_time
        except redis.RedisError:
            return  # the provider's own limit still holds
        counting.key(name, "limited")
        a_few = FEW_CALLS * 60 / self._guard.per_minute
        after = timedelta(seconds=max(1.0, min(reset - self._now(), a_few)))
        raise Unavailable(f"more than {self._guard.per_minute} calls in a minute", after=after)


def _together(failures: list[Exception]) -> Exception:
    """Unavailable as soon as the first of them may be asked again; Refused only where every key was."""
    waits = [error for error in failures if isinstance(error, Unavailable)]
    if not waits:
        return failures[-1]
    return min(waits, key=lambda error: error.after or timedelta.max)
