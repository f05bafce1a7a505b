"""A span for each request that a route answers, named by the route: addresses hold tokens, routes don't."""

from collections.abc import Callable
from contextlib import ExitStack

from flask import Flask, Response, g, request

from app.adapters import tracing
from app.web import request_ids
from app.web.health import METHODS

_SERVER = 500
LEFT_OUT = frozenset({"static", "web.asset", "web.theme", "web.health", "web.ready", "web.metrics"})


def install(flask_app: Flask, *, tenant_of: Callable[[], str]) -> None:
    def begin() -> None:
        if request.url_rule is None or request.url_rule.endpoint in LEFT_OUT:
            return
        method, route = request.method if request.method in METHODS else "other", request.url_rule.rule
        g.trace = ExitStack()
        said = {"http.request.method": method, "http.route": route, "assay.tenant": tenant_of()}
        g.span = g.trace.enter_context(tracing.request(f"{method} {route}", request_ids.current(), said))

    def answered(response: Response) -> Response:
        if span := g.get("span"):
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= _SERVER:
                tracing.failed(span)
        return response

    def over(_error: BaseException | None) -> None:
        if stack := g.pop("trace", None):
            stack.close()

    flask_app.before_request(begin)
    flask_app.after_request(answered)
    flask_app.teardown_request(over)
