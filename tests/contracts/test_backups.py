"""Every place of backups keeps the same promises: a folder, and a bucket; what lies in the bucket is noise."""

import base64
import io
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
import structlog
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pydantic import SecretStr, ValidationError
from structlog.testing import LogCapture

from app import create_app
from app.adapters.local import archiving, feeding, master
from app.adapters.local.folder import FolderStore
from app.adapters.local.programs import Programs
from app.adapters.registry import Providers
from app.adapters.s3 import bucket as buckets
from app.adapters.s3 import sealing
from app.adapters.s3.backups import BucketStore
from app.adapters.s3.bucket import Bucket, Patience
from app.cli import backup, keys
from app.cli.backup import mirroring, restoring, taking
from app.cli.backup.target import BackupError, Base, Target
from app.cli.doctor import house as doctor
from app.kernel import clock
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from jobs import metrics
from jobs.backups import KINDS, Watch
from tenants.db import db
from tests.fakes.aws import client

KEYS = [b"k" * 32]
WORDS = b"I led the night shift for nine years"
pytestmark = pytest.mark.xdist_group("aws")


@pytest.fixture
def kept_in(settings, address, tmp_path):
    """Settings of backups in a bucket of their own."""
    name = f"assay-{uuid.uuid4().hex}"
    client("s3", address).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return settings.model_copy(
        update={
            "backup_bucket": name, "backup_dir": tmp_path / "room", "s3_prefix": "prod/", "s3_endpoint_url": address,
            "s3_region": "eu-central-1", "s3_access_key_id": "otto", "s3_secret_access_key": SecretStr("secret"),
        }
    )  # fmt: skip


@pytest.fixture
def bucket(kept_in):
    return Bucket(kept_in, kept_in.backup_bucket, Patience(1.0, 2.0, 2))


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "backups")
    return BucketStore(request.getfixturevalue("bucket"), lambda: KEYS)


def code(refused):
    return refused.value.code


def test_what_was_put_is_there_and_writing_again_replaces(store):
    store.put("state.json", WORDS)
    store.put("wal/main/0001", b"")
    store.put("state.json", b"later")

    assert (store.get("state.json"), store.get("wal/main/0001")) == (b"later", b"")
    with pytest.raises(Refused) as missing:
        store.get("wal/main/0002")
    assert code(missing) == "missing"


def test_once_is_where_nothing_is(store):
    store.put("wal/main/0001", WORDS, once=True)
    with pytest.raises(Refused) as there:
        store.put("wal/main/0001", b"another log", once=True)

    assert (code(there), store.get("wal/main/0001")) == ("there", WORDS)


def test_names_are_listed_deep_and_right_there(store):
    for name in ("bases/2/manifest.json", "bases/1/manifest.json", "wal/main/0001", "state.json"):
        store.put(name, WORDS)

    assert sorted(store.names("bases/")) == ["bases/1/manifest.json", "bases/2/manifest.json"]
    assert sorted(store.names("bases/", deep=False)) == ["bases/1", "bases/2"]
    assert [list(store.names("nothing/", deep=deep)) for deep in (True, False)] == [[], []]


def test_deleting_takes_a_name_or_all_below_it_and_twice_is_as_once(store, tmp_path):
    (tmp_path / "main").mkdir()
    (tmp_path / "main" / "PG_VERSION").write_text("18")
    store.put("bases/1/main", tmp_path / "main")
    for name in ("bases/1/manifest.json", "bases/10/manifest.json", "state.json"):
        store.put(name, WORDS)
    for _ in range(2):
        store.delete("bases/1/", "state.json")

    assert (list(store.names("bases/")), list(store.names("bases/", deep=False))) == (["bases/10/manifest.json"], ["bases/10"])  # fmt: skip


def test_a_folder_comes_back_as_it_was_empty_ones_and_links_too(store, tmp_path, monkeypatch):
    """In several parts of an object, none of them where a piece of the seal ends."""
    monkeypatch.setattr(buckets, "PART_BYTES", 5 << 20)
    made, content = tmp_path / "made" / "main", os.urandom(6 << 20)
    (made / "pg_wal" / "archive_status").mkdir(parents=True)
    (made / "base").write_bytes(content)
    (made / "link").symlink_to("base")
    store.put("bases/1/main", made)
    store.lay_out("bases/1/main", tmp_path / "laid" / "main")

    laid = tmp_path / "laid" / "main"
    assert sorted(f.relative_to(laid).as_posix() for f in laid.rglob("*")) == [
        "base", "link", "pg_wal", "pg_wal/archive_status",
    ]  # fmt: skip
    assert ((laid / "base").read_bytes(), (laid / "link").readlink().name) == (content, "base")
    with pytest.raises(Refused) as missing:
        store.lay_out("bases/2/main", tmp_path / "laid" / "other")
    assert code(missing) == "missing"


@pytest.mark.parametrize("command", ["command", "waiting_command"])
def test_the_archive_overwrites_nothing_and_tells_postgresql(store, tmp_path, command):
    """Through a shell, as PostgreSQL runs it; into a folder by itself, into a bucket by the process beside it."""
    if command == "command" and isinstance(store, BucketStore):
        pytest.skip("a shell reaches no bucket")
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


def test_what_leaves_is_noise_and_opens_by_any_line_of_the_master(bucket, kept_in, address):
    """And not where it was changed, cut short or given another name, nor by another installation."""
    old, both = BucketStore(bucket, lambda: KEYS), BucketStore(bucket, lambda: [b"n" * 32, *KEYS])
    old.put("bases/1", WORDS * 9)
    sealed = bucket.get("bases/1")
    lying = client("s3", address).list_objects_v2(Bucket=kept_in.backup_bucket)["Contents"]

    assert ([each["Key"] for each in lying], b"night" in sealed) == (["prod/bases/1"], False)
    assert both.get("bases/1") == WORDS * 9
    bent = bytearray(sealed)
    bent[-1] ^= 1
    for name, content in (
        ("bases/2", sealed),
        ("bases/1", bytes(bent)),
        ("bases/1", sealed[:-8]),
        ("bases/1", b""),
    ):
        bucket.put(name, content)
        with pytest.raises(Refused) as broken:
            both.get(name)
        assert code(broken) == "broken"
    both.put("bases/3", WORDS)
    with pytest.raises(Refused) as strange:
        old.get("bases/3")
    assert code(strange) == "other-key"


def test_once_a_backup_was_taken_no_older_line_of_the_master_is_needed_but_for_older_backups(bucket, tmp_path):
    """Those stay shut, and with them what they may need; who brings the line back opens them."""
    lines = [b"old" * 11]
    store = BucketStore(bucket, lambda: lines)
    target, data = Target(store, store, tmp_path / "room", "here"), tmp_path / "data"
    for name in ("files/alpha/resume", "keys/t/aa/one", "keys/t/aa/two.erased"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(WORDS)
    taken = {"taken_at": clock.now().isoformat(), "objects": {}, "clusters": {}}

    def take(base_id, sealed_by):
        mirroring.mirror(target, data, sealed_by=sealed_by)
        mirroring.write_anew(target)
        store.put(f"bases/{base_id}/manifest.json", json.dumps(taken | {"objects": mirroring.listing(target)}).encode())

    take("20261101T000000Z", "old")
    (data / "keys/t/aa/two.erased").unlink()
    lines.insert(0, b"new" * 11)
    take("20261102T000000Z", "new")
    target.fold()
    del lines[1]

    digest = mirroring.listing(target)["alpha/resume"]
    assert ([base.id for base in target.all()], sorted(target.ids())) == (
        ["20261102T000000Z"], ["20261101T000000Z", "20261102T000000Z"],
    )  # fmt: skip
    assert (store.get(target.object(digest)), [entry["name"] for entry in target.entries()]) == (
        WORDS,
        ["alpha/resume"],
    )
    assert {name: store.get(name) for name in store.names("keys/")} == dict.fromkeys(("keys/t/aa/one", "keys/t/aa/two.erased"), WORDS)  # fmt: skip
    store.put("objects/00/orphan", WORDS)
    with clock.set_to(datetime(2026, 11, 10, tzinfo=UTC)):
        kept = (taking.prune(target, timedelta(28)), "objects/00/orphan" in store.names("objects/"))
    with clock.set_to(datetime(2026, 12, 15, tzinfo=UTC)):
        assert (kept, taking.prune(target, timedelta(28))) == ((0, True), 1)
    assert ("objects/00/orphan" in store.names("objects/"), target.ids()) == (False, ["20261102T000000Z"])


OLDER, NEWER = "20261101T000000Z", "20261102T000000Z"


def test_a_backup_that_does_not_open_keeps_none_from_its_use_and_the_key_is_asked_for(bucket, tmp_path):
    """One manifest is bent: the older one is found, by name too, and pruning leaves what the other may need."""
    lines = [b"old" * 11]
    store = BucketStore(bucket, lambda: lines)
    target = Target(store, store, tmp_path / "room", "here")
    taken = json.dumps({"taken_at": "2026-11-01T00:00:00+00:00", "objects": {}, "clusters": {}}).encode()

    def said(**asked):
        with pytest.raises(BackupError) as refused:
            target.base(**asked)
        return code(refused)

    nothing = said()
    for base_id in (OLDER, NEWER):
        store.put(f"bases/{base_id}/manifest.json", taken)
    early = said(until=datetime(2026, 10, 1, tzinfo=UTC))
    bucket.put(f"bases/{NEWER}/manifest.json", b"bent")
    store.put("objects/00/orphan", WORDS)
    found = (target.base().id, target.base(OLDER).id, said(base_id=NEWER), said(base_id="20261103T000000Z"))
    with clock.set_to(datetime(2026, 11, 10, tzinfo=UTC)):
        pruned = (taking.prune(target, timedelta(28)), target.ids(), "objects/00/orphan" in store.names("objects/"))
    lines[:] = [b"new" * 11]

    assert (nothing, early, found) == ("no-backup", "no-backup", (OLDER, OLDER, "broken", "no-backup"))
    assert pruned == (0, [OLDER, NEWER], True)
    assert (said(), said(base_id=OLDER), said(base_id=NEWER)) == ("other-key", "other-key", "broken")


def test_the_older_line_of_the_master_stays_while_backups_in_a_bucket_need_it(kept_in, tmp_path):
    """What a run writes anew is listed; an older backup by itself keeps nobody."""
    file = tmp_path / "master.key"
    file.write_bytes(base64.b64encode(b"o" * 32))
    settings = kept_in.model_copy(update={"master_key_file": file, "data_dir": tmp_path / "data"})
    target = Target.of(settings)
    for name in ("files/alpha/resume", "keys/t/aa/one", "keys/t/aa/two.erased"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_bytes(WORDS)
    target.store.put(f"bases/{OLDER}/manifest.json", WORDS)
    mirroring.mirror_of(settings, target)
    target.note("verify", good="2026-11-22T00:00:00+00:00")
    before = mirroring.needing_older(settings, target)
    master.add_version(file)
    between, parts = mirroring.needing_older(settings, target), list(target.store.names("journal/"))
    refused = keys._not_yet(settings)
    mirroring.mirror_of(settings, target)  # as `run` does
    mirroring.write_anew(target)
    target.fold()
    written = keys._not_yet(settings)
    folder = settings.model_copy(update={"backup_bucket": None})
    mirroring.mirror_of(folder, Target.of(folder))
    master.add_version(file)

    assert (before, sorted(between)) == ([], sorted(["objects.json", "keys.json", "state/mirror.json", "state/verify.json", *parts, "keys/t/aa/one", "keys/t/aa/two.erased"]))  # fmt: skip
    assert (refused["error"]["code"], len(parts)) == ("backups-need-it", 1)
    assert mirroring.needing_older(folder, Target.of(folder)) == []
    gone = settings.model_copy(update={"backup_bucket": "assay-nobodys"})
    assert (written, keys._not_yet(gone)["error"]["code"]) == (None, "backups-not-seen")


@given(st.integers(0, 4), st.integers(-2, 2), st.integers(1, 70))
def test_whatever_its_length_a_seal_gives_back_what_went_in_and_no_less(pieces, more, step):
    """In pieces of 32 bytes, to be quick about it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealing, "PIECE", 32)
        _comes_back(os.urandom(max(0, pieces * sealing.PIECE + more)), step)


def _comes_back(plain, step):
    out = io.BytesIO()
    seal = sealing.Sealing(out, KEYS, "name")
    for start in range(0, len(plain), step):
        seal.write(plain[start : start + step])
    seal.finish()
    sealed = out.getvalue()

    assert sealing.Opening(io.BytesIO(sealed), KEYS, "name").read() == plain
    cut = sealed[: len(sealed) - (len(sealed) - 48) % (sealing.PIECE + sealing.TAG)]
    with pytest.raises(Refused):
        sealing.Opening(io.BytesIO(cut), KEYS, "name").read()


def test_a_line_that_breaks_is_taken_up_where_it_broke(bucket, kept_in):
    """Half of it comes, then nothing; a proxy between breaks the first two of three."""
    content = os.urandom(300_000)
    bucket.put("base", content)
    with breaking(kept_in.s3_endpoint_url, times=2, after=100_000) as proxy:
        through = Bucket(
            kept_in.model_copy(update={"s3_endpoint_url": proxy}), kept_in.backup_bucket, Patience(1.0, 2.0, 4)
        )
        assert through.reading("base").readall() == content


def test_a_part_of_the_journal_that_was_sent_twice_is_there_once(bucket, tmp_path, monkeypatch):
    """As the client does it where the first answer was lost."""
    store = BucketStore(bucket, lambda: KEYS)
    target, put, entry = Target(store, store, tmp_path, "here"), bucket._client.put_object, {"at": "2026", "name": "x"}

    def twice(**what):
        put(**what)
        return put(**what)

    monkeypatch.setattr(bucket._client, "put_object", twice)
    target.tell([entry])

    assert target.entries() == [entry]


def test_words_that_run_at_once_note_what_they_did_and_take_nothing_from_each_other(store, tmp_path, monkeypatch):
    """A mirror that began before a verify, and notes after it."""
    target, put = Target(store, store, tmp_path / "room", "here"), store.put

    def after_a_verify(name, content, *, once=False):
        monkeypatch.setattr(store, "put", put)
        target.note("verify", good="yesterday", verified_base="1")
        put(name, content, once=once)

    nothing = target.state()
    target.note("verify", good="the day before", verified_base="0")
    target.note("run", taken="today")
    monkeypatch.setattr(store, "put", after_a_verify)
    target.note("mirror", mirrored="now")

    assert nothing == {}
    assert target.state() == {"good": "yesterday", "verified_base": "1", "taken": "today", "mirrored": "now"}


def test_an_upload_that_fails_leaves_nothing(bucket, kept_in, address):
    def half():
        with bucket.writing("base") as parts:
            parts.write(bytes(6 << 20))
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        half()
    s3 = client("s3", address)
    assert s3.list_objects_v2(Bucket=kept_in.backup_bucket)["KeyCount"] == 0
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=kept_in.backup_bucket)


def test_a_bucket_that_is_away_is_unavailable_within_the_time_limits(kept_in):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for change in ({"s3_endpoint_url": hangs}, {"backup_bucket": "assay-nobodys"}):
            there, started = kept_in.model_copy(update=change), time.monotonic()
            store = BucketStore(Bucket(there, there.backup_bucket, Patience(0.3, 0.3, 2)), lambda: KEYS)
            with pytest.raises(Unavailable):
                store.put("state.json", WORDS)
            assert time.monotonic() - started < 5, change


def test_files_are_mirrored_by_handfuls_and_told_before_they_are_there(store, tmp_path, monkeypatch):
    """So one that prunes in that very moment takes nothing of it; the journal folds into one part."""
    monkeypatch.setattr(mirroring, "AT_ONCE_BYTES", 10)
    target, files = Target(store, store, tmp_path / "room", "here"), tmp_path / "files" / "alpha"
    files.mkdir(parents=True)
    for number in range(3):
        (files / f"resume-{number}").write_bytes(WORDS * (number + 1))
    put, told = store.put, []

    def watched(name, content, *, once=False):
        if name.startswith("objects/"):
            told.append({entry["sha256"] for entry in target.entries()} >= {name.rpartition("/")[2]})
        put(name, content, once=once)

    monkeypatch.setattr(store, "put", watched)
    came = [mirroring.mirror(target, tmp_path), mirroring.mirror(target, tmp_path)]
    (files / "resume-0").unlink()
    (files / "resume-1").write_bytes(b"another")
    later, parts = mirroring.mirror(target, tmp_path), len(list(store.names("journal/")))
    before = target.entries()

    assert (came, later) == ([{"came": 3, "went": 0}, {"came": 0, "went": 0}], {"came": 1, "went": 1})
    assert (told, parts) == ([True] * 4, 5)
    assert (target.fold(), list(store.names("journal/")), target.entries()) == (before, [], before)
    assert sorted(mirroring.listing(target)) == ["alpha/resume-1", "alpha/resume-2"]


def test_keys_are_put_where_no_versions_are_and_a_grave_takes_them_away(kept_in, address, tmp_path):
    """In a bucket of backups that keeps versions, another one has them."""
    s3, name, other = client("s3", address), kept_in.backup_bucket, f"assay-{uuid.uuid4().hex}"
    s3.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    (tmp_path / "keys" / "t" / "aa").mkdir(parents=True)
    key = tmp_path / "keys" / "t" / "aa" / "one"
    key.write_text("a key")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(Refused) as refused:
        mirroring.mirror(Target.of(kept_in), tmp_path)
    said = [(found.check, found.ok) for found in doctor.buckets(kept_in)]
    apart = kept_in.model_copy(update={"backup_keys_bucket": other})
    target = Target.of(apart)
    mirroring.mirror(target, tmp_path)
    first = list(target.keys.names("keys/"))
    key.unlink()
    key.with_name("one.erased").write_text("a receipt")
    mirroring.mirror(target, tmp_path)

    assert (code(refused), said) == ("versions", [("bucket of backups", False)])
    assert [found.ok for found in doctor.buckets(apart)] == [True, True]
    assert (first, list(target.keys.names("keys/"))) == (["keys/t/aa/one"], ["keys/t/aa/one.erased"])
    assert target.keys.get("keys/t/aa/one.erased") == b"a receipt"


KEY, OTHER = "alpha/aa/one", "alpha/bb/two"


@pytest.fixture
def living(request, store, kept_in, address, tmp_path):
    """Where keys live, beside backups of the same kind: (target, what lies there as a dict, settings)."""
    if isinstance(store, FolderStore):
        settings = kept_in.model_copy(update={"data_dir": tmp_path / "data", "backup_bucket": None})
        return Target.of(settings), FolderStore(tmp_path / "data" / "keys"), settings
    name = f"assay-{uuid.uuid4().hex}"
    client("s3", address).create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    settings = kept_in.model_copy(update={"data_dir": tmp_path / "data", "s3_keys_bucket": name})
    return Target.of(settings), Bucket(settings, name), settings


@pytest.mark.parametrize("left", [(), ("alpha/company", "alpha/cc/new")])
def test_keys_whose_place_was_lost_stay_in_the_backups_unless_they_were_meant_to_go(living, left):
    """Emptied; or made anew by whoever goes on working there. What comes back is what was there, and new graves."""
    target, live, settings = living
    for name in (KEY, OTHER, "alpha/company"):
        live.put(name, WORDS)
    mirroring.mirror_of(settings, target)
    live.delete(KEY, OTHER, "alpha/company")
    for name in (*left, OTHER + mirroring.GRAVE):
        live.put(name, b"another")
    with pytest.raises(BackupError) as refused:
        mirroring.mirror_of(settings, target)
    mirroring.mirror_of(settings, target, mirroring.bring_keys)
    kept = {name: target.keys.get(name) for name in target.keys.names("keys/")}
    laid = mirroring.lay_keys(target, settings.data_dir / "laid")
    mirroring.mirror_of(settings, target, partial(mirroring.keep_keys, even_if_empty=True))

    assert (code(refused), laid) == ("empty", 3)
    assert kept == {f"keys/{name}": WORDS for name in (KEY, OTHER, "alpha/company")} | {"keys/" + OTHER + mirroring.GRAVE: b"another"}  # fmt: skip
    assert sorted(target.keys.names("keys/")) == sorted(f"keys/{name}" for name in (*left, OTHER + mirroring.GRAVE))


def test_keys_go_with_a_deleted_company_and_a_restore_takes_what_came(living):
    """One of two companies; a place that nothing is missing from is newer than the mirror."""
    target, live, settings = living
    for name in (KEY, "alpha/company", "beta/company", "beta/aa/one"):
        live.put(name, WORDS)
    mirroring.mirror_of(settings, target)
    for name in (KEY, OTHER):
        live.put(name, b"another")
    mirroring.mirror_of(settings, target, mirroring.bring_keys)
    brought = {name: target.keys.get(name) for name in (f"keys/{KEY}", f"keys/{OTHER}", "keys/alpha/company")}
    live.delete("beta/company", "beta/aa/one")
    mirroring.mirror_of(settings, target)

    assert brought == {f"keys/{KEY}": b"another", f"keys/{OTHER}": b"another", "keys/alpha/company": WORDS}
    assert sorted(target.keys.names("keys/")) == sorted(brought)


@pytest.mark.parametrize(
    "change", [{"backup_bucket": "assay-nobodys"}, {"s3_endpoint_url": "no address"}, {"s3_secret_access_key": None}]
)
def test_backups_that_were_never_seen_are_as_old_as_can_be_and_the_log_is_looked_at(flask_app, kept_in, monkeypatch, change):  # fmt: skip
    """So the alerts for old ones speak, though the scheduler started while the bucket was away or its settings wrong."""
    metrics.BACKUPS.clear()
    watch, asked = Watch(flask_app), list[str]()
    with flask_app.app_context():
        engine = db.engine
    listener = lambda *told: asked.append(told[2])  # noqa: E731
    sa.event.listen(engine, "before_cursor_execute", listener)
    try:
        monkeypatch.setitem(flask_app.extensions, "settings", kept_in.model_copy(update=change))
        watch.look()
    finally:
        sa.event.remove(engine, "before_cursor_execute", listener)
    never = ages()
    monkeypatch.setitem(flask_app.extensions, "settings", kept_in)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    Target.of(kept_in).note("run", **{kind: at.isoformat() for kind in KINDS})
    seeing = Watch(flask_app)
    seeing.look()
    monkeypatch.setattr(seeing, "_target", Target.of(kept_in.model_copy(update={"backup_bucket": "assay-nobodys"})))
    seeing.look()

    assert (never, ages()) == (dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, at.timestamp()))
    assert any("pg_stat_archiver" in each for each in asked)


def test_who_only_glances_at_a_bucket_that_hangs_is_back_within_seconds(flask_app, kept_in, monkeypatch):
    """The scheduler plans every company's work beside it; a base backup may wait for minutes."""
    monkeypatch.setattr(buckets, "GLANCE", Patience(0.3, 0.3, buckets.GLANCE.tries))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = kept_in.model_copy(update={"s3_endpoint_url": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        monkeypatch.setitem(flask_app.extensions, "settings", hangs)
        started = time.monotonic()
        Watch(flask_app).look()
        with pytest.raises(Unavailable):
            list(doctor.backups(hangs))
        took = time.monotonic() - started

    assert (buckets.GLANCE.tries, took < 3) == (1, True)


def ages():
    return {kind: REGISTRY.get_sample_value("assay_backup_timestamp_seconds", {"kind": kind}) for kind in KINDS}


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


def test_the_settings_choose_and_two_buckets_are_two(kept_in, settings, tmp_path):
    local = settings.model_copy(update={"backup_dir": tmp_path})
    assert [type(Providers(each).backups) for each in (kept_in, local, settings)] == [BucketStore, FolderStore, type(None)]  # fmt: skip
    for wrong in ({"s3_bucket": "one"}, {"s3_keys_bucket": "one"}):
        with pytest.raises(ValidationError, match="BACKUP_BUCKET"):
            Settings(database_url=settings.database_url, redis_url=settings.redis_url, backup_bucket="one", **wrong)
        apart = {"backup_bucket": "two", "backup_keys_bucket": "one"}
        with pytest.raises(ValidationError, match="BACKUP_KEYS_BUCKET is"):
            Settings(database_url=settings.database_url, redis_url=settings.redis_url, **apart, **wrong)
    with pytest.raises(ValidationError, match="BACKUP_KEYS_BUCKET"):
        Settings(database_url=settings.database_url, redis_url=settings.redis_url, backup_keys_bucket="one")


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


class breaking:  # noqa: N801 -- a context, used as one
    """A proxy that cuts the first answers short after so many bytes."""

    def __init__(self, address, *, times, after):
        self.there, self.left, self.after = address.removeprefix("http://").split(":"), times, after

    def __enter__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return f"http://127.0.0.1:{self.server.getsockname()[1]}"

    def __exit__(self, *_):
        self.server.close()

    def serve(self):
        try:
            while True:
                self.pass_through(self.server.accept()[0])
        except OSError:
            return

    def pass_through(self, asking):
        with asking, socket.create_connection((self.there[0], int(self.there[1]))) as answering:
            answering.sendall(asking.recv(65536).replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
            left = self.after if self.left > 0 else 1 << 30
            self.left -= 1
            while left > 0 and (part := answering.recv(min(left, 65536))):
                asking.sendall(part)
                left -= len(part)
