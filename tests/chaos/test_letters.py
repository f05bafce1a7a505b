"""A letter goes once: workers killed while they send leave nobody without, and a double is seen as one."""

import email
import random
import threading
import time
from collections import Counter
from email.policy import default

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from app.letters.commands import write
from app.letters.enums import LetterKind
from app.letters.models import Mail
from tenants.db import db
from tests.chaos.invariants import settle
from tests.chaos.processes import Nursery, free_port, until
from tests.sizes import sized


class Taken:
    def __init__(self):
        self.ids, self.lock = [], threading.Lock()

    async def handle_DATA(self, _server, _session, envelope):
        with self.lock:
            self.ids.append(email.message_from_bytes(envelope.content, policy=default)["Message-ID"])
        return "250 Taken"


@pytest.fixture
def server():
    handler, port = Taken(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    handler.url = f"smtp://127.0.0.1:{port}"
    yield handler
    controller.stop()


@pytest.mark.slow
@pytest.mark.xdist_group("chaos")
def test_r43_killed_senders_forget_no_letter_and_double_next_to_none(
    flask_app, settings, server, alpha, cast, in_tenant
):
    letters, kills = sized(1000, 24), sized(100, 2)
    vault, chance = flask_app.extensions["providers"].vault, random.Random(3)
    with in_tenant(alpha):
        for number in range(letters):
            write(
                LetterKind.PASSWORD_LINK, to_name=f"Cara {number}", to_address=f"cara{number}@people.example",
                language="en", facts={"name": "Cara", "company": "Alpha", "link": "https://alpha.example/x"},
                vault=vault, key=f"letter-{number}",
            )  # fmt: skip
    nursery = Nursery(settings.model_copy(update={"smtp_url": SecretStr(server.url)}))
    try:
        nursery.start("relay")
        sender, killed = nursery.start("mail"), 0
        while killed < kills:
            wanted = (killed + 1) * letters // (kills + 1)
            assert until(lambda enough=wanted: len(server.ids) >= enough, seconds=120, every=0.005)
            time.sleep(chance.uniform(0, 0.2))  # so that the kill meets any step of sending, not the server's word
            nursery.kill(sender)
            sender, killed = nursery.start("mail"), killed + 1

        def all_sent():
            with in_tenant(alpha):
                return db.session.scalar(sa.select(sa.func.count()).where(Mail.state == "sent")) == letters

        assert until(all_sent, seconds=120)
        settle(nursery, in_tenant, alpha)
    finally:
        nursery.close()
    with in_tenant(alpha):
        wanted_ids = {f"<{mail}@assay.example>" for mail in db.session.scalars(sa.select(Mail.id))}
    times = Counter(server.ids)
    assert set(times) == wanted_ids
    # A double needs a kill between the server's word and ours, and has the same Message-ID: mail programs show one.
    assert sum(times.values()) - letters <= kills
    assert max(times.values()) <= 2
