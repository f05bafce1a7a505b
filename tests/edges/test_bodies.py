"""Who sends slowly, or never, holds up nobody: a thread begins with a request once all of it is here."""

import asyncio
import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web import bodies
from app.web.bodies import Body, worth_waiting
from tests.edges.test_wire import Wire

THREADS = 16


@pytest.fixture
def silent(served, settings):
    """More requests than a process has threads, each of which says that a body comes, and sends a little of it."""
    assert settings.web_threads < THREADS * 2
    wire, lines = Wire(served), contextlib.ExitStack()
    head = "".join(f"{name}: {value}\r\n" for name, value in (wire.headers() | {"Content-Length": "1000"}).items())
    for _ in range(THREADS * 2):
        line = lines.enter_context(socket.create_connection(("127.0.0.1", served.port), 10))
        line.sendall(f"POST /sign-in HTTP/1.1\r\n{head}\r\nemail=".encode())
    yield
    lines.close()


def test_bodies_that_never_come_keep_nobody_waiting(served, silent):
    began = time.perf_counter()
    answers = [Wire(served, "alpha", "rita").ask("GET", "/jobs")[0].status for _ in range(3)]

    assert answers == [200] * 3
    assert time.perf_counter() - began < 5


def test_who_sends_nothing_more_is_told_and_hung_up_on(served, monkeypatch):
    monkeypatch.setattr(bodies, "QUIET_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", served.port), 10) as line:
        head = "".join(
            f"{name}: {value}\r\n" for name, value in (Wire(served).headers() | {"Content-Length": "9"}).items()
        )
        line.sendall(f"POST /sign-in HTTP/1.1\r\n{head}\r\nemail".encode())
        said = b""
        while piece := line.recv(4096):
            said += piece

    assert said.startswith(b"HTTP/1.1 408 ")


def run(coroutine):
    with ThreadPoolExecutor(1) as beside:  # where a browser is open, its loop runs in this thread
        return beside.submit(lambda: asyncio.run(coroutine)).result()


def messages(pieces):
    return [
        {"type": "http.request", "body": piece, "more_body": number < len(pieces) - 1}
        for number, piece in enumerate(pieces)
    ]


def body_of(given):
    """A body of these messages, after which nothing comes but that the sender is gone."""
    waiting = [*given, {"type": "http.disconnect"}]

    async def receive():
        return waiting.pop(0)

    return Body(receive)


@given(pieces=st.lists(st.binary(max_size=9) | st.just(b"x" * 70_000), min_size=1, max_size=6))
def test_what_was_sent_is_what_is_read(pieces):
    async def read():
        body = body_of(messages(pieces))
        assert await body.take_in()
        found = [await body.receive()]
        while found[-1]["more_body"]:
            found.append(await body.receive())
        after = await body.receive()
        body.close()
        return found, after

    found, after = run(read())

    assert b"".join(message["body"] for message in found) == b"".join(pieces)
    assert after == {"type": "http.disconnect"}


def test_who_is_gone_before_the_end_has_asked_for_nothing():
    with contextlib.closing(body_of(messages([b"a", b"b"])[:1])) as body:
        assert not run(body.take_in())


def test_who_sends_a_byte_now_and_then_is_told(monkeypatch):
    monkeypatch.setattr(bodies, "FIRST_SECONDS", -1.0)
    with contextlib.closing(body_of(messages([b"a"] * 9))) as body, pytest.raises(TimeoutError):
        run(body.take_in())


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({}, False),
        ({"content-length": "0"}, False),
        ({"content-length": "x"}, False),
        ({"content-length": "9"}, True),
        ({"content-length": "600000"}, False),
        ({"content-length": "600000", "content-type": "multipart/form-data; boundary=x"}, True),
        ({"content-length": "600000", "content-type": "Multipart/Form-Data;boundary=x"}, True),
        ({"content-length": "13000000", "content-type": "multipart/form-data; boundary=x"}, False),
        ({"transfer-encoding": "chunked"}, False),
    ],
)
def test_only_what_will_be_read_is_waited_for(headers, waits):
    assert worth_waiting((name.encode(), value.encode()) for name, value in headers.items()) == waits
