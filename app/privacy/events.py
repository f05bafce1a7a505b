"""What happened with people's own rights."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class _ErasureEvent(Event):
    erasure_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return (f"erasure-{self.erasure_id}",)


class ErasureBegun(_ErasureEvent):
    """The rows are gone; what lies outside of the database is not, yet."""

    name: ClassVar[str] = "erasure.begun"


class ErasureDone(_ErasureEvent):
    name: ClassVar[str] = "erasure.done"
