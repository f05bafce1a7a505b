"""What is said to be kept is there after the power fails: in its folder, and its folder in the one above."""

import sys
from contextlib import contextmanager

import pytest

from app.adapters.local.files import sync_folder
from app.adapters.local.folder import FolderStore
from app.adapters.local.keyring import Keyring
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.storage import LocalStorage
from app.adapters.local.vault import LocalVault
from app.kernel.errors import Refused
from tenants.scope import bound
from tests.contracts.test_storage import ALPHA


@contextmanager
def synced():
    """The folders whose entries were forced onto the disk meanwhile, by watching the real calls."""
    found = []

    def watch(frame, event, _):
        if event == "call" and frame.f_code is sync_folder.__code__:
            found.append(frame.f_locals["folder"])

    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(None)


def test_an_upload_is_in_its_folder_and_new_folders_in_theirs(tmp_path):
    vault = LocalVault(Keyring(LocalShelf(tmp_path / "keys"), LocalMaster(lambda: [b"m" * 32])), lambda: [b"m" * 32])
    place = tmp_path / "files"
    storage = LocalStorage(place, vault)
    with bound(ALPHA):
        with synced() as first:
            storage.put("resumes/one", b"words")
        with synced() as second:
            storage.put("resumes/two", b"words")
        kept = storage.get("resumes/one")

    below = place / "alpha" / "resumes"
    assert kept == b"words"
    assert tmp_path in first
    assert [each for each in first if place in (each, *each.parents)] == [place, place / "alpha", below]
    assert [each for each in second if place in (each, *each.parents)] == [below]
    assert sorted(file.name for file in below.iterdir()) == ["one", "two"]
    assert {file.stat().st_mode & 0o777 for file in below.iterdir()} == {0o600}


@pytest.mark.parametrize("once", [False, True])
def test_what_is_backed_up_is_in_its_folder(tmp_path, once):
    store = FolderStore(tmp_path)
    with synced() as found:
        store.put("keys/cara", b"key", once=once)

    assert (found[0], set(found)) == (tmp_path, {tmp_path, tmp_path / "keys"})
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["cara"]
    assert store.get("keys/cara") == b"key"


def test_once_is_once_and_leaves_nothing_beside_it(tmp_path):
    store = FolderStore(tmp_path)
    store.put("wal/1", b"log", once=True)
    with pytest.raises(Refused, match="1"):
        store.put("wal/1", b"other", once=True)

    assert [(file.name, file.read_bytes()) for file in (tmp_path / "wal").iterdir()] == [("1", b"log")]
