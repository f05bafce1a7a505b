"""What leaves for a bucket of backups, sealed in one pass: of any length, and never all of it in memory.

A seal is MAGIC, which key (8 bytes), salt (32), then pieces of 1 MiB and a shorter last one, each AES-256-GCM under a
key of its own (HKDF of salt and name), its nonce the piece's number and whether it is the last (the STREAM of Hoang,
Reyhanitabar, Rogaway and Vizár, as in age). So nothing of it can be changed, cut short, reordered, or passed off
under another name.
"""

import hashlib
import io
import secrets
from collections.abc import Sequence
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.errors import Refused

MAGIC, ID, SALT, TAG = b"assay-b1", 8, 32, 16
HEAD = len(MAGIC) + ID + SALT
PIECE = 1 << 20


class Sealing(io.RawIOBase):
    """Write to it; what comes out goes `into`, which stays open."""

    def __init__(self, into: Any, keys: Sequence[bytes], name: str) -> None:
        salt = secrets.token_bytes(SALT)
        self._into, self._cipher, self._number = into, _cipher(keys[0], salt, name), 0
        self._held = bytearray()
        into.write(MAGIC + _id(keys[0]) + salt)

    def writable(self) -> bool:
        return True

    def write(self, plain: Any) -> int:
        self._held += plain
        while len(self._held) >= PIECE:
            self._seal(bytes(self._held[:PIECE]), last=False)
            del self._held[:PIECE]
        return len(plain)

    def finish(self) -> None:
        """The last piece is shorter than a whole one, empty perhaps. Without it there is no seal."""
        self._seal(bytes(self._held), last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._into.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, None))
        self._number += 1


class Opening(io.RawIOBase):
    """Read from it what was sealed. Raises Refused("broken"), and Refused("other-key") where no key of ours fits."""

    def __init__(self, source: IO[bytes], keys: Sequence[bytes], name: str) -> None:
        self._source, self._name, self._number, self._over = source, name, 0, False
        self._plain = b""
        head = source.read(HEAD)
        if head[: len(MAGIC)] != MAGIC:
            raise Refused("broken", f"{name} is not what was written there")
        key = key_of(head, keys)
        if key is None:
            raise Refused("other-key", f"{name} was sealed with another master key: bring that key back first")
        self._cipher = _cipher(key, head[-SALT:], name)

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        while not self._plain and not self._over:
            self._plain = self._open(self._source.read(PIECE + TAG))
        given, self._plain = self._plain[: len(into)], self._plain[len(into) :]
        into[: len(given)] = given
        return len(given)

    def _open(self, piece: bytes) -> bytes:
        self._over = len(piece) < PIECE + TAG
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=self._over), piece, None)
        except InvalidTag:
            raise Refused("broken", f"{self._name} is not what was written there") from None
        self._number += 1
        return plain


def key_of(head: bytes, keys: Sequence[bytes]) -> bytes | None:
    """Which of them opens what begins so."""
    return next((key for key in keys if _id(key) == head[len(MAGIC) :][:ID]), None)


def _cipher(key: bytes, salt: bytes, name: str) -> AESGCM:
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=salt, info=b"backup " + name.encode()).derive(key))


def _id(key: bytes) -> bytes:
    return hashlib.sha256(b"backup key" + key).digest()[:ID]


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
