"""S-74: master key, company's key and what signs cookies are new, while people work at twenty requests a second."""

import base64
import copy
import itertools
import json
import threading
import time

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url

from app.adapters.local import master
from app.adapters.postgres import login_urls
from app.applications.models import Application, Note
from app.cli import keys
from app.interviews.models import Turn
from app.kernel.errors import Refused
from tenants.db import db
from tests.app.interviews import stage
from tests.chaos.conftest import _nursery, nursery
from tests.chaos.processes import Person, free_port
from tests.sizes import FULL, sized

assert nursery
assert _nursery
A_SECOND = 20
SAID = "I moved him to the window."


@pytest.fixture
def two_lines(flask_app, settings):
    """Whatever is rotated comes back to the key that the other tests know."""
    before = settings.key_file.read_bytes()
    yield
    others = [line for line in settings.key_file.read_bytes().split() if line != before.strip()]
    settings.key_file.write_bytes(b"\n".join([before.strip(), *others]))
    with flask_app.app_context():
        keys.rewrap_companies()
    settings.key_file.write_bytes(before)


@pytest.fixture
def link(alpha, cast, in_tenant, flask_app):
    """An interview under way: Cara's link, and the application."""
    vault = flask_app.extensions["providers"].vault
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita)).id
        stage.invite(application, cast.rita, vault)
    with in_tenant(alpha):
        return stage.link_in_last_letter(application, vault), application


class People:
    """Rita's and Cara's requests at a steady pace, by turns at every web process; each answer is kept."""

    def __init__(self, port, token, application):
        self.rita, self.token, self.application = Person(port, "rita"), token, application
        self.ports, self.wrong, self.done, self.over = [port], [], 0, threading.Event()
        self.numbers = itertools.count(1)

    def work(self, workers):
        began = time.monotonic()
        for turn in itertools.count():
            if self.over.wait(max(0.0, began + turn * workers / A_SECOND - time.monotonic())):
                return
            number = next(self.numbers)
            person = copy.copy(self.rita)  # the same cookie and form token, whoever answers
            person.port, person.cookies = self.ports[number % len(self.ports)], dict(self.rita.cookies)
            status, good = self._one(person, number)
            self.done += 1
            if status not in good:
                self.wrong.append((number, status))

    def _one(self, person, number):
        if number % 3 == 0:
            return person.post(f"/applications/{self.application}/notes", {"text": f"Note {number}"}), {303}
        if number % 3 == 1:
            return person.ask("GET", f"/applications/{self.application}")[0], {200}
        data = {"revision": str(number), "answer": f"{SAID} {number}"}
        return person.ask("POST", f"/i/{self.token}/draft?turn=1", data)[0], {204, 409}


@pytest.mark.slow
def test_s74_keys_are_rotated_while_people_work(
    flask_app, settings, alpha, in_tenant, anyone, link, two_lines, nursery, monkeypatch
):
    """The web process that runs all the time hears of nothing; another one starts after the rotation of the master."""
    monkeypatch.setattr(keys, "GRACE_SECONDS", sized(10, 1))
    token, application = link
    anyone().post(f"/i/{token}/begin", data={"consent": "y"})
    first, second = free_port(), free_port()
    nursery.web(first)
    people = People(first, token, application)
    workers = [threading.Thread(target=people.work, args=(10,), daemon=True) for _ in range(10)]
    began = time.monotonic()
    for worker in workers:
        worker.start()
    time.sleep(sized(10, 1))

    master.add_version(settings.key_file)
    with flask_app.app_context():
        rewrapped = keys.rewrap_companies()
    nursery.web(second)
    people.ports.append(second)
    time.sleep(sized(10, 1))
    with flask_app.app_context():
        rotated = keys.rotate_company(alpha)
    time.sleep(sized(40, 1))  # full: longer than any process remembers a key
    people.over.set()
    for worker in workers:
        worker.join(20)
    took = time.monotonic() - began

    assert people.wrong == []
    assert people.done >= (0.5 if FULL else 0.1) * A_SECOND * took  # on a machine that does other things as well
    assert (rewrapped >= 1, rotated["version"] >= 2, rotated["rewrapped"] >= 1) == (True, True, True)
    _nothing_is_lost(flask_app, settings, alpha, in_tenant, application, str(rotated["version"]))


def _nothing_is_lost(flask_app, settings, alpha, in_tenant, application, version):
    shelf = flask_app.extensions["providers"].shelf
    with in_tenant(alpha):
        whose = db.session.get_one(Application, application).candidate_id
        assert len(db.session.scalars(sa.select(Note.text)).all()) >= 5
        assert all(text.startswith("Note ") for text in db.session.scalars(sa.select(Note.text)))
        assert db.session.scalars(sa.select(Turn.draft)).one().startswith(SAID)
        assert json.loads(shelf.get(str(whose)))["company"] == int(version)
        assert list(json.loads(shelf.get("company"))["keys"]) == [version]
        assert flask_app.extensions["providers"].master.is_newest(_wrapped(shelf, version))
    assert len(settings.master_keys()) == 2


def _wrapped(shelf, version):
    return base64.b64decode(json.loads(shelf.get("company"))["keys"][version])


def test_an_older_key_of_the_company_is_kept_while_anything_needs_it(flask_app, alpha, in_tenant, link):
    ring = flask_app.extensions["providers"].keyring
    with in_tenant(alpha):
        ring.add_company_key()
        with pytest.raises(Refused, match="older key"):
            ring.drop_older_company_keys()
        assert ring.rewrap_data_keys() >= 1
        assert ring.rewrap_data_keys() == 0
        assert ring.drop_older_company_keys() >= 1


def test_a_cookie_of_the_newest_key_is_accepted_by_who_started_before(settings, cast, nursery, two_lines):
    """And the other way round, so that processes may be started anew one after the other."""
    older, newer = free_port(), free_port()
    nursery.web(older)
    before = Person(older, "rita")
    master.add_version(settings.key_file)
    nursery.web(newer)
    after = Person(newer, "rita")

    for person, port in ((before, newer), (after, older)):
        person.port = port
        assert person.ask("GET", "/candidates")[0] == 200
        assert person.post("/jobs/new", {"text": ""}) == 422


def test_the_login_role_comes_in_by_any_version_of_the_master(settings, two_lines):
    before = login_urls(settings)["main"]
    master.add_version(settings.key_file)
    after = login_urls(settings)["main"]

    assert make_url(after).password != before.password
    assert settings.login_passwords() == [after.password, before.password]


def test_a_named_key_file_is_its_owners_to_change(flask_app, settings):
    told = flask_app.test_cli_runner().invoke(args=("keys", "rotate", "master"))

    assert json.loads(told.stdout)["error"]["code"] == "your-file"
    assert len(settings.master_keys()) == 1


def test_the_word_wraps_every_company_by_the_first_line(flask_app, settings, alpha, in_tenant, link, two_lines):
    """Lines in their owner's file: an older one wrapped alpha's keys, and the first one is what lets processes in."""
    known, older = settings.key_file.read_bytes().strip(), b"b2xkZXIgbWFzdGVyIGtleSBvZiAzMiBieXRlcy4uLi4="
    runner, shelf = flask_app.test_cli_runner(), flask_app.extensions["providers"].shelf
    settings.key_file.write_bytes(older + b"\n" + known)
    with flask_app.app_context():
        keys.rewrap_companies()
    settings.key_file.write_bytes(known + b"\n" + older)

    first, again = (json.loads(runner.invoke(args=("keys", "rotate", "master")).stdout) for _ in range(2))
    dropped = json.loads(runner.invoke(args=("keys", "rotate", "master", "--drop-old")).stdout)

    assert (first["versions"], first["rewrapped"] >= 1, again["rewrapped"]) == (2, True, 0)
    assert (dropped["sealed"], dropped["dropped"]) == (0, 0)
    with in_tenant(alpha):
        records = json.loads(shelf.get("company"))["keys"]
        assert all(_newest(flask_app, wrapped) for wrapped in records.values())


def _newest(flask_app, wrapped):
    return flask_app.extensions["providers"].master.is_newest(base64.b64decode(wrapped))


def test_older_lines_go_when_nothing_needs_them(tmp_path):
    file = tmp_path / "master.key"
    file.write_bytes(b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    master.add_version(file)
    newest = file.read_bytes().split()[0]

    assert master.keep_newest(file) == 1
    assert (file.read_bytes().split(), file.stat().st_mode & 0o077) == ([newest], 0)
