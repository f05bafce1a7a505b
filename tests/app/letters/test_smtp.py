"""A real SMTP conversation on loopback."""

import dataclasses
import email
import socket
import threading
from datetime import timedelta
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from app.adapters.registry import Providers
from app.identity import commands as identity
from app.kernel import clock
from app.letters import commands, queries
from app.letters.enums import LetterKind
from app.letters.models import Mail
from tenants.db import db


class Server:
    """Takes letters, after the refusals that wait in `refusals`."""

    def __init__(self):
        self.letters, self.refusals, self.lock = [], [], threading.Lock()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        with self.lock:
            if self.refusals:
                return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.letters.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=default)))
        return "250 Taken"


@pytest.fixture
def server(flask_app):
    handler = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    before = flask_app.extensions["providers"]
    settings = before.settings.model_copy(update={"smtp_url": SecretStr(f"smtp://127.0.0.1:{port}")})
    flask_app.extensions["providers"] = Providers(settings)
    yield handler
    flask_app.extensions["providers"] = before
    controller.stop()


@pytest.fixture
def written(alpha, in_tenant, flask_app, cast):
    def write(
        *,
        name="Cara Diaz",
        address="cara@people.example",
        kind=LetterKind.PASSWORD_LINK,
        link="http://alpha.localhost/password/k",
    ):
        vault = flask_app.extensions["providers"].vault
        facts = {"name": name, "company": "Alpha", "link": link}
        with in_tenant(alpha):
            return commands.write(
                kind, to_name=name, to_address=address, language="en", facts=facts, vault=vault, key=f"test:{name}"
            ).id

    return write


def state_of(in_tenant, alpha, mail_id):
    with in_tenant(alpha):
        mail = db.session.get_one(Mail, mail_id)
        return mail.state, mail.problem


def test_letter_arrives_with_both_texts(server, written, drain, in_tenant, alpha):
    mail_id = written()
    drain()

    [(to, letter)] = server.letters
    assert to == ["cara@people.example"]
    assert letter["Subject"] == "Set your password for Alpha"
    assert letter["Message-ID"] == f"<{mail_id}@assay.example>"
    assert "http://alpha.localhost/password/k" in letter.get_body(("plain",)).get_content()
    assert 'href="http://alpha.localhost/password/k"' in letter.get_body(("html",)).get_content()
    assert state_of(in_tenant, alpha, mail_id) == ("sent", None)


def test_letter_put_off_by_451_is_accepted_later(server, written, drain, in_tenant, alpha, clock_at):
    server.refusals = ["451 try again later"]
    mail_id = written()
    drain()
    assert server.letters == []
    assert state_of(in_tenant, alpha, mail_id)[0] == "waiting"

    with clock_at(clock.now() + timedelta(minutes=5)):
        drain()
    assert len(server.letters) == 1
    assert state_of(in_tenant, alpha, mail_id) == ("sent", None)


def test_letter_refused_by_550_is_seen_as_failed_and_sent_again_by_hand(
    server, written, drain, in_tenant, alpha, browser
):
    server.refusals = ["550 no such user"]
    mail_id = written()
    drain()
    state, problem = state_of(in_tenant, alpha, mail_id)
    assert state == "failed"
    assert "550" in problem
    rita = browser("rita")
    assert "Not delivered" in rita.get("/mailbox").text
    assert "550" in rita.get(f"/mailbox/{mail_id}").text

    assert rita.post(f"/mailbox/{mail_id}/again").status_code == 303
    drain()
    assert state_of(in_tenant, alpha, mail_id) == ("sent", None)
    assert len(server.letters) == 1
    assert rita.post(f"/mailbox/{mail_id}/again").status_code == 409


@pytest.mark.parametrize("name", ["Cara\r\nBcc: eve@evil.example", "Cara\nSubject: win", 'Cara" <eve@evil.example>, "'])
def test_name_cannot_write_headers(server, written, drain, name):
    written(name=name)
    drain()

    [(to, letter)] = server.letters
    assert to == ["cara@people.example"]
    assert letter["Bcc"] is None
    assert letter.get_all("Subject") == ["Set your password for Alpha"]
    assert [one.addr_spec for one in letter["To"].addresses] == ["cara@people.example"]


def test_password_link_that_was_mailed_sets_a_password(server, written, drain, in_tenant, alpha, cast, anyone):
    with in_tenant(alpha):
        token = identity.write_password_link(db.session.merge(cast.ivy), by=identity.actor_of(cast.rita))
    written(link=f"http://alpha.localhost/password/{token}", name="Ivy")
    drain()
    text = server.letters[0][1].get_body(("plain",)).get_content()
    path = "/" + text.partition("http://alpha.localhost/")[2].split()[0]
    client = anyone()

    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": "a long new password"}).status_code == 303
    assert client.get(path).status_code == 404


def test_texts_lie_sealed_in_the_database(written, in_tenant, alpha, flask_app):
    mail_id = written(link="http://alpha.localhost/password/secret-key")
    with in_tenant(alpha):
        mail = queries.mail(mail_id)
        assert b"secret-key" not in mail.sealed
        assert "secret-key" in queries.opened(mail, flask_app.extensions["providers"].vault)["text"]


def test_outgoing_mail_is_plain_data(written, in_tenant, alpha, flask_app):
    mail_id = written()
    with in_tenant(alpha):
        outgoing = commands.to_send(
            queries.mail(mail_id), sender="no-reply@alpha.example", vault=flask_app.extensions["providers"].vault
        )
    assert dataclasses.asdict(outgoing)["message_id"] == f"<{mail_id}@alpha.example>"
