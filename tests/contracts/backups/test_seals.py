"""What lies in the bucket is noise, and opens by the lines of the master that are needed."""

import base64
import io
import json
import os
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.local import master
from app.adapters.s3 import sealing
from app.adapters.s3.backups import BucketStore
from app.adapters.s3.bucket import Bucket, Patience
from app.cli import keys
from app.cli.backup import mirroring, taking
from app.cli.backup.target import BackupError, Target
from app.kernel import clock
from app.kernel.errors import Refused
from tests.contracts.backups.words import KEYS, WORDS, code
from tests.fakes.aws import client

pytestmark = pytest.mark.xdist_group("aws")


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
