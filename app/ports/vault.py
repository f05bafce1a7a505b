"""Sealing what may not lie about in the clear. Keys never leave the vault."""

import uuid
from typing import Protocol


class Vault(Protocol):
    def seal(self, plain: bytes, *, about: str, person: uuid.UUID | None = None) -> bytes:
        """Encrypt for the tenant in scope, under the key of the person whom it is about, or the company's own.

        `about` is bound to the result: the same words must open it. Raises Erased for somebody who was.
        """
        ...

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """A seal names its key. Raises Refused("sealed-elsewhere") for another tenant's, another thing's, or a
        changed seal, and Erased for what was sealed for somebody who was erased.
        """
        ...
