"""One forced tool call over the Messages API, and what can go wrong with it, in our words."""

import dataclasses
import json
from decimal import Decimal
from typing import Any, Final, cast

from app.adapters import counting
from app.adapters.llm.calls import MAX_RETRIES, MAX_TOKENS, TIMEOUT_SECONDS, Reply, Tool, cost_usd, translated
from app.kernel.errors import Refused, Unavailable
from app.ports.judging import Unusable

# What the cache costs as parts of the price of a token sent.
CACHE_WRITE, CACHE_READ = Decimal("1.25"), Decimal("0.1")
_DECLINED: Final = "no judgement came back"


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
        self.engine = f"anthropic/{model}"
        counting.expect(self.engine)
        # key and prompt go to whom an operator named, and not on to where that one would send us
        straight = anthropic.DefaultHttpxClient(follow_redirects=False, timeout=timeout)
        self._sdk = anthropic.Anthropic(
            api_key=api_key, base_url=base_url, timeout=timeout, max_retries=max_retries, http_client=straight
        )

    def close(self) -> None:
        self._sdk.close()

    def ask(self, system: str, user: str, tool: Tool) -> Reply:
        with counting.call(self.engine):
            message = self._send(system, user, tool)
        reply = self._paid(message)
        try:
            return dataclasses.replace(reply, fields=_called(message))
        except Refused as refused:
            raise Unusable(refused, reply.bill) from None

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
        counting.paid(self.engine, tokens_in=tokens_in, tokens_out=usage.output_tokens, dollars=cost)
        return Reply({}, tokens_in, usage.output_tokens, cost, self.engine)

    def _send(self, system: str, user: str, tool: Tool) -> Any:
        import anthropic

        offered = {"name": tool.name, "description": tool.description, "input_schema": tool.schema}
        try:
            return self._sdk.messages.create(
                model=self.model,
                max_tokens=MAX_TOKENS,
                system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": user}],
                tools=cast("Any", [offered]),
                tool_choice={"type": "tool", "name": tool.name, "disable_parallel_tool_use": True},
            )
        except anthropic.APIStatusError as error:
            raise translated(error.status_code, error.response.headers.get("retry-after"), error.body) from None
        except anthropic.APIResponseValidationError:
            raise Unavailable("the reply could not be read") from None
        except anthropic.APIConnectionError as error:
            raise Unavailable(f"no answer from the provider ({type(error).__name__})") from None
        except json.JSONDecodeError:
            raise Unavailable("the reply was cut off") from None


def _called(message: Any) -> dict[str, Any]:
    called = next((block for block in message.content if block.type == "tool_use"), None)
    if message.stop_reason == "max_tokens":
        raise Refused("bad-reply", "the reply was cut off at its token limit")
    if called is None or not isinstance(called.input, dict):
        raise Refused("declined", f"{_DECLINED} ({message.stop_reason})")
    fields: dict[str, Any] = called.input
    return fields
