"""Sending a letter."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class OutgoingMail:
    message_id: str
    sender: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str


class Mailer(Protocol):
    def send(self, mail: OutgoingMail) -> None:
        """Raises Unavailable (try later) or Refused("address") (never to this address)."""
        ...
