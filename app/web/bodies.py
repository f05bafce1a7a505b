"""A request's body is here before a thread begins with it: who sends slowly, or never, holds up nobody else."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from app.web.sizes import most_of

Receive = Callable[[], Awaitable[Any]]

IN_MEMORY: Final = 64 * 1024  # of each; what is more waits in a file without a name
PIECE: Final = 64 * 1024
QUIET_SECONDS: Final = 60.0  # a phone in a tunnel
FIRST_SECONDS: Final = 120.0
LEAST_RATE: Final = 1024  # bytes a second from then on


class Body:
    """Of a length that was said: the server ends it there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- closed by close()
        self._size, self._told = 0, False

    async def take_in(self) -> bool:
        """All of it. False where the sender is gone before; TimeoutError for one who is too slow."""
        now = asyncio.get_running_loop().time
        began = now()
        while True:
            message = await asyncio.wait_for(self._receive(), QUIET_SECONDS)
            if message["type"] != "http.request":
                return False
            self._size += self._kept.write(message.get("body", b""))
            if not message.get("more_body", False):
                self._kept.seek(0)
                return True
            if now() - began > FIRST_SECONDS + self._size / LEAST_RATE:
                raise TimeoutError

    async def receive(self) -> Any:
        """As if it came only now; then whatever comes after it."""
        if self._told:
            return await self._receive()
        piece = self._kept.read(PIECE)
        self._told = self._kept.tell() == self._size
        return {"type": "http.request", "body": piece, "more_body": not self._told}

    def close(self) -> None:
        self._kept.close()


def worth_waiting(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether there is a body that will be read: what is too large, or of no said length, is refused unread."""
    said = dict(headers)
    length, kind = said.get(b"content-length", b"0"), said.get(b"content-type", b"").decode("latin-1")
    return length.isdigit() and 0 < int(length) <= most_of(kind.partition(";")[0].strip().lower())
