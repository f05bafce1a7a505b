"""The vault over a master key in a file: a key per tenant by HKDF, AES-256-GCM, the tenant and the thing bound in."""

import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.kernel.errors import Refused
from tenants.scope import current_tenant

VERSION = b"\x01"
NONCE = 12


class LocalVault:
    def __init__(self, master_key: bytes) -> None:
        self._master_key = master_key
        self._cipher = lru_cache(maxsize=1024)(self._cipher_of)

    def seal(self, plain: bytes, *, about: str) -> bytes:
        nonce = secrets.token_bytes(NONCE)
        return VERSION + nonce + self._cipher(current_tenant().id.bytes).encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        if sealed[:1] != VERSION:
            raise Refused("sealed-elsewhere", "unknown version of the seal")
        nonce, body = sealed[1 : 1 + NONCE], sealed[1 + NONCE :]
        try:
            return self._cipher(current_tenant().id.bytes).decrypt(nonce, body, about.encode())
        except InvalidTag as error:
            raise Refused("sealed-elsewhere", f"the seal of {about} does not open here") from error

    def _cipher_of(self, tenant_id: bytes) -> AESGCM:
        derived = HKDF(hashes.SHA256(), 32, salt=tenant_id, info=b"tenant data").derive(self._master_key)
        return AESGCM(derived)
