"""A company moves from one database to another; the others notice nothing, and no kill loses a row."""

import gc
import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa

from app.audit import commands as audit
from app.audit.models import AuditEntry
from app.cli.tenants import found_company
from app.identity.models import Member
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.scorecards.models import Report
from jobs import runtime
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from tenants import exporting, moving, provisioning, registry
from tenants.db import db
from tenants.tables import TenantModel
from tests.isolation.test_canaries import drain_of, one_of_everything
from tests.sizes import FULL
from tests.tenants.test_words import word

pytestmark = pytest.mark.xdist_group("isolation")
STEPS = ["marked", "closed", "prepared", "copied", "switched"]
assert word


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(registry, "SECONDS_REMEMBERED", 0.2)
    monkeypatch.setattr(moving, "GRACE_SECONDS", 0.2)


@pytest.fixture
def movers(flask_app, cast, in_tenant):
    """A company with one of everything, in the first database."""
    with flask_app.app_context():
        found_company(
            slug="movers", name="Movers", hosts=["movers.localhost"], admin_email="m@movers.example", admin_name="Mo"
        )
    found = flask_app.registry.by_slug("movers")
    with in_tenant(found):
        one_of_everything(flask_app, db.session.scalars(sa.select(Member)).one(), "Cara Mover")
    yield found
    owners = flask_app.extensions["owners"]
    with owners.main.begin() as main:
        main.exec_driver_sql("delete from shared.tenant where slug = 'movers'")
    for name in owners.names():
        with owners.of(name).begin() as owner:
            provisioning.drop_schema(owner, "t_movers")


def now(flask_app):
    return flask_app.registry.by_slug("movers")


def everything(flask_app, in_tenant):
    """All that the company has, as it sees it."""
    with in_tenant(now(flask_app)):
        return {table: sorted(exporting.rows(table)) for table in exporting.tables()}


def schemas(flask_app):
    owners, found = flask_app.extensions["owners"], []
    for name in owners.names():
        with owners.of(name).connect() as owner:
            if owner.scalar(sa.text("select 1 from pg_namespace where nspname = 't_movers'")):
                found.append(name)
    return found


def page(flask_app, path="/sign-in", host="movers", **kwargs):
    return flask_app.test_client().get(path, base_url=f"http://{host}.localhost", **kwargs)


def test_a_company_in_the_second_database_works_through_the_same_process(word, cast, anyone, flask_app, in_tenant):
    made = word(
        "tenants", "create", "second", "--name", "Second", "--host", "second.localhost", "--admin-email",
        "s@second.example", "--database", "two",
    )  # fmt: skip
    link = made[0]["password_link"].removeprefix("http://second.localhost:8000")
    client = anyone("second")
    client.post(link, data={"password": "a long sentence"})
    came_in = client.post("/sign-in", data={"email": "s@second.example", "password": "a long sentence"})
    with in_tenant(flask_app.registry.by_slug("second")):
        drain_of(flask_app, flask_app.registry.by_slug("second"))
        where = db.session.scalar(sa.text("select current_database()"))

    assert (came_in.status_code, client.get("/candidates").status_code) == (303, 200)
    assert where.startswith("assay_test_two_")
    assert "Alpha" in anyone("alpha").get("/sign-in").text
    with flask_app.app_context():
        options = [(e.pool.size(), e.dialect.name, e.url.username) for e in db.engines.values()]
    assert options == [options[0]] * 2
    word("tenants", "delete", "second", "--yes")


def test_the_second_databases_connections_are_guarded_too(flask_app):
    with flask_app.app_context():
        cursors = [e.raw_connection().cursor() for e in db.engines.values()]
    assert [type(cursor).__name__ for cursor in cursors] == ["TenantCursor"] * 2


def test_a_move_brings_every_row_and_the_others_notice_nothing(word, flask_app, movers, in_tenant, anyone):
    drain_of(flask_app, movers)
    before, over = everything(flask_app, in_tenant), threading.Event()
    heard = {"alpha": [], "movers": []}

    def ask(host):
        while not over.is_set():
            answer = page(flask_app, host=host)
            heard[host].append(
                (answer.status_code, answer.headers.get("Retry-After"), "back in a few minutes" in answer.text)
            )

    threads = [threading.Thread(target=ask, args=(host,)) for host in heard]
    for thread in threads:
        thread.start()
    moved = word("tenants", "move", "movers", "--to", "two")[0]
    over.wait(0.5)
    over.set()
    for thread in threads:
        thread.join()

    assert (moved["from"], moved["database"], moved["rows"]) == ("main", "two", sum(map(len, before.values())))
    assert everything(flask_app, in_tenant) == before
    assert len(heard["alpha"]) >= 20
    assert set(heard["alpha"]) == {(200, None, False)}
    assert set(heard["movers"]) == {(200, None, False), (503, "30", True)}
    assert (now(flask_app).database, now(flask_app).state, heard["movers"][-1][0]) == ("two", "active", 200)
    with in_tenant(now(flask_app)):
        report = db.session.scalars(sa.select(Report)).one()
        assert flask_app.extensions["providers"].storage.get(report.storage_key).startswith(b"%PDF")
    assert schemas(flask_app) == ["main", "two"]

    assert word("tenants", "move", "movers", "--to", "main")[0]["error"]["code"] == "old-copy"
    assert word("tenants", "move", "movers", "--drop-old") == [{"slug": "movers", "dropped": "main"}]
    assert word("tenants", "move", "movers", "--drop-old") == [{"slug": "movers", "dropped": None}]
    assert schemas(flask_app) == ["two"]
    assert word("tenants", "move", "movers", "--to", "main", "--drop-old")[0]["dropped"] == "two"
    assert everything(flask_app, in_tenant) == before


def broken_off_after(flask_app, step):
    """As a kill would leave it: nothing is cleaned up, connections are gone."""
    with flask_app.app_context(), moving.journey(flask_app.extensions["owners"], now(flask_app), "two") as journey:
        for done in journey.steps():
            if done == step:
                break
    gc.collect()


@pytest.mark.parametrize(
    ("step", "to"),
    [pair for number, pair in enumerate(product(STEPS[:-1], ["two", "main"])) if FULL or number % 4 in {0, 3}],
)
def test_a_move_that_was_killed_is_finished_or_taken_back(word, flask_app, movers, in_tenant, step, to):
    before = everything(flask_app, in_tenant)
    broken_off_after(flask_app, step)
    assert page(flask_app).status_code == 503
    refused = [word("tenants", *words)[0]["error"]["code"] for words in (
        ("suspend", "movers"), ("resume", "movers"), ("delete", "movers", "--yes"), ("export", "movers", "--to", "/x"),
    )]  # fmt: skip
    assert refused == ["moving"] * 4

    word("tenants", "move", "movers", "--to", to)

    flask_app.registry._by_host.clear()
    assert (now(flask_app).database, now(flask_app).state) == (to, "active")
    assert everything(flask_app, in_tenant) == before
    assert page(flask_app).status_code == 200
    assert schemas(flask_app) == (["main"] if to == "main" else ["main", "two"])
    with in_tenant(now(flask_app)):
        audit.note("tests.mark", by=SYSTEM, target=("mark", "after"))


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS if FULL else ["copied"])
def test_a_process_killed_for_good_leaves_a_move_that_goes_on(word, flask_app, movers, in_tenant, settings, step):
    before = everything(flask_app, in_tenant)
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATABASES": json.dumps({name: url.get_secret_value() for name, url in settings.databases.items()}),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "INFO",
        "ENVIRONMENT": "test",
    }  # fmt: skip
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "tenants", "move", "movers", "--to", "two"]
    process = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    seen = next((line for line in process.stderr if f'"step": "{step}"' in line), None)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert seen

    last = word("tenants", "move", "movers", "--to", "two")[0]

    assert step == "switched" or last["rows"] == sum(map(len, before.values()))
    assert (now(flask_app).database, now(flask_app).state) == ("two", "active")
    assert everything(flask_app, in_tenant) == before


def test_what_goes_wrong_is_taken_back(word, flask_app, movers, in_tenant, monkeypatch):
    before, read = everything(flask_app, in_tenant), moving._read
    monkeypatch.setattr(moving, "_read", lambda *given: (read(*given)[0] + 1, "another"))
    differs = word("tenants", "move", "movers", "--to", "two")[0]["error"]["code"]
    monkeypatch.undo()
    monkeypatch.setattr(registry, "SECONDS_REMEMBERED", 0)
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("create table t_movers.strange (id int)")
    strange = word("tenants", "move", "movers", "--to", "two")[0]["error"]["code"]

    assert (differs, strange) == ("differs", "unknown-tables")
    assert (now(flask_app).database, now(flask_app).state, schemas(flask_app)) == ("main", "active", ["main"])
    assert everything(flask_app, in_tenant) == before
    assert page(flask_app).status_code == 200


def test_what_is_at_work_is_waited_for(word, flask_app, movers, in_tenant, monkeypatch):
    monkeypatch.setattr(moving, "PATIENCE_SECONDS", 0.5)
    with in_tenant(movers):
        db.session.execute(sa.text("update member set name = 'Moira'"))
        busy = word("tenants", "move", "movers", "--to", "two")[0]["error"]["code"]

    assert (busy, now(flask_app).state, schemas(flask_app)) == ("at-work", "active", ["main"])
    monkeypatch.setattr(moving, "PATIENCE_SECONDS", 20)
    writing = threading.Timer(1.5, lambda: None)
    with in_tenant(movers):
        db.session.execute(sa.text("update member set name = 'Marie'"))
        moving_on = threading.Thread(target=word, args=("tenants", "move", "movers", "--to", "two"))
        moving_on.start()
        writing.start()
        writing.join()
    moving_on.join()
    with in_tenant(now(flask_app)):
        assert db.session.scalars(sa.select(Member.name)).all() == ["Marie"]
    assert now(flask_app).database == "two"


@pytest.mark.parametrize(
    ("to", "code"), [("main", "already-there"), ("nowhere", "unknown-database"), ("alias", "same-database")]
)
def test_what_cannot_be_moved_says_so(word, flask_app, movers, to, code):
    owners = flask_app.extensions["owners"]
    if to == "alias":  # two names of one database: preparing the target would drop what is to be moved
        owners._urls["alias"] = owners._urls["main"].replace("127.0.0.1", "localhost")
    try:
        assert word("tenants", "move", "movers", "--to", to)[0]["error"]["code"] == code
    finally:
        owners._urls.pop("alias", None)
    assert (now(flask_app).state, page(flask_app).status_code) == ("active", 200)


def test_two_movers_and_a_schema_in_the_way_are_refused(word, flask_app, movers):
    owners = flask_app.extensions["owners"]
    with moving._alone(owners.main, movers):
        assert word("tenants", "move", "movers", "--to", "two")[0]["error"]["code"] == "busy"
    with owners.of("two").begin() as owner:
        owner.exec_driver_sql("create schema t_movers")
    assert word("tenants", "move", "movers", "--to", "two")[0]["error"]["code"] == "in-the-way"
    assert now(flask_app).state == "active"


def test_a_suspended_company_moves_and_stays_suspended(word, flask_app, movers):
    word("tenants", "suspend", "movers")
    word("tenants", "move", "movers", "--to", "two", "--drop-old")

    assert (now(flask_app).database, now(flask_app).state) == ("two", "suspended")


def test_deleting_a_company_takes_the_old_copy_along(word, flask_app, movers):
    word("tenants", "move", "movers", "--to", "two")
    word("tenants", "delete", "movers", "--yes")

    assert (schemas(flask_app), now(flask_app)) == ([], None)


def test_a_task_at_work_during_a_move_has_its_effect_once_and_there(flask_app, word, movers, in_tenant):
    """It read here, and finds the schema closed when it wants to write: there it is run again."""
    begun, go_on = threading.Event(), threading.Event()

    def body(run):
        begun.set()
        go_on.wait(20)
        with run.completing():
            audit.note("tests.effect", by=SYSTEM, target=("task", run.task_id))

    TASKS["tests.effect"] = TaskDefinition("tests.effect", body, "default", 10, 3, None)
    with in_tenant(movers):
        row = TaskRow(
            id=uuid.uuid4(), key="moving", name="tests.effect", arguments={}, run_at=clock.now(), created_at=clock.now()
        )
        db.session.add(row)
    broken = []

    def work():
        try:
            runtime.run("movers", str(row.id))
        except sa.exc.DBAPIError as error:
            broken.append(type(error.orig).__name__)

    worker = threading.Thread(target=work)
    worker.start()
    begun.wait(10)
    word("tenants", "move", "movers", "--to", "two")
    go_on.set()
    worker.join()
    with clock.set_to(clock.now() + timedelta(minutes=1)):
        runtime.run("movers", str(row.id))
    TASKS.pop("tests.effect")

    with in_tenant(now(flask_app)):
        done = db.session.get_one(TaskRow, row.id)
        effects = sa.select(sa.func.count()).where(AuditEntry.action == "tests.effect")
        assert (done.state, done.attempts, db.session.scalar(effects)) == ("done", 2, 1)
    with flask_app.extensions["owners"].main.connect() as owner:
        assert owner.scalar(sa.text("select count(*) from t_movers.audit_entry where action = 'tests.effect'")) == 0
    assert broken == ["UndefinedTable"]


def test_every_room_of_a_moving_company_says_so_kindly(flask_app, movers):
    broken_off_after(flask_app, "closed")
    for path in ("/", "/candidates", "/careers", "/i/x", "/status/x", "/sign-in", "/events/allowed?topic=live"):
        answer = page(flask_app, path, headers={"Cookie": "assay=x"})
        as_json = page(flask_app, path, headers={"Accept": "application/json"})
        hindi = page(flask_app, path, headers={"Accept-Language": "hi"})

        for each in (answer, as_json, hindi):
            assert (each.status_code, each.headers["Retry-After"]) == (503, "30"), path
        assert "Movers" in answer.text
        assert "nothing is lost" in answer.text
        assert "nothing is lost" in as_json.json["message"]
        assert "nothing is lost" not in hindi.text


def test_no_table_counts_by_itself():
    """A sequence would have to be carried too; keys are UUIDs, and numbers are given by commands."""
    columns = [c for table in TenantModel.metadata.sorted_tables for c in table.columns]

    assert [
        str(c) for c in columns if c.identity or c.autoincrement is True or isinstance(c.default, sa.Sequence)
    ] == []
