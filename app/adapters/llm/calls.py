"""What every language model is asked for, one forced tool call, and what comes back."""

import re
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol

from app.kernel.errors import Refused, Unavailable
from app.ports.judging import Bill

TIMEOUT_SECONDS: Final = 60.0
MAX_TOKENS: Final = 1500
MAX_RETRIES: Final = 1
MILLION: Final = Decimal(1_000_000)
TRY_AGAIN: Final = frozenset({408, 409, 429})
SERVER_ERROR: Final = 500
REDIRECTS: Final = range(300, 400)  # nobody follows them: its address is set wrong
_KIND: Final = re.compile("[a-z_]{1,40}")


@dataclass(frozen=True, slots=True)
class Tool:
    """What the model has to call; `schema` is JSON Schema."""

    name: str
    description: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """The fields with which the model called the tool, and what that cost."""

    fields: dict[str, Any]
    tokens_in: int
    tokens_out: int
    cost_usd: Decimal
    engine: str

    @property
    def bill(self) -> Bill:
        return Bill(self.engine, self.tokens_in, self.tokens_out, self.cost_usd)


class Provider(Protocol):
    engine: str

    def ask(self, system: str, user: str, tool: Tool) -> Reply:
        """Raises Unavailable when trying again may help, Refused when it cannot."""
        ...

    def close(self) -> None: ...


def translated(status: int, retry_after: str | None, body: object) -> Unavailable | Refused:
    """A provider's status: again later (3xx, 408, 409, 429, 5xx), or never with the same input.

    Of its words only the kind of error goes on: some providers repeat the key or the prompt in their message.
    """
    said = f"the provider answered {status}{_kind(body)}"
    if status in TRY_AGAIN or status in REDIRECTS or status >= SERVER_ERROR:
        return Unavailable(said, after=_seconds(retry_after))
    return Refused(f"provider-{status}", said)


def _kind(body: object) -> str:
    error = body.get("error", body) if isinstance(body, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return f" ({kind})" if isinstance(kind, str) and _KIND.fullmatch(kind) else ""


def _seconds(header: str | None) -> timedelta | None:
    """Retry-After as seconds; as a date it is left to the caller's own pace."""
    try:
        return timedelta(seconds=float(header)) if header else None
    except (ValueError, OverflowError):
        return None


def cost_usd(model: str, tokens_in: Decimal, tokens_out: int) -> Decimal:
    """By the price list; a name that is not on it counts at the dearest price."""
    prices = _prices()
    fitting = [start for start in prices if model.startswith(start)]
    start = max(fitting, key=len) if fitting else max(prices, key=lambda name: prices[name][1])
    per_in, per_out = prices[start]
    return ((tokens_in * per_in + tokens_out * per_out) / MILLION).quantize(Decimal("0.000001"))


@cache
def _prices() -> dict[str, tuple[Decimal, Decimal]]:
    table = tomllib.loads(Path(__file__).with_name("prices.toml").read_text(), parse_float=Decimal)
    return {name: (row["input"], row["output"]) for name, row in table["models"].items()}
