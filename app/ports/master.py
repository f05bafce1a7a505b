"""The key that wraps companies' keys. It never leaves whoever holds it; rotating it rewraps, and reseals nothing."""

from typing import Protocol


class Master(Protocol):
    def wrap(self, key: bytes, *, about: str) -> bytes:
        """Encrypt a key under the newest version. `about` is bound to the result: the same words must unwrap it.

        Raises Unavailable where the holder of the key does not answer.
        """
        ...

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        """Raises Refused("unknown-master") where no version that is still kept opens it, Unavailable as above."""
        ...

    def rewrap(self, wrapped: bytes, *, about: str) -> bytes:
        """What it unwraps to, under the newest version; where the holder can, without bringing the key out."""
        ...

    def is_newest(self, wrapped: bytes) -> bool:
        """Whether wrapping it again would change nothing but chance."""
        ...
