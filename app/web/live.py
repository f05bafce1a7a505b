"""Which topics a browser may hear. The stream itself is served beside Flask (asgi.py) and asks here first."""

from collections.abc import Callable

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response

from app.kernel.errors import NotFound
from app.kernel.events import RIGHTS

Guard = Callable[[str], None]
MOST_TOPICS = 12


class Topics:
    """Each slice names the topics it announces, and the guard that says who may hear them."""

    def __init__(self) -> None:
        self._guards: dict[str, Guard] = {}

    def register(self, kind: str, guard: Guard) -> None:
        """`kind` is a topic ("live"), or what stands before its id ("posting" for "posting-0192…").

        The guard gets the id ("" for none) and raises NotFound for whoever may not listen.
        """
        self._guards[kind] = guard

    def kinds(self) -> set[str]:
        return set(self._guards)

    def ask(self, topic: str) -> None:
        kind, _, identifier = topic.partition("-")
        guard = self._guards.get(kind)
        if guard is None:
            raise NotFound("topic")
        guard(identifier)


def install(flask_app: Flask, tenant_of: Callable[[], str], listener_of: Callable[[], str]) -> Topics:
    """`listener_of` is whose rights let a stream listen: a ping on their topic ends it, and it may ask anew."""
    topics = flask_app.extensions["topics"] = Topics()

    def allowed() -> Response:
        asked = request.args.getlist("topic")[:MOST_TOPICS]
        if not asked:
            raise NotFound("topic")
        for topic in asked:
            topics.ask(topic)
        return jsonify(tenant=tenant_of(), topics=asked, rights=f"{RIGHTS}{listener_of()}")

    flask_app.add_url_rule("/events/allowed", "web.events_allowed", allowed)
    return topics
