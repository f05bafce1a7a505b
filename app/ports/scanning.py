"""Whether a file from outside holds something that nobody must open."""

from typing import Protocol


class Scanner(Protocol):
    def found_in(self, data: bytes) -> str | None:
        """The name of what was found; None for nothing. Raises Unavailable, and Refused for what it never takes."""
        ...

    def greet(self) -> str:
        """Who answers: its version. Raises Unavailable."""
        ...
