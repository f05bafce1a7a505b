"""Originals that nobody has looked for viruses in, and those where something was found, stay shut."""

import io
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.adapters.clamav.clamd import Clamd
from app.applications.models import Application
from app.audit.models import AuditEntry
from app.candidates.models import Resume
from app.cli.files import words
from app.cli.tenants import words as tenants_words
from app.identity.commands import actor_of
from app.kernel import clock
from app.kernel.errors import Refused
from app.postings import commands
from app.postings.models import Posting
from jobs import metrics
from jobs.ledger import TaskRow
from tenants.db import db
from tests.evals.hidden.paper import shown, written
from tests.fakes import clamd as clamds
from tests.operations.test_metrics import value

CV = b"Cara Diaz\ncara@example.org\n\nExperience\nNurse, City Hospital\n2019 - 2024\n\nSkills\nTriage, Dialysis\n"
OLD = written(shown())


@pytest.fixture(scope="module")
def server():
    with clamds.clamd() as found:
        yield found


@pytest.fixture
def scanned_by(flask_app):
    """scanned_by(address): originals are scanned there from now on; None: nowhere."""
    providers = flask_app.extensions["providers"].__dict__
    before = providers.get("scanner")

    def chosen(address):
        providers["scanner"] = Clamd(address, seconds=2) if address else None

    yield chosen
    providers["scanner"] = before


@pytest.fixture
def clamd(server, scanned_by):
    server.order = "ok"
    scanned_by(server.address)
    return server


@pytest.fixture
def jobs(alpha, beta, cast, in_tenant, memory):
    """An opening of each company."""

    def written():
        found = {}
        for tenant, member in ((alpha, cast.rita), (beta, cast.rex)):
            with in_tenant(tenant):
                found[tenant.slug] = commands.write_posting(text="Nurse in Pune", by=member, actor=actor_of(member)).id
        return found

    return memory.recall("nurses", written)


def bring(browser, jobs, files, *, who="rita", slug="alpha"):
    sent = [(io.BytesIO(data), name) for name, data in files.items()]
    return browser(who).post(f"/jobs/{jobs[slug]}/resumes", data={"resumes": sent})


def resumes(tenant, in_tenant):
    with in_tenant(tenant):
        return {one.file_name: one for one in db.session.scalars(sa.select(Resume))}


@pytest.fixture
def old(scanned_by, browser, jobs, drain, alpha, in_tenant, memory):
    """Read before anybody scanned."""

    def read():
        bring(browser, jobs, {"old.pdf": OLD})
        drain()
        return resumes(alpha, in_tenant)["old.pdf"]

    scanned_by(None)
    return memory.recall("old", read)


def test_s57_what_a_scanner_finds_is_shut_and_rejects_nobody(
    clamd, scanned_by, browser, jobs, drain, alpha, beta, in_tenant
):
    bring(browser, jobs, clamds.INFECTED)
    bring(browser, jobs, {"rex.docx": clamds.infected_docx()}, who="rex", slug="beta")
    drain()
    rita, rex, found = browser("rita"), browser("rex"), resumes(alpha, in_tenant)
    (theirs,) = resumes(beta, in_tenant).values()

    answers = [rita.get(f"/resumes/{one.id}/original") for one in found.values()]

    assert {name: (one.scan, one.scan_found, one.state, one.problem) for name, one in found.items()} == dict.fromkeys(
        clamds.INFECTED, ("infected", "Eicar-Test-Signature", "unreadable", "infected")
    )
    assert {answer.status_code for answer in answers} == {423}
    assert all("A virus scanner found Eicar-Test-Signature in this file" in answer.text for answer in answers)
    assert not any(clamds.EICAR in answer.data for answer in answers)
    page = rita.get(f"/resumes/{found['cara.pdf'].id}").text
    assert ("Ask the person for another file." in page, "/original" in page) == (True, False)
    assert (rex.get(f"/resumes/{theirs.id}/original").status_code, rita.get(f"/resumes/{theirs.id}").status_code) == (
        423,
        404,
    )
    with in_tenant(alpha):
        said = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "candidates.find_infected"))
        assert [(one.actor_kind, one.data) for one in said] == [("system", {"found": "Eicar-Test-Signature"})] * 4
        assert set(db.session.scalars(sa.select(Application.state))) == {"active"}

    scanned_by(None)
    rita.post(f"/resumes/{found['cara.txt'].id}/read-again")
    drain()
    after = resumes(alpha, in_tenant)["cara.txt"]
    assert (after.scan, after.state, after.problem) == ("infected", "unreadable", "infected")
    assert rita.get(f"/resumes/{after.id}/original").status_code == 423


def test_s57_an_infected_file_is_deleted_for_good_and_only_that(
    clamd, flask_app, browser, jobs, drain, alpha, beta, in_tenant, cast
):
    bring(browser, jobs, {"cara.txt": clamds.EICAR, "well.txt": CV})
    bring(browser, jobs, {"rex.txt": clamds.EICAR}, who="rex", slug="beta")
    drain()
    rita, found, storage = browser("rita"), resumes(alpha, in_tenant), flask_app.extensions["providers"].storage
    (theirs,), infected, well = resumes(beta, in_tenant).values(), found["cara.txt"], found["well.txt"]
    address = f"/resumes/{infected.id}/delete"
    shut_out = [browser(name).open(address, method=how).status_code for name in ("rex", "hugo", "ivy") for how in ("GET", "POST")]  # fmt: skip
    not_infected = [rita.open(f"/resumes/{well.id}/delete", method=how).status_code for how in ("GET", "POST")]

    asked = rita.get(address).text
    rita.post(f"/resumes/{infected.id}/read-again")
    answers = [rita.post(address) for _ in range(2)]
    told = rita.get(f"/resumes/{infected.id}").text
    drain()
    after = resumes(alpha, in_tenant)["cara.txt"]

    assert (shut_out, not_infected) == ([404] * 6, [404, 404])
    assert "Once the file is deleted, nobody can bring it back here" in asked
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"/resumes/{infected.id}")] * 2
    assert (after.storage_key, after.scan, after.scan_found, after.file_deleted_by) == (
        None, "infected", "Eicar-Test-Signature", cast.rita.id,
    )  # fmt: skip
    assert (after.state, after.problem) == ("unreadable", "infected")
    for page in (told, rita.get(f"/candidates/{after.candidate_id}").text, rita.get(f"/jobs/{jobs['alpha']}/resumes").text):  # fmt: skip
        assert f"Deleted by {cast.rita.name}" in page
        assert "A virus scanner had found Eicar-Test-Signature in this file." in page
        assert f"{infected.id}/delete" not in page
    shut = rita.get(f"/resumes/{infected.id}/original")
    assert (shut.status_code, "This file was deleted." in shut.text) == (423, True)
    assert (rita.get(address).status_code, rita.post(f"/resumes/{infected.id}/read-again").status_code) == (303, 409)
    with in_tenant(alpha):
        with pytest.raises(Refused, match="resumes/"):
            storage.get(infected.storage_key)
        assert storage.get(well.storage_key) == CV
        said = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "candidates.delete_file"))
        assert [(one.actor_name, one.target_id, one.data) for one in said] == [
            (cast.rita.name, str(infected.id), {"found": "Eicar-Test-Signature"})
        ]
        assert set(db.session.scalars(sa.select(Application.state))) == {"active"}
        assert set(db.session.scalars(sa.select(TaskRow.state))) == {"done"}
    with in_tenant(beta):
        assert storage.get(theirs.storage_key) == clamds.EICAR


def test_what_was_deleted_is_scanned_and_exported_no_more_and_its_person_can_be_erased(
    clamd, flask_app, browser, jobs, drain, alpha, in_tenant, tmp_path
):
    bring(browser, jobs, {"cara.txt": clamds.EICAR})
    drain()
    (infected,) = resumes(alpha, in_tenant).values()
    browser("rita").post(f"/resumes/{infected.id}/delete")
    asked_before = clamd.asked
    drain()

    again = flask_app.test_cli_runner().invoke(words, ["scan", "--again", "--tenant", "alpha"])
    exported = flask_app.test_cli_runner().invoke(tenants_words, ["export", "alpha", "--to", str(tmp_path / "alpha.zip")])  # fmt: skip
    bring(browser, jobs, {"cara.txt": clamds.EICAR})
    drain()
    with in_tenant(alpha):
        of_one = sa.select(Resume.scan, Resume.file_deleted_at.is_(None)).order_by(Resume.id)
        states = db.session.execute(of_one.where(Resume.candidate_id == infected.candidate_id)).tuples().all()
    ada = browser("ada")
    ada.post(f"/candidates/{infected.candidate_id}/erase", data={"typed": infected.candidate_id.hex[-8:]})
    drain()

    assert json.loads(again.stdout) == {"slug": "alpha", "asked": 0}
    assert (exported.exit_code, json.loads(exported.stdout)["files"]) == (0, 0)
    # who sends it again has it looked at again, and is the same person
    assert (states, clamd.asked) == ([("infected", False), ("infected", True)], asked_before + 1)
    assert ada.get(f"/resumes/{infected.id}").status_code == 404
    assert resumes(alpha, in_tenant) == {}


def test_a_worker_that_dies_between_file_and_row_is_asked_again(
    clamd, flask_app, browser, jobs, drain, alpha, in_tenant
):
    bring(browser, jobs, {"cara.txt": clamds.EICAR})
    drain()
    (infected,) = resumes(alpha, in_tenant).values()
    with in_tenant(alpha):
        flask_app.extensions["providers"].storage.delete(infected.storage_key)

    browser("rita").post(f"/resumes/{infected.id}/delete")
    drain()

    assert resumes(alpha, in_tenant)["cara.txt"].storage_key is None


def test_s57_nothing_is_given_out_or_read_before_it_was_scanned(
    clamd, browser, jobs, drain, alpha, in_tenant, clock_at, scanned_by, tmp_path
):
    scanned_by(f"unix:{tmp_path}/away")
    bring(browser, jobs, {"cara.txt": CV})
    drain()
    rita, waiting = browser("rita"), resumes(alpha, in_tenant)["cara.txt"]
    before = rita.get(f"/resumes/{waiting.id}/original")
    page = rita.get(f"/resumes/{waiting.id}").text
    in_hindi = rita.get(f"/resumes/{waiting.id}/original", headers={"Accept-Language": "hi"})

    scanned_by(clamd.address)
    with clock_at(clock.now() + timedelta(hours=1)):
        drain()
    after = browser("rita").get(f"/resumes/{waiting.id}/original")

    assert (waiting.scan, waiting.state) == ("none", "waiting")
    assert (before.status_code, before.headers["Retry-After"]) == (423, "20")
    assert "This file is being checked for viruses. Try again in a minute." in before.text
    assert "This file is being checked for viruses." in page
    assert "इस फ़ाइल में वायरस की जाँच हो रही है। एक मिनट बाद फिर से कोशिश करें।" in in_hindi.text
    assert (after.status_code, after.data) == (200, CV)


def test_s57_files_from_before_are_scanned_when_somebody_asks(
    old, server, scanned_by, browser, drain, alpha, in_tenant
):
    rita, original, picture = browser("rita"), f"/resumes/{old.id}/original", f"/resumes/{old.id}/pages/1.png"
    unscanned = [rita.get(address).status_code for address in (original, picture)]
    server.order = "ok"
    scanned_by(server.address)

    shut = [rita.get(address).status_code for address in (picture, original)]
    asked, beside = resumes(alpha, in_tenant)["old.pdf"].scan, rita.get(f"/resumes/{old.id}").text
    drain()

    assert (old.scan, unscanned, shut, asked) == ("none", [200, 200], [423, 423], "asked")
    assert ("pages/1.png" in beside, "Nadia Petrova" in beside) == (False, True)
    assert (rita.get(original).data, rita.get(picture).status_code) == (OLD, 200)
    assert resumes(alpha, in_tenant)["old.pdf"].scan == "clean"


def test_s57_a_word_scans_what_nobody_looked_at(
    flask_app, old, server, scanned_by, browser, jobs, drain, alpha, beta, in_tenant, monkeypatch
):
    monkeypatch.setattr(clamds, "EICAR", b"Nadia Petrova")
    bring(browser, jobs, {"other.txt": b"Nadia Petrova"}, who="rex", slug="beta")
    unset = flask_app.test_cli_runner().invoke(words, ["scan"])
    server.order = "ok"
    scanned_by(server.address)

    said = flask_app.test_cli_runner().invoke(words, ["scan", "--tenant", "alpha"])
    states = [resumes(tenant, in_tenant)[name].scan for tenant, name in ((alpha, "old.pdf"), (beta, "other.txt"))]
    drain()
    after = flask_app.test_cli_runner().invoke(words, ["scan"])
    again = flask_app.test_cli_runner().invoke(words, ["scan", "--again"])
    found = resumes(alpha, in_tenant)["old.pdf"]

    assert json.loads(unset.stdout)["error"]["code"] == "no-scanner"
    assert (json.loads(said.stdout), states) == ({"slug": "alpha", "asked": 1}, ["asked", "none"])
    assert [[json.loads(line)["asked"] for line in one.stdout.splitlines()] for one in (after, again)] == [
        [0, 0],
        [1, 1],
    ]
    assert (found.id, found.scan, found.state) == (old.id, "infected", "read")


def test_a_scanner_that_was_wrong_is_asked_again(clamd, browser, jobs, drain, alpha, in_tenant, monkeypatch):
    monkeypatch.setattr(clamds, "EICAR", b"City Hospital")
    bring(browser, jobs, {"cara.txt": CV})
    drain()
    wrong = resumes(alpha, in_tenant)["cara.txt"]
    monkeypatch.undo()

    browser("rita").post(f"/resumes/{wrong.id}/read-again")
    drain()
    right = resumes(alpha, in_tenant)["cara.txt"]

    assert (wrong.scan, wrong.state) == ("infected", "unreadable")
    assert (right.scan, right.scan_found, right.state) == ("clean", None, "read")


def test_every_question_to_the_scanner_is_counted_by_its_answer(clamd, scanned_by, browser, jobs, drain, tmp_path):
    def asked(address, order, name, data):
        before = {end: value("assay_scans_total", end=end) for end in metrics.SCAN_ENDS}
        clamd.order = order
        scanned_by(address)
        bring(browser, jobs, {name: data})
        drain()
        return [end for end in metrics.SCAN_ENDS if value("assay_scans_total", end=end) != before[end]]

    said = [
        asked(clamd.address, "ok", "clean.txt", CV),
        asked(clamd.address, "ok", "found.txt", CV + clamds.EICAR),
        asked(clamd.address, "small", "large.txt", CV + b"more"),
        asked(f"unix:{tmp_path}/away", "ok", "away.txt", CV + b"later"),
    ]

    assert said == [["clean"], ["found"], ["refused"], ["away"]]


def test_what_cannot_be_scanned_stays_shut_and_says_so(clamd, browser, jobs, drain, alpha, in_tenant):
    clamd.order = "small"
    bring(browser, jobs, {"cara.txt": CV})
    drain()
    found, rita = resumes(alpha, in_tenant)["cara.txt"], browser("rita")

    answer = rita.get(f"/resumes/{found.id}/original")

    assert (found.scan, found.state, answer.status_code) == ("failed", "failed", 423)
    assert "This file could not be checked for viruses" in answer.text


def test_an_application_is_kept_while_the_scanner_is_away_and_an_infected_one_too(
    clamd, scanned_by, anyone, jobs, cast, drain, alpha, in_tenant, clock_at, tmp_path
):
    with in_tenant(alpha):
        commands.publish(db.session.get_one(Posting, jobs["alpha"]), by=actor_of(cast.rita))
    scanned_by(f"unix:{tmp_path}/away")
    form = {"name": "Cara Diaz", "email": "cara@example.org", "phone": "", "language": "en", "consent": "y"}

    sent = anyone().post(
        f"/careers/{jobs['alpha']}/apply", data=form | {"resume": (io.BytesIO(clamds.EICAR), "cv.txt")}
    )
    drain()
    waiting = resumes(alpha, in_tenant)["cv.txt"]
    scanned_by(clamd.address)
    with clock_at(clock.now() + timedelta(hours=1)):
        drain()

    assert (sent.status_code, waiting.scan, waiting.state) == (303, "none", "waiting")
    assert resumes(alpha, in_tenant)["cv.txt"].scan == "infected"
    with in_tenant(alpha):
        (application,) = db.session.scalars(sa.select(Application))
        assert (application.state, application.source, application.next_thing) == (
            "active",
            "careers",
            "resume-unreadable",
        )
