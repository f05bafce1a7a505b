"""One forced tool call over the Messages API, and what can go wrong with it, in our words."""

import dataclasses
import json
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from app.adapters import counting
from app.kernel.errors import Refused, Unavailable

TIMEOUT_SECONDS: Final = 60.0
MAX_TOKENS: Final = 1500
MAX_RETRIES: Final = 2
MILLION: Final = Decimal(1_000_000)
CACHE_WRITE, CACHE_READ = Decimal("1.25"), Decimal("0.1")
_TRY_AGAIN: Final = frozenset({408, 409, 429})
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Reply:
    fields: dict[str, Any]
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal


class MessagesClient:
    """The SDK repeats by itself on 429, 529, 5xx and lost connections, and waits as long as Retry-After says."""

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
    ) -> None:
        import anthropic

        self.model = model
        self._engine = f"anthropic/{model}"
        counting.expect(self._engine)
        self._sdk = anthropic.Anthropic(api_key=api_key, base_url=base_url, timeout=timeout, max_retries=max_retries)

    def close(self) -> None:
        self._sdk.close()

    def ask(self, system: str, user: str, tool: dict[str, Any]) -> Reply:
        """The fields with which the model called the tool."""
        with counting.call(self._engine):
            message = self._send(system, user, tool)
        reply = self._paid(message)
        called = next((block for block in message.content if block.type == "tool_use"), None)
        if message.stop_reason == "max_tokens":
            raise Refused("bad-reply", "the reply was cut off at its token limit")
        if called is None or not isinstance(called.input, dict):
            raise Refused("declined", f"no judgement came back ({message.stop_reason})")
        return dataclasses.replace(reply, fields=called.input)

    def _paid(self, message: Any) -> Reply:
        """What the call cost, whether or not its reply is of use."""
        usage = message.usage
        written, read = usage.cache_creation_input_tokens or 0, usage.cache_read_input_tokens or 0
        cost = cost_usd(
            self.model,
            Decimal(usage.input_tokens) + CACHE_WRITE * written + CACHE_READ * read,
            usage.output_tokens,
        )
        tokens_in = usage.input_tokens + written + read
        counting.paid(self._engine, tokens_in=tokens_in, tokens_out=usage.output_tokens, dollars=cost)
        return Reply({}, tokens_in, usage.output_tokens, cost)

    def _send(self, system: str, user: str, tool: dict[str, Any]) -> Any:
        import anthropic

        try:
            return self._sdk.messages.create(
                model=self.model,
                max_tokens=MAX_TOKENS,
                system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": user}],
                tools=cast("Any", [tool]),
                tool_choice={"type": "tool", "name": str(tool["name"]), "disable_parallel_tool_use": True},
            )
        except anthropic.APIStatusError as error:
            raise _translated(error.status_code, error.response.headers.get("retry-after"), error.message) from error
        except anthropic.APIResponseValidationError as error:
            raise Unavailable("the reply could not be read") from error
        except anthropic.APIConnectionError as error:
            raise Unavailable(f"no answer from the provider: {error.message}") from error
        except json.JSONDecodeError as error:
            raise Unavailable("the reply was cut off") from error


def _translated(status: int, retry_after: str | None, message: str) -> Unavailable | Refused:
    if status in _TRY_AGAIN or status >= _SERVER_ERROR:
        return Unavailable(f"the provider answered {status}: {message}", after=_seconds(retry_after))
    return Refused(f"provider-{status}", message)


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After as seconds; as a date it is left to the caller's own pace."""
    try:
        return timedelta(seconds=float(header)) if header else None
    except (ValueError, OverflowError):
        return None


def cost_usd(model: str, tokens_in: Decimal, tokens_out: int) -> Decimal:
    prices = _prices()
    fitting = [start for start in prices if model.startswith(start)]
    start = max(fitting, key=len) if fitting else max(prices, key=lambda name: prices[name][1])
    per_in, per_out = prices[start]
    return ((tokens_in * per_in + tokens_out * per_out) / MILLION).quantize(Decimal("0.000001"))


@cache
def _prices() -> dict[str, tuple[Decimal, Decimal]]:
    table = tomllib.loads(Path(__file__).with_name("prices.toml").read_text(), parse_float=Decimal)
    return {name: (row["input"], row["output"]) for name, row in table["models"].items()}
