"""The master key in a file: a line a version, the newest first. It is read anew each time, so that a line that
somebody adds counts at once, in every process.
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.adapters.local.files import write_durably
from app.kernel.errors import Refused

NONCE, NAME, KEY = 12, 4, 32


class LocalMaster:
    def __init__(self, versions: Callable[[], list[bytes]]) -> None:
        self._versions = versions

    def wrap(self, key: bytes, *, about: str) -> bytes:
        newest, nonce = self._versions()[0], secrets.token_bytes(NONCE)
        return _name(newest) + nonce + _cipher(newest).encrypt(nonce, key, about.encode())

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        name, nonce, body = wrapped[:NAME], wrapped[NAME : NAME + NONCE], wrapped[NAME + NONCE :]
        version = next((version for version in self._versions() if _name(version) == name), None)
        if version is None:
            raise Refused("unknown-master", f"no line of the master key's file has wrapped {about}")
        try:
            return _cipher(version).decrypt(nonce, body, about.encode())
        except InvalidTag as error:
            raise Refused("unknown-master", f"the master key does not unwrap {about}") from error

    def rewrap(self, wrapped: bytes, *, about: str) -> bytes:
        return self.wrap(self.unwrap(wrapped, about=about), about=about)

    def is_newest(self, wrapped: bytes) -> bool:
        return wrapped[:NAME] == _name(self._versions()[0])


def add_version(file: Path) -> None:
    """A new first line. What runs reads it at its next look."""
    line = base64.b64encode(secrets.token_bytes(KEY))
    write_durably(file, line + b"\n" + file.read_bytes())


def keep_newest(file: Path) -> int:
    """Drop all lines but the first, and say how many went."""
    newest, *older = file.read_bytes().split()
    write_durably(file, newest + b"\n")
    return len(older)


def _name(version: bytes) -> bytes:
    return hashlib.sha256(b"name of a master key" + version).digest()[:NAME]


def _cipher(version: bytes) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"wrapping of companies' keys").derive(version))
