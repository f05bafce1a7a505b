"""Every shelf keeps the same promises: keys as files, and as objects of a bucket that keeps no versions."""

import json
import threading
import uuid
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from app import create_app
from app.adapters.local.keyring import Keyring
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.vault import LocalVault
from app.adapters.registry import Providers
from app.adapters.s3 import shelf as shelves
from app.adapters.s3.bucket import Bucket
from app.adapters.s3.shelf import S3Shelf
from app.cli.backup import mirroring
from app.cli.backup.target import Target
from app.cli.doctor import house as doctor
from app.kernel.errors import Erased, Refused
from app.ports.shelf import Tombstone
from app.settings import Settings
from tenants.registry import TenantRecord
from tenants.scope import bound
from tests.fakes.aws import client, new_bucket, signed_in

CARA, CARL = uuid.UUID(int=0xCA7A), uuid.UUID(int=0xCA71)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
GRAVE = Tombstone(CARA, AT, 7)
ALPHA, BETA = (TenantRecord(uuid.uuid5(uuid.NAMESPACE_DNS, slug), slug, slug, "active", "main") for slug in ("alpha", "beta"))  # fmt: skip
ONE, TWO = b'{"keys": ["one"]}', b'{"keys": ["two"]}'
pytestmark = pytest.mark.xdist_group("aws")


@pytest.fixture
def kept_in(settings, address, tmp_path):
    """Settings of keys in a bucket of their own."""
    own = {"s3_keys_bucket": new_bucket(address), "data_dir": tmp_path / "data"}
    return settings.model_copy(update=own | signed_in(address))


def in_bucket(settings):
    return S3Shelf(Bucket(settings, settings.s3_keys_bucket))


@pytest.fixture(params=["disk", "bucket"])
def opened(request, tmp_path):
    """opened(): another process's look at the same shelf."""
    if request.param == "disk":
        return lambda: LocalShelf(tmp_path / "keys")
    settings = request.getfixturevalue("kept_in")
    return lambda: in_bucket(settings)


@pytest.fixture
def shelf(opened):
    with bound(ALPHA):
        yield opened()


def test_a_record_is_there_for_everybody_and_nobody_elses(shelf, opened):
    assert (shelf.get(str(CARA)), shelf.get("company")) == (None, None)
    assert shelf.put(str(CARA), ONE, instead_of=None) == ONE
    assert shelf.put("company", TWO, instead_of=None) == TWO

    assert (opened().get(str(CARA)), opened().get("company"), opened().get("own")) == (ONE, TWO, None)
    assert opened().contents() == ([CARA], [])
    with bound(BETA):
        assert (shelf.get(str(CARA)), shelf.contents()) == (None, ([], []))


def test_a_record_is_written_over_what_was_read_alone(shelf, opened):
    shelf.put(str(CARA), ONE, instead_of=None)

    assert opened().put(str(CARA), TWO, instead_of=None) == ONE
    assert opened().put(str(CARA), TWO, instead_of=b"something else") == ONE
    assert opened().put(str(CARA), TWO, instead_of=ONE) == TWO
    assert opened().put(str(CARL), ONE, instead_of=TWO) == b""
    assert (shelf.get(str(CARA)), shelf.get(str(CARL))) == (TWO, None)


def test_whoever_is_erased_stays_so_and_the_first_tombstone_counts(shelf, opened):
    shelf.put(str(CARA), ONE, instead_of=None)
    shelf.put(str(CARL), TWO, instead_of=None)
    shelf.destroy(GRAVE)
    opened().destroy(Tombstone(CARA, AT, 8))

    for ask in (lambda: shelf.get(str(CARA)), lambda: opened().put(str(CARA), ONE, instead_of=None)):
        with pytest.raises(Erased):
            ask()
    with pytest.raises(Erased):
        opened().put(str(CARA), TWO, instead_of=ONE)
    assert opened().contents() == ([CARL], [GRAVE])
    assert shelf.get(str(CARL)) == TWO


def test_who_was_never_here_can_be_erased(shelf, opened):
    shelf.destroy(GRAVE)

    with pytest.raises(Erased):
        opened().put(str(CARA), ONE, instead_of=None)
    assert opened().contents() == ([], [GRAVE])


def test_of_many_who_write_at_once_one_wins_and_all_have_that(shelf, opened):
    together, said = threading.Barrier(6), []

    def write(number):
        mine, other = json.dumps({"keys": [str(number)]}).encode(), opened()
        with bound(ALPHA):
            together.wait()
            said.append(other.put(str(CARA), mine, instead_of=None))

    in_threads([lambda number=number: write(number) for number in range(6)])

    assert set(said) == {shelf.get(str(CARA))}


def test_no_writer_brings_back_a_key_that_is_being_destroyed(shelf, opened):
    """Whoever rotates and whoever erases at once: afterwards it is erased, whoever was first."""
    shelf.put(str(CARA), ONE, instead_of=None)
    together = threading.Barrier(5)

    def rotate():
        other = opened()
        with bound(ALPHA), suppress(Erased):
            together.wait()
            for _ in range(5):
                there = other.get(str(CARA))
                other.put(str(CARA), TWO if there == ONE else ONE, instead_of=there)

    def erase():
        other = opened()
        with bound(ALPHA):
            together.wait()
            other.destroy(GRAVE)

    in_threads([rotate, rotate, rotate, rotate, erase])

    with pytest.raises(Erased):
        shelf.get(str(CARA))
    assert shelf.contents() == ([], [GRAVE])


def in_threads(works):
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_company_that_is_deleted_takes_its_keys_along(shelf, opened):
    shelf.put(str(CARA), ONE, instead_of=None)
    shelf.destroy(Tombstone(CARL, AT, 7))
    with bound(BETA):
        shelf.put(str(CARA), TWO, instead_of=None)
    shelf.forget_tenant(ALPHA.id)

    assert opened().contents() == ([], [])
    with bound(BETA):
        assert opened().get(str(CARA)) == TWO


def test_what_is_sealed_opens_by_either(shelf, opened):
    def vault():
        return LocalVault(Keyring(opened(), LocalMaster(lambda: [b"m" * 32])), list)

    sealed = vault().seal(b"I led the night shift", about="answer", person=CARA)

    assert vault().open(sealed, about="answer") == b"I led the night shift"
    shelf.destroy(GRAVE)
    with pytest.raises(Erased):
        vault().open(sealed, about="answer")


def test_a_destroyed_key_is_nowhere_in_the_bucket(kept_in, address):
    with bound(ALPHA):
        shelf = in_bucket(kept_in)
        shelf.put(str(CARA), ONE, instead_of=None)
        shelf.destroy(GRAVE)
        found = {entry.name: shelf.record(entry.name) for entry in shelf.entries()}

    place, buried = f"{ALPHA.id}/{str(CARA)[-2:]}/{CARA}", {"erased_at": AT.isoformat(), "receipt": 7}
    assert {name: json.loads(content) for name, content in found.items()} == {place: buried, f"{place}.erased": buried}


@pytest.mark.parametrize("status", ["Enabled", "Suspended"])
def test_a_bucket_that_keeps_versions_destroys_nobodys_key_and_says_so(kept_in, address, status):
    name, s3 = kept_in.s3_keys_bucket, client("s3", address)
    for each in ("Enabled", status):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": each})
    with bound(ALPHA):
        shelf = in_bucket(kept_in)
        shelf.put(str(CARA), ONE, instead_of=None)
        with pytest.raises(Refused) as refused:
            shelf.destroy(GRAVE)
        assert (refused.value.code, shelf.get(str(CARA))) == ("versions", ONE)
    said = f"{name} keeps versions, so nobody's key can be destroyed: take one that never kept any."
    assert [(each.check, each.ok, each.says) for each in doctor.buckets(kept_in)] == [("bucket of keys", False, said)]


def test_keys_are_mirrored_out_of_the_bucket_and_a_grave_beats_a_key(kept_in, tmp_path):
    target, shelf = Target.at(tmp_path / "backups"), in_bucket(kept_in)
    with bound(ALPHA):
        for person in (CARA, CARL):
            shelf.put(str(person), ONE, instead_of=None)
        first = mirrored(kept_in, target)
        shelf.put(str(CARL), TWO, instead_of=ONE)
        shelf.destroy(GRAVE)
        later = mirrored(kept_in, target)
        again = mirrored(kept_in, target)

    cara, carl = (f"{ALPHA.id}/{str(person)[-2:]}/{person}" for person in (CARA, CARL))
    assert first == {cara: ONE, carl: ONE}
    assert (
        later
        == again
        == {carl: TWO, f"{cara}.erased": json.dumps({"erased_at": AT.isoformat(), "receipt": 7}).encode()}
    )
    with bound(ALPHA):
        restored = LocalShelf(tmp_path / "restored")
        mirroring.lay_keys(target, tmp_path / "restored")
        assert restored.contents() == ([CARL], [GRAVE])


def mirrored(settings, target):
    mirroring.mirror_of(settings, target)
    return {name.removeprefix("keys/"): target.keys.get(name) for name in target.keys.names("keys/")}


def test_keys_of_the_disk_are_brought_and_tombstones_come_first(kept_in):
    """What is there already stays, and who was erased on either side is erased."""
    bucket, disk = in_bucket(kept_in), LocalShelf(kept_in.data_dir / "keys")
    with bound(ALPHA):
        disk.put("company", ONE, instead_of=None)
        disk.put(str(CARL), ONE, instead_of=None)
        disk.destroy(GRAVE)
        bucket.put(str(CARA), TWO, instead_of=None)
        bucket.put("own", TWO, instead_of=None)
    runner = create_app(kept_in).test_cli_runner()
    said = [json.loads(runner.invoke(args=["files", "bring"]).stdout) for _ in range(2)]

    assert said == [{"keys": {"came": 3, "there": 0}}, {"keys": {"came": 1, "there": 2}}]
    with bound(ALPHA):
        assert bucket.contents() == ([CARL], [GRAVE])
        assert (bucket.get("company"), bucket.get("own"), bucket.get(str(CARL))) == (ONE, TWO, ONE)


def test_the_registry_chooses_by_the_setting_and_two_buckets_are_two(kept_in, settings):
    assert isinstance(Providers(kept_in).shelf, S3Shelf)
    assert isinstance(Providers(settings).shelf, LocalShelf)
    with pytest.raises(ValidationError, match="S3_KEYS_BUCKET"):
        Settings(
            database_url=settings.database_url, redis_url=settings.redis_url, s3_bucket="one", s3_keys_bucket="one"
        )


def test_a_shelf_that_is_written_by_others_all_the_time_gives_up(kept_in, monkeypatch):
    monkeypatch.setattr(shelves, "TRIES", 0)
    with bound(ALPHA), pytest.raises(shelves.Unavailable):
        in_bucket(kept_in).put(str(CARA), ONE, instead_of=None)
    with bound(ALPHA), pytest.raises(shelves.Unavailable):
        in_bucket(kept_in).destroy(GRAVE)
