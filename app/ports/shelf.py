"""Where wrapped keys lie, apart from the database: so that no backup of it, and no log of it, holds one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of somebody who was erased. It outlives every backup, which is how a restored one forgets again."""

    person: uuid.UUID
    at: datetime
    receipt: int


class Shelf(Protocol):
    """Of the tenant in scope. A record is named "company", "own", or by a person's id."""

    def get(self, name: str) -> bytes | None:
        """Raises Erased for somebody who was."""
        ...

    def put(self, name: str, record: bytes, *, instead_of: bytes | None) -> bytes:
        """Write durably where `instead_of` is what is there (None: nothing), and give what is there afterwards.

        Raises Erased for somebody who was: no key of theirs comes back.
        """
        ...

    def destroy(self, grave: Tombstone) -> None:
        """Leave the tombstone, then destroy the person's key. Twice is as once."""
        ...

    def contents(self) -> tuple[Iterable[uuid.UUID], Iterable[Tombstone]]:
        """Whose keys there are, and who was erased."""
        ...

    def forget_tenant(self, tenant_id: uuid.UUID) -> None:
        """With the keys, everything that any backup has of the tenant is unreadable."""
        ...
