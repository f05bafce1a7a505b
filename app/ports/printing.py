"""Pages as PDF."""

from typing import Protocol


class Printer(Protocol):
    def pdf(self, html: str) -> bytes:
        """Fetches nothing: whatever the page needs stands in it. Raises Refused("fetch") where it tries to."""
        ...
