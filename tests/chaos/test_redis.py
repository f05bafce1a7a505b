"""Redis is away: pages go on writing, and what waited is done when it is back."""

import threading
import time
from collections import Counter
from itertools import cycle, islice
from queue import Empty, SimpleQueue
from statistics import quantiles

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.applications.commands import apply
from app.applications.models import Application, Note
from app.candidates.commands import register
from app.candidates.models import Resume
from app.identity.commands import actor_of
from app.interviews.commands import conduct, invitations
from app.interviews.models import Turn
from app.kernel.ids import new_token, token_digest
from app.postings.queries import stages_of
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.invariants import settle, waits
from tests.chaos.processes import Nursery, Person, free_port, until
from tests.conftest import _free_port, _Redis
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

EVERYBODY = ("relay", "scoring", "mail", "default", "asking", "low", "parsing")
SECONDS, A_SECOND, CLIENTS = sized(300, 3), sized(11, 20), 5  # half the row's rate, for two cores that do all the rest
LEAST_A_SECOND = sized(10, 5)
WRITTEN_WITHIN_SECONDS = 2.0
MIX = (
    ("move",) * 6 + ("note",) * 2 + ("answer",) * 2 + ("move",) * 5 + ("note",) * 2 + ("answer",) * 2 + ("upload",)
)  # one in twenty has a resume read, which is a third of a second of a processor
RESUME = b"Cara Diaz\nNight nurse\n\nExperience\n2019 - 2023 Night nurse, General Hospital: wards at night\n"


class Writes:
    """What five people write, twenty times a second, until it is enough; and how long each write took."""

    def __init__(self, port, posting, stage, wanted):
        self.port, self.posting, self.stage, self.wanted = port, posting, stage, wanted
        self.said, self.boards, self.over = [], [], threading.Event()

    def go_on(self, seconds):
        """Returns for how long it was, until the last answer."""
        people = [Person(self.port, "rita") for _ in range(CLIENTS)]
        threads = [threading.Thread(target=self._write, args=(person,)) for person in people]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        self.over.wait(seconds)
        self.over.set()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def _write(self, person):
        while not self.over.is_set():
            began = time.monotonic()
            try:
                kind, one = self.wanted.get_nowait()
            except Empty:
                return
            self.said.append((kind, getattr(self, kind)(person, one), time.monotonic() - began))
            if len(self.said) % 20 == 0:
                self.boards.append(person.ask("GET", f"/jobs/{self.posting}/board")[0])
            self.over.wait(CLIENTS / A_SECOND - (time.monotonic() - began))

    def move(self, person, application):
        return person.post(f"/applications/{application}/move", {"stage": self.stage, "version": "1"})

    def note(self, person, application):
        return person.post(f"/applications/{application}/notes", {"text": "Calls back on Monday."})

    def answer(self, person, token):
        return person.ask("POST", f"/i/{token}/answer", {"turn": "1", "answer": "I looked, and then I called."})[0]

    def upload(self, person, number):
        file = ("resumes", f"cara{number}.txt", RESUME + f"cara{number}@people.example\n".encode())
        return person.post(f"/jobs/{self.posting}/resumes", {}, file=file)


@pytest.mark.slow
@pytest.mark.xdist_group("chaos")
def test_r08_redis_down_fails_no_write_and_delays_only(settings, tmp_path, alpha, cast, in_tenant):
    broker = _Redis(tmp_path / "broker", "test", fast=True)
    url = broker.start(_free_port(), _free_port)
    nursery = Nursery(settings.model_copy(update={"redis_url": SecretStr(url)}))
    wanted, by = SimpleQueue(), actor_of(cast.rita)
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=2)
        for number, kind in enumerate(islice(cycle(MIX), SECONDS * A_SECOND)):
            if kind == "upload":
                wanted.put((kind, number))
                continue
            application = apply(posting, register(name=f"Cara {number}"), resume=None, source="upload", by=by)
            if kind == "answer":
                interview, token = invitations.open_interview(application, kit, by=by), new_token()
                interview.link_hash = token_digest(token)
                conduct.begin(interview, consented_to={}, by=by)
            wanted.put((kind, token if kind == "answer" else application.id))
        stage = stages_of(posting.id)[1].id
        db.session.flush()  # thousands who applied before are not what waits for Redis
        db.session.execute(sa.delete(OutboxRow))
        submitted_interview(cast.rita, posting, kit, name="Mira")
    try:
        nursery.web(port := free_port())
        writes = Writes(port, posting.id, stage, wanted)
        Person(port, "rita").ask("GET", f"/jobs/{posting.id}/board")  # compiled
        for name in EVERYBODY:
            nursery.start(name)
        broker.stop()
        lasted = writes.go_on(SECONDS)
        rate, times = len(writes.said) / lasted, [each[2] for each in writes.said]
        p95 = quantiles(times, n=20)[-1]
        print(f"{rate:.1f} writes a second for {lasted:.0f} s, p95 {p95:.3f} s")
        broker.start(int(url.rpartition(":")[2].partition("/")[0]), None)
        back = time.monotonic()
        for name in EVERYBODY:  # as the supervisor does with what Redis took along
            nursery.start(name)
        assert until(lambda: not waits(in_tenant, alpha), seconds=sized(120, 60), every=0.5)
        print(f"all was done {time.monotonic() - back:.1f} s after Redis was back")
        settle(nursery, in_tenant, alpha)
    finally:
        nursery.close()
        broker.stop()

    assert {(kind, status) for kind, status, _ in writes.said} == {(kind, 303) for kind in MIX}
    assert set(writes.boards) == {200}
    assert rate >= LEAST_A_SECOND
    assert p95 <= WRITTEN_WITHIN_SECONDS
    with in_tenant(alpha):
        there = {
            "move": sa.select(sa.func.count()).where(Application.stage_id == stage),
            "note": sa.select(sa.func.count()).select_from(Note),
            "answer": sa.select(sa.func.count()).where(Turn.number == 1, Turn.state == "answered"),
            "upload": sa.select(sa.func.count()).select_from(Resume),
        }
        counted = Counter(kind for kind, _, _ in writes.said) + Counter(answer=1)  # Mira's
        assert {kind: db.session.scalar(query) for kind, query in there.items()} == counted
