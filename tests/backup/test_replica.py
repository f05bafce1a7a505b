"""Reports are read from a replica that streams from PostgreSQL, and from PostgreSQL itself where that is no use."""

import time
from contextlib import contextmanager

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import errors
from pydantic import SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError, InternalError

from app import create_app
from app.adapters.local.programs import Programs
from app.adapters.local.services import TUNING
from app.adapters.postgres import owner_urls
from app.audit.models import AuditEntry
from app.audit.queries import first_broken_link
from app.candidates.models import clear_table
from app.cli.backup.clusters import clusters, connected
from app.cli.candidates import fill
from app.cli.doctor import database as doctor
from app.web import health
from tenants import replicas
from tenants.db import db
from tenants.replicas import NoReplicaError, behind, from_replica
from tenants.scope import tenant_scope
from tenants.work import unit_of_work
from tests.backup.test_backup import _until, owner
from tests.chaos.processes import free_port
from tests.operations.test_metrics import value

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]
WHERE = sa.text("select case when pg_is_in_recovery() then 'replica' else 'primary' end")


class Replica:
    """A standby of the installation's PostgreSQL, made by pg_basebackup, that may be stopped and paused."""

    def __init__(self, installation, name="replica"):
        installation.found_both()
        self.programs, self.port = Programs.found(), free_port()
        self.data = installation.folder / name
        cluster = clusters(installation.settings)[0]
        done = self.programs.run_as_us(
            "pg_basebackup", "-d", cluster.conninfo, "-D", str(self.data), "--write-recovery-conf", "--checkpoint=fast",
            "--no-password", password=cluster.password,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            follows = f"{cluster.conninfo} password={cluster.password}".replace("'", "''")
            settings.write(f"primary_conninfo = '{follows}'\narchive_mode = off\nwal_receiver_status_interval = 1s\n")
        for place in (self.data, *self.data.rglob("*")):
            self.programs.own(place)
        self.data.chmod(0o700)
        primary = make_url(owner_urls(installation.settings)["main"])
        self.owner_url = primary.set(drivername="postgresql", port=self.port).render_as_string(hide_password=False)
        self.start()

    def start(self):
        words = " ".join(("-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.data), "-c", "fsync=off", *TUNING))
        done = self.programs.run(
            "pg_ctl", "-w", "-D", str(self.data), "-l", str(self.data / "log"), "-o", words, "start"
        )
        assert done.returncode == 0, (self.data / "log").read_text()[-600:]

    def stop(self):
        self.programs.run("pg_ctl", "-w", "-D", str(self.data), "-m", "immediate", "stop")

    def run(self, statement):
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            return connection.execute(statement).fetchone()


@pytest.fixture(scope="module")
def replica(installation):
    made = Replica(installation)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def another(installation, _installation):
    """Makes an application of the installation that reads its reports there; all other tests' stays the one counted."""
    made = []

    def make(url):
        made.append(create_app(installation.settings.model_copy(update={"database_replicas": {"main": url}})))
        with _installation.app_context():
            health.watch_pools(db.engines, most=30)
        return made[-1]

    yield make
    for flask_app in made:
        with flask_app.app_context():
            for engine in (*db.engines.values(), *flask_app.extensions["replicas"].engines.values()):
                engine.dispose()


@pytest.fixture(scope="module")
def told(another, replica):
    return another(SecretStr(replica.owner_url))


@pytest.fixture
def house(told, monkeypatch):
    """Each report looks anew at how the replica is; only where a test says so it may be too far behind."""
    monkeypatch.setattr(replicas, "LOOK_SECONDS", 0.0)
    there = told.extensions["replicas"]
    monkeypatch.setattr(there, "most_behind", float("inf"))
    there._states.clear()
    return told


@contextmanager
def at(flask_app, slug):
    with flask_app.app_context(), tenant_scope(flask_app.registry.by_slug(slug)), unit_of_work():
        yield


@from_replica
def asked_where():
    return db.session.scalar(WHERE)


@from_replica
def entries():
    return db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))


@from_replica
def run(statement):
    return db.session.execute(sa.text(statement)).scalar()


def caught_up(installation, replica):
    with owner(installation.settings) as connection:
        written = connection.execute("select pg_current_wal_lsn()::text").fetchone()[0]
    _until(lambda: replica.run(f"select pg_last_wal_replay_lsn() >= '{written}'")[0])


def test_reports_of_two_companies_are_read_from_the_replica_each_as_itself(installation, replica, house, monkeypatch):
    caught_up(installation, replica)
    with at(house, "alpha"):
        _until(lambda: asked_where() == "replica")
    monkeypatch.setattr(replicas, "LOOK_SECONDS", 60.0)
    house.extensions["replicas"]._states["main"].until = time.monotonic() + 60
    found, before = {}, value("assay_report_reads_total", database="main", where="replica")
    for slug in ("alpha", "beta"):
        with at(house, slug):
            there = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
            found[slug] = (asked_where(), run("select current_user::text"), entries() - there, first_broken_link())
            assert db.session.scalar(WHERE) == "primary"

    assert found == {slug: ("replica", f"t_{slug}", 0, None) for slug in ("alpha", "beta")}
    assert value("assay_report_reads_total", database="main", where="replica") == before + 8


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("select count(*) from t_beta.member", errors.InsufficientPrivilege),
        ("select set_config('role', 't_beta', true)", errors.InsufficientPrivilege),
        ("set role t_beta", errors.InsufficientPrivilege),
        ("select count(*) from shared.tenant", errors.InsufficientPrivilege),
        ("update member set name = 'Rex'", errors.ReadOnlySqlTransaction),
        ("insert into outbox (id) values (null)", errors.ReadOnlySqlTransaction),
    ],
)
def test_at_a_replica_nobody_else_is_reached_and_nothing_is_written(house, statement, refusal):
    engine = house.extensions["replicas"].engines["main"]
    with at(house, "alpha"), pytest.raises(DBAPIError) as refused, replicas._session_at(engine):
        assert db.session.scalar(WHERE) == "replica"
        db.session.execute(sa.text(statement))
    assert isinstance(refused.value.orig, refusal)


def test_a_report_that_would_write_fails_and_is_not_written_elsewhere(house):
    with at(house, "alpha"), pytest.raises(InternalError) as refused:
        run("update member set name = 'Rex'")
    with at(house, "alpha"):
        assert db.session.scalar(sa.text("select count(*) from member where name = 'Rex'")) == 0
    assert isinstance(refused.value.orig, errors.ReadOnlySqlTransaction)


def test_a_replica_that_is_too_far_behind_is_not_read_until_it_has_caught_up(installation, replica, house):
    replica.run("select pg_wal_replay_pause()")
    try:
        with owner(installation.settings) as connection:
            connection.execute("create table if not exists shared.moved (n int)")
            time.sleep(0.3)  # what it waits to replay is older than it may be behind
            connection.execute("insert into shared.moved values (1)")
        house.extensions["replicas"].most_behind = 0.2
        with at(house, "alpha"):
            late, seconds = asked_where(), value("assay_replica_behind_seconds", database="main")
        said = [
            (each.check, each.ok)
            for each in doctor.replicas(house.extensions["settings"].model_copy(update={"replica_seconds_behind": 0.2}))
        ]
    finally:
        replica.run("select 1 from pg_wal_replay_resume()")
    caught_up(installation, replica)
    with at(house, "alpha"):
        assert (late, seconds > 0.2, said, asked_where()) == ("primary", True, [("replica", False)], "replica")


def test_people_s_names_are_asked_of_the_primary(house):
    """The tables that have them in the clear are in no replica; asking there costs one refusal, and no rest."""

    @from_replica
    def names():
        return db.session.scalar(WHERE), db.session.scalar(sa.select(sa.func.count()).select_from(clear_table)) > 0

    with house.app_context():
        fill(house.extensions["registry"].by_slug("alpha"))  # a test before this one may have killed PostgreSQL
    with at(house, "alpha"):
        assert (names(), asked_where()) == (("primary", True), "replica")


def test_a_replica_that_is_gone_is_left_alone_for_a_while_and_comes_back(replica, house, monkeypatch):
    """In the midst of a report, too: it is read again, whole, from the primary."""
    monkeypatch.setattr(replicas, "REST_SECONDS", 1.0)
    monkeypatch.setattr(replicas, "LOOK_SECONDS", 60.0)
    settings = house.extensions["settings"]
    with at(house, "alpha"):
        assert asked_where() == "replica"
    replica.stop()
    with at(house, "alpha"):
        gone = [asked_where() for _ in range(2)]
    said = [(each.check, each.ok) for each in doctor.replicas(settings)]
    replica.start()
    with at(house, "alpha"):
        _until(lambda: asked_where() == "replica", seconds=30)

    assert (gone, said) == (["primary"] * 2, [("replica", False)])
    assert [(each.check, each.ok) for each in doctor.replicas(settings)] == [("replica", True)]


def test_what_follows_the_history_from_before_a_failover_is_no_replica(installation, replica):
    """Another one took over; this one still follows the old one, which is not to be believed any more."""
    successor = Replica(installation, "successor")
    try:
        done = successor.programs.run("pg_ctl", "-w", "-D", str(successor.data), "promote")
        assert done.returncode == 0
        urls = [make_url(each.owner_url).set(drivername="postgresql+psycopg") for each in (successor, replica)]
        now, old = (connected(url.render_as_string(hide_password=False)) for url in urls)
        with now as primary, old as follower, pytest.raises(NoReplicaError, match="another history"):
            behind(primary, follower)
    finally:
        successor.stop()


def test_what_follows_nobody_or_another_database_is_no_replica(installation, settings, another):
    """After a failover an address may lead to one that nobody writes to any more."""
    flask_app = another(installation.settings.database_url)
    itself = flask_app.extensions["settings"]
    with at(flask_app, "alpha"):
        where = asked_where()
    ours, other = (connected(owner_urls(each)["main"]) for each in (installation.settings, settings))
    with ours as primary, other as stranger, pytest.raises(NoReplicaError, match="another database"):
        behind(primary, stranger)

    assert where == "primary"
    assert [each.says for each in doctor.replicas(itself)] == ["It is not read: it follows nobody."]


def test_a_replica_of_a_database_that_is_not_there_is_said(installation):
    given = installation.settings.model_copy(update={"database_replicas": {"two": installation.settings.database_url}})

    assert [each.says for each in doctor.replicas(given)] == ["DATABASE_REPLICAS names two, and DATABASES does not."]
