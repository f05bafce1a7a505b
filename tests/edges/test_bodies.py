"""Who sends slowly, or never, holds up nobody: a thread begins with a request once all of it is here."""

import asyncio
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

import pytest
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout

from app.kernel.errors import Crowded
from app.web import bodies
from app.web.bodies import Body, Room, length_of
from asgi import Application
from tests.chaos.processes import until
from tests.edges.test_wire import Wire
from tests.volumes import small_volume
from tests.web.furnished import furnished

THREADS = 16
FILE = "multipart/form-data; boundary=x"


@pytest.fixture
def send(served):
    """send(begin, *more headers): a connection on which a form was begun; what is said on it is read by said()."""
    with ExitStack() as lines:

        def begin(begin, *more):
            head = [f"Host: {Wire(served).host}", *more]
            line = lines.enter_context(socket.create_connection(("127.0.0.1", served.port), 10))
            line.sendall("\r\n".join(["POST /sign-in HTTP/1.1", *head, "", begin]).encode())
            return line

        yield begin


def said(line):
    """All of it, until the server hangs up."""
    heard = b""
    with suppress(ConnectionResetError):
        while piece := line.recv(65536):
            heard += piece
    return heard.decode()


def status(text):
    return int(text.split()[1]) if text else 0


def answered(code):
    return REGISTRY.get_sample_value("assay_answers_total", {"status": str(code)}) or 0


@pytest.mark.parametrize(
    "more",
    [
        ["Content-Length: 1000"],
        ["Content-Length: 600000", f"Content-Type: {FILE}"],
        ["Content-Length: 600000", f"Content-Type: {FILE}", "Content-Type: text/plain"],
        ["Content-Length: 600000", "Content-Type: text/plain", f"Content-Type: {FILE}"],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
    ],
)
def test_bodies_that_never_come_keep_nobody_waiting(more, served, settings, send):
    """More requests than a process has threads, each of which says that a body comes, and sends a little of it."""
    assert settings.web_threads < THREADS * 2
    for _ in range(THREADS * 2):
        send("email=", *more)
    began = time.perf_counter()
    answers = [Wire(served, "alpha", "rita").ask("GET", "/jobs")[0].status for _ in range(3)]

    assert answers == [200] * 3
    assert time.perf_counter() - began < 5


def test_who_sends_nothing_more_is_told_in_words_and_hung_up_on(send, monkeypatch):
    monkeypatch.setattr(bodies, "QUIET_SECONDS", 0.2)
    before = answered(408)

    told = said(send("email", "Content-Length: 9"))

    assert told.startswith("HTTP/1.1 408 ")
    assert "This took too long to arrive" in told
    assert "default-src 'none'; script-src 'self'" in told
    assert answered(408) == before + 1


def test_who_sends_a_byte_now_and_then_is_hung_up_on(send, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_SECONDS", 0.5)
    line = send("e", "Content-Length: 1000")

    def hung_up():
        with suppress(TimeoutError, ConnectionResetError):
            line.settimeout(0.01)
            heard.append(line.recv(65536))
        with suppress(OSError):
            line.sendall(b"x")
            return False
        return True

    heard = []
    assert until(hung_up, seconds=10)
    assert status(b"".join(heard).decode()) == 408


def test_of_too_many_the_one_that_began_first_gives_way(send, served, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_BODIES", 4)
    before = answered(503)
    lines = [send(begin, "Content-Length: 9") for begin in ("a", "b", "c", "d")]
    Wire(served, "alpha", "rita")

    told = said(lines[0])

    assert status(told) == 503
    assert "Too much is being sent at this moment" in told
    assert "\r\nretry-after: 30\r\n" in told
    assert "default-src 'none'; script-src 'self'" in told
    assert answered(503) == before + 1
    for line in lines[1:]:
        line.sendall(b"12345678")
        assert status(line.recv(4096).decode()) not in {0, 503}


def test_of_too_large_ones_the_largest_gives_way(send, served, monkeypatch):
    monkeypatch.setattr(bodies, "MOST_TOGETHER", 300_000)
    large, larger = (send("x" * size, "Content-Length: 200001", f"Content-Type: {FILE}") for size in (120_000, 200_000))

    assert status(said(larger)) == 503
    assert Wire(served, "alpha", "rita").cookie
    large.sendall(b"x" * 80_001)
    assert status(large.recv(4096).decode()) not in {0, 503}


@pytest.mark.parametrize("size", [1000, 9000])  # some of it waits in memory, and meets the full disk at its end
def test_r47_no_room_for_bodies_is_said_and_passes(size, send, tmp_path, monkeypatch):
    """What waits for its end lies in /tmp; a candidate's file is read from there."""
    monkeypatch.setattr(bodies, "IN_MEMORY", 10)
    before = answered(507)
    with small_volume(tmp_path / "small") as make_room:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "small"))
        with (tmp_path / "small" / "other").open("wb") as other, suppress(OSError):
            while other.write(b"x" * 65536):
                other.flush()
        told = said(send("x" * size, f"Content-Length: {size}"))
        make_room()
        later = status(send("x" * size, f"Content-Length: {size}").recv(4096).decode())

    assert status(told) == 507
    assert "There is no room left to save this" in told
    assert "default-src 'none'; script-src 'self'" in told
    assert answered(507) == before + 1
    assert later not in {0, 507}


def test_a_page_that_waits_in_vain_is_no_slow_sender(settings):
    """Its answer had begun: nothing is said into it."""

    def late():
        def parts():
            yield "x"
            raise TimeoutError("a slow disk")

        return Response(parts())

    flask_app, sent = furnished(), []
    flask_app.config["SECRET_KEY_FALLBACKS"] = [flask_app.secret_key]
    flask_app.add_url_rule("/late", "late", late)
    application = Application(settings, flask_app=flask_app)

    async def ask():
        async def send(message):
            sent.append(message)

        scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/late", "query_string": b""}
        await application(scope | {"headers": [(b"content-length", b"1")]}, incoming([b"a"]), send)

    with pytest.raises(TimeoutError, match="a slow disk"):
        run(ask())
    assert [message.get("status", message.get("body")) for message in sent] == [200, b"x"]


class Clock(asyncio.SelectorEventLoop):
    """A loop on which minutes pass in a moment."""

    ahead = 0.0

    def time(self):
        return super().time() + self.ahead


def run(coroutine):
    def there():
        with asyncio.Runner(loop_factory=Clock) as runner:
            return runner.run(coroutine)

    with ThreadPoolExecutor(1) as beside:  # where a browser is open, its loop runs in this thread
        return beside.submit(there).result()


def incoming(pieces, *, ends=True, seconds=0.0):
    """Messages of these pieces, after which nothing comes but that the sender is gone; each takes that long."""
    last = len(pieces) if ends else 0
    waiting = [
        {"type": "http.request", "body": piece, "more_body": number != last}
        for number, piece in enumerate(pieces, start=1)
    ]
    waiting.append({"type": "http.disconnect"})

    async def receive():
        asyncio.get_running_loop().ahead += seconds
        for _ in range(2):  # what is due comes first
            await asyncio.sleep(0)
        return waiting.pop(0)

    return receive


async def read(body):
    found = [await body.receive()]
    while found[-1]["more_body"]:
        found.append(await body.receive())
    return b"".join(message["body"] for message in found), await body.receive()


PIECES = st.lists(st.binary(max_size=9) | st.just(b"x" * 70_000), min_size=1, max_size=6)


@given(pieces=PIECES.filter(any))
def test_what_was_sent_is_what_is_read(pieces):
    async def sent():
        with closing(Body(Room(), incoming(pieces))) as body:
            assert await body.take_in(len(b"".join(pieces)))
            return await read(body)

    assert run(sent()) == (b"".join(pieces), {"type": "http.disconnect"})


@given(all_pieces=st.lists(PIECES, min_size=1, max_size=9), many=st.integers(1, 5), together=st.integers(1, 300_000))
def test_no_more_is_kept_than_there_is_room_for(all_pieces, many, together):
    """Each is whole or told so; what was whole stays so until it is read; and all leave."""
    whole = []

    async def turns(count):
        for _ in range(count):
            await asyncio.sleep(0)

    async def one(room, number, pieces):
        await turns(number * 3)
        with closing(Body(room, incoming(pieces))) as body:
            try:
                assert await body.take_in(len(b"".join(pieces)) + 1)
            except Crowded:
                return None
            whole.append(len(b"".join(pieces)))
            assert sum(whole) <= together
            assert len(whole) <= many
            await turns(20)
            whole.remove(len(b"".join(pieces)))
            return await read(body)

    async def all_of_them():
        room = Room()
        return await asyncio.gather(*(one(room, *each) for each in enumerate(all_pieces))), room

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "MOST_BODIES", many)
        patch.setattr(bodies, "MOST_TOGETHER", together)
        found, room = run(all_of_them())

    assert room._sizes == {}
    gone = {"type": "http.disconnect"}
    assert all(each in (None, (b"".join(pieces), gone)) for each, pieces in zip(found, all_pieces, strict=True))
    if len(all_pieces) <= many and sum(len(b"".join(pieces)) for pieces in all_pieces) <= together:
        assert None not in found


def test_who_is_gone_before_the_end_has_asked_for_nothing():
    with closing(Body(Room(), incoming([b"a"], ends=False))) as body:
        assert not run(body.take_in(2))


def test_nobody_sends_more_than_was_said():
    room = Room()
    with closing(Body(room, incoming([b"abc", b"def", b"g"]))) as body, pytest.raises(RequestEntityTooLarge):
        run(body.take_in(5))
    assert room._sizes == {}


MB = 1_000_000
PART = 60_000


@pytest.mark.parametrize(
    ("pieces", "seconds", "took"),
    [
        ([b"x" * PART] * 200, PART / 30_000, 400),  # 12 MB by a phone at 30 kB/s
        ([b"x" * PART] * 200, PART / 15_000, None),
        ([b"x" * 11 * MB, *[b"x"] * 1000], 59, None),  # nearly all at once, then a byte now and then
        ([b"x"] * 100, 5, None),  # less than the least rate
        ([b"x"] * 20, 5, 100),
        ([b"x", b"x"], 61, None),
    ],
)
def test_who_is_slow_has_time_and_who_does_not_go_on_has_not(pieces, seconds, took):
    async def taken():
        loop = asyncio.get_running_loop()
        began = loop.time()
        with closing(Body(Room(), incoming(pieces, seconds=seconds))) as body, suppress(RequestTimeout):
            assert await body.take_in(len(b"".join(pieces)))
            return round(loop.time() - began)
        assert loop.time() - began < bodies.MOST_SECONDS + bodies.QUIET_SECONDS
        return None

    assert run(taken()) == took


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ([], 0),
        ([("content-length", "0")], 0),
        ([("content-length", "x")], BadRequest),
        ([("content-length", "9")], 9),
        ([("content-length", "600000")], RequestEntityTooLarge),
        ([("content-length", "600000"), ("content-type", FILE)], 600_000),
        ([("content-length", "600000"), ("content-type", "Multipart/Form-Data;boundary=x")], 600_000),
        ([("content-length", "600000"), ("content-type", FILE), ("content-type", "text/plain")], RequestEntityTooLarge),
        ([("content-length", "13000000"), ("content-type", FILE)], RequestEntityTooLarge),
        ([("transfer-encoding", "chunked")], RequestEntityTooLarge),
        ([("transfer-encoding", "chunked"), ("content-length", "5")], RequestEntityTooLarge),
    ],
)
def test_what_is_too_large_or_of_no_said_length_is_not_waited_for(headers, length):
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    if isinstance(length, int):
        assert length_of(pairs) == length
    else:
        with pytest.raises(length):
            length_of(pairs)
