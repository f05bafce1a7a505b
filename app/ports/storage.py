"""Files too large for the database. Kept sealed; keys are ours, never a person's file name."""

import uuid
from typing import Protocol


class Storage(Protocol):
    def put(self, key: str, data: bytes, *, person: uuid.UUID | None = None) -> None:
        """Write durably before returning; writing the same key again replaces it whole, or not at all.

        `person` is whom it is about, whose key seals it.
        """
        ...

    def get(self, key: str) -> bytes:
        """Raises Refused("missing") where there is none."""
        ...

    def delete(self, key: str) -> None: ...

    def forget_person(self, person: uuid.UUID) -> int:
        """Delete every file that was sealed for them, named by a row or not. Gives how many there were."""
        ...

    def person_of(self, key: str) -> uuid.UUID | None:
        """Whose key seals it; None for the company's own. Raises Refused("missing") where there is none."""
        ...

    def forget_tenant(self, slug: str) -> None: ...
