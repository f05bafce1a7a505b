"""Candidates in their interviews at the same time: an answer every 45 s, drafts every 10 s, each by its own connection.

    bin/bench interviews [--candidates 1000] [--seconds 180] [--webs 1] [--askers 1]

Real web processes, relay and worker of `asking` with the built-in engine. A next question counts from sending the
answer to the last byte of the page that asks the next one (the follow-up, or the kit's next question), the redirect
included. All who are in an interview began before; their phones are one process of its own. Every answer has words of
its own, and at the end the database is asked for each that was acknowledged: it must be there, and once.

Goals: p95 of the next question under 1 s, no answer lost, none twice. How many a core holds is the number of candidates
over the processor time of web, relay, worker, PostgreSQL and Redis.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.identity.queries import member_by_email
from app.interviews.commands import conduct, invitations, kits
from app.interviews.models import Turn
from app.interviews.queries import kit_of
from app.kernel.ids import new_token, token_digest
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import publish, write_posting
from bench.house import ADMIN, HOST, ROOT, House, free_port, house, many_files, percentile, processor_seconds, web
from tenants.db import db
from tenants.outbox import OutboxRow

ANSWER_SECONDS, DRAFT_SECONDS, PATIENCE_SECONDS = 45.0, 10.0, 30.0
GOAL_MS = 1000.0
AT_ONCE = 50
TEXT = "Nurse\n\nWe look for a nurse with two years of experience.\n\nMust have\n- Patient care\n- Infection control\n"
ANCHORS = ("Says nothing of it.", "Names it.", "Tells what was done.", "Tells what was done, why, and what came of it.")
ASKED = (
    "Tell us about a shift that was short of people.",
    "When did you last see a mistake with a medicine? What did you do?",
    "How do you hand over a patient at the end of a shift?",
    "Tell us about a relative who was angry.",
    "What did you change on your ward?",
    "How do you keep calm when three things happen at once?",
)
SAID = (
    "First I looked at who was least stable, then I called the bed manager and wrote down what I had decided. ",
    "I told the doctor at once, stayed with the patient, and filled in the report before the end of my shift. ",
    "We had two falls in one week, so I moved the round to four in the morning, and there was none in March. ",
)
TURN = re.compile(rb'name="turn"[^>]*value="(\d+)"')


@dataclass
class Seen:
    """What the phones saw: milliseconds, acknowledged words, and how often something else than the usual came."""

    questions: list[float] = field(default_factory=list)
    drafts: list[float] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    odd: Counter[str] = field(default_factory=Counter)
    late: float = 0.0


class Phone:
    """One candidate. What fails is sent again, as a person would."""

    def __init__(self, name: str, port: int, token: str, seen: Seen) -> None:
        self.name, self.port, self.path, self.seen = name, port, f"/i/{token}", seen
        self.turn = 1

    async def interview(self, phase: float, end: float) -> None:
        """From the middle of a question on, by the clock: a slow answer makes no slower candidate."""
        due = time.monotonic() + phase - ANSWER_SECONDS
        while True:
            for number in range(1, int(ANSWER_SECONDS // DRAFT_SECONDS) + 1):
                if (moment := due + number * DRAFT_SECONDS) > time.monotonic():
                    await self._until(moment, end)
                    await self._draft(number)
            due += ANSWER_SECONDS
            await self._until(due, end)
            await self._answer()

    async def _until(self, moment: float, end: float) -> None:
        if moment > end:
            raise asyncio.CancelledError
        left = moment - time.monotonic()
        await asyncio.sleep(max(left, 0))
        self.seen.late = max(self.seen.late, -left)

    def _words(self, share: float = 1.0) -> str:
        said = SAID[self.turn % len(SAID)] * 3
        return f"[{self.name} {self.turn}] {said[: int(share * len(said))]}".strip()

    async def _draft(self, number: int) -> None:
        form = {"answer": self._words(number / 5), "revision": str(1000 * self.turn + number)}
        began = time.monotonic()
        status, _ = await self._ask("POST", f"{self.path}/draft?turn={self.turn}", form)
        self.seen.drafts.append(1000 * (time.monotonic() - began))
        if status != 204:
            self.seen.odd[f"draft {status}"] += 1

    async def _answer(self) -> None:
        words, began = self._words(), time.monotonic()
        while True:
            status, _ = await self._ask("POST", f"{self.path}/answer", {"turn": str(self.turn), "answer": words})
            if status == 303:
                break
            self.seen.odd[f"answer {status}"] += 1
            await asyncio.sleep(1)
        self.seen.acknowledged.append(words)
        status, page = await self._ask("GET", self.path)
        self.seen.questions.append(1000 * (time.monotonic() - began))
        asked = TURN.search(page)
        if status != 200 or asked is None:
            self.seen.odd[f"question {status}"] += 1
            return
        self.turn = int(asked[1])

    async def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body; 0 where no answer came."""
        body = urlencode(form or {}).encode()
        head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
        kind = "Content-Type: application/x-www-form-urlencoded\r\n" if form else ""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(f"{head}{kind}\r\n".encode() + body)
                answer = await reader.read()
                writer.close()
        except (OSError, TimeoutError):
            return 0, b""
        return int(answer[9:12] or 0), answer


def phones(talk: Connection, links: list[str], ports: list[int], seconds: float) -> None:
    """The other process: all candidates, spread evenly over the time of one answer."""
    import uvloop

    many_files()
    seen = Seen()

    async def run() -> None:
        end = time.monotonic() + seconds
        each = [
            Phone(str(n), ports[n % len(ports)], link, seen).interview(ANSWER_SECONDS * n / len(links), end)
            for n, link in enumerate(links)
        ]
        await asyncio.gather(*each, return_exceptions=True)

    uvloop.run(run())
    talk.send(seen)


def began(home: House, number: int) -> list[str]:
    """So many candidates whose interview has begun, by the product's commands; the tokens of their links."""
    with home.working():
        member = member_by_email(ADMIN)
        assert member
        by = actor_of(member)
        posting = write_posting(text=TEXT, by=member, actor=by)
        publish(posting, by=by)
        kits.take_proposal(posting.id, _proposal(), engine="bench", language="en")
        db.session.flush()
        kit = kit_of(posting.id)
        assert kit
        kits.approve(kit, by=by)
    tokens = [new_token() for _ in range(number)]
    for first in range(0, number, AT_ONCE):
        with home.working():
            for n, token in enumerate(tokens[first : first + AT_ONCE], first):
                person = register(name=f"Cara {n}", email=None)
                application = apply(posting, person, resume=None, source="upload", by=by)
                interview = invitations.open_interview(application, kit, by=by)
                interview.link_hash = token_digest(token)
                conduct.begin(interview, consented_to={"answers": True}, by=by)
    with home.working():  # long ago: the relay has passed it on
        db.session.execute(sa.update(OutboxRow).values(relayed_at=sa.func.now()))
    return tokens


def _proposal() -> KitProposal:
    names = ("Patient safety", "Working together")
    dimensions = tuple(ProposedDimension(name, name, 50, ANCHORS) for name in names)
    return KitProposal(dimensions, tuple(ProposedQuestion(text, 3, "experience", names, "own steps") for text in ASKED))


@contextlib.contextmanager
def background(*words: str) -> Iterator[int]:
    """A process of the Procfile; its id."""
    process = subprocess.Popen([sys.executable, "-m", "jobs", *words], cwd=ROOT, env=os.environ)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def servers() -> dict[int, str]:
    """Process ids of PostgreSQL and Redis of the benchmarks: what has the folder's sockets open, by their parents."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                found[int(folder.name)] = (parent, (folder / "cmdline").read_bytes().decode(errors="replace"))
    masters = {pid for pid, (_, line) in found.items() if "bench-services" in line}
    return {
        pid: "redis" if "redis" in line else "postgres"
        for pid, (parent, line) in found.items()
        if pid in masters or parent in masters
    }


def used(processes: dict[int, str]) -> Counter[str]:
    """Processor seconds so far, by what they are. A backend that ended has told its parent nothing: it is missed."""
    seconds: Counter[str] = Counter()
    for pid, name in (processes | servers()).items():
        with contextlib.suppress(OSError):
            seconds[name] += processor_seconds(pid)
    return seconds


def kept(home: House, seen: Seen) -> tuple[int, int]:
    """Of what was acknowledged: how much is lost, and how much is there more than once."""
    with home.working():
        there = Counter(db.session.scalars(sa.select(Turn.answer).where(Turn.answer.is_not(None))))
    wanted = Counter(seen.acknowledged)
    return sum(1 for words in wanted if not there[words]), sum(1 for words in there if there[words] > 1)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--candidates", type=int, default=1000)
    words.add_argument("--seconds", type=float, default=180)
    words.add_argument("--webs", type=int, default=1)
    words.add_argument("--askers", type=int, default=1)
    asked = words.parse_args()
    many_files()
    with house() as home, contextlib.ExitStack() as stack:
        links = began(home, asked.candidates)
        ports = [free_port() for _ in range(asked.webs)]
        processes = {stack.enter_context(web(port)): "web" for port in ports}
        processes[stack.enter_context(background("relay"))] = "relay"
        processes |= {stack.enter_context(background("worker", "asking")): "worker" for _ in range(asked.askers)}
        time.sleep(5)
        mine, theirs = multiprocessing.Pipe()
        other = multiprocessing.get_context("fork").Process(
            target=phones, args=(theirs, links, ports, asked.seconds), daemon=True
        )
        before, started = used(processes), time.monotonic()
        other.start()
        seen = mine.recv()
        spent, lasted = used(processes), time.monotonic() - started
        spent.subtract(before)
        report(asked.candidates, seen, {name: each / lasted for name, each in spent.items()}, *kept(home, seen))


def report(number: int, seen: Seen, cores: dict[str, float], lost: int, twice: int) -> None:
    p50, p95 = (percentile(seen.questions, share) for share in (0.5, 0.95))
    met = "met" if p95 < GOAL_MS and not lost and not twice else "MISSED"
    print(f"{number:,} candidates, {len(seen.acknowledged):,} answers, {len(seen.drafts):,} drafts")
    print(f"next question     p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {max(seen.questions):.0f} ms")
    print(f"draft             p50 {percentile(seen.drafts, 0.5):.0f} ms, p95 {percentile(seen.drafts, 0.95):.0f} ms")
    print(f"answers           {lost} lost, {twice} twice; anything else: {dict(seen.odd) or 'nothing'}")
    print("processors        " + ", ".join(f"{name} {each:.2f}" for name, each in sorted(cores.items())))
    print(f"a core holds      {number / sum(cores.values()):,.0f} candidates; phones late by {seen.late:.1f} s at most")
    print(f"goal: p95 < {GOAL_MS:.0f} ms, none lost, none twice: {met}\n")
    cells = ["`bin/bench interviews`", f"{number:,}", f"{p50:.0f} / {p95:.0f} ms", f"{lost} / {twice}"]
    print("| " + " | ".join([*cells, f"{number / sum(cores.values()):,.0f}"]) + " |")


if __name__ == "__main__":
    main()
