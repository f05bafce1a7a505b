"""Files and keys beside the base backups: what was lost stays, what was meant to go goes."""

from functools import partial

import pytest

from app.adapters.local.folder import FolderStore
from app.adapters.s3.bucket import Bucket
from app.cli.backup import mirroring
from app.cli.backup.target import BackupError, Target
from app.cli.doctor import house as doctor
from app.kernel.errors import Refused
from tests.contracts.backups.words import WORDS, code
from tests.fakes.aws import client, new_bucket

pytestmark = pytest.mark.xdist_group("aws")


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
    s3, name, other = client("s3", address), kept_in.backup_bucket, new_bucket(address)
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
    name = new_bucket(address)
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
