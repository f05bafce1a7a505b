"""2,000 open streams beside pages: how late is a ping, what does a stream cost, are pages slower for it?

    bin/bench streams [--streams 2000] [--pings 40]

The streams' browsers are a process of their own. Every stream listens to the same posting, so each ping reaches all
of them: the worst case. Latency counts from before the Redis command (direct) or the transaction (event) begins.

At the end, a deploy: the web process is told to stop and another one started at its port, while pings go on. Browsers
come back after the second that they were told to wait, with what they heard last. Goal: all of them are back within
10 s, and have heard the newest ping.
"""

import argparse
import asyncio
import http.client
import multiprocessing
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from app.adapters.redis.signals import PINGS
from app.identity.commands import actor_of
from app.identity.queries import member_by_email
from app.postings.commands import edit_posting, write_posting
from app.postings.queries import posting
from bench.house import ADMIN, HOST, House, free_port, house, many_files, percentile, processor_seconds, pss_kib, web
from tenants.work import Ping

PAGES = 300
OPENING_AT_ONCE = 24
GOAL_MS, GOAL_BACK = 250, 10.0
RETRY_SECONDS, PATIENCE_SECONDS = 1.0, 60.0
TEXT = "Nurse\n\nWe look for a nurse with two years of experience.\n\nMust have\n- Patient care\n- Infection control\n"


@dataclass
class Measured:
    """Moments in seconds of one clock that both processes share; `arrivals` holds one list a ping, in order."""

    asked: int
    opened: int = 0
    opening_seconds: float = 0.0
    before: int = 0
    after: int = 0
    pages: dict[str, list[float]] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    direct: list[float] = field(default_factory=list)
    events: list[float] = field(default_factory=list)
    arrivals: list[list[float]] = field(default_factory=list)
    processor: float = 0.0
    away: float = 0.0
    back: list[float] = field(default_factory=list)

    def look(self, state: str, pid: int, take: Callable[[], list[float]]) -> None:
        """Pages in one state of the process; looked at twice, both together: a machine is not as quiet all the time."""
        before = processor_seconds(pid)
        self.pages.setdefault(state, []).extend(take())
        self.costs[state] = 1000 * (processor_seconds(pid) - before) / PAGES

    @property
    def each_kib(self) -> float:
        return (self.after - self.before) / max(self.opened, 1)

    def late(self, sent: list[float], first: int) -> list[float]:
        heard = self.arrivals[first : first + len(sent)]
        return [1000 * (at - began) for began, all_of_it in zip(sent, heard, strict=True) for at in all_of_it]


class Browser:
    """One page's stream: notes when each ping came, and comes back when it breaks."""

    def __init__(self, port: int, request: bytes, arrivals: list[list[float]]) -> None:
        self.port, self.request, self.arrivals = port, request, arrivals
        self.count, self.newest, self.heard_at, self.over = 0, b"", 0.0, False
        self.again: asyncio.Task[None] | None = None

    async def open(self) -> bool:
        said = self.request + (b"Last-Event-ID: " + self.newest + b"\r\n" if self.newest else b"") + b"\r\n"
        connect = asyncio.get_running_loop().create_connection
        try:
            _, stream = await connect(lambda: Stream(said, self), "127.0.0.1", self.port)
        except OSError:
            self.lost()
            return False
        return await stream.listening

    def hear(self, data: bytes, now: float) -> None:
        for _ in range(data.count(b"event: ")):
            if self.count < len(self.arrivals):
                self.arrivals[self.count].append(now)
            self.count += 1
        if b"id: " in data:
            self.newest, self.heard_at = data.rsplit(b"id: ", 1)[1].split(b"\n", 1)[0], now

    def lost(self) -> None:
        if not self.over:
            self.again = asyncio.ensure_future(self._come_back())

    async def _come_back(self) -> None:
        await asyncio.sleep(RETRY_SECONDS)
        await self.open()


class Stream(asyncio.Protocol):
    """One connection of a browser."""

    def __init__(self, request: bytes, browser: Browser) -> None:
        self.request, self.browser = request, browser
        self.listening: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if self.listening.done():
            self.browser.hear(data, now)
            return
        self.rest += data
        if b": listening" in self.rest:
            self.listening.set_result(True)
            self.browser.hear(self.rest, now)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.listening.done():
            self.listening.set_result(False)
        self.browser.lost()


def browsers(talk: Connection, port: int, request: bytes, number: int, pings: int) -> None:
    """The other process: opens all streams, says so, and then what it is asked: arrivals, or who has heard what."""
    import uvloop

    many_files()
    arrivals: list[list[float]] = [[] for _ in range(pings)]
    all_of_them = [Browser(port, request, arrivals) for _ in range(number)]

    async def run() -> None:
        gate = asyncio.Semaphore(OPENING_AT_ONCE)

        async def one(browser: Browser) -> bool:
            async with gate:
                return await browser.open()

        talk.send(sum(await asyncio.gather(*(one(each) for each in all_of_them))))
        while True:
            while talk.poll() is False:  # noqa: ASYNC110 -- a pipe to another process
                await asyncio.sleep(0.05)
            if talk.recv() == "arrivals":
                talk.send(arrivals)
            else:
                talk.send([(each.newest.decode(), each.heard_at) for each in all_of_them])

    uvloop.run(run())


@contextmanager
def deploy(
    at: House, process: tuple[int, int], topic: str, talk: Connection, number: int
) -> Iterator[tuple[float, list[float], int]]:
    """How long nobody answered, after how many seconds each browser had heard the newest ping again, the new process.

    That one is there until the block ends.
    """
    (pid, port), began = process, time.monotonic()
    os.kill(pid, signal.SIGTERM)
    ping(at, topic)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    stopped = time.monotonic()
    ping(at, topic)
    with web(port) as new:
        away = time.monotonic() - stopped
        newest = at.flask_app.extensions["signals"].client.xrevrange(PINGS, count=1)[0][0].decode()
        while True:
            talk.send("heard")
            heard = [moment - began for last, moment in talk.recv() if last == newest]
            if len(heard) == number or time.monotonic() - began > PATIENCE_SECONDS:
                break
            time.sleep(0.2)
        yield away, heard, new


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--streams", type=int, default=2000)
    words.add_argument("--pings", type=int, default=40)
    asked = words.parse_args()
    many_files()
    with house() as at, web(port := free_port()) as pid:
        with at.working():
            author = member_by_email(ADMIN)
            assert author
            opening = write_posting(text=TEXT, by=author, actor=actor_of(author)).id
        topic, path = f"posting-{opening}", f"/jobs/{opening}/board"
        pages(at, port, path, 30)
        found = Measured(asked.streams)
        found.look("no streams", pid, lambda: pages(at, port, path, PAGES))
        found.before = pss_kib(pid)
        talk, theirs = multiprocessing.Pipe()
        request = (
            f"GET /events?topic={topic} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {at.cookie}\r\n"
            "Accept: text/event-stream\r\n"
        ).encode()
        began = time.monotonic()
        other = multiprocessing.get_context("fork").Process(
            target=browsers, args=(theirs, port, request, asked.streams, 2 * asked.pings + 1000), daemon=True
        )
        other.start()
        found.opened, found.opening_seconds, found.after = talk.recv(), time.monotonic() - began, pss_kib(pid)
        found.look("streams open", pid, lambda: pages(at, port, path, PAGES))
        worked = processor_seconds(pid)
        found.direct = [ping(at, topic) for _ in range(asked.pings)]
        found.processor = processor_seconds(pid) - worked
        found.events = [event(at, opening, number) for number in range(asked.pings)]
        found.look("a ping a second to all", pid, lambda: busy_pages(at, port, path, topic))
        time.sleep(1)
        talk.send("arrivals")
        found.arrivals = talk.recv()
        with deploy(at, (pid, port), topic, talk, found.opened) as (found.away, found.back, new):
            other.terminate()
            other.join()
            pages(at, port, path, 30)
            found.look("no streams", new, lambda: pages(at, port, path, PAGES))
    report(found)


def pages(at: House, port: int, path: str, number: int) -> list[float]:
    """Milliseconds of one client's requests, one after the other."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken = []
    for _ in range(number):
        began = time.monotonic()
        connection.request("GET", path, headers={"Host": f"{HOST}:{port}", "Cookie": at.cookie})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        taken.append(1000 * (time.monotonic() - began))
    connection.close()
    return taken


def busy_pages(at: House, port: int, path: str, topic: str) -> list[float]:
    """Pages while each stream gets a ping a second."""
    over = threading.Event()

    def every_second() -> None:
        while not over.wait(1):
            at.flask_app.extensions["signals"].after_commit(at.tenant.slug, [Ping(topic, "busy")])

    thread = threading.Thread(target=every_second)
    thread.start()
    taken = pages(at, port, path, PAGES)
    over.set()
    thread.join()
    return taken


def ping(at: House, topic: str) -> float:
    sent = time.monotonic()
    at.flask_app.extensions["signals"].after_commit(at.tenant.slug, [Ping(topic, "direct")])
    time.sleep(0.5)
    return sent


def event(at: House, opening: uuid.UUID, number: int) -> float:
    sent = time.monotonic()
    with at.working():
        author = member_by_email(ADMIN)
        assert author
        edit_posting(posting(opening), by=actor_of(author), place=f"Place {number}")
    time.sleep(0.5)
    return sent


def report(found: "Measured") -> None:
    direct, events = found.late(found.direct, 0), found.late(found.events, len(found.direct))
    shown = [
        ("streams open", f"{found.opened:,} of {found.asked:,}, in {found.opening_seconds:.1f} s"),
        ("memory of the web process", f"{found.before / 1024:.0f} → {found.after / 1024:.0f} MiB (PSS)"),
        ("memory of one stream", f"{found.each_kib:.1f} KiB"),
        ("processor time to tell one stream", f"{1e6 * found.processor / len(direct):.0f} µs"),
        (f"direct ping, {len(found.direct)} to all", _latency(direct, len(found.direct) * found.opened)),
        (f"committed event, {len(found.events)} to all", _latency(events, len(found.events) * found.opened)),
    ]
    for name, times in found.pages.items():
        figures = f"p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms"
        shown.append((f"page, {name}", f"{figures}, {found.costs[name]:.1f} ms of the processor"))
    width = max(len(name) for name, _ in shown)
    print("\n".join(f"{name:{width}}  {value}" for name, value in shown))
    met = found.opened == found.asked and max(percentile(direct, 0.95), percentile(events, 0.95)) < GOAL_MS
    print(f"goal: ping p95 < {GOAL_MS} ms with {found.asked:,} streams: {'met' if met else 'MISSED'}\n")
    back = max(found.back, default=PATIENCE_SECONDS)
    met = len(found.back) == found.opened and back < GOAL_BACK
    print(
        f"a deploy: {len(found.back):,} of {found.opened:,} back with the newest ping after {back:.1f} s, of which",
        end="",
    )
    print(f" {found.away:.1f} s nobody answered (goal {GOAL_BACK:.0f}: {'met' if met else 'MISSED'})\n")
    slow = [percentile(times, 0.95) for times in found.pages.values()]
    cells = [
        "`bin/bench streams`", f"{found.opened:,}", f"{percentile(direct, 0.95):.0f} ms",
        f"{percentile(events, 0.95):.0f} ms", f"{found.each_kib:.1f} KiB",
        " / ".join(f"{one:.0f}" for one in slow) + " ms", f"{slow[1] / slow[0]:.2f}", f"{back:.1f} s",
    ]  # fmt: skip
    print("| " + " | ".join(cells) + " |")


def _latency(late: list[float], expected: int) -> str:
    return (
        f"p50 {percentile(late, 0.5):.0f} ms, p95 {percentile(late, 0.95):.0f} ms, last {max(late):.0f} ms, "
        f"lost {expected - len(late)}"
    )


if __name__ == "__main__":
    main()
