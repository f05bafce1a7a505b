"""L-21, L-22: whoever is erased is in no store; and a backup that is restored does not bring them back."""

import json
import subprocess

import pytest
import sqlalchemy as sa
import structlog

from app.adapters.local.programs import postgres_programs
from app.applications.models import Application
from app.audit.models import AuditEntry
from app.audit.queries import first_broken_link
from app.candidates.commands import keep_resume, register
from app.candidates.commands.searches import save_search
from app.candidates.models import Candidate, Resume, SavedSearch
from app.identity.commands import actor_of
from app.interviews.models import Interview, Turn
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Erased
from app.kernel.ids import new_id
from app.privacy import commands
from app.privacy.models import Erasure
from app.scorecards.commands.reports import ask_for_report
from jobs import oversight
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.forgetting import held
from tenants.outbox import OutboxRow
from tests.app.privacy.canaries import Person, Stores, go_through
from tests.app.scorecards.conftest import analyst
from tests.fakes.judge import FakeJudge
from tests.jobs.factories import approved_kit, submitted_interview
from tests.tenants.test_words import word

assert word
assert analyst


@pytest.fixture
def judge(flask_app):
    providers = flask_app.extensions["providers"].__dict__
    known = providers.pop("judge", None)
    providers["judge"] = FakeJudge()
    yield
    providers.pop("judge")
    if known is not None:
        providers["judge"] = known


@pytest.fixture
def stores(flask_app, settings, in_tenant, alpha, beta):
    return Stores(flask_app, settings, in_tenant, [alpha, beta])


@pytest.fixture
def people(flask_app, alpha, cast, in_tenant, browser, anyone, drain, judge):
    """One who went through everything and will be erased, and one who stays: looking finds what is there."""
    zeisig, stieglitz = Person("zeisig", "+49 30 90182733"), Person("stieglitz", "+49 30 90194455")
    go_through(zeisig, flask_app, alpha, cast, in_tenant, browser, anyone, drain)
    _begin(stieglitz, flask_app, alpha, in_tenant, cast)
    drain()
    return zeisig, stieglitz


def _begin(person, flask_app, alpha, in_tenant, cast):
    """A file and an answer."""
    with in_tenant(alpha):
        interview = submitted_interview(cast.rita, *approved_kit(cast.rita, dimensions=1), name=person.name, said=f"{person.word('antwort')} I did.")  # fmt: skip
        found = db.session.get_one(Candidate, interview.person_id)
        found.email, person.candidate = person.email, found.id
        storage = flask_app.extensions["providers"].storage
        keep_resume(found, file_name="cv.txt", data=person.resume(), storage=storage, by=actor_of(cast.rita))


def dumped(settings):
    """All of alpha's rows as a script that adds what is missing."""
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg", "postgresql")
    options = ["--data-only", "--inserts", "--on-conflict-do-nothing", "--schema=t_alpha"]
    made = subprocess.run([postgres_programs() / "pg_dump", *options, url], capture_output=True, check=True)
    return made.stdout


def restored(settings, script):
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg", "postgresql")
    subprocess.run([postgres_programs() / "psql", "-v", "ON_ERROR_STOP=1", "-q", url], input=script, check=True, capture_output=True)  # fmt: skip


@pytest.mark.slow
def test_l21_whoever_is_erased_is_in_no_store(
    flask_app, people, stores, alpha, in_tenant, browser, drain, capfd
):  # fmt: skip
    zeisig, stieglitz = people
    before, kept, ada = stores.hits(zeisig), stores.hits(stieglitz), browser("ada")

    page = f"/candidates/{zeisig.candidate}/erase"
    with structlog.testing.capture_logs() as logs:
        assert (ada.get(page).status_code, ada.post(page, data={"typed": "somebody"}).status_code) == (200, 422)
        answer = ada.post(page, data={"typed": zeisig.name})
        drain()
        receipt = ada.get(answer.location)

    assert stores.hits(zeisig) == {}
    said = json.dumps(logs, default=str) + "".join(capfd.readouterr()) + receipt.text
    assert "zeisig" not in said.lower()
    # the same look finds them before: in the clear in one table alone, and in what the vault opens; and the other as ever
    assert {where.rpartition("/")[0] or where for where in before} == {
        "main t_alpha.candidate_clear", "opened files/alpha/resumes", "opened files/alpha/reports",
    }  # fmt: skip
    assert stores.hits(stieglitz) == kept
    _receipt_is_whole(alpha, in_tenant, zeisig)
    with in_tenant(alpha):
        assert first_broken_link() is None
        assert db.session.scalars(sa.select(TaskRow.state).distinct()).all() == ["done"]
        assert ada.get(f"/candidates/{zeisig.candidate}").status_code == 404


@pytest.fixture
def zeisig(flask_app, alpha, in_tenant, cast):
    """Somebody with a file and an answer."""
    zeisig = Person("zeisig", "+49 30 90182733")
    _begin(zeisig, flask_app, alpha, in_tenant, cast)
    return zeisig


def test_l22_a_restored_backup_brings_nobody_back(flask_app, zeisig, stores, settings, alpha, cast, in_tenant, word):
    files = {file: file.read_bytes() for file in (settings.data_dir / "files").rglob("*") if file.is_file()}
    with in_tenant(alpha):
        save_search(cast.rita, name="Ask again", asked={"q": zeisig.name})
        save_search(cast.rita, name="By whatever name", asked={"q": "their nickname"})
        save_search(cast.rita, name="Nurses", asked={"job": str(new_id())})
    backup, storage = dumped(settings), flask_app.extensions["providers"].storage
    assert "receipt" in word("candidates", "erase", "alpha", str(zeisig.candidate), "--name", zeisig.name)[0]
    assert stores.hits(zeisig) == {}

    _restore_an_older_backup(flask_app, settings, backup, files)
    with in_tenant(alpha):
        assert db.session.get_one(Candidate, zeisig.candidate).name == zeisig.name
        assert db.session.scalars(sa.select(Turn.answer).where(Turn.person_id == zeisig.candidate)).all() == [""]
        key = db.session.scalars(sa.select(Resume.storage_key).where(Resume.candidate_id == zeisig.candidate)).one()
        with pytest.raises(Erased):
            storage.get(key)
    told, again = (word("candidates", "forget-erased", "--tenant", "alpha")[0] for _ in range(2))

    assert (told["people"], told["rows"] >= 10, told["files"]) == (1, True, 1)
    assert (again["people"], again["rows"], again["files"]) == (0, 0, 0)
    assert stores.hits(zeisig) == {}
    with in_tenant(alpha):
        assert first_broken_link() is None
        erasure = db.session.scalars(sa.select(Erasure).where(Erasure.person == zeisig.candidate)).one()
        assert (erasure.done_at is not None, erasure.forgotten_again_at is not None) == (True, True)
        assert [search.name for search in db.session.scalars(sa.select(SavedSearch))] == ["Nurses"]


def test_a_rehearsals_pdf_goes_too(settings, zeisig, alpha, in_tenant, word, cast):
    with in_tenant(alpha):
        interview = db.session.scalars(sa.select(Interview.id)).one()
        report = ask_for_report(interview, by=actor_of(cast.rita)).id
    file, others = (settings.data_dir / "rehearsals" / f"{name}.pdf" for name in (report, "another"))
    file.parent.mkdir(exist_ok=True)
    file.write_text(zeisig.name)
    others.write_text("x")
    word("candidates", "erase", "alpha", str(zeisig.candidate), "--name", zeisig.name)

    assert (file.exists(), others.exists()) == (False, True)


def _receipt_is_whole(alpha, in_tenant, person):
    with in_tenant(alpha):
        erasure = db.session.scalars(sa.select(Erasure).where(Erasure.person == person.candidate)).one()
        stores = dict(erasure.stores)
        some = {store: stores[store] for store in ("candidate", "application", "interview", "scorecard", "decision", "report", "note", "key")}  # fmt: skip
        assert some == {"candidate": 1, "application": 2, "interview": 2, "scorecard": 1, "decision": 1, "report": 1, "note": 1, "key": 1}  # fmt: skip
        assert stores["file"] >= 2
        assert min(stores["mail"], stores["turn"], stores["task"], stores["outbox"], stores["pin"], stores["evidence"]) >= 1  # fmt: skip
        assert (erasure.ids, erasure.done_at is not None) == ([], True)
        noted = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "privacy.erase")).one()
        assert (noted.actor_name, noted.target_id, noted.data) == ("Ada", str(person.candidate), {"receipt": erasure.number})  # fmt: skip


def _restore_an_older_backup(flask_app, settings, backup, files):
    """Of the time before anybody was erased: its rows and files come back, its receipts don't. Keys are mirrored."""
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("delete from t_alpha.erasure")
    restored(settings, backup)
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def test_a_receipt_lists_every_table_that_holds_something_of_persons(alpha, in_tenant, cast, drain):
    from tenants.sealed import tables_of_persons

    with in_tenant(alpha):
        erasure = commands.erase(register(name="Cara"), by=actor_of(cast.ada))
    drain()
    with in_tenant(alpha):
        told = {store for store, _ in db.session.get_one(Erasure, erasure.id).stores}
    assert told == {table.name for table in tables_of_persons()} | {"task", "outbox", "file", "ping", "key"}


def test_what_a_task_at_work_commits_after_the_rows_went_goes_too(alpha, cast, in_tenant, drain):
    """It began before the erasure, and what it writes points at no row that is locked."""
    with in_tenant(alpha):
        cara = register(name="Cara").id
    with in_tenant(alpha):  # an engine's output, and a fact that names her, not committed yet
        oversight.note(
            "reading", subject=cara, person=cara, engine="tests", version="1", given={"text": "hers"}, made={}, posting=None
        )  # fmt: skip
        db.session.add(
            OutboxRow(
                id=new_id(), name="candidate.corrected", data={"candidate_id": str(cara)}, occurred_at=clock.now()
            )
        )
        db.session.flush()
        with in_tenant(alpha):
            erasure = commands.erase(db.session.get_one(Candidate, cara), by=actor_of(cast.ada))
    drain()

    with in_tenant(alpha):
        receipt = dict(db.session.get_one(Erasure, erasure.id).stores)
        facts = db.session.scalars(sa.select(OutboxRow.data).where(OutboxRow.name == "candidate.corrected")).all()
        assert (set(held(cara).values()), facts) == ({0}, [])
    assert (receipt["candidate"], receipt["ai_output"], receipt["key"]) == (1, 1, 1)


def test_only_a_person_erases_and_once(alpha, in_tenant, cast):
    with in_tenant(alpha):
        cara = register(name="Cara")
        db.session.flush()
        with pytest.raises(Conflict):
            commands.erase(cara, by=SYSTEM)
        commands.erase(cara, by=actor_of(cast.ada))
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Candidate)).all() == []


@pytest.mark.parametrize("name", ["rita", "hugo", "ivy", "rex"])
def test_only_admins_have_the_way_to_it(alpha, in_tenant, browser, name):
    with in_tenant(alpha):
        cara = register(name="Cara").id
    client = browser(name)

    assert client.get(f"/candidates/{cara}/erase").status_code == 404
    assert client.post(f"/candidates/{cara}/erase", data={"typed": "Cara"}).status_code == 404
    assert client.get("/erasures").status_code == 404
    assert "/erase" not in client.get(f"/candidates/{cara}").text


def test_the_word_erases_at_once_and_wants_the_name(flask_app, alpha, in_tenant, word, drain, cast):
    with in_tenant(alpha):
        cara = register(name="Cara Diaz").id
    assert word("candidates", "erase", "alpha", str(cara), "--name", "Carl")[0]["error"]["code"] == "name"
    done = word("candidates", "erase", "alpha", str(cara), "--name", "Cara Diaz")[0]
    drain()

    assert (done["receipt"], done["stores"]["candidate"], done["stores"]["key"]) == (1, 1, 1)
    assert word("candidates", "erase", "alpha", str(cara), "--name", "Cara Diaz")[0]["error"]["code"] == "unknown-candidate"  # fmt: skip
    with in_tenant(alpha):
        assert [stone.receipt for stone in flask_app.extensions["providers"].shelf.contents()[1] if stone.person == cara] == [1]  # fmt: skip
        assert len(db.session.scalars(sa.select(Erasure)).one().stores) == len(done["stores"])


def test_applying_again_after_an_erasure_is_a_new_person(alpha, in_tenant, cast, drain):
    with in_tenant(alpha):
        first = register(name="Cara", email="cara@x.example")
        db.session.flush()
        commands.erase(first, by=actor_of(cast.ada))
    drain()
    with in_tenant(alpha):
        second = register(name="Cara", email="cara@x.example")
        db.session.flush()
        assert second.id != first.id
        assert db.session.scalars(sa.select(Application)).all() == []


def test_receipts_are_numbered_one_after_the_other(alpha, in_tenant, cast, browser, drain):
    for name in ("Cara", "Carl"):
        with in_tenant(alpha):
            one = register(name=name)
            db.session.flush()
            commands.erase(one, by=actor_of(cast.ada))
    drain()
    with in_tenant(alpha):
        numbers = db.session.scalars(sa.select(Erasure.number).order_by(Erasure.number)).all()
    listed = browser("ada").get("/erasures")

    assert numbers == [1, 2]
    assert (listed.status_code, "Cara" in listed.text, listed.text.count("/erasures/")) == (200, False, 2)
