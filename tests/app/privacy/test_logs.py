"""S-69: somebody goes through the whole product, and things break around them: no log has a word of theirs."""

import io
import json
import logging
import smtplib
import sys

import pytest
import sqlalchemy as sa
import structlog

from app import logs
from app.adapters.smtp import mailer
from app.candidates.models import CLEAR, Candidate, clear_table
from app.kernel.errors import Refused
from app.kernel.ids import new_id
from app.letters import commands as letters
from app.letters.enums import LetterKind
from jobs.ledger import TaskRow
from tenants.db import db
from tests.app.privacy.canaries import Person, go_through
from tests.app.privacy.test_erasure import judge
from tests.app.scorecards.conftest import analyst

assert analyst
assert judge


@pytest.fixture
def loud(settings, monkeypatch):
    """Everything is logged, as far down as there are levels; libraries as well."""
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    logs.configure(settings.model_copy(update={"log_level": "DEBUG"}))
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(told))
    handler, root = logging.StreamHandler(told), logging.getLogger()
    root.addHandler(handler)
    before = root.level
    root.setLevel(logging.DEBUG)
    yield told
    root.setLevel(before)
    root.removeHandler(handler)
    monkeypatch.undo()
    logs.configure(settings)


class Refusing:
    """A mail server that quotes the address that it refuses."""

    def send(self, mail):
        with mailer._translating():
            raise smtplib.SMTPResponseException(550, f"<{mail.to_address}>: {mail.to_name} unknown".encode())


@pytest.mark.slow
def test_s69_no_log_has_a_word_of_a_person(
    flask_app, settings, alpha, cast, in_tenant, browser, anyone, drain, judge, loud
):
    zeisig = Person("zeisig", "+49 30 90182733")
    go_through(zeisig, flask_app, alpha, cast, in_tenant, browser, anyone, drain)
    _break_things(flask_app, alpha, in_tenant, anyone, drain, zeisig)
    text = loud.getvalue().lower()

    # name, address, number, site, town, employer, file name, draft, answer, wish, note, rating, reason, rejection
    classes = ["vorname", "nachname", "post@", "seite", "stadt", "firma", "datei", "entwurf", "antwort", "hilfe", "notiz", "gesamt", "merk", "grund", "absage", "zweiter"]  # fmt: skip
    assert [one for one in classes if f"zeisig{one}" in text] == []
    assert [token for token in zeisig.tokens if token.lower() in text] == []
    assert "90182733" not in text.replace(" ", "")
    assert [line[:300] for line in text.splitlines() if "zeisig" in line] == []
    for event in ("task_done", "task_failed", "duplicate key", "[email]", "[token]"):
        assert event in text, event
    with in_tenant(alpha):
        problems = db.session.scalars(sa.select(TaskRow.problem).where(TaskRow.problem.is_not(None))).all()
        assert ("zeisig" in json.dumps(problems), len(problems)) == (False, 1)


def _break_things(flask_app, alpha, in_tenant, anyone, drain, person):
    """A letter that is refused, a row that the database refuses, a link to nowhere, an error that quotes, by itself too."""
    providers, log = flask_app.extensions["providers"].__dict__, structlog.get_logger()
    known = providers.get("mailer")
    providers["mailer"] = Refusing()
    with in_tenant(alpha):
        letters.write(
            LetterKind.PASSWORD_LINK, to_name="Somebody", to_address=person.email, language="en", key="refused",
            facts={"name": person.name, "company": "It", "link": "http://x"}, person=person.candidate,
            vault=flask_app.extensions["providers"].vault,
        )  # fmt: skip
    drain()
    providers.pop("mailer")
    if known is not None:
        providers["mailer"] = known
    try:
        with in_tenant(alpha):
            found = db.session.get_one(Candidate, person.candidate)
            values = {field: getattr(found, field) for field in CLEAR}
            db.session.execute(sa.insert(clear_table).values(values | {"id": found.id}))
    except sa.exc.IntegrityError:
        log.exception("broken")
    anyone().get(f"/i/{person.tokens[0]}x{new_id().hex}")
    try:
        _refuse(person)
    except Refused as error:
        log.warning("refused", address=person.email, exc_info=True)
        log.warning(error)
        for name in ("app.libraries", "somebody.elses"):
            logging.getLogger(name).exception(error)  # noqa: TRY401 -- what is tried
            logging.getLogger(name).warning(error)


def _refuse(person):
    raise Refused("x", f"no {person.email} at http://alpha/i/{person.tokens[0]}")
