"""One port: pages by Flask in threads, streams natively beside it (docs/adr/0003). Run it: python asgi.py"""

import asyncio
import contextlib
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from types import FrameType
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio
import structlog
import uvicorn
from a2wsgi import WSGIMiddleware
from flask import Flask
from prometheus_client import Gauge
from werkzeug.exceptions import HTTPException

from app import create_app
from app.adapters import timekeeping
from app.adapters.redis.durability import refusal
from app.adapters.redis.signals import PINGS
from app.kernel.errors import Unavailable
from app.kernel.events import RIGHTS
from app.settings import Settings
from app.web import headers
from app.web.bodies import Body, Room, length_of
from app.web.sizes import refused
from app.web.tickets import Asker, Tickets

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEARTBEAT_SECONDS = 15.0
MOST_WAITING = 200
AT_ONCE = 50
LATELY = 5.0
Moment = tuple[float, ...]
ALWAYS: Moment = (float("inf"),)
TICKET = "~"  # between what was heard last and a ticket; in neither of the two
GUESTS = ("components/", "layouts/", "interviews/candidate/", "careers/", "status/", "errors/")
STREAMS = Gauge("assay_open_streams", "Pages that listen for changes")
log = structlog.get_logger()


class Subscriber:
    """An open stream's mailbox. What came while it was busy goes out in one piece; too slow to follow is let go."""

    __slots__ = ("_over", "_waiter", "_waiting", "heard", "told")

    def __init__(self) -> None:
        self._waiting: list[tuple[Moment, bytes]] = []
        self.heard: Moment = ()
        self.told: Moment = ()  # the last that went out; a Redis that was wiped may count from an earlier hour
        self._waiter: asyncio.Future[None] | None = None
        self._over = False

    def tell(self, text: bytes, moment: Moment = ALWAYS) -> None:
        """Whoever has `heard` later ones is not told again."""
        self._waiting.append((moment, text))
        if len(self._waiting) > MOST_WAITING:
            self._over = True  # it comes back and looks at everything
        self._wake()

    def end(self) -> None:
        self._over = True
        self._wake()

    async def next(self) -> bytes | None:
        """All that waits; None when the stream is to end."""
        while not self._over:
            if self._waiting:
                news = [(moment, text) for moment, text in self._waiting if moment > self.heard]
                self._waiting.clear()
                self.told = next((moment for moment, _ in reversed(news) if moment != ALWAYS), self.told)
                if news:
                    return b"".join(text for _, text in news)
                continue
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Hub:
    """One reader of the pings' stream for the whole process; it hands each ping to the pages that asked for it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.listeners: dict[tuple[str, str], set[Subscriber]] = {}
        self.open: set[Subscriber] = set()
        self.changed: dict[tuple[str, str], float] = {}
        self.closing = False
        self._tasks: list[asyncio.Task[None]] = []
        self._client: redis.asyncio.Redis | None = None

    @contextlib.contextmanager
    def subscribed(self, tenant: str, topics: list[str]) -> Iterator[Subscriber]:
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat())]
        subscriber = Subscriber()
        if any(time.monotonic() - self.changed.get((tenant, topic), -LATELY) < LATELY for topic in topics):
            subscriber.end()  # asked before the change, perhaps: it asks again
        self.open.add(subscriber)
        for topic in topics:
            self.listeners.setdefault((tenant, topic), set()).add(subscriber)
        try:
            yield subscriber
        finally:
            self.open.discard(subscriber)
            for topic in topics:
                listening = self.listeners.get((tenant, topic), set())
                listening.discard(subscriber)
                if not listening:
                    self.listeners.pop((tenant, topic), None)

    async def missed(self, tenant: str, topics: list[str], last_id: str) -> tuple[list[tuple[str, str]], Moment]:
        """The last ping of each topic since `last_id`, and how far that reaches.

        Where Redis doesn't know that far back, every topic once; and it reaches nowhere: one that was wiped may count
        from an earlier hour.
        """
        try:
            oldest = await self._redis().xrange(PINGS, count=1)
            if not oldest or _moment(oldest[0][0].decode()) > _moment(last_id):
                return [(last_id, topic) for topic in topics], ()
            since = await self._redis().xrange(PINGS, min=last_id)
        except (redis.RedisError, OSError):
            return [(last_id, topic) for topic in topics], ()
        found = [(i.decode(), f[b"topic"].decode()) for i, f in since if f[b"tenant"].decode() == tenant]
        newest = {topic: ping_id for ping_id, topic in found if topic in topics and ping_id != last_id}
        pings = sorted(((ping_id, topic) for topic, ping_id in newest.items()), key=lambda ping: _moment(ping[0]))
        return pings, _moment(since[-1][0].decode()) if since else ()

    def close(self) -> None:
        """Let every stream end: browsers come back to the next process."""
        self.closing = True
        for subscriber in self.open:
            subscriber.end()

    async def let_go(self) -> None:
        """The process ends: nothing is read any more, and nothing stays open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def _redis(self) -> redis.asyncio.Redis:
        if self._client is None:
            self._client = redis.asyncio.Redis.from_url(self.url, socket_timeout=None, socket_connect_timeout=2)
        return self._client

    async def _read(self) -> None:
        position = f"{int((time.time() - LATELY) * 1000)}-0"  # what came while this process was not listening yet
        while True:
            try:
                found = await self._redis().xread({PINGS: position}, block=10_000, count=500)
            except (redis.RedisError, OSError):
                log.warning("streams_without_redis")
                position = "0"  # a wiped Redis counts anew: nothing of it may be missed
                await asyncio.sleep(1)
                continue
            for _, pings in found or ():
                for ping_id, fields in pings:
                    position = ping_id.decode()
                    listening = self.listeners.get((fields[b"tenant"].decode(), fields[b"topic"].decode()), ())
                    if fields[b"topic"].startswith(RIGHTS.encode()):
                        self._let_ask_again((fields[b"tenant"].decode(), fields[b"topic"].decode()))
                    else:
                        await _tell_all(listening, _event(position, fields[b"topic"].decode()), _moment(position))

    def _let_ask_again(self, whose: tuple[str, str]) -> None:
        """Somebody signed out, or left a team: whoever may still listen comes back within a second."""
        now = time.monotonic()
        self.changed = {one: at for one, at in self.changed.items() if now - at < LATELY} | {whose: now}
        for subscriber in tuple(self.listeners.get(whose, ())):
            subscriber.end()

    async def _beat(self) -> None:
        """A line that means nothing, so that whatever stands between keeps the streams open."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await _tell_all(self.open, b": still here\n\n")


async def _tell_all(subscribers: Iterable[Subscriber], text: bytes, moment: Moment = ALWAYS) -> None:
    """Fifty at a time, so that pages and new streams get their turn in between."""
    for number, subscriber in enumerate(tuple(subscribers), start=1):
        subscriber.tell(text, moment)
        if number % AT_ONCE == 0:
            await asyncio.sleep(0)


def _moment(ping_id: str) -> Moment:
    """What orders ids: as text, the tenth of a millisecond stands before the second."""
    return tuple(map(int, ping_id.split("-")))


def _event(ping_id: str, topic: str) -> bytes:
    return f"id: {ping_id}\nevent: {topic}\ndata: {ping_id}\n\n".encode()


class Application:
    def __init__(self, settings: Settings, *, flask_app: Flask | None = None) -> None:
        self.flask_app = flask_app or create_app(settings)
        self.pages = WSGIMiddleware(self.flask_app, workers=settings.web_threads)
        self.hub = Hub(settings.redis_url.get_secret_value())
        self.tickets = Tickets(self.flask_app.config["SECRET_KEY_FALLBACKS"])
        self.room = Room()
        self.told = headers.of_streams(https=settings.scheme == "https")
        STREAMS.set_function(lambda: len(self.hub.open))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/events":
            await self._stream(scope, receive, send)
        elif scope["type"] == "http":
            await self._page(scope, receive, send)

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.closing(Body(self.room, receive)) as body:
            try:
                here = await body.take_in(length_of(scope["headers"]))
            except (HTTPException, Unavailable) as refusal:
                body.close()
                await self.pages(refused(scope, refusal), _nothing, send)
                return
            if here:
                await self.pages(scope, body.receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            over = message["type"] == "lifespan.shutdown"
            if over:
                await self.hub.let_go()
            await send({"type": f"{message['type']}.complete"})
            if over:
                return

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        returned = self._returned(scope)
        if returned and await self._listen(scope, receive, send, returned, RIGHTS):
            return
        if allowed := await self._allowed(scope, send):
            await self._listen(scope, receive, send, allowed)

    def _returned(self, scope: Scope) -> dict[str, Any] | None:
        """What a ticket allows to whoever comes back from a process that ended."""
        ticket = _heard_last(scope).partition(TICKET)[2]
        return self.tickets.redeem(ticket, _asker(scope), _topics(scope)) if ticket else None

    async def _listen(
        self, scope: Scope, receive: Receive, send: Send, allowed: dict[str, Any], unless: str = "\n"
    ) -> bool:
        """False, and nothing was said, where a topic that begins with `unless` was pinged since what was heard last."""
        tenant, topics = allowed["tenant"], [*allowed["topics"], allowed["rights"]]
        told = [(b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no"), *self.told]
        with self.hub.subscribed(tenant, topics) as subscriber:
            missed = await self._missed(scope, tenant, topics, subscriber)
            if any(topic.startswith(unless) for _, topic in missed):
                return False
            gone = asyncio.create_task(_until_gone(receive, subscriber))
            try:
                await send({"type": "http.response.start", "status": 200, "headers": told})
                await _say(send, b"retry: 1000\n: listening\n\n")
                for ping_id, topic in missed:
                    if topic in allowed["topics"]:
                        await _say(send, _event(ping_id, topic))
                while not self.hub.closing and (text := await subscriber.next()) is not None:
                    await _say(send, text)
                with contextlib.suppress(Exception):
                    await send({"type": "http.response.body", "body": self._farewell(scope, allowed, subscriber)})
            finally:
                gone.cancel()
        return True

    def _farewell(self, scope: Scope, allowed: dict[str, Any], subscriber: Subscriber) -> bytes:
        """Where the process ends, a ticket: an id without data, which browsers keep and say to no page."""
        last = "-".join(map(str, subscriber.told or subscriber.heard)) or _heard_last(scope).partition(TICKET)[0]
        if not self.hub.closing or not last:
            return b""
        return f"id: {last}{TICKET}{self.tickets.issue(_asker(scope), allowed)}\n\n".encode()

    async def _missed(
        self, scope: Scope, tenant: str, topics: list[str], subscriber: Subscriber
    ) -> list[tuple[str, str]]:
        """A stream that broke says what it heard last; a first one, when its page was made."""
        given = _heard_last(scope).partition(TICKET)[0]
        stamp, _, number = given.partition("-")
        if not (stamp.isdigit() and number.isdigit()):
            return []
        found, subscriber.heard = await self.hub.missed(tenant, topics, given)
        return found

    async def _allowed(self, scope: Scope, send: Send) -> dict[str, Any] | None:
        """Ask Flask, by its own route, with this browser's cookies: the same door as for pages."""
        if not _topics(scope):
            return await self._refuse(send, 404)
        answers: list[Message] = []

        async def collect(message: Message) -> None:
            answers.append(message)

        kept = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
        asked = {**scope, "path": "/events/allowed", "raw_path": b"/events/allowed", "headers": kept}
        await self.pages(asked, _nothing, collect)
        status = next(m["status"] for m in answers if m["type"] == "http.response.start")
        if status != 200:  # noqa: PLR2004 -- a sign-in page is of no use to a stream: 204 tells it to stop
            return await self._refuse(send, status if status in {404, 503} else 204)
        found: dict[str, Any] = json.loads(b"".join(m.get("body", b"") for m in answers))
        return found

    async def _refuse(self, send: Send, status: int) -> None:
        await send({"type": "http.response.start", "status": status, "headers": self.told})
        await send({"type": "http.response.body", "body": b""})


def _topics(scope: Scope) -> list[str]:
    return [topic.decode("latin-1") for topic in parse_qs(scope["query_string"]).get(b"topic", [])]


def _heard_last(scope: Scope) -> str:
    """As the browser says it, or as its page's address does."""
    of_page: bytes = parse_qs(scope["query_string"]).get(b"since", [b""])[0]
    given: bytes = dict(scope["headers"]).get(b"last-event-id", of_page)
    return given.decode("latin-1")


def _asker(scope: Scope) -> Asker:
    said = dict(scope["headers"])
    return Asker(said.get(b"host", b""), said.get(b"cookie", b""))


async def _say(send: Send, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _until_gone(receive: Receive, subscriber: Subscriber) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    subscriber.end()


class Server(uvicorn.Server):
    """Uvicorn, but told to stop it first lets the streams end, instead of waiting for them in vain."""

    application: Application

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.application.hub.close()
        super().handle_exit(sig, frame)


def collect_less() -> None:
    """What stands at the start lives as long as the process; walking it again and again makes one page in ten wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def compile_for_guests(flask_app: Flask) -> None:
    """Templates are compiled at first use: whoever sat in an interview waited a second for a process's first pages."""
    for name in flask_app.jinja_env.list_templates(filter_func=lambda name: name.startswith(GUESTS)):
        flask_app.jinja_env.get_template(name)


def configured(settings: Settings, application: Any) -> uvicorn.Config:
    """Logging stays as app/logs.py set it up: uvicorn's own would write traces line by line."""
    return uvicorn.Config(
        application, host=settings.bind, port=settings.listen_port or settings.port, loop="uvloop", backlog=4096,
        log_level="warning", log_config=None, access_log=False, timeout_graceful_shutdown=5, server_header=False,
        proxy_headers=bool(settings.trusted_proxies), forwarded_allow_ips=settings.trusted_proxies or None,
    )  # fmt: skip


def serve(settings: Settings, application: Application) -> None:
    """Until told to stop."""
    compile_for_guests(application.flask_app)
    collect_less()
    server = Server(configured(settings, application))
    server.application = application
    server.run()


def main() -> None:
    settings = Settings()
    if reason := refusal(settings):
        sys.exit(reason)
    application = Application(settings)
    timekeeping.keep(application.flask_app)
    serve(settings, application)


if __name__ == "__main__":
    main()
