"""Who does something. Every verb names its actor as `by=`; nothing reads the browser for it."""

import uuid
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Actor:
    kind: Literal["member", "candidate", "operator", "system"]
    id: uuid.UUID | None
    name: str


SYSTEM = Actor(kind="system", id=None, name="Assay")
