"""ClamAV's clamd, by its own protocol (man clamd, INSTREAM): a command, pieces with their lengths, an answer."""

import re
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from app.kernel.errors import Refused, Unavailable

CONNECT_SECONDS = 3.0
WHOLE_SECONDS = 30.0
PIECE = 256 * 1024
LONGEST_ANSWER = 4096
LONGEST_NAME = 120
_FOUND = re.compile(r"stream: (?P<name>.+) FOUND")


class Clamd:
    """`address` is unix:/path, or host:port. A connection a file; the file is sent as it is, and never in parts."""

    def __init__(self, address: str, *, seconds: float = WHOLE_SECONDS) -> None:
        self._address, self._seconds = address, seconds

    def found_in(self, data: bytes) -> str | None:
        return verdict(self._asked(b"zINSTREAM\0", _pieces(data)))

    def greet(self) -> str:
        return self._asked(b"zVERSION\0", iter(()))

    def _asked(self, command: bytes, pieces: Iterator[bytes]) -> str:
        """Where it ends the connection before it has all, it may have said why."""
        until = time.monotonic() + self._seconds
        with _translating(), self._connection() as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                for piece in (command, *pieces):
                    connection.settimeout(_left(until))
                    connection.sendall(piece)
            return _answer(connection, until)

    def _connection(self) -> socket.socket:
        kind, _colon, path = self._address.partition(":")
        if kind == "unix":
            return _connected(path)
        host, _colon, port = self._address.removeprefix("tcp:").removeprefix("//").rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS)


def _connected(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_SECONDS)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def verdict(answer: str) -> str | None:
    """Of "stream: OK", "stream: NAME FOUND", or what is wrong. Anything else is no verdict, least a good one."""
    if answer == "stream: OK":
        return None
    if found := _FOUND.fullmatch(answer):
        return "".join(sign for sign in found["name"] if sign.isprintable())[:LONGEST_NAME]
    if answer.startswith("INSTREAM size limit exceeded"):
        raise Refused("too-large", "clamd: StreamMaxLength is smaller than the file")
    raise Unavailable(f"clamd: {answer[:LONGEST_NAME]}", after=timedelta(seconds=30))


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), PIECE):
        piece = data[start : start + PIECE]
        yield struct.pack(">I", len(piece)) + piece
    yield struct.pack(">I", 0)


def _answer(connection: socket.socket, until: float) -> str:
    """It ends with a zero, or with the connection."""
    said = b""
    while b"\0" not in said and len(said) < LONGEST_ANSWER:
        connection.settimeout(_left(until))
        more = connection.recv(LONGEST_ANSWER)
        if not more:
            break
        said += more
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except (OSError, OverflowError) as error:
        raise Unavailable(f"clamd: {error}", after=timedelta(seconds=30)) from error
