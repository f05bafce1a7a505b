"""One id for a request: in its logs, its answer, and on the page that says something went wrong."""

import re
import uuid

import structlog
from flask import Flask, Response, g, request

_ACCEPTED = re.compile(r"[A-Za-z0-9-]{8,64}")


def current() -> str:
    return str(g.get("request_id", "-"))


def _start() -> None:
    """Binds beside what the tenant's scope has bound; clearing would take the company out of every line of the log."""
    offered = request.headers.get("X-Request-ID", "")
    g.request_id = offered if _ACCEPTED.fullmatch(offered) else uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _answer(response: Response) -> Response:
    response.headers["X-Request-ID"] = current()
    return response


def install(flask_app: Flask) -> None:
    flask_app.before_request(_start)
    flask_app.after_request(_answer)
