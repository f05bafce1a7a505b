"""What machines ask of a process without pages: /health and /metrics, on a port of their own."""

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.settings import Settings
from app.web.health import may_read

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

JSON, TEXT = "application/json", "text/plain; charset=utf-8"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    timeout = 10

    def log_message(self, *_: object) -> None:
        """Scrapes are no news."""


def application(token: str | None, alive: Callable[[], bool]) -> "WSGIApplication":
    def found(path: str, authorization: str) -> tuple[str, str, bytes]:
        if path == "/health":
            return ("200 OK", JSON, b'{"state":"alive"}') if alive() else ("503 Stuck", JSON, b'{"state":"stuck"}')
        if path == "/metrics" and may_read(authorization, token):
            return "200 OK", CONTENT_TYPE_LATEST, generate_latest()
        return "404 Not Found", TEXT, b"Nothing is here.\n"

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        status, kind, content = found(environ["PATH_INFO"], environ.get("HTTP_AUTHORIZATION", ""))
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(content)))])
        return [content]

    return answer


def answer_machines(settings: Settings, alive: Callable[[], bool]) -> WSGIServer | None:
    """In a thread, where METRICS_PORT is set."""
    if settings.metrics_port is None:
        return None
    token = settings.metrics_token.get_secret_value() if settings.metrics_token else None
    server = make_server(settings.bind, settings.metrics_port, application(token, alive), _Server, _Quiet)
    threading.Thread(target=server.serve_forever, daemon=True, name="machines").start()
    return server
