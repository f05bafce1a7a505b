"""2,000 open streams beside pages: how late is a ping, what does a stream cost, are pages slower for it?

    bin/bench streams [--streams 2000] [--pings 40]

The streams' browsers are a process of their own. Every stream listens to the same posting, so each ping reaches all
of them: the worst case. Latency counts from before the Redis command (direct) or the transaction (event) begins.
"""

import argparse
import asyncio
import http.client
import multiprocessing
import threading
import time
import uuid
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

from app.identity.commands import actor_of
from app.identity.queries import member_by_email
from app.postings.commands import edit_posting, write_posting
from app.postings.queries import posting
from bench.house import ADMIN, HOST, House, free_port, house, many_files, percentile, processor_seconds, pss_kib, web
from tenants.work import Ping

PAGES = 300
OPENING_AT_ONCE = 24
GOAL_MS = 250
TEXT = "Nurse\n\nWe look for a nurse with two years of experience.\n\nMust have\n- Patient care\n- Infection control\n"


@dataclass
class Measured:
    """Moments in seconds of one clock that both processes share; `arrivals` holds one list a ping, in order."""

    asked: int
    opened: int
    opening_seconds: float
    before: int
    after: int
    pages: dict[str, list[float]]
    direct: list[float]
    events: list[float]
    arrivals: list[list[float]] = field(default_factory=list)
    processor: float = 0.0

    @property
    def each_kib(self) -> float:
        return (self.after - self.before) / max(self.opened, 1)

    def late(self, sent: list[float], first: int) -> list[float]:
        heard = self.arrivals[first : first + len(sent)]
        return [1000 * (at - began) for began, all_of_it in zip(sent, heard, strict=True) for at in all_of_it]


class Stream(asyncio.Protocol):
    """One browser's open stream: notes when each ping came."""

    def __init__(self, request: bytes, arrivals: list[list[float]]) -> None:
        self.request, self.arrivals, self.count = request, arrivals, 0
        self.listening: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        if not self.listening.done():
            self.rest += data
            if b": listening" in self.rest:
                self.listening.set_result(True)
            return
        for _ in range(data.count(b"event: ")):
            self.arrivals[self.count].append(now)
            self.count += 1

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.listening.done():
            self.listening.set_result(False)


def browsers(talk: Connection, port: int, request: bytes, number: int, pings: int) -> None:
    """The other process: opens all streams, says so, and at the end says when each ping arrived where."""
    import uvloop

    many_files()
    arrivals: list[list[float]] = [[] for _ in range(pings)]

    async def run() -> None:
        loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(OPENING_AT_ONCE)

        async def one() -> bool:
            async with gate:
                _, stream = await loop.create_connection(lambda: Stream(request, arrivals), "127.0.0.1", port)
                return await stream.listening

        talk.send(sum(await asyncio.gather(*(one() for _ in range(number)))))
        while talk.poll() is False:  # noqa: ASYNC110 -- a pipe to another process
            await asyncio.sleep(0.05)
        talk.send(arrivals)

    uvloop.run(run())


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
        idle, before = pages(at, port, path, PAGES), pss_kib(pid)
        talk, theirs = multiprocessing.Pipe()
        request = (
            f"GET /events?topic={topic} HTTP/1.1\r\nHost: {HOST}:{port}\r\nCookie: {at.cookie}\r\n"
            "Accept: text/event-stream\r\n\r\n"
        ).encode()
        began = time.monotonic()
        other = multiprocessing.get_context("fork").Process(
            target=browsers, args=(theirs, port, request, asked.streams, 2 * asked.pings + 1000), daemon=True
        )
        other.start()
        opened = talk.recv()
        found = Measured(
            asked.streams, opened, time.monotonic() - began, before, pss_kib(pid), {"no streams": idle}, [], []
        )
        found.pages["streams open"] = pages(at, port, path, PAGES)
        worked = processor_seconds(pid)
        found.direct = [ping(at, topic) for _ in range(asked.pings)]
        found.processor = processor_seconds(pid) - worked
        found.events = [event(at, opening, number) for number in range(asked.pings)]
        found.pages["a ping a second to all"] = busy_pages(at, port, path, topic)
        time.sleep(1)
        talk.send("over")
        found.arrivals = talk.recv()
        other.terminate()
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
        shown.append((f"page, {name}", f"p50 {percentile(times, 0.5):.1f} ms, p95 {percentile(times, 0.95):.1f} ms"))
    width = max(len(name) for name, _ in shown)
    print("\n".join(f"{name:{width}}  {value}" for name, value in shown))
    met = found.opened == found.asked and max(percentile(direct, 0.95), percentile(events, 0.95)) < GOAL_MS
    print(f"goal: ping p95 < {GOAL_MS} ms with {found.asked:,} streams: {'met' if met else 'MISSED'}\n")
    slow = [percentile(times, 0.95) for times in found.pages.values()]
    cells = [
        "`bin/bench streams`", f"{found.opened:,}", f"{percentile(direct, 0.95):.0f} ms",
        f"{percentile(events, 0.95):.0f} ms", f"{found.each_kib:.1f} KiB",
        " / ".join(f"{one:.0f}" for one in slow) + " ms", f"{slow[1] / slow[0]:.2f}",
    ]  # fmt: skip
    print("| " + " | ".join(cells) + " |")


def _latency(late: list[float], expected: int) -> str:
    return (
        f"p50 {percentile(late, 0.5):.0f} ms, p95 {percentile(late, 0.95):.0f} ms, last {max(late):.0f} ms, "
        f"lost {expected - len(late)}"
    )


if __name__ == "__main__":
    main()
