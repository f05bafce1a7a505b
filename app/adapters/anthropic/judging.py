"""Judging by a language model: one dimension a call, one forced tool, nothing believed that code cannot check."""

import secrets
from decimal import Decimal
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.adapters.anthropic.client import MAX_RETRIES, TIMEOUT_SECONDS, MessagesClient
from app.kernel.errors import Refused
from app.ports.judging import (
    JudgeFlag,
    Judgement,
    JudgeRequest,
    Level,
    Quote,
    checked,
    input_hash,
    literal_quote,
    nothing_said,
)

PROMPT_VERSION: Final = "judge/v1"
PROMPTS: Final = Path(__file__).parents[3] / "templates" / "prompts"
_PARTS: Final = "=== user ==="


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


class AnthropicJudge:
    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
    ) -> None:
        self.engine = f"anthropic/{model}"
        self._client = MessagesClient(api_key, model, base_url, timeout=timeout, max_retries=max_retries)

    def close(self) -> None:
        """Let go of the connections that are kept open for the next question."""
        self._client.close()

    def judge(self, request: JudgeRequest) -> Judgement:
        started = perf_counter()
        if nothing_said(request):
            return self._nothing_said(request)
        system, user = rendered(request)
        reply = self._client.ask(system, user, TOOL)
        told = _parsed(reply.fields)
        judgement = Judgement(
            level=told.level,
            score=told.score,
            reason=told.reason,
            quotes=tuple(Quote(quote.text, quote.turn) for quote in told.quotes),
            not_scored=None,
            flags=_flags(told, request),
            engine=self.engine,
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


def rendered(request: JudgeRequest) -> tuple[str, str]:
    """System and user text. The fence around answers carries a mark that no candidate can know."""
    text = _template().render(request=request, nonce=secrets.token_hex(8))
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
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in error.errors())
        raise Refused("bad-reply", f"the reply does not fit the schema: {wrong}") from error


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
TOOL: Final[dict[str, Any]] = {
    "name": "record_judgement",
    "description": "Records the judgement on one dimension.",
    "input_schema": {
        "type": "object",
        "properties": {
            "quotes": {"type": "array", "items": _SAID, "minItems": 1, "maxItems": 3},
            "reason": {"type": "string"},
            "level": {"type": "string", "enum": ["missing", "partial", "solid", "strong"]},
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "instructions": {"type": "array", "items": _SAID},
        },
        "required": ["quotes", "reason", "level", "score"],
        "additionalProperties": False,
    },
}
