"""PostgreSQL's log on its way: none of it is overwritten, let go too soon, or taken for what it is not."""

import subprocess
import tempfile
import threading

import pytest
import structlog
from structlog.testing import LogCapture

from app import create_app
from app.adapters.local import archiving, feeding
from app.adapters.local.folder import FolderStore
from app.adapters.local.programs import Programs
from app.cli import backup
from app.cli.backup import restoring, taking
from app.cli.backup.target import Base, Target
from app.kernel.errors import Unavailable
from tests.contracts.backups.words import WORDS

pytestmark = pytest.mark.xdist_group("aws")


@pytest.mark.parametrize(
    ("store", "command"),
    [("folder", "command"), ("folder", "waiting_command"), ("bucket", "waiting_command")],
    indirect=["store"],
)
def test_the_archive_overwrites_nothing_and_tells_postgresql(store, tmp_path, command):
    """Through a shell, as PostgreSQL runs it; into a folder by itself, into a bucket by the process beside it."""
    spool, over = tmp_path / ("backups/wal/main" if command == "command" else "spool"), threading.Event()
    spool.mkdir(parents=True)
    segment = tmp_path / "segment"

    def passing_on():
        while not over.wait(0.01):
            archiving.pass_on(store, spool, "wal/main/")

    def archived(content):
        segment.write_bytes(content)
        line = archiving.command(spool) if command == "command" else archiving.waiting_command(spool, 5)
        line = line.replace("%p", str(segment)).replace("%f", "0001")
        return subprocess.run(["/bin/sh", "-c", line], check=False).returncode

    thread = threading.Thread(target=passing_on)
    if command == "waiting_command":
        thread.start()
    try:
        said = [archived(WORDS), archived(WORDS), archived(b"another log") != 0, archived(WORDS)]
    finally:
        over.set()
        if thread.is_alive():
            thread.join()

    assert (said, store.get("wal/main/0001")) == ([0, 0, True, 0], WORDS)


def test_where_nobody_passes_the_log_on_postgresql_is_told_and_keeps_it(tmp_path):
    (tmp_path / "segment").write_bytes(WORDS)
    (tmp_path / "spool").mkdir()
    line = archiving.waiting_command(tmp_path / "spool", 0.2).replace("%p", str(tmp_path / "segment"))

    assert subprocess.run(["/bin/sh", "-c", line.replace("%f", "0001")], check=False).returncode == 1


def test_the_log_is_passed_on_more_and_more_seldom_while_the_bucket_refuses(tmp_path, monkeypatch):
    """With one trace in the log; and as often as before once it takes the log again."""
    (tmp_path / "spool").mkdir()
    (tmp_path / "spool" / "0001").write_bytes(WORDS)
    pauses = list[float]()

    class Away(FolderStore):
        def put(self, name, content, *, once=False):
            if len(pauses) < 10:
                raise Unavailable("storage: gone")
            super().put(name, content, once=once)

    def over(pause):
        pauses.append(pause)
        return len(pauses) > 11

    told = LogCapture()  # of warnings, which an application of an earlier test may have silenced
    monkeypatch.setattr(backup, "log", structlog.wrap_logger(None, [told], structlog.BoundLogger))
    backup.pass_on(Away(tmp_path / "backups"), tmp_path / "spool", "wal/main/", over)

    assert pauses == [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0, 0.05, 0.05]
    assert [(each["why"], each["exc_info"]) for each in told.entries] == [("Unavailable: storage: gone", n == 0) for n in range(9)]  # fmt: skip
    assert (tmp_path / "backups/wal/main/0001").read_bytes() == WORDS


def test_a_recovery_is_fed_to_the_end_and_a_bucket_that_is_away_is_no_end(store, tmp_path):
    """126 makes PostgreSQL give up, where 1 would be the end of its log."""
    for number in range(1, 8):
        store.put(f"wal/main/000{number}", WORDS * number)

    def asked(line, name):
        return subprocess.run(
            ["/bin/sh", "-c", f"{line} || exit 1".replace("%p", str(tmp_path / "got")).replace("%f", name)], check=False
        ).returncode

    with feeding.fed(store, "wal/main/", Programs.found()) as line:
        found = [(asked(line, f"000{number}"), (tmp_path / "got").read_bytes()) for number in range(1, 8)]
        over = asked(line, "0008")

    class Away(FolderStore):
        def get(self, name):
            raise Unavailable("storage: gone")

    with feeding.fed(Away(tmp_path / "away"), "wal/main/", Programs.found()) as line:
        away = asked(line, "0001")
    assert (found, over, away) == ([(0, WORDS * number) for number in range(1, 8)], 1, 126)


def test_without_a_room_of_its_own_nothing_that_lies_about_is_taken_for_the_log(kept_in, tmp_path, monkeypatch):
    """The room is where everybody writes then; `stream` and `archive` want BACKUP_DIR."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    planted = tmp_path / "stream" / "main" / "000000010000000000000001"
    planted.parent.mkdir(parents=True)
    planted.write_bytes(WORDS)
    homeless, programs = kept_in.model_copy(update={"backup_dir": None}), Programs.found()
    own = Target(Target.of(kept_in).store, Target.of(kept_in).keys, tmp_path, "here")
    found = []
    for target in (Target.of(homeless), own):
        taking._prune_logs(target, Base("1", {"clusters": {"main": {"first": "000000010000000000000002"}}}))
        with restoring.log_of(target, "main", programs) as log:
            found.append((log.logs, planted.exists()))

    runner = create_app(homeless).test_cli_runner()
    said = [runner.invoke(args=["backup", word]) for word in ("stream", "archive")]

    assert found == [([], True), ([planted.parent], False)]
    assert [(each.exit_code, "BACKUP_DIR" in each.output) for each in said] == [(2, True), (2, True)]


@pytest.mark.parametrize(
    ("file", "goes"),
    [
        ("000000010000000000000003", True), ("000000010000000000000003.partial", True),
        ("000000020000000000000003", True), ("000000010000000000000004", False), ("00000002.history", False),
        ("000000010000000000000003.00000028.backup", False),
    ],
)  # fmt: skip
def test_of_the_log_goes_what_pg_archivecleanup_would_take(file, goes, tmp_path):
    first = "000000010000000000000004"
    (tmp_path / file).touch()
    assert Programs.found().run_as_us("pg_archivecleanup", str(tmp_path), first).returncode == 0

    assert (taking.is_before(file, first), not (tmp_path / file).exists()) == (goes, goes)
