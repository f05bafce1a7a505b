"""What to ask next, while a person waits."""

from typing import Protocol


class Asker(Protocol):
    engine: str

    def follow_up(self, question: str, answer: str, *, shows: str, language: str) -> str | None:
        """One question for what the answer left open; None when it is complete, or there was none."""
        ...
