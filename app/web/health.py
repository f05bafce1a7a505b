"""What machines ask: is it alive, is it ready, what does it count."""

import hmac
from collections.abc import Callable

from flask import Flask, Response, abort, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest

PAGES = Histogram("assay_page_seconds", "Time to answer a request", ["endpoint", "method"])
ANSWERS = Counter("assay_answers_total", "Answers by status", ["status"])


def install(flask_app: Flask, *, checks: dict[str, Callable[[], None]], metrics_token: str | None) -> None:
    """`checks` are asked by /ready and raise when what they look at is away. Without a token there are no metrics."""

    def health() -> Response:
        return jsonify(state="alive")

    def ready() -> tuple[Response, int]:
        found = {name: _works(check) for name, check in checks.items()}
        return jsonify(found), 200 if all(found.values()) else 503

    def metrics() -> Response:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not metrics_token or not hmac.compare_digest(given.encode(), metrics_token.encode()):
            abort(404)
        return Response(generate_latest(), mimetype=CONTENT_TYPE_LATEST)

    for name, view in (("health", health), ("ready", ready), ("metrics", metrics)):
        flask_app.add_url_rule(f"/{name}", f"web.{name}", view)


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except Exception:  # noqa: BLE001 -- any trouble means "not ready"
        return False
    return True
