"""Sealing what may not lie about in the clear. Keys never leave the vault."""

from typing import Protocol


class Vault(Protocol):
    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Encrypt for the tenant in scope. `about` is bound to the result: the same words must open it."""
        ...

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Raises Refused("sealed-elsewhere") for another tenant's, another thing's, or a changed seal."""
        ...
