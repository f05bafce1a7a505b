"""Backups and the log in a bucket: taken, looked at, restored from; and nothing in it can be read by who keeps it."""

import hashlib
import json
import threading
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa

from app.adapters.local import archiving
from app.adapters.local.programs import Programs
from app.adapters.local.services import Services
from app.adapters.s3.bucket import Bucket
from app.adapters.s3.sealing import MAGIC
from app.cli.backup import checking, company, restoring, taking
from app.cli.backup.clusters import hand_over
from app.cli.backup.target import Target
from app.kernel import clock
from bench.restore import plain
from jobs.backups import Watch, tell_age
from tenants.db import db
from tests.backup.test_backup import _failed, _until, comes_back, owner
from tests.fakes.aws import aws, new_bucket, signed_in
from tests.operations.test_metrics import value
from tests.sizes import FULL

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]
SLUGS = ("alpha", "beta")


@pytest.fixture(scope="module")
def away():
    """Once set, whoever passes the log on is refused by the bucket."""
    return threading.Event()


@pytest.fixture(scope="module")
def kept(installation, away):
    """The installation, its backups and its PostgreSQL's log in a bucket."""
    installation.found_both()
    with aws() as address:
        own = {"backup_bucket": new_bucket(address), "backup_dir": installation.folder / "room"}
        settings = installation.settings.model_copy(update=own | signed_in(address))
        with archived(installation, settings, away):
            yield settings


@contextmanager
def archived(installation, settings, away):
    """PostgreSQL hands its log to the spool, and it is passed on into the bucket."""
    target, spool, over = Target.of(settings), settings.backup_dir / "spool" / "main", threading.Event()
    target.make_ready()
    archiving.make_ready(spool, Programs.found())

    def pass_on():
        while not over.wait(0.02):
            if not away.is_set():
                archiving.pass_on(target.store, spool, "wal/main/")

    thread = threading.Thread(target=pass_on)
    thread.start()
    with owner(settings) as connection:
        line = archiving.waiting_command(spool, 1).replace("'", "''")
        connection.execute(f"alter system set archive_command = '{line}'")
        connection.execute("select pg_reload_conf()")
        try:
            yield
        finally:
            connection.execute("alter system reset archive_command")
            connection.execute("select pg_reload_conf()")
            over.set()
            thread.join()


@pytest.fixture(autouse=True)
def _words_at_size(monkeypatch):
    """What runs after a restore is tried where backups lie in a folder; at full size, here too."""
    monkeypatch.setattr(restoring, "AFTERWARDS", restoring.AFTERWARDS if FULL else ())


@pytest.fixture(scope="module")
def base(installation, kept):
    with installation.at("alpha"):
        db.session.execute(sa.text("update candidate set language = 'en'"))
    said = taking.take(kept, Target.of(kept))
    assert (said["exact"], said["archive"]) == (True, {"main": "on"})
    return Target.of(kept).base(said["base"])


def raw(settings):
    """What lies in the bucket, as its keeper sees it."""
    bucket = Bucket(settings, settings.backup_bucket)
    return {entry.name: bucket.get(entry.name) for entry in bucket.entries()}


@pytest.mark.skipif(not FULL, reason="as from a folder, but for where it comes from: bin/chaos R-35 runs it")
def test_r35_a_backup_in_a_bucket_is_known_to_be_good(kept, base):
    target = Target.of(kept)
    said = checking.verify(target, base, Programs.found(), room=target.room)
    tell_age(target)

    assert (said["base"], said["ok"], said["problems"]) == (base.id, True, [])
    assert said["objects"] == len(base.manifest["objects"]) > 0
    assert value("assay_backup_timestamp_seconds", kind="good") == base.taken_at.timestamp()


def test_what_lies_in_the_bucket_is_noise_to_its_keeper(kept, base):
    """Rows of members, in the clear in PostgreSQL, and sealed files and wrapped keys alike."""
    lying = raw(kept)
    tell_age(Target.of(kept))

    assert value("assay_backup_timestamp_seconds", kind="taken") == base.taken_at.timestamp()
    assert {name.partition("/")[0] for name in lying} == {
        "bases", "keys", "keys.json", "objects", "objects.json", "objects.jsonl", "state", "wal",
    }  # fmt: skip
    files = {name for name in lying if name.startswith("objects/")}
    assert [name for name in lying.keys() - files if not lying[name].startswith(MAGIC)] == []
    assert [name for name in files if hashlib.sha256(lying[name]).hexdigest() != name.rpartition("/")[2]] == []
    assert [name for name, content in lying.items() if b"ada@alpha.example" in content] == []


def test_r33_everything_comes_back_out_of_the_bucket_to_the_end_of_the_log(installation, kept, base):
    """What was written after the base backup is in the archived log alone; files by their digests."""
    with owner(kept) as connection:
        connection.execute("create table shared.late (n int); insert into shared.late values (7)")
    hand_over(installation.flask_app.extensions["owners"].main)
    to = installation.folder / "out-of-the-bucket"

    with installation.flask_app.app_context():
        said = restoring.restore(kept, Target.of(kept), to, until=None, base_id=base.id)

    services = Services(to / "services")
    try:
        with psycopg.connect(plain(services.start().database_url)) as connection:
            late = connection.execute("select n from shared.late").fetchall()
            people = [connection.execute(f"select count(*) from t_{slug}.candidate").fetchone()[0] for slug in SLUGS]
    finally:
        services.forget()
    assert (said["base"], said["lacking"], late) == (base.id, [], [(7,)])
    assert people == [base.manifest["rows"]["main"][f"t_{slug}"]["candidate"] for slug in SLUGS]
    for slug in SLUGS:
        there = {
            f.relative_to(to / "files" / slug).as_posix(): f.read_bytes()
            for f in (to / "files" / slug).rglob("*")
            if f.is_file()
        }
        assert there == installation.files(slug)


@pytest.mark.skipif(not FULL, reason="as from a folder, but for where it comes from: bin/chaos R-37 L-22 run it")
def test_r37_l22_one_company_comes_back_out_of_the_bucket_without_the_erased(installation, kept, base):
    target = Target.of(kept)

    def restore(moment):
        with installation.flask_app.app_context():
            return company.restore_company(kept, target, company.Wish("alpha", target.base(), moment, room=target.room))

    comes_back(installation, kept, restore)


def test_r38_a_log_that_the_bucket_does_not_take_waits_is_seen_and_arrives(installation, kept, base, away):
    target, watch = Target.of(kept), Watch(installation.flask_app)
    watch.look()
    failures = value("assay_archive_failures", database="main")
    away.set()
    with owner(kept) as connection:
        first = connection.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
        for _ in range(2):
            connection.execute("select pg_logical_emit_message(false, 'x', 'y'); select pg_switch_wal()")
        last = connection.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
        _until(lambda: _failed(connection) > failures)
        watch.look()
        seen = value("assay_archive_failures", database="main")
        kept_by_it = connection.execute(
            "select count(*) from pg_ls_waldir() where name >= %s and name < %s", (first, last)
        ).fetchone()[0]
        there = f"wal/main/{first}" in target.store.names("wal/main/")
        away.clear()
        connection.execute("select pg_reload_conf()")
        _until(lambda: f"wal/main/{first}" in target.store.names("wal/main/"))

    assert (seen > failures, kept_by_it, there) == (True, 2, False)


def test_old_backups_go_from_the_bucket_with_the_log_and_the_files_that_only_they_needed(kept, base):
    """By the same rule as in a folder: the newest stays, however old."""
    target = Target.of(kept)
    orphan, segment = f"objects/00/{'0' * 64}", f"wal/main/{'0' * 24}"
    for name in (orphan, segment):
        target.store.put(name, b"of long ago")
    just_now = "1" * 64
    target.tell([{"at": clock.now().isoformat(), "name": "alpha/resumes/1", "sha256": just_now}])
    target.store.put(target.object(just_now), b"being mirrored in this moment")
    old = base.manifest | {"taken_at": (base.taken_at - timedelta(days=29)).isoformat()}
    target.store.put("bases/20200101T000000Z/manifest.json", json.dumps(old).encode())
    gone = taking.prune(target, timedelta(days=28))
    left = {*target.store.names("objects/"), *target.store.names("wal/main/")}

    assert (gone, [each.id for each in target.all()], taking.prune(target, timedelta(0))) == (1, [base.id], 0)
    assert {orphan, segment, target.object(just_now)} & left == {target.object(just_now)}
    assert {target.object(digest) for digest in base.manifest["objects"].values()} <= left
    assert f"wal/main/{base.manifest['clusters']['main']['first']}" in left
