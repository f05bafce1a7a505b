"""Keys of persons, wrapped by the company's, wrapped by the master: on a real shelf of files."""

import json
import secrets
import threading
import uuid
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.adapters.local import keyring as keyrings
from app.adapters.local.keyring import Keyring
from app.adapters.local.master import LocalMaster
from app.adapters.local.shelf import LocalShelf
from app.adapters.local.storage import LocalStorage
from app.adapters.local.vault import LocalVault, person_of
from app.kernel.errors import Erased, Refused
from app.ports.shelf import Tombstone
from tenants.registry import TenantRecord
from tenants.scope import bound

CARA, CARL = uuid.UUID(int=0xCA7A), uuid.UUID(int=0xCA71)
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ALPHA, BETA = (TenantRecord(uuid.uuid5(uuid.NAMESPACE_DNS, slug), slug, slug, "active", "main") for slug in ("alpha", "beta"))  # fmt: skip


class House:
    """One process's vault over a folder that others may share."""

    def __init__(self, folder, masters=None):
        self.masters = masters or [b"m" * 32]
        self.shelf = LocalShelf(folder)
        self.keyring = Keyring(self.shelf, LocalMaster(lambda: self.masters))
        self.vault = LocalVault(self.keyring, lambda: self.masters)


@pytest.fixture
def house(tmp_path):
    with bound(ALPHA):
        yield House(tmp_path / "keys")


def test_a_seal_names_whose_key_opens_it_and_holds_no_words(house):
    sealed = house.vault.seal(b"I led the night shift", about="answer", person=CARA)

    assert (sealed[0], person_of(sealed), b"night" in sealed) == (2, CARA, False)
    assert house.vault.open(sealed, about="answer") == b"I led the night shift"
    assert person_of(house.vault.seal(b"x", about="own")) is None


@pytest.mark.parametrize("where", [0, 5, 17, 20, -1])
def test_a_changed_seal_stays_shut(house, where):
    house.vault.seal(b"", about="x", person=CARL)
    sealed = bytearray(house.vault.seal(b"words", about="answer", person=CARA))
    sealed[where] ^= 1

    with pytest.raises(Refused):
        house.vault.open(bytes(sealed), about="answer")


def test_the_words_about_it_are_bound_to_a_seal(house):
    with pytest.raises(Refused):
        house.vault.open(house.vault.seal(b"words", about="answer", person=CARA), about="note")


def test_another_process_opens_it_and_another_master_does_not(house, tmp_path):
    sealed = house.vault.seal(b"words", about="answer", person=CARA)

    assert House(tmp_path / "keys").vault.open(sealed, about="answer") == b"words"
    with pytest.raises(Refused, match="master"):
        House(tmp_path / "keys", masters=[b"n" * 32]).vault.open(sealed, about="answer")


def test_an_older_master_opens_what_it_wrapped(house, tmp_path):
    sealed = house.vault.seal(b"words", about="answer", person=CARA)

    assert House(tmp_path / "keys", masters=[b"n" * 32, b"m" * 32]).vault.open(sealed, about="answer") == b"words"


def test_what_older_installations_sealed_still_opens(house):
    derived = HKDF(hashes.SHA256(), 32, salt=ALPHA.id.bytes, info=b"tenant data").derive(b"m" * 32)
    nonce = secrets.token_bytes(12)
    old = b"\x01" + nonce + AESGCM(derived).encrypt(nonce, b"words", b"mail/1")
    house.masters = [b"n" * 32, b"m" * 32]

    assert house.vault.open(old, about="mail/1") == b"words"
    with bound(BETA), pytest.raises(Refused):
        house.vault.open(old, about="mail/1")


def test_whoever_is_erased_is_shut_and_gets_no_new_key(house, tmp_path):
    sealed, kept = (house.vault.seal(b"words", about="answer", person=person) for person in (CARA, CARL))
    house.shelf.destroy(Tombstone(CARA, AT, 7))
    house.shelf.destroy(Tombstone(CARA, AT, 8))
    house.keyring.forget(CARA)

    with pytest.raises(Erased):
        house.vault.open(sealed, about="answer")
    with pytest.raises(Erased):
        house.vault.seal(b"late", about="answer", person=CARA)
    assert house.vault.open(kept, about="answer") == b"words"
    assert house.shelf.contents() == ([CARL], [Tombstone(CARA, AT, 7)])
    assert [f.name for f in (tmp_path / "keys").rglob(f"*{CARA}*")] == [f"{CARA}.erased"]


def test_who_was_never_here_can_be_erased_and_stays_so(house):
    house.shelf.destroy(Tombstone(CARA, AT, 7))

    with pytest.raises(Erased):
        house.vault.seal(b"late", about="answer", person=CARA)


def test_a_half_done_erasure_is_an_erasure(house, tmp_path):
    """A kill between the tombstone and the key's end: nobody opens anything any more, and the next try ends it."""
    house.vault.seal(b"words", about="answer", person=CARA)
    key = next((tmp_path / "keys").rglob(str(CARA)))
    key.with_name(f"{CARA}.erased").write_text(json.dumps({"erased_at": AT.isoformat(), "receipt": 7}))

    with pytest.raises(Erased):
        House(tmp_path / "keys").vault.seal(b"late", about="answer", person=CARA)
    assert house.shelf.contents()[0] == []
    house.shelf.destroy(Tombstone(CARA, AT, 7))
    assert not key.exists()


def test_other_processes_forget_an_erased_persons_key_within_a_minute(house, tmp_path, monkeypatch):
    other = House(tmp_path / "keys")
    sealed = other.vault.seal(b"words", about="answer", person=CARA)
    house.shelf.destroy(Tombstone(CARA, AT, 7))

    assert keyrings.SECONDS_REMEMBERED <= 60
    later = keyrings.time.monotonic() + keyrings.SECONDS_REMEMBERED
    monkeypatch.setattr(keyrings.time, "monotonic", lambda: later)
    with pytest.raises(Erased):
        other.vault.open(sealed, about="answer")


def test_two_processes_that_seal_for_a_new_person_use_one_key(tmp_path):
    houses, sealed = [House(tmp_path / "keys") for _ in range(8)], []
    together = threading.Barrier(len(houses))

    def seal(house):
        with bound(ALPHA):
            together.wait()
            sealed.append(house.vault.seal(b"words", about="answer", person=CARA))

    threads = [threading.Thread(target=seal, args=(house,)) for house in houses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with bound(ALPHA):
        assert [House(tmp_path / "keys").vault.open(each, about="answer") for each in sealed] == [b"words"] * 8


def test_a_company_that_is_deleted_takes_its_keys_along(house, tmp_path):
    sealed = house.vault.seal(b"words", about="answer", person=CARA)
    with bound(BETA):
        betas = house.vault.seal(b"words", about="answer", person=CARA)
    house.shelf.forget_tenant(ALPHA.id)

    assert [folder.name for folder in (tmp_path / "keys").iterdir()] == [str(BETA.id)]
    with pytest.raises(Refused):
        House(tmp_path / "keys").vault.open(sealed, about="answer")
    with bound(BETA):
        assert house.vault.open(betas, about="answer") == b"words"


def test_keys_are_nobody_elses_to_read(house, tmp_path):
    house.vault.seal(b"words", about="answer", person=CARA)
    found = list((tmp_path / "keys").rglob("*"))

    assert {f.stat().st_mode & 0o077 for f in found} == {0}
    assert sum(f.is_file() for f in found) == 3  # the company's, Cara's, and the lock


def test_a_persons_file_is_shut_with_the_person(house, tmp_path):
    storage = LocalStorage(tmp_path / "files", house.vault)
    storage.put("resumes/1", b"Cara's resume", person=CARA)
    storage.put("logo/1", b"the company's", person=None)
    house.shelf.destroy(Tombstone(CARA, AT, 7))
    house.keyring.forget(CARA)

    with pytest.raises(Erased):
        storage.get("resumes/1")
    assert storage.get("logo/1") == b"the company's"
