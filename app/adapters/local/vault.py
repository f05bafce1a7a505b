"""The vault: AES-256-GCM under a person's key, or the company's own; the seal says under which, and of what it is.

A seal is version (1 byte), whose key (16, zeroes for the company's own), its generation (1), nonce (12), the rest.
Version 1, of installations that are older, was sealed under a key derived from the master: it is opened, never made.
"""

import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.adapters.local.keyring import Keyring
from app.kernel.errors import Refused
from tenants.scope import current_tenant

OLD, VERSION = b"\x01", b"\x02"
NONCE = 12
HEAD = 1 + 16 + 1
NOBODY = bytes(16)


class LocalVault:
    def __init__(self, keyring: Keyring, masters: Callable[[], list[bytes]]) -> None:
        self._keyring, self._masters = keyring, masters

    def seal(self, plain: bytes, *, about: str, person: uuid.UUID | None = None) -> bytes:
        data = self._keyring.to_seal(person)
        head = VERSION + (person.bytes if person else NOBODY) + bytes([data.newest])
        nonce = secrets.token_bytes(NONCE)
        return head + nonce + data.ciphers[-1].encrypt(nonce, plain, head + about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        if sealed[:1] == OLD:
            return self._open_old(sealed, about)
        if sealed[:1] != VERSION:
            raise Refused("sealed-elsewhere", "unknown version of the seal")
        head, nonce, body = sealed[:HEAD], sealed[HEAD : HEAD + NONCE], sealed[HEAD + NONCE :]
        ciphers = self._keyring.to_open(person_of(sealed)).ciphers
        with suppress(InvalidTag, IndexError):
            return ciphers[head[-1] - 1].decrypt(nonce, body, head + about.encode())
        raise Refused("sealed-elsewhere", f"the seal of {about} does not open here")

    def _open_old(self, sealed: bytes, about: str) -> bytes:
        nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        for master in self._masters():
            with suppress(InvalidTag):
                return _derived(master).decrypt(nonce, body, about.encode())
        raise Refused("sealed-elsewhere", f"the seal of {about} does not open here")


def person_of(sealed: bytes) -> uuid.UUID | None:
    """Under whose key; None for the company's own, and for what is older than keys of persons."""
    if sealed[:1] != VERSION or sealed[1:17] == NOBODY:
        return None
    return uuid.UUID(bytes=sealed[1:17])


def _derived(master: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=current_tenant().id.bytes, info=b"tenant data").derive(master))
