"""A request's body is here before a thread begins with it: who sends slowly, or never, holds up nobody else."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout

from app.kernel.errors import Crowded, of_disk
from app.web.sizes import most_of

Receive = Callable[[], Awaitable[Any]]

IN_MEMORY: Final = 64 * 1024  # of each; what is more waits in a file without a name
PIECE: Final = 64 * 1024
QUIET_SECONDS: Final = 60.0  # a phone in a tunnel
FIRST_SECONDS: Final = 120.0
LEAST_RATE: Final = 1024  # bytes a second from then on
MOST_SECONDS: Final = 600.0  # a file of 10 MB at 18 kB/s
MOST_BODIES: Final = 1000
MOST_TOGETHER: Final = 256 * 1024 * 1024  # docs/deployment.md says what that asks of /tmp
BACK_AFTER: Final = timedelta(seconds=30)


class Room:
    """What all bodies of a process have together. Where it is not enough, one that still comes gives way.

    Of too many the one that began first, of too large ones the largest: forms find room beside files.
    """

    def __init__(self) -> None:
        self._sizes: dict[Body, int] = {}  # in the order in which they began

    def let_in(self, body: "Body") -> None:
        self._sizes[body] = 0
        if len(self._sizes) > MOST_BODIES:
            self._send_away(next(iter(self._coming())))

    def take(self, body: "Body", size: int) -> None:
        """Raises Crowded for one that had to give way."""
        if body in self._sizes:
            self._sizes[body] += size
        while body in self._sizes and sum(self._sizes.values()) > MOST_TOGETHER:
            self._send_away(max(self._coming(), key=self._sizes.__getitem__))
        if body not in self._sizes:
            raise Crowded("bodies", after=BACK_AFTER)

    def leave(self, body: "Body") -> None:
        self._sizes.pop(body, None)

    def __contains__(self, body: "Body") -> bool:
        return body in self._sizes

    def _coming(self) -> list["Body"]:
        return [body for body in self._sizes if not body.whole]

    def _send_away(self, body: "Body") -> None:
        self.leave(body)
        body.wait_no_longer()


class Body:
    """Of a length that was said."""

    def __init__(self, room: Room, receive: Receive) -> None:
        self._room, self._receive = room, receive
        self._kept = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 -- closed by close()
        self._size, self._told, self.whole = 0, False, False

    async def take_in(self, length: int) -> bool:
        """All of it. False where the sender is gone before; raises what they are answered instead of their page."""
        if not length:
            return True
        try:
            async with asyncio.timeout(QUIET_SECONDS) as self._limit:
                self._room.let_in(self)
                return await self._take_in(length)
        except TimeoutError:
            raise (RequestTimeout() if self in self._room else Crowded("bodies", after=BACK_AFTER)) from None

    async def receive(self) -> Any:
        """As if it came only now; then whatever comes after it."""
        if self._told:
            return await self._receive()
        piece = self._kept.read(PIECE)
        self._told = self._kept.tell() == self._size
        return {"type": "http.request", "body": piece, "more_body": not self._told}

    def wait_no_longer(self) -> None:
        if not self._limit.expired():
            self._limit.reschedule(0)

    def close(self) -> None:
        self._room.leave(self)
        with contextlib.suppress(OSError):  # where the disk was full it tries once more to write
            self._kept.close()

    async def _take_in(self, length: int) -> bool:
        now = asyncio.get_running_loop().time
        began = now()
        while (message := await self._receive())["type"] == "http.request":
            self._keep(message.get("body", b""), length)
            if not message.get("more_body", False):
                self._begin_again()
                return True
            allowed = min(MOST_SECONDS, FIRST_SECONDS + self._size / LEAST_RATE)
            self._limit.reschedule(min(now() + QUIET_SECONDS, began + allowed))
        return False

    def _keep(self, piece: bytes, length: int) -> None:
        self._size += len(piece)
        if self._size > length:
            raise RequestEntityTooLarge
        self._room.take(self, len(piece))
        try:
            self._kept.write(piece)
        except OSError as error:
            raise of_disk("bodies", error) from error

    def _begin_again(self) -> None:
        try:
            self._kept.seek(0)
        except OSError as error:
            raise of_disk("bodies", error) from error
        self.whole = True


def length_of(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Of the body that comes. Raises what is answered where it is too large or of no said length, unread."""
    said = dict(headers)
    length, kind = said.get(b"content-length", b"0"), said.get(b"content-type", b"").decode("latin-1")
    if not length.isdigit():
        raise BadRequest
    if b"transfer-encoding" in said or int(length) > most_of(kind.partition(";")[0].strip().lower()):
        raise RequestEntityTooLarge
    return int(length)
