"""What happened with letters."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class MailWritten(Event):
    name: ClassVar[str] = "mail.written"
    mail_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return ("mailbox",)
