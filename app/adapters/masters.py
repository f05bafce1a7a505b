"""The master key with its keeper, and those kept before: whoever wraps now is first, each unwraps what it wrapped."""

from collections.abc import Mapping

from app.kernel.errors import Refused
from app.ports.master import Master

MARK = 4  # what stands before everything that a keeper wrapped; the file's own begins with the name of its line


class Masters:
    """`marked` by what stands before what they wrapped; `file` has wrapped what has no mark of anybody's."""

    def __init__(self, newest: bytes | None, marked: Mapping[bytes, Master], file: Master) -> None:
        self._newest, self._marked, self._file = newest, marked, file

    def wrap(self, key: bytes, *, about: str) -> bytes:
        if self._newest is None:
            return self._file.wrap(key, about=about)
        return self._newest + self._marked[self._newest].wrap(key, about=about)

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        keeper, body = self._keeper(wrapped)
        return keeper.unwrap(body, about=about)

    def rewrap(self, wrapped: bytes, *, about: str) -> bytes:
        """Within the keeper where it stays the same: then the key does not come out."""
        if self._newest is not None and wrapped[:MARK] == self._newest:
            return self._newest + self._marked[self._newest].rewrap(wrapped[MARK:], about=about)
        return self.wrap(self.unwrap(wrapped, about=about), about=about)

    def is_newest(self, wrapped: bytes) -> bool:
        keeper, body = self._keeper(wrapped)
        newest = self._file if self._newest is None else self._marked[self._newest]
        return keeper is newest and keeper.is_newest(body)

    def _keeper(self, wrapped: bytes) -> tuple[Master, bytes]:
        mark = wrapped[:MARK]
        if mark in self._marked:
            return self._marked[mark], wrapped[MARK:]
        if mark in KNOWN.values():
            raise Refused("unknown-master", f"wrapped by a keeper that no setting names any more ({mark.decode()})")
        return self._file, wrapped


KNOWN = {"kms": b"kms1", "vault": b"vlt1"}
