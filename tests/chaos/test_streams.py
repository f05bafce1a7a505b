"""Streams that are cut come back with what they missed (R-29). A ping says "look again": the last one of a topic counts."""

import contextlib
import random
import socket
import threading
import time

import pytest

from app.identity.commands import actor_of
from app.postings.commands import write_posting
from tenants.work import Ping
from tests.chaos.processes import Person, free_port, until
from tests.sizes import sized


class Browser:
    """An EventSource: it tells what it heard last whenever its line was cut."""

    def __init__(self, person, topics):
        self.person, self.topics = person, topics
        self.heard = []
        self._over = threading.Event()
        self._line = None
        self.opened = 0
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def cut(self):
        with contextlib.suppress(OSError):  # it is cut already
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._over.set()
        self.cut()
        self._thread.join()

    def last(self, topic):
        return max((number for number, about in self.heard if about == topic), default=None)

    def _listen(self):
        while not self._over.is_set():
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self.person.port), 10) as self._line,
            ):
                self._line.settimeout(30)
                self._line.sendall(self._request())
                self._hear(self._line.makefile("rb"))

    def _request(self):
        cookies = "; ".join(f"{name}={value}" for name, value in self.person.cookies.items())
        lines = [
            f"GET /events?{'&'.join(f'topic={topic}' for topic in self.topics)} HTTP/1.1",
            f"Host: alpha.localhost:{self.person.port}", f"Cookie: {cookies}",
        ]  # fmt: skip
        if self.heard:
            lines.append("Last-Event-ID: {}-{}".format(*self.heard[-1][0]))
        return "\r\n".join([*lines, "", ""]).encode()

    def _hear(self, lines):
        number = None
        for line in lines:
            if b": listening" in line:
                self.opened += 1
            elif line.startswith(b"id: "):
                number = tuple(map(int, line[4:].split(b"-")))
            elif line.startswith(b"event: "):
                self.heard.append((number, line[7:].strip().decode()))


@pytest.mark.slow
@pytest.mark.xdist_group("chaos")
def test_r29_a_stream_that_is_cut_misses_nothing_and_hears_nothing_twice(nursery, flask_app, alpha, cast, in_tenant):
    events, cuts, chance, done = sized(1000, 200), sized(50, 12), random.Random(29), 0
    with in_tenant(alpha):
        postings = [write_posting(text=f"Nurse {n}", by=cast.rita, actor=actor_of(cast.rita)).id for n in range(3)]
    topics, signals = [f"posting-{posting}" for posting in postings], flask_app.extensions["signals"]
    nursery.web(port := free_port())
    browser = Browser(Person(port, "rita"), topics)
    try:
        assert until(lambda: browser.opened == 1, seconds=20)
        for number in range(events):
            signals.after_commit("alpha", [Ping(chance.choice(topics), str(number))])
            if number % (events // cuts) == 0 and done < cuts:
                assert until(lambda opened=done + 1: browser.opened == opened, seconds=20, every=0.002)
                browser.cut()
                done += 1
            if number % 20 == 0:
                time.sleep(0.05)
        for topic in topics:
            signals.after_commit("alpha", [Ping(topic, "last")])
        told = [
            (tuple(map(int, at.decode().split("-"))), fields[b"topic"].decode())
            for at, fields in signals.client.xrange("assay:pings")
            if fields[b"tenant"] == b"alpha" and fields[b"topic"].decode() in topics
        ]
        newest = {topic: max(number for number, about in told if about == topic) for topic in topics}
        assert until(lambda: {topic: browser.last(topic) for topic in topics} == newest, seconds=20)
    finally:
        browser.close()

    assert len(told) == events + 2 * len(topics)  # writing a posting is one
    assert browser.opened == cuts + 1
    numbers = [number for number, _ in browser.heard]
    assert len(numbers) == len(set(numbers))
    assert numbers == sorted(numbers)
    assert set(browser.heard) <= set(told)
