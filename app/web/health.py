"""What machines ask: is it alive, is it ready, what does it count."""

import hmac
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask import Flask, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy.pool import QueuePool

PAGES = Histogram("assay_page_seconds", "Time to answer a request", ["endpoint", "method"])
ANSWERS = Counter("assay_answers_total", "Answers by status", ["status"])
INTERVIEWS = Counter("assay_interview_answers_total", "Answers to candidates in their interviews", ["end"])
IN_USE = Gauge("assay_database_pool_in_use", "Connections that pages or tasks hold", ["database"])
MOST = Gauge("assay_database_pool_size", "Connections that this process may hold", ["database"])
CANDIDATES_OWN = "interview."  # the blueprint behind a candidate's link
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def install(flask_app: Flask, *, checks: dict[str, Callable[[], None]], metrics_token: str | None) -> None:
    """`checks` are asked by /ready and raise when what they look at is away. Without a token there are no metrics."""

    def health() -> Response:
        return jsonify(state="alive")

    def ready() -> tuple[Response, int]:
        found = {name: _works(check) for name, check in checks.items()}
        return jsonify(found), 200 if all(found.values()) else 503

    def metrics() -> Response:
        if not may_read(request.headers.get("Authorization", ""), metrics_token):
            abort(404)
        return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)

    for end in ("answered", "failed"):
        INTERVIEWS.labels(end)
    for name, view in (("health", health), ("ready", ready), ("metrics", metrics)):
        flask_app.add_url_rule(f"/{name}", f"web.{name}", view)


def may_read(authorization: str, token: str | None) -> bool:
    given = authorization.removeprefix("Bearer ")
    return token is not None and hmac.compare_digest(given.encode(), token.encode())


def count(endpoint: str | None, method: str, status: int, seconds: float | None) -> None:
    """Labels come from the URL map and from a short list: a stranger cannot make up new ones."""
    if seconds is not None:
        PAGES.labels(endpoint or "none", method if method in METHODS else "other").observe(seconds)
    ANSWERS.labels(str(status)).inc()
    if (endpoint or "").startswith(CANDIDATES_OWN):
        INTERVIEWS.labels("failed" if status >= 500 else "answered").inc()  # noqa: PLR2004


def watch_pools(engines: Mapping[str | None, sa.Engine], *, most: int) -> None:
    for name, engine in engines.items():
        if isinstance(engine.pool, QueuePool):
            IN_USE.labels(name or "main").set_function(_held(engine))
            MOST.labels(name or "main").set(most)


def _held(engine: sa.Engine) -> Callable[[], float]:
    """An engine that let all its connections go has another pool than before."""
    return lambda: pool.checkedout() if isinstance(pool := engine.pool, QueuePool) else 0


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 -- any trouble means "not ready"
        return False
    return True
