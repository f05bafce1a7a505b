"""A small server on 127.0.0.1 that speaks Messages and Chat Completions, and misbehaves on order."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Fields = dict[str, Any]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class LlmServer:
    """`orders` are worked off one a request, the last one stays: "ok", "429", "529", "500", "401", "slow", "cut",
    "hang-up", "wrong-names", "101", "out-of-band", "invented", "wrong-turn", "refusal", "text", "cut-tool"."""

    def __init__(self) -> None:
        self.orders: list[str] = ["ok"]
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.retry_after = "0"
        self.slow_seconds = 1.0
        self.at_once = self.most_at_once = 0
        self.verdict: Callable[[str], Fields] | None = None
        self.down_until = 0.0
        self.echo: Callable[[dict[str, str]], str] = lambda _headers: ""
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["LlmServer"]:
        thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()

    def _next(self, body: dict[str, Any], headers: dict[str, str]) -> str:
        with self._lock:
            self.requests.append(body)
            self.headers.append(headers)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            if time.monotonic() < self.down_until:
                return "503"
            return self.orders.pop(0) if len(self.orders) > 1 else self.orders[0]

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet: in two, the second waits for the first one's receipt

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                order = server._next(body, {key.lower(): value for key, value in self.headers.items()})
                try:
                    return self._do(order, body)
                finally:
                    with server._lock:
                        server.at_once -= 1

            def _do(self, order: str, body: dict[str, Any]) -> None:
                if order.isdigit() and order != "101":
                    return self._error(int(order))
                if order == "hang-up":
                    self.close_connection = True
                    return self.connection.close()
                if order == "slow":
                    time.sleep(server.slow_seconds)
                speak = server._message if self.path.endswith("/messages") else server._completion
                return self._send(200, json.dumps(speak(order, body)).encode(), cut=order == "cut")

            def _error(self, status: int) -> None:
                kinds = {
                    429: "rate_limit_error",
                    529: "overloaded_error",
                    401: "authentication_error",
                    400: "invalid_request_error",
                    403: "permission_error",
                }
                message = f"on order: {status} {server.echo(dict(self.headers))}"
                error = {"type": "error", "error": {"type": kinds.get(status, "api_error"), "message": message}}
                self._send(status, json.dumps(error).encode(), retry_after=status in {429, 529, 503})

            def _send(self, status: int, content: bytes, *, cut: bool = False, retry_after: bool = False) -> None:
                content = content[: len(content) // 2] if cut else content
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(content)))
                if retry_after:
                    self.send_header("retry-after", server.retry_after)
                self.end_headers()
                try:
                    self.wfile.write(content)
                    self.wfile.flush()
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _message(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        fields = self._fields(said(body))
        content = [{"type": "tool_use", "id": "toolu_1", "name": "record_judgement", "input": _spoilt(order, fields)}]
        reason = "tool_use"
        if order in {"refusal", "text"}:
            content, reason = (
                [{"type": "text", "text": "I would rather not."}],
                "refusal" if order == "refusal" else "end_turn",
            )
        if order == "cut-tool":
            content[0]["input"], reason = {"level": "solid"}, "max_tokens"
        return {
            "id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": content,
            "stop_reason": reason, "stop_sequence": None,
            "usage": {"input_tokens": 900, "output_tokens": 120, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
        }  # fmt: skip

    def _completion(self, order: str, body: dict[str, Any]) -> dict[str, Any]:
        arguments = json.dumps(_spoilt(order, self._fields(said(body))))
        reason = "tool_calls"
        if order == "cut-tool":
            arguments, reason = arguments[: len(arguments) // 2], "length"
        call = {"id": "call_1", "type": "function", "function": {"name": "record_judgement", "arguments": arguments}}
        message: dict[str, Any] = {"role": "assistant", "content": None, "tool_calls": [call]}
        if order in {"refusal", "text"}:
            message, reason = {"role": "assistant", "content": "I would rather not."}, "stop"
        return {
            "id": "chatcmpl_1", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020},
        }  # fmt: skip

    def _fields(self, prompt: str) -> Fields:
        return self.verdict(prompt) if self.verdict else verdict(prompt)


def said(body: dict[str, Any]) -> str:
    """The user's text of a request in either protocol."""
    return str(next(message["content"] for message in body["messages"] if message["role"] == "user"))


def answers(prompt: str) -> list[tuple[int, str]]:
    """The turns and answers that stand in the prompt."""
    found, turn, inside, lines = [], 0, False, []
    for line in prompt.splitlines():
        if not inside and line.startswith("Turn "):
            turn = int(line.split()[1])
        elif line.startswith("<answer-"):
            inside, lines = True, []
        elif line.startswith("</answer-"):
            inside = False
            found.append((turn, "\n".join(lines)))
        elif inside:
            lines.append(line)
    return found


def verdict(prompt: str) -> Fields:
    """A plain grader: the first answer is quoted; one that knows nothing is at the lowest level."""
    turn, answer = next((turn, text) for turn, text in answers(prompt) if text != "(no answer)")
    weak = len(answer.split()) < 8 or "football" in answer
    level, score = ("missing", 10) if weak else ("solid", 62)
    return {
        "level": level,
        "score": score,
        "reason": "Because of what was said.",
        "quotes": [{"text": answer.split(". ")[0], "turn": turn}],
    }


def _spoilt(order: str, fields: Fields) -> Fields:
    first = fields["quotes"][0]
    spoilt: dict[str, Fields] = {
        "wrong-names": {
            "grade": fields["level"],
            "points": fields["score"],
            "why": fields["reason"],
            "quotes": fields["quotes"],
        },
        "101": {**fields, "level": "strong", "score": 101},
        "out-of-band": {**fields, "level": "strong", "score": 30},
        "invented": {
            **fields,
            "quotes": [{"text": "I single-handedly doubled the revenue of the whole group.", "turn": first["turn"]}],
        },
        "wrong-turn": {**fields, "quotes": [{"text": first["text"], "turn": 99}]},
        "half-invented": {
            **fields,
            "quotes": [first, {"text": "words that nobody said", "turn": first["turn"]}],
        },
    }
    return spoilt.get(order, fields)
