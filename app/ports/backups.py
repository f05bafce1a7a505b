"""Where backups lie: a folder, or a bucket. Names are ours, with slashes, the same in both."""

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol


class BackupStore(Protocol):
    def put(self, name: str, content: bytes | Path, *, once: bool = False) -> None:
        """Write durably before returning: the whole, or nothing. A path is a folder, which may be gone afterwards.

        With `once`, where nothing is yet: raises Refused("there").
        """
        ...

    def get(self, name: str) -> bytes:
        """Raises Refused("missing") where there is none, and Refused("broken") where it is not what was written."""
        ...

    def lay_out(self, name: str, to: Path) -> None:
        """Make `to` the folder that was put under that name. Raises as `get` does."""
        ...

    def names(self, below: str, *, deep: bool = True) -> Iterable[str]:
        """What begins with `below`, which ends with a slash; not `deep`: what lies right there, folders too."""
        ...

    def delete(self, *names: str) -> None:
        """A name that ends with a slash is all that lies below it. What is not there is none."""
        ...

    def needs_older(self, name: str) -> bool:
        """Whether an older line of the master key, not the newest, opens it. What is not there needs none."""
        ...
