"""Judging by a language model: one dimension a call, one forced tool, nothing believed that code cannot check.

Each dimension is asked several times at once, with the anchors in another order each time: what a model says of
the same words differs from call to call, and the difference is shown to people as a band.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.adapters.llm.calls import Provider, Reply, Tool
from app.adapters.llm.leaks import repeats
from app.kernel.errors import Refused, Unavailable
from app.ports.judging import (
    LEVELS,
    JudgeFlag,
    Judgement,
    JudgeRequest,
    Level,
    Quote,
    Unusable,
    agreed,
    checked,
    input_hash,
    literal_quote,
    nothing_said,
)

PROMPT_VERSION: Final = "judge/v2"
# Rising, falling, and two that begin in the middle.
ORDERS: Final = ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1))
PROMPTS: Final = Path(__file__).parents[3] / "templates" / "prompts"
_PARTS: Final = "=== user ==="
KEPT: Final = 200


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Said(_Strict):
    text: str = Field(min_length=1, max_length=2000)
    turn: int


class _Reply(_Strict):
    """Ranges are left to `checked`, which holds for every engine."""

    level: Level
    score: int
    reason: str = Field(min_length=1, max_length=2000)
    quotes: list[_Said] = Field(max_length=10)
    instructions: list[_Said] = Field(default_factory=list, max_length=20)


class LlmJudge:
    """Samples that were answered while others were refused are kept for the next try.

    Otherwise a key at its limit would give a leave now and then, to a sample of some judgement that has no majority
    and throws it away: all would be paid for, and none would ever be done.
    """

    prompt_version = PROMPT_VERSION
    metered = True

    def __init__(self, provider: Provider, *, samples: int = 3) -> None:
        self.engine = provider.engine
        self._provider, self._samples = provider, samples
        self._kept: OrderedDict[str, dict[int, Judgement | Unusable]] = OrderedDict()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of the connections that are kept open for the next question."""
        self._provider.close()

    def judge(self, request: JudgeRequest) -> Judgement:
        started = perf_counter()
        if nothing_said(request):
            return self._nothing_said(request)
        key = input_hash(request, self.engine, PROMPT_VERSION)
        answered = self._answered(request, key)
        try:
            combined = agreed([answered[number] for number in range(self._samples)])
        except Unavailable:
            self._keep(key, answered)
            raise
        return replace(combined, took_ms=round(1000 * (perf_counter() - started)))

    def _answered(self, request: JudgeRequest, key: str) -> dict[int, Judgement | Unavailable | Refused]:
        with self._lock:
            kept = self._kept.pop(key, {})
        with ThreadPoolExecutor(self._samples, thread_name_prefix="judge") as threads:
            numbers = [number for number in range(self._samples) if number not in kept]
            asked = {number: threads.submit(self._sample, request, number) for number in numbers}
            return kept | {number: _outcome(future) for number, future in asked.items()}

    def _keep(self, key: str, answered: Mapping[int, Judgement | Unavailable | Refused]) -> None:
        there = {number: sample for number, sample in answered.items() if isinstance(sample, Judgement | Unusable)}
        with self._lock:
            self._kept[key] = there
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def _sample(self, request: JudgeRequest, number: int) -> Judgement:
        started = perf_counter()
        system, user = rendered(request, ORDERS[number % len(ORDERS)])
        reply = self._provider.ask(system, user, TOOL)
        try:
            return self._judgement(request, reply, system, started)
        except Refused as refused:
            raise Unusable(refused, reply.bill) from None

    def _judgement(self, request: JudgeRequest, reply: Reply, system: str, started: float) -> Judgement:
        told = _parsed(reply.fields)
        if repeats(told.reason, system):
            raise Refused("leak", "the reply repeats the instructions instead of judging")
        judgement = Judgement(
            level=told.level,
            score=told.score,
            reason=told.reason,
            quotes=tuple(Quote(quote.text, quote.turn) for quote in told.quotes),
            not_scored=None,
            flags=_flags(told, request),
            engine=reply.engine,
            prompt_version=PROMPT_VERSION,
            input_hash=input_hash(request, self.engine, PROMPT_VERSION),
            tokens_in=reply.tokens_in,
            tokens_out=reply.tokens_out,
            cost_usd=reply.cost_usd,
            took_ms=round(1000 * (perf_counter() - started)),
        )
        return checked(judgement, request)

    def _nothing_said(self, request: JudgeRequest) -> Judgement:
        return Judgement(
            level=None,
            score=None,
            reason="Nothing was said on this.",
            quotes=(),
            not_scored="nothing-said",
            flags=(),
            engine=self.engine,
            prompt_version=PROMPT_VERSION,
            input_hash=input_hash(request, self.engine, PROMPT_VERSION),
            tokens_in=0,
            tokens_out=0,
            cost_usd=Decimal(0),
            took_ms=0,
        )


def _outcome(future: Future[Judgement]) -> Judgement | Unavailable | Refused:
    try:
        return future.result()
    except (Unavailable, Refused) as error:
        return error


def rendered(request: JudgeRequest, order: tuple[int, ...] = (0, 1, 2, 3)) -> tuple[str, str]:
    """System and user text. The fence around answers carries a mark that no candidate can know."""
    anchors = [(LEVELS[place], request.anchors[place]) for place in order]
    text = _template().render(request=request, anchors=anchors, nonce=secrets.token_hex(8))
    system, user = text.split(_PARTS, 1)
    return system.strip(), user.strip()


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701
    return environment.from_string((PROMPTS / f"{PROMPT_VERSION}.txt").read_text(encoding="utf-8"))


def _parsed(fields: dict[str, Any]) -> _Reply:
    try:
        return _Reply.model_validate(fields)
    except ValidationError as error:
        wrong = "; ".join(f"{_place(one['loc'])}: {one['type']}" for one in error.errors()[:10])
        raise Refused("bad-reply", f"the reply does not fit the schema: {wrong}") from None


def _place(names: tuple[int | str, ...]) -> str:
    """A field of ours; a name that the model made up may be anything."""
    ours = {*_Reply.model_fields, *_Said.model_fields}
    return ".".join(str(name) if isinstance(name, int) or name in ours else "other" for name in names)


def _flags(told: _Reply, request: JudgeRequest) -> tuple[JudgeFlag, ...]:
    answers = {turn.number: turn.answer for turn in request.turns}
    return tuple(
        JudgeFlag("instruction-like", one.turn, one.text)
        for one in told.instructions
        if literal_quote(one.text, answers.get(one.turn, ""))
    )


_SAID: Final = {
    "type": "object",
    "properties": {
        "text": {"type": "string", "description": "copied letter by letter from one answer"},
        "turn": {"type": "integer", "description": "the number of that answer's turn"},
    },
    "required": ["text", "turn"],
    "additionalProperties": False,
}
TOOL: Final = Tool(
    name="record_judgement",
    description="Records the judgement on one dimension.",
    schema={
        "type": "object",
        "properties": {
            "quotes": {"type": "array", "items": _SAID, "minItems": 1, "maxItems": 3},
            "reason": {"type": "string"},
            "level": {"type": "string", "enum": list(LEVELS)},
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "instructions": {"type": "array", "items": _SAID},
        },
        "required": ["quotes", "reason", "level", "score"],
        "additionalProperties": False,
    },
)
