"""Every storage keeps the same promises: files on the disk, and objects in a bucket."""

import socket
import time
import uuid
from datetime import UTC, datetime

import pytest

from app.adapters.local.keyring import Keyring
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.storage import LocalStorage
from app.adapters.local.vault import LocalVault
from app.adapters.registry import Providers
from app.adapters.s3 import bucket as buckets
from app.adapters.s3.bucket import Bucket
from app.adapters.s3.storage import S3Storage
from app.cli.backup import mirroring
from app.cli.backup.restoring import put_objects
from app.cli.backup.target import Target
from app.cli.doctor import house as doctor
from app.cli.doctor.findings import well, wrong
from app.kernel.errors import Erased, Refused, Unavailable
from app.ports.shelf import Tombstone
from tenants.registry import TenantRecord
from tenants.scope import bound
from tests.fakes.aws import client, new_bucket, signed_in

CARA, CARL = uuid.UUID(int=0xCA7A), uuid.UUID(int=0xCA71)
ALPHA, BETA = (TenantRecord(uuid.uuid5(uuid.NAMESPACE_DNS, slug), slug, slug, "active", "main") for slug in ("alpha", "beta"))  # fmt: skip
WORDS = b"I led the night shift for nine years"
pytestmark = pytest.mark.xdist_group("aws")


def bucket_of(settings):
    return Bucket(settings, settings.s3_bucket)


@pytest.fixture
def in_bucket(settings, address):
    """Settings of files in a bucket of their own, below a prefix."""
    own = {"s3_bucket": new_bucket(address), "s3_prefix": "prod/"}
    return settings.model_copy(update=own | signed_in(address))


@pytest.fixture
def keyring(tmp_path):
    return Keyring(LocalShelf(tmp_path / "keys"), LocalMaster(lambda: [b"m" * 32]))


@pytest.fixture
def vault(keyring):
    return LocalVault(keyring, lambda: [b"m" * 32])


@pytest.fixture(params=["disk", "bucket"])
def storage(request, tmp_path, vault):
    if request.param == "disk":
        return LocalStorage(tmp_path / "files", vault)
    return S3Storage(bucket_of(request.getfixturevalue("in_bucket")), vault)


@pytest.fixture
def lying(request, storage, tmp_path):
    """What lies there, as bytes, by name."""

    def everything():
        if isinstance(storage, LocalStorage):
            folder = tmp_path / "files"
            return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
        return {entry.name: storage.sealed(entry.name) for entry in storage.entries()}

    return everything


def test_what_was_put_is_there_and_lies_there_sealed(storage, lying):
    with bound(ALPHA):
        storage.put("resumes/1", WORDS, person=CARA)
        storage.put("pages/1/2.png", b"", person=CARA)

        assert (storage.get("resumes/1"), storage.get("pages/1/2.png")) == (WORDS, b"")
    assert sorted(lying()) == ["alpha/pages/1/2.png", "alpha/resumes/1"]
    assert [name for name, content in lying().items() if b"night" in content] == []


def test_writing_again_replaces_and_deleting_twice_is_as_once(storage, lying):
    with bound(ALPHA):
        storage.put("resumes/1", WORDS, person=CARA)
        storage.put("resumes/1", b"other words", person=CARL)
        assert (storage.get("resumes/1"), storage.person_of("resumes/1")) == (b"other words", CARL)

        storage.delete("resumes/1")
        storage.delete("resumes/1")
        for ask in (storage.get, storage.person_of):
            with pytest.raises(Refused) as refused:
                ask("resumes/1")
            assert refused.value.code == "missing"
    assert lying() == {}


def test_two_companies_never_meet(storage):
    with bound(ALPHA):
        storage.put("resumes/1", WORDS, person=CARA)
    with bound(BETA):
        storage.put("resumes/1", b"beta's", person=CARA)
        storage.delete("resumes/2")
        with pytest.raises(Refused):
            storage.get("resumes/2")
        assert storage.forget_person(CARA) == 1
    with bound(ALPHA):
        assert storage.get("resumes/1") == WORDS


@pytest.mark.parametrize("key", ["", "../beta/resumes/1", "/resumes/1", "resumes//1", ".persons/x", "Resumes/1"])
def test_what_is_no_key_is_refused(storage, key):
    with bound(ALPHA):
        for ask in (storage.get, storage.delete, storage.person_of, lambda name: storage.put(name, WORDS)):
            with pytest.raises(ValueError, match="storage key"):
                ask(key)


def test_all_files_of_a_person_are_found_by_their_seals(storage, lying):
    with bound(ALPHA):
        for key, person in (("resumes/1", CARA), ("pages/1/1", CARA), ("resumes/2", CARL), ("logo/1", None)):
            storage.put(key, WORDS, person=person)
        storage.put("resumes/3", WORDS, person=CARA)
        storage.put("resumes/3", WORDS, person=CARL)
        found = {key: storage.person_of(key) for key in ("resumes/1", "resumes/2", "resumes/3", "logo/1")}

        assert found == {"resumes/1": CARA, "resumes/2": CARL, "resumes/3": CARL, "logo/1": None}
        assert (storage.forget_person(CARA), storage.forget_person(CARA)) == (2, 0)
    assert sorted(lying()) == ["alpha/logo/1", "alpha/resumes/2", "alpha/resumes/3"]


def test_who_was_erased_is_shut_and_gets_no_new_file(storage, keyring, tmp_path):
    with bound(ALPHA):
        storage.put("resumes/1", WORDS, person=CARA)
        LocalShelf(tmp_path / "keys").destroy(Tombstone(CARA, datetime(2026, 11, 22, tzinfo=UTC), 7))
        keyring.forget(CARA)
        with pytest.raises(Erased):
            storage.get("resumes/1")
        with pytest.raises(Erased):
            storage.put("resumes/2", WORDS, person=CARA)


def test_a_company_that_is_deleted_leaves_no_file(storage, lying):
    for tenant in (ALPHA, BETA):
        with bound(tenant):
            storage.put("resumes/1", WORDS, person=CARA)
    storage.forget_tenant("alpha")

    assert sorted(lying()) == ["beta/resumes/1"]


def test_nothing_of_a_deleted_company_or_person_is_left_in_the_bucket(in_bucket, address, vault):
    storage = S3Storage(bucket_of(in_bucket), vault)
    for tenant, person in ((ALPHA, CARA), (BETA, CARL)):
        with bound(tenant):
            storage.put("resumes/1", WORDS, person=person)
    with bound(BETA):
        storage.forget_person(CARL)
    storage.forget_tenant("alpha")

    assert client("s3", address).list_objects_v2(Bucket=in_bucket.s3_bucket)["KeyCount"] == 0


def test_the_registry_chooses_by_the_setting(in_bucket, settings):
    assert isinstance(Providers(in_bucket).storage, S3Storage)
    assert isinstance(Providers(settings).storage, LocalStorage)


def test_a_bucket_that_is_away_or_gone_is_unavailable_within_the_time_limits(in_bucket, vault, monkeypatch):
    monkeypatch.setattr(buckets, "TRIES", 1)
    monkeypatch.setattr(buckets, "READ_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with socket.create_server(("127.0.0.1", 0)) as gone:
            nobody = f"http://127.0.0.1:{gone.getsockname()[1]}"
        for change in ({"s3_endpoint_url": hangs}, {"s3_endpoint_url": nobody}, {"s3_bucket": "assay-nobodys"}):
            storage, started = S3Storage(bucket_of(in_bucket.model_copy(update=change)), vault), time.monotonic()
            with bound(ALPHA), pytest.raises(Unavailable):
                storage.put("resumes/1", WORDS, person=CARA)
            with bound(ALPHA), pytest.raises((Unavailable, Refused)):
                storage.reach()
            assert time.monotonic() - started < 5, change


def test_the_doctor_says_whether_the_bucket_can_be_used(in_bucket, settings, address):
    name = in_bucket.s3_bucket
    assert list(doctor.buckets(settings)) == []
    assert list(doctor.buckets(in_bucket)) == [well("bucket", f"{name} answers.")]
    client("s3", address).put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    said = f"{name} answers. It keeps versions: what is deleted stays, as noise, until they expire."
    assert list(doctor.buckets(in_bucket)) == [well("bucket", said)]
    lost = in_bucket.model_copy(update={"s3_bucket": "assay-nobodys"})
    assert [(found.check, found.ok) for found in doctor.buckets(lost)] == [("bucket", wrong("", "").ok)]


def test_a_mirror_takes_sealed_files_out_of_the_bucket_and_a_restore_puts_them_back(in_bucket, vault, tmp_path):
    storage, target = S3Storage(bucket_of(in_bucket), vault), Target.at(tmp_path / "backups")
    with bound(ALPHA):
        storage.put("resumes/1", WORDS, person=CARA)
        storage.put("resumes/2", b"more", person=CARL)
    first = mirroring.mirror(target, tmp_path / "data", storage)
    again = mirroring.mirror(target, tmp_path / "data", storage)
    listed = mirroring.listing(target)
    with bound(ALPHA):
        storage.put("resumes/2", b"changed", person=CARL)
        storage.delete("resumes/1")
    later = mirroring.mirror(target, tmp_path / "data", storage)

    assert (first, again, later) == ({"came": 2, "went": 0}, {"came": 0, "went": 0}, {"came": 1, "went": 1})
    assert put_objects(target, listed, storage) == (2, [])
    with bound(ALPHA):
        assert (storage.get("resumes/1"), storage.get("resumes/2")) == (WORDS, b"more")
        assert storage.forget_person(CARA) == 1


def test_files_of_the_disk_are_brought_to_the_bucket(in_bucket, settings, tmp_path, vault):
    """By the word, as an installation that begins to use one does; and again, which brings nothing."""
    import json

    from app import create_app

    local = LocalStorage(tmp_path / "data" / "files", vault)
    with bound(ALPHA):
        local.put("resumes/1", WORDS, person=CARA)
    app = create_app(in_bucket.model_copy(update={"data_dir": tmp_path / "data"}))
    said = [json.loads(app.test_cli_runner().invoke(args=["files", "bring"]).stdout) for _ in range(2)]

    assert said == [{"files": {"came": 1, "there": 0}}, {"files": {"came": 0, "there": 1}}]
    storage = S3Storage(bucket_of(in_bucket), vault)
    with bound(ALPHA):
        assert storage.get("resumes/1") == WORDS
        assert storage.forget_person(CARA) == 1
    nowhere = create_app(settings).test_cli_runner().invoke(args=["files", "bring"])
    assert json.loads(nowhere.stdout)["error"]["code"] == "no-bucket"
