"""One forced tool call over Chat Completions: OpenAI itself, and whatever speaks its protocol (vLLM, Ollama)."""

import json
from decimal import Decimal
from typing import Any, cast

from app.adapters import counting
from app.adapters.llm.calls import MAX_RETRIES, MAX_TOKENS, TIMEOUT_SECONDS, Reply, Tool, cost_usd, translated
from app.kernel.errors import Refused, Unavailable
from app.ports.judging import Bill, Unusable


class ChatClient:
    """The SDK repeats by itself on 429, 5xx and lost connections, and waits as long as Retry-After says.

    At an endpoint of one's own a call costs nothing here: what a machine costs by the hour is no price of a token.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = MAX_RETRIES,
    ) -> None:
        import openai

        self.model = model
        self.engine = f"openai/{model}"
        counting.expect(self.engine)
        # key and prompt go to whom an operator named, and not on to where that one would send us
        straight = openai.DefaultHttpxClient(follow_redirects=False, timeout=timeout)
        self._sdk = openai.OpenAI(
            api_key=api_key, base_url=base_url, timeout=timeout, max_retries=max_retries, http_client=straight
        )
        self._own = self._sdk.base_url.host != "api.openai.com"

    def close(self) -> None:
        self._sdk.close()

    def ask(self, system: str, user: str, tool: Tool) -> Reply:
        with counting.call(self.engine):
            answer = self._send(system, user, tool)
        cost, tokens_in, tokens_out = self._paid(answer)
        try:
            fields = _called(answer)
        except Refused as refused:
            raise Unusable(refused, Bill(self.engine, tokens_in, tokens_out, cost)) from None
        return Reply(fields, tokens_in, tokens_out, cost, self.engine)

    def _paid(self, answer: Any) -> tuple[Decimal, int, int]:
        """What the call cost, whether or not its reply is of use."""
        usage = answer.usage
        tokens_in, tokens_out = (usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0)
        cost = Decimal(0) if self._own else cost_usd(self.model, Decimal(tokens_in), tokens_out)
        counting.paid(self.engine, tokens_in=tokens_in, tokens_out=tokens_out, dollars=cost)
        return cost, tokens_in, tokens_out

    def _send(self, system: str, user: str, tool: Tool) -> Any:
        import openai

        offered = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
        # Newer models of OpenAI know only the second name; servers of one's own are sure to know the first.
        limit = {"max_tokens": MAX_TOKENS} if self._own else {"max_completion_tokens": MAX_TOKENS}
        try:
            return self._sdk.chat.completions.create(
                model=self.model,
                messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
                tools=cast("Any", [{"type": "function", "function": offered}]),
                tool_choice={"type": "function", "function": {"name": tool.name}},
                **cast("Any", limit),
            )
        except openai.APIStatusError as error:
            raise translated(error.status_code, error.response.headers.get("retry-after"), error.body) from None
        except openai.APIResponseValidationError:
            raise Unavailable("the reply could not be read") from None
        except openai.APIConnectionError as error:
            raise Unavailable(f"no answer from the provider ({type(error).__name__})") from None
        except json.JSONDecodeError:
            raise Unavailable("the reply was cut off") from None


def _called(answer: Any) -> dict[str, Any]:
    choice = next(iter(answer.choices or ()), None)
    calls = (choice.message.tool_calls or ()) if choice else ()
    if choice and choice.finish_reason == "length":
        raise Refused("bad-reply", "the reply was cut off at its token limit")
    if not calls:
        raise Refused("declined", f"no judgement came back ({choice.finish_reason if choice else 'no choice'})")
    return _fields(calls[0].function.arguments)


def _fields(arguments: str) -> dict[str, Any]:
    try:
        fields = json.loads(arguments)
    except json.JSONDecodeError:
        raise Refused("bad-reply", "the arguments of the tool call are no JSON") from None
    if not isinstance(fields, dict):
        raise Refused("bad-reply", "the arguments of the tool call are no object")
    return fields
