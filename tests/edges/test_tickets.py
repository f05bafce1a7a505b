"""Whose stream ended with its process comes back by its ticket, without asking anew; nobody else does."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import request_started
from prometheus_client import Gauge

import asgi
from app.adapters.redis.signals import PINGS
from app.identity.commands import actor_of, sign_out_everywhere
from app.identity.models import Member
from app.kernel import clock
from app.postings.commands import write_posting
from tenants.db import db
from tenants.work import Ping


@pytest.fixture
def application(flask_app, settings, monkeypatch):
    monkeypatch.setattr(asgi, "STREAMS", Gauge("open_streams", "Not the one of the process", registry=None))
    return asgi.Application(settings, flask_app=flask_app)


@pytest.fixture
def asked(flask_app):
    """The topics that Flask was asked about, in order."""
    seen = []

    def note(_sender, **_):
        from flask import request

        if request.path == "/events/allowed":
            seen.append(request.args["topic"])

    with request_started.connected_to(note, flask_app):
        yield seen


@pytest.fixture
def topic(alpha, cast, in_tenant):
    with in_tenant(alpha):
        return f"posting-{write_posting(text='Welder', by=cast.rita, actor=actor_of(cast.rita)).id}"


@pytest.fixture
def cookie(browser):
    return f"assay={browser('rita').get_cookie('assay', domain='alpha.localhost').value}"


@pytest.fixture
def come(application, settings):
    """come(topic, cookie, last): (status, what was heard) of a stream of a process that ends once it listens."""

    async def stream(topic, cookie, last, host):
        said, began = [], asyncio.Event()
        application.hub = asgi.Hub(settings.redis_url.get_secret_value())

        async def send(message):
            said.append(message)
            if b"listening" in message.get("body", b""):
                began.set()

        headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": "GET", "path": "/events", "raw_path": b"/events",
            "scheme": "http", "query_string": f"topic={topic}".encode(), "root_path": "", "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 9), "headers": [*headers, *([(b"last-event-id", last.encode())] if last else [])],
        }  # fmt: skip
        task = asyncio.ensure_future(application(scope, asyncio.Event().wait, send))
        listens = asyncio.ensure_future(began.wait())
        await asyncio.wait([task, listens], return_when=asyncio.FIRST_COMPLETED, timeout=20)
        listens.cancel()
        application.hub.close()
        await task
        await application.hub.let_go()
        return said[0]["status"], b"".join(message.get("body", b"") for message in said).decode()

    def run(topic, cookie, last="", host="alpha.localhost"):
        with ThreadPoolExecutor(1) as beside:  # where a browser is open, its loop runs in this thread
            return beside.submit(lambda: asyncio.run(stream(topic, cookie, last, host))).result()

    return run


@pytest.fixture
def left(flask_app, come, topic, cookie):
    """What a browser says after its stream ended with the process: the id of a ping, and a ticket."""
    signals = flask_app.extensions["signals"]
    signals.client.delete(PINGS)  # of tests before, who may have lost rights
    signals.after_commit("alpha", [Ping(topic, "0")])
    before = signals.client.xrevrange(PINGS, count=1)[0][0].decode()
    signals.after_commit("alpha", [Ping(topic, "1")])
    status, heard = come(topic, cookie, before)
    assert (status, heard.count("event: ")) == (200, 1)
    return re.findall(r"^id: (\d+-\d+~\S+)$", heard, re.MULTILINE)[-1]


def test_a_ticket_lets_in_without_asking_and_tells_what_was_missed(flask_app, come, asked, topic, cookie, left):
    assert asked == [topic]
    status, heard = come(topic, cookie, left)
    flask_app.extensions["signals"].after_commit("alpha", [Ping(topic, "2")])
    later, missed = come(topic, cookie, left)

    assert (status, heard.count("event: "), later, missed.count(f"event: {topic}")) == (200, 0, 200, 1)
    assert asked == [topic]


def test_who_came_by_a_ticket_leaves_with_one_again(come, asked, topic, cookie, left):
    _, heard = come(topic, cookie, left)
    again = re.findall(r"^id: (\S+)$", heard, re.MULTILINE)[-1]

    assert again.partition("~")[0] == left.partition("~")[0]
    assert (come(topic, cookie, again)[0], asked) == (200, [topic])


def test_s46_a_ticket_is_good_for_one_browser_its_topics_its_address_and_a_minute(
    come, asked, browser, topic, cookie, left, clock_at, monkeypatch
):
    other, ping, stolen = browser("ivy").get_cookie("assay", domain="alpha.localhost").value, *left.split("~")
    assert come(topic, f"assay={other}", left)[0] == 404
    assert come(topic, "", left)[0] == 404
    assert come("posting-0", cookie, left)[0] == 404
    assert come(topic, cookie, left, "beta.localhost")[0] == 404
    assert come(topic, cookie, f"{ping}~{stolen[:-9]}{stolen[-9:].swapcase()}")[0] == 200
    assert len(asked) == 6

    from itsdangerous import TimestampSigner

    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: int(clock.now().timestamp()) + 90)
    assert (come(topic, cookie, left)[0], len(asked)) == (200, 7)


def test_s46_whoever_lost_a_right_meanwhile_is_asked_for_it(come, asked, topic, cookie, left, alpha, cast, in_tenant):
    with in_tenant(alpha):
        sign_out_everywhere(db.session.get_one(Member, cast.rita.id), by=actor_of(cast.ada))

    assert (come(topic, cookie, left), asked) == ((404, ""), [topic, topic])


def test_a_wiped_redis_lets_nobody_in_unasked(flask_app, come, asked, topic, cookie, left):
    flask_app.extensions["signals"].client.flushall()

    assert (come(topic, cookie, left)[0], asked) == (200, [topic, topic])
