"""PostgreSQL is killed, or has no room: nothing that was acknowledged is lost, people are told, and it goes on by itself."""

import io
import json
import os
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

import psycopg
import pytest
import redis
import sqlalchemy as sa
from psycopg import sql

from app import create_app
from app.adapters.local import archiving
from app.adapters.local.folder import FolderStore
from app.adapters.local.programs import Programs
from app.adapters.local.services import ServicesError
from app.applications.commands import apply
from app.applications.models import Application
from app.candidates.commands import register
from app.candidates.models import Resume
from app.cli.backup.target import Target
from app.identity.commands import actor_of, set_password, write_password_link
from app.identity.models import Member
from app.kernel.actor import SYSTEM
from app.postings.queries import stages_of
from bench.restore import killed, plain
from jobs.queues import Signaller
from jobs.refilling import Refilling
from jobs.relay import relay
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.processes import Nursery, Person, free_port, until
from tests.conftest import PASSWORD, HostClient
from tests.jobs.factories import approved_kit
from tests.sizes import sized
from tests.volumes import small_volume

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]
RECOVERED_SECONDS = 30


@pytest.fixture
def house(installation):
    """Ada of Alpha has a password."""
    with installation.at("alpha"):
        ada = db.session.scalars(sa.select(Member)).first()
        set_password(write_password_link(ada, by=SYSTEM), PASSWORD)
    yield installation
    installation.close()


@pytest.fixture
def ada(house):
    """The web process and the relay on that PostgreSQL, and Ada, signed in."""
    nursery, port = Nursery(house.settings), free_port()
    try:
        nursery.web(port)
        nursery.start("relay")
        nursery.start("scheduler")
        yield Person(port, "ada")
    finally:
        nursery.close()


def applicants(house, many):
    with house.at("alpha"):
        ada = db.session.scalars(sa.select(Member)).first()
        posting, _kit = approved_kit(ada, dimensions=1)
        by = actor_of(ada)
        people = [
            apply(posting, register(name=f"Cara {n}"), resume=None, source="upload", by=by).id for n in range(many)
        ]
        return people, stages_of(posting.id)[1].id


def moved_to(house, stage):
    house.close()  # this process has connections of before, too
    with house.at("alpha"):
        return set(db.session.scalars(sa.select(Application.id).where(Application.stage_id == stage)))


@contextmanager
def moving(ada, people, stage, said, *, threads=3):
    """Several people move applicants, each as often as it takes."""
    waiting, lock, over = list(people), threading.Lock(), threading.Event()

    def work():
        while not over.is_set():
            with lock:
                if not waiting:
                    return
                one = waiting.pop()
            while (status := ada.post(f"/applications/{one}/move", {"stage": stage, "version": "1"})) not in {303, 409}:
                said.append((time.monotonic(), one, status))
                if over.wait(0.1):
                    return
            said.append((time.monotonic(), one, status))
            time.sleep(0.02)

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield workers
    finally:
        over.set()
        for worker in workers:
            worker.join()


def supervised(services):
    """What a supervisor does: start it again until it stays."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            services.start()
        except ServicesError:
            time.sleep(0.2)
        else:
            return time.monotonic()
    raise AssertionError("PostgreSQL did not come back")


def test_r46_a_killed_postgresql_loses_nothing_committed_and_the_product_goes_on(house, ada):
    people, stage = applicants(house, sized(1000, 40))
    said = []
    with moving(ada, people, stage, said) as workers:
        backs = []
        for _ in range(sized(20, 2)):
            before = len(said)
            # killed again only once somebody's work was kept: lists have to be filled after each time
            until(
                lambda before=before: 303 in [status for _, _, status in said[before + 10 :]], seconds=RECOVERED_SECONDS
            )
            killed(house.folder / "services" / "postgres" / "pg")
            time.sleep(0.5)
            backs.append(supervised(house.services))
        for worker in workers:
            worker.join(120)
    statuses = [status for _, _, status in said]
    recovered = [min(at for at, _, status in said if status == 303 and at > back) - back for back in backs]
    moved = moved_to(house, stage)

    def relayed():
        with house.at("alpha"):
            return db.session.scalar(sa.select(sa.func.count()).where(OutboxRow.relayed_at.is_(None))) == 0

    assert {one for _, one, status in said if status == 303} <= moved == set(people)
    assert set(statuses) <= {303, 409, 503}
    assert 503 in statuses
    assert max(recovered) < RECOVERED_SECONDS
    assert until(relayed, seconds=RECOVERED_SECONDS)


@contextmanager
def full(house, name, *, leaving=0):
    """The volume has `leaving` bytes left until the block ends."""
    place = house.folder / name
    if place not in house.volumes:
        pytest.skip("this user may mount no file system that could be filled")
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as handle, suppress(OSError):
        while True:
            handle.write(bytes(1 << 16))
    if leaving:
        os.truncate(ballast, max(0, ballast.stat().st_size - leaving))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.fixture
def client(house, monkeypatch):
    """Ada's browser, in this process."""
    monkeypatch.setitem(house.flask_app.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(house.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
    house.flask_app.test_client_class = HostClient
    made = house.flask_app.test_client()
    made.host = "alpha.localhost"
    answer = made.post("/sign-in", data={"email": "ada@alpha.example", "password": PASSWORD})
    assert answer.status_code == 303
    return made


def move(client, one, stage):
    return client.post(f"/applications/{one}/move", data={"stage": stage, "version": "1"})


def test_r47_no_room_for_the_database_is_said_and_passes(house, client):
    """Until somebody makes room: nothing is changed by halves, nobody sees a bare error, and it goes on by itself."""
    people, stage = applicants(house, 30)
    with owner(house) as connection:
        connection.execute("create table shared.bulk (text text)")
        connection.execute("alter table shared.bulk alter text set storage external")
    answers, done = [], []
    with full(house, "services/postgres", leaving=1 << 20):
        with suppress(psycopg.Error), owner(house) as connection:  # the last room goes
            connection.execute(
                "insert into shared.bulk select repeat(md5(n::text), 2000) from generate_series(1, 2000) n"
            )
        for one in people[:20]:
            with suppress(psycopg.Error), owner(house) as connection:  # nor is any in the log's files of later
                connection.execute(
                    "select pg_logical_emit_message(false, 'bulk', repeat('x', 1 << 20)) from generate_series(1, 10)"
                )
            answer = move(client, one, stage)
            answers.append((answer.status_code, answer.text))
            done += [one] * (answer.status_code == 303)
    supervised(house.services)
    house.close()
    with owner(house) as connection:
        connection.execute("drop table shared.bulk")
    Refilling(house.flask_app).look()  # as the scheduler does within seconds
    again = [move(client, one, stage).status_code for one in people if one not in done]

    refused = [(status, text) for status, text in answers if status != 303]
    assert refused
    assert {status for status, _ in refused} <= {503, 507}
    assert all("There is no room left" in text or "does not answer" in text for _, text in refused)
    assert set(again) == {303}
    assert moved_to(house, stage) == set(people)
    with owner(house) as connection:
        assert broken(house, connection) == []


def broken(house, connection):
    """Every table read by its blocks, and by its keys."""
    tables = connection.execute(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname like 't\\_%'"
    ).fetchall()
    found = []
    for (name,) in tables:
        counts = set()
        for sequential in ("on", "off"):
            connection.execute(f"set enable_seqscan = {sequential}")
            counts.add(connection.execute(f"select count(*) from {name}").fetchone()[0])
        found += [name] * (len(counts) != 1)
    return found


def test_r47_no_room_for_files_is_said_and_passes(house, client):
    with house.at("alpha"):
        posting, _kit = approved_kit(db.session.scalars(sa.select(Member)).first(), dimensions=1)
    address, before = f"/jobs/{posting.id}/resumes", house.files("alpha")

    def bring():
        return client.post(address, data={"resumes": (io.BytesIO(b"Cara\nWelder\n" * 9000), "cv.txt")})

    def rows():
        with house.at("alpha"):
            return db.session.scalar(sa.select(sa.func.count()).select_from(Resume))

    counted = rows()
    with full(house, "data/files"):
        refused, there = bring(), rows()
        left = {name for name in house.files("alpha") if "ballast" not in name}
    taken = bring()

    assert (refused.status_code, "There is no room left" in refused.text) == (507, True)
    assert (there, left) == (counted, set(before))
    assert (taken.status_code, rows()) == (303, counted + 1)


def test_r47_no_room_for_keys_is_said_and_passes(house, client):
    """Somebody new needs a key: they are not taken, and those who have one are read as ever."""
    with house.at("alpha"):
        posting, _kit = approved_kit(db.session.scalars(sa.select(Member)).first(), dimensions=1)
    address = f"/jobs/{posting.id}/resumes"

    def bring():
        return client.post(address, data={"resumes": (io.BytesIO(b"Cara\nWelder\n" * 90), "cv.txt")})

    def rows():
        with house.at("alpha"):
            return db.session.scalar(sa.select(sa.func.count()).select_from(Resume))

    counted, before = rows(), house.files("alpha")
    with full(house, "data/keys"):
        refused, there, left, page = bring(), rows(), house.files("alpha"), client.get("/candidates")
    taken = bring()

    assert refused.status_code in {503, 507}
    assert (there, left, page.status_code, "Cara" in page.text) == (counted, before, 200, True)
    assert (taken.status_code, rows()) == (303, counted + 1)


def test_r47_no_room_for_redis_delays_and_fails_nothing(house, client):
    """What Redis will not take waits in the database, and goes when there is room."""
    people, stage = applicants(house, 6)
    connection = redis.Redis.from_url(house.settings.redis_url.get_secret_value())
    with full(house, "services/redis"):
        with suppress(redis.RedisError):
            for number in range(400):
                connection.set(f"bulk-{number}", bytes(1 << 14))
        assert until(lambda: not writable(connection), seconds=10)
        said = [move(client, one, stage).status_code for one in people]
    recovered = until(lambda: writable(connection), seconds=30)
    with suppress(redis.RedisError):
        connection.delete(*[f"bulk-{number}" for number in range(400)])
    relayed = relay(house.flask_app, house.company("alpha"), Signaller(connection))
    connection.flushall()
    connection.close()

    assert said == [303] * len(people)
    assert recovered
    assert relayed > 0


def writable(connection):
    try:
        return connection.set("probe", "1")
    except redis.RedisError:
        return False


def owner(house):
    return psycopg.connect(plain(house.settings.database_url.get_secret_value()), autocommit=True)


@pytest.fixture
def small(house):
    """A volume that is full, and a function that makes room."""
    place = house.folder / "small"
    with small_volume(place) as make_room:
        yield place, make_room


def test_r47_no_room_for_backups_is_said_and_passes(house, client, small):
    """The run ends with a sentence and leaves nothing that looks like a backup; people notice nothing."""
    place, make_room = small
    people, stage = applicants(house, 2)
    target = Target.at(place)
    runner = create_app(house.settings.model_copy(update={"backup_dir": place})).test_cli_runner()

    refused, there = runner.invoke(args=["backup", "run"]), list(target.all())
    served = move(client, people[0], stage).status_code
    make_room()
    taken, verified = (runner.invoke(args=["backup", word]) for word in ("run", "verify"))

    assert (refused.exit_code, there) == (1, [])
    assert "No space left on device" in json.loads(refused.stdout)["error"]["message"]
    assert served == 303
    assert [(each.exit_code, each.stdout[-600:]) for each in (taken, verified) if each.exit_code] == []
    assert [base.id for base in target.all()] == target.ids() == [json.loads(taken.stdout)["base"]]
    assert list(place.glob("scratch-*")) == []


def test_r47_no_room_for_the_archive_keeps_the_log_until_there_is(house, client, small):
    """PostgreSQL tries again by itself; the whole file is there then, and never a part under its name."""
    place, make_room = small
    people, stage = applicants(house, 1)
    archive = place / "wal"
    archiving.make_ready(archive, Programs.found())
    with owner(house) as connection:
        usual = connection.execute("show archive_command").fetchone()[0]
        failed = connection.execute("select failed_count from pg_stat_archiver").fetchone()[0]

        def archiver(field):
            return connection.execute(f"select {field} from pg_stat_archiver").fetchone()[0]

        try:
            archived_by(connection, f"( {archiving.command(archive)} ) && ( {usual} )")
            segment = connection.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
            served = move(client, people[0], stage).status_code
            connection.execute("select pg_switch_wal()")
            assert until(lambda: archiver("failed_count") > failed, seconds=30)
            there = [file.name for file in archive.iterdir() if not file.name.startswith(".")]
            make_room()
            assert until(lambda: archiver("last_archived_wal") >= segment, seconds=90)
        finally:
            archived_by(connection, usual)

    assert (served, there) == (303, [])
    assert (archive / segment).stat().st_size == 1 << 24


def archived_by(connection, command):
    if "%" not in command:
        raise ValueError(command)
    quoted = sql.Literal(command).as_string(connection)
    connection.execute(f"alter system set archive_command = {quoted}")
    connection.execute("select pg_reload_conf()")


def test_r47_no_room_for_the_spool_keeps_the_log_until_there_is(small, tmp_path):
    place, make_room = small
    segment, spool = tmp_path / "segment", place / "spool"
    segment.write_bytes(os.urandom(1 << 23))
    spool.mkdir()
    store, over = FolderStore(tmp_path / "backups"), threading.Event()

    def passing_on():
        while not over.wait(0.01):
            archiving.pass_on(store, spool, "wal/main/")

    def archived():
        line = archiving.waiting_command(spool, 5).replace("%p", str(segment)).replace("%f", "0001")
        return subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False).returncode

    thread = threading.Thread(target=passing_on)
    thread.start()
    try:
        refused, there = archived(), list(store.names("wal/main/"))
        make_room()
        taken = archived()
    finally:
        over.set()
        thread.join()

    assert (refused != 0, there) == (True, [])
    assert (taken, store.get("wal/main/0001")) == (0, segment.read_bytes())
