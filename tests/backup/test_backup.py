"""What is backed up comes back, and a backup that is not whole is known not to be."""

import hashlib
import json
import shutil
import threading
import time
import uuid
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from app.adapters.local import archiving
from app.adapters.local.folder import FolderStore
from app.adapters.local.services import Services
from app.cli.backup import checking, mirroring, restoring, taking
from app.cli.backup.clusters import hand_over
from app.cli.backup.target import JOURNAL, BackupError, Target
from app.kernel import clock
from bench.restore import plain
from jobs.backups import Watch, tell_age
from tenants.db import db
from tests.backup.conftest import once_past
from tests.chaos.processes import until
from tests.operations.test_metrics import value

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]


@pytest.fixture(scope="module")
def base(installation):
    """Taken while somebody writes all the time."""
    over = threading.Event()

    def write():
        with owner(installation.settings) as connection:
            connection.execute("create table shared.tick (n int)")
            while not over.wait(0.005):
                connection.execute("insert into shared.tick values (1)")

    writing = threading.Thread(target=write)
    writing.start()
    try:
        said = installation.word("run")
    finally:
        over.set()
        writing.join()
    assert (said["exact"], said["archive"]) == (True, {"main": "on"})
    return installation.target.base(said["base"])


def owner(settings):
    return psycopg.connect(settings.database_url.get_secret_value().replace("+psycopg", ""), autocommit=True)


def digests(installation, slug):
    told = json.dumps(installation.everything(slug), sort_keys=True) + repr(sorted(installation.files(slug).items()))
    return hashlib.sha256(told.encode()).hexdigest()


def test_r35_a_whole_backup_is_known_to_be_good(installation, base):
    """Rows were counted at the very point where its recovery ends, in the midst of writing."""
    said, counted = installation.word("verify"), base.manifest["rows"]["main"]["shared"]["tick"]

    assert (said["base"], said["ok"], said["problems"]) == (base.id, True, [])
    assert said["looked"] in ([checking.WITHOUT_AMCHECK], ["pg_amcheck"])
    tell_age(installation.target)
    assert value("assay_backup_timestamp_seconds", kind="good") == base.taken_at.timestamp()
    assert installation.target.state()["verified_base"] == base.id
    with owner(installation.settings) as connection:
        assert 10 < counted < connection.execute("select count(*) from shared.tick").fetchone()[0]


def test_r35_r36_what_is_lost_changed_or_miscounted_is_named(installation, base):
    """A flipped bit in a table's file, a sealed file that is gone, another that was changed, a row too few."""
    bases = installation.target.room / "bases"
    hurt = bases / "20200101T000000Z"
    shutil.copytree(bases / base.id, hurt)
    manifest = json.loads((hurt / "manifest.json").read_text())
    gone, changed = (f"{slug}/resumes/" for slug in ("alpha", "beta"))
    named = {
        prefix: next(name for name in manifest["objects"] if name.startswith(prefix)) for prefix in (gone, changed)
    }
    bent = installation.target.room / installation.target.object("0" * 64)
    bent.parent.mkdir(exist_ok=True)
    bent.write_bytes(b"something else")
    del manifest["objects"][named[gone]]
    manifest["objects"][named[changed]] = "0" * 64
    manifest["rows"]["main"]["t_beta"]["member"] += 1
    (hurt / "manifest.json").write_text(json.dumps(manifest))
    blocks = hurt / "main" / "base" / "1" / "1259"
    blocks.write_bytes(blocks.read_bytes()[:-1] + b"\1")
    try:
        said = installation.word("verify", "--base", hurt.name, code=1)
    finally:
        shutil.rmtree(hurt)
        bent.unlink()

    assert said["problems"][:4] == [
        "main: base/1/1259 is not what pg_basebackup wrote", "t_beta: not the rows of the manifest in member",
        f"{named[gone]}: a row names it, and the backup has none",
        f"{named[changed]}: the backup's copy is not what was sealed",
    ]  # fmt: skip
    assert installation.target.state()["verified_base"] != hurt.name


def test_r37_l22_one_company_comes_back_without_the_erased_and_no_other_is_touched(installation, base):
    comes_back(
        installation, installation.settings,
        lambda at: installation.word("restore", "--company", "alpha", "--until", at.strftime("%Y-%m-%dT%H:%M:%S")),
    )  # fmt: skip


def comes_back(installation, settings, restore):
    """`restore` is given the moment: of before somebody was erased, and much else was lost."""
    before, was, files = digests(installation, "beta"), installation.everything("alpha"), installation.files("alpha")
    time_of_it = uuid.uuid4().hex[:6]  # nobody is of the names of another restore
    gerda = installation.furnish("alpha", f"Gerda Gone {time_of_it}")
    theirs = {str(gerda[one]) for one in ("candidate_id", "twice_id", "resume_id")}
    people, moment = ids_of_people(installation), clock.now() + timedelta(seconds=1)
    with installation.flask_app.app_context():
        mirroring.mirror_of(settings, Target.of(settings))
    once_past(moment)
    erase(installation, gerda, f"Gerda Gone {time_of_it}")
    with installation.at("alpha"):
        db.session.execute(sa.text("update candidate set language = 'hi'"))
    installation.furnish("alpha", f"Mira later {time_of_it}")
    shutil.rmtree(installation.settings.data_dir / "files" / "alpha" / "resumes")

    said = restore(moment)

    now, there = installation.everything("alpha"), installation.files("alpha")
    again = next(each["said"] for each in said["replayed"] if each["word"] == "candidates forget-erased")
    assert (said["slug"], said["lacking"]) == ("alpha", [])
    assert sum("backup.restore" in row for row in now["audit_entry"]) == 1 + sum(
        "backup.restore" in row for row in was["audit_entry"]
    )
    assert {table: [row for row in now[table] if row in rows] for table, rows in was.items()} == was
    assert theirs < people
    assert ids_of_people(installation) == people - theirs
    assert next(each["people"] for each in again if each["slug"] == "alpha") == 2
    assert {name: there.get(name) for name in files} == files
    assert [name for name in there if str(gerda["resume_id"]) in name] == []
    assert digests(installation, "beta") == before
    assert installation.company("alpha").state == "active"


def ids_of_people(installation):
    with installation.at("alpha"):
        return set(db.session.scalars(sa.text("select id::text from candidate union all select id::text from resume")))


def test_r37_a_company_that_was_deleted_stays_so(installation, base):
    """Its keys went with it: that is said in a sentence, and nothing is changed."""
    runner = installation.flask_app.test_cli_runner()
    before = digests(installation, "alpha")
    assert runner.invoke(args=["tenants", "delete", "beta", "--yes"]).exit_code == 0

    said = installation.word("restore", "--company", "beta", "--base", base.id, "--until", _second(base), code=1)
    nobody = installation.word("restore", "--company", "gamma", "--base", base.id, code=1)

    assert said == {
        "error": {
            "code": "deleted",
            "message": "It was deleted, and its keys were destroyed with it: nothing in any backup of it can be read.",
        }
    }
    assert nobody["error"]["code"] == "unknown"
    assert installation.company("beta") is None
    assert digests(installation, "alpha") == before


def _second(base):
    return (base.taken_at + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")


def test_l22_a_restore_to_before_the_erasure_brings_nobody_back(installation, base):
    """Their row, their words and their files are in the backup, and come out of it no more."""
    ids, older = installation.furnish("alpha", "Cara Canary"), graves(installation.settings.data_dir)
    installation.word("mirror")
    before = clock.now() + timedelta(seconds=1)
    once_past(before)
    erase(installation, ids, "Cara Canary")
    hand_over(installation.flask_app.extensions["owners"].main)
    to = installation.folder / "before-the-erasure"

    said = installation.word("restore", "--to", str(to), "--until", before.strftime("%Y-%m-%dT%H:%M:%S"))

    services = Services(to / "services")
    with psycopg.connect(plain(services.start().database_url)) as connection:
        people = {str(n) for (n,) in connection.execute("select id from t_alpha.candidate")}
        resumes = {str(n) for (n,) in connection.execute("select id from t_alpha.resume")}
    services.forget()
    told = {each["word"]: each["said"] for each in said["replayed"]}
    assert people
    assert {str(ids["candidate_id"])} & people == {str(ids["resume_id"])} & resumes == set()
    assert not (to / "files" / "alpha" / "resumes" / str(ids["resume_id"])).exists()
    erased_as_one = {f"{ids[one]}{mirroring.GRAVE}" for one in ("candidate_id", "twice_id")}
    assert graves(to) - older == erased_as_one
    again = [each for each in told["candidates forget-erased"] if each["slug"] == "alpha"]
    assert [(each["erased"], each["people"]) for each in again] == [(len(graves(to)), 2)]


def graves(data):
    return {n.rpartition("/")[2] for n in names(data / "keys") if n.endswith(mirroring.GRAVE)}


def erase(installation, ids, name):
    erased = installation.flask_app.test_cli_runner().invoke(
        args=["candidates", "erase", "alpha", str(ids["candidate_id"]), "--name", name]
    )
    assert "receipt" in erased.output


def test_a_company_that_never_was_is_named(installation, base):
    assert installation.word("restore", "--company", "nobody", code=1)["error"]["code"] == "unknown"


def test_r38_a_broken_archive_is_seen_and_drops_nothing(installation, base):
    """Refused, then mended: everything that waited arrives, and no number is missing."""
    logs, watch = installation.target.room / "wal" / "main", Watch(installation.flask_app)
    there = segments(logs)
    watch.look()
    failures = value("assay_archive_failures", database="main")
    away = logs.with_name("away")
    logs.rename(away)
    with owner(installation.settings) as connection:
        for _ in range(3):
            connection.execute("select pg_logical_emit_message(false, 'x', 'y'); select pg_switch_wal()")
        last = connection.execute("select pg_walfile_name(pg_current_wal_lsn())").fetchone()[0]
        _until(lambda: _failed(connection) > failures)
        watch.look()
        time.sleep(0.05)
        watch.look()
        waits, seen = (
            value("assay_archive_waiting_seconds", database="main"),
            value("assay_archive_failures", database="main"),
        )
        connection.execute("checkpoint")
        kept = connection.execute("select count(*) from pg_ls_waldir() where name < %s", (last,)).fetchone()[0]
        away.rename(logs)
        connection.execute("select pg_reload_conf()")
        _until(lambda: len(segments(logs) - there) >= 3)
    new = sorted(segments(logs) - there)

    def nothing_waits():  # PostgreSQL counts a file a moment after it lies there
        watch.look()
        return value("assay_archive_waiting_seconds", database="main") == 0

    _until(nothing_waits, seconds=30)
    assert seen > failures
    assert waits > 0
    assert kept >= 3
    assert new == list(range(new[0], new[0] + len(new)))


def segments(folder):
    """The numbers of the log's files that are there."""
    names = [file.name for file in folder.iterdir()]
    return {int(name[8:16], 16) * 256 + int(name[16:], 16) for name in names if len(name) == 24}


def _failed(connection):
    return connection.execute("select failed_count from pg_stat_archiver").fetchone()[0]


def _until(true, seconds=90):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_archive_command_overwrites_nothing(tmp_path):
    """Twice the same is well; something else under the name of what is there is refused."""
    import subprocess

    (tmp_path / "segment").write_text("one")
    kept = tmp_path / "kept"
    kept.mkdir()

    def archive():
        line = archiving.command(kept).replace("%p", str(tmp_path / "segment")).replace("%f", "0001")
        return subprocess.run(["/bin/sh", "-c", line], check=False).returncode

    first, again = archive(), archive()
    (tmp_path / "segment").write_text("two")

    assert (first, again, archive() != 0) == (0, 0, True)
    assert [(f.name, f.read_text()) for f in kept.iterdir()] == [("0001", "one")]


def test_the_lines_for_a_real_server_are_the_ones_that_are_tested():
    text = (Path(__file__).parents[2] / "docs/operations.md").read_text()

    assert archiving.settings(Path("/backups/wal/main")).strip() in text
    assert archiving.settings(Path("/room/spool/main"), waits=True).strip() in text


def test_keys_are_kept_as_they_are_now_and_a_grave_beats_a_key(tmp_path):
    live, restored, old = (tmp_path / name for name in ("live", "restored", "old"))
    target = Target.at(tmp_path / "backups")
    for name in ("t/aa/one", "t/aa/two", "t/bb/three"):
        for place in (live / "keys", old / "keys"):
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(name)
    mirroring.mirror(target, live)
    (live / "keys/t/aa/one").unlink()
    (live / "keys/t/aa/one.erased").write_text("a receipt")
    (live / "keys/t/bb/three").unlink()
    mirroring.mirror(target, live)
    mirrored = target.room / "keys"
    now = names(mirrored)
    mirroring.mirror(target, tmp_path / "missing")
    mirroring.mirror(target, old)

    assert now == ["t/aa/one.erased", "t/aa/two"]
    assert mirroring.lay_keys(target, restored) == 3
    assert names(restored) == names(mirrored) == ["t/aa/one.erased", "t/aa/two", "t/bb/three"]
    assert (restored / "t/aa/one.erased").read_text() == "a receipt"


def names(folder):
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())


def test_old_backups_go_with_what_only_they_needed(tmp_path):
    """The newest stays, however old."""
    target, files = Target.at(tmp_path / "target"), tmp_path / "data" / "files" / "alpha"
    files.mkdir(parents=True)
    now, kept = clock.now(), {}
    for day, name in ((40, "first"), (20, "second"), (0, "third")):
        with clock.set_to(now - timedelta(days=day)):
            for old in files.iterdir():
                old.unlink()
            (files / name).write_text(name)
            mirroring.mirror(target, tmp_path / "data")
            folder = target.room / "bases" / clock.now().strftime("%Y%m%dT%H%M%SZ")
            (folder / "main").mkdir(parents=True)
            (folder / "main" / "backup_label").write_text(
                f"START WAL LOCATION: 0/0 (file 00000001000000000000000{40 - day:X})\n"
                if day
                else "START WAL LOCATION: 0/0 (file 0000000100000000000000FF)\n"
            )
            kept[name] = mirroring.listing(target)[f"alpha/{name}"]
            manifest = {
                "taken_at": clock.now().isoformat(),
                "objects": mirroring.listing(target),
                "clusters": {"main": {}},
            }
            (folder / "manifest.json").write_text(json.dumps(manifest))
    gone = taking.prune(target, timedelta(days=28))
    left = {name for name, digest in kept.items() if (target.room / target.object(digest)).exists()}
    later = taking.prune(target, timedelta(days=0))

    assert (gone, left, later, len(list(target.all()))) == (1, {"second", "third"}, 1, 1)
    assert restoring.listed(target, target.base(), None) == {"alpha/third": kept["third"]}


def test_two_backups_at_once_leave_a_whole_one(installation, base):
    """The second would clear away as unfinished what the first one is taking."""
    settings, target = installation.settings, installation.target
    before, said = set(target.ids()), []

    def run():
        try:
            with installation.flask_app.app_context():
                said.append(taking.take(settings, target)["base"])
        except BackupError as error:
            said.append(error.code)

    first = threading.Thread(target=run)
    first.start()
    until(lambda: not first.is_alive() or set(target.ids()) - before, seconds=60, every=0.001)
    run()
    first.join()

    whole = [each.id for each in target.all() if (target.room / each.name("main") / "PG_VERSION").exists()]
    assert (said, set(whole)) == (["busy", whole[0]], {each.id for each in target.all()})


def test_a_journal_that_is_folded_while_it_is_read_is_read_whole(tmp_path):
    """A restore may list files while the nightly backup folds what tells of them."""

    class FoldedBetween(FolderStore):
        def get(self, name):
            content = super().get(name)
            if name == JOURNAL and not folded:
                folded.append(Target.at(tmp_path).fold())
            return content

    target, folded, store = Target.at(tmp_path), [], FoldedBetween(tmp_path)
    target.tell([{"at": "2026-11-23T01:00:00+00:00", "name": "alpha/one", "sha256": "1"}])
    target.fold()
    for number in (2, 3):
        target.tell([{"at": f"2026-11-23T0{number}:00:00+00:00", "name": "alpha/one", "sha256": str(number)}])
    read = Target(store, store, tmp_path, "here").entries()

    assert (len(folded), {entry["sha256"] for entry in read}, read[-1]["sha256"]) == (1, {"1", "2", "3"}, "3")
