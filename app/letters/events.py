"""What happened with letters."""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from app.kernel.events import Event


@dataclass(frozen=True)
class _MailEvent(Event):
    mail_id: uuid.UUID

    def topics(self) -> tuple[str, ...]:
        return ("mailbox",)


class MailWritten(_MailEvent):
    name: ClassVar[str] = "mail.written"


class MailSettled(_MailEvent):
    """Sent, or failed for good."""

    name: ClassVar[str] = "mail.settled"
