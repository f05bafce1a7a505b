"""Every place of backups keeps the same promises: a folder, and a bucket."""

import os
import socket
import time

import pytest
from pydantic import ValidationError

from app.adapters.local.folder import FolderStore
from app.adapters.registry import Providers
from app.adapters.s3 import bucket as buckets
from app.adapters.s3.backups import BucketStore
from app.adapters.s3.bucket import Bucket, Patience
from app.cli.backup.target import Target
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from tests.contracts.backups.words import KEYS, WORDS, code
from tests.fakes.aws import client

pytestmark = pytest.mark.xdist_group("aws")


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
