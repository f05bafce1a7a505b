"""The warm process of pages/warm.py, as this process holds it: one, asked for one file at a time."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

_APP = Path(__file__).resolve().parents[2]
# A bare `app`: the real one would load the web framework, which reading has no use for.
_WARM = """
import sys, types
app = sys.modules["app"] = types.ModuleType("app")
app.__path__ = [sys.argv[1]]
from app.adapters.local.pages.warm import serve
serve()
"""


class Copies:
    """Starts the warm process at the first file, and again after it died. An empty environment, no files but these."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def run(self, kind: str, source: int, target: int, *, seconds: float) -> int:
        """How the copy ended: its exit code, or minus the signal. Killed after `seconds`. Raises TimeoutError then."""
        with self._turn:
            line = self._ready()
            try:
                return self._ran(line, kind, source, target, seconds)
            except (OSError, EOFError) as error:
                if isinstance(error, TimeoutError):
                    raise
                self.close()  # the warm process died; the file gets one more, and what it did to the first is its end
                return self._ran(self._ready(), kind, source, target, seconds)

    def _ran(self, line: socket.socket, kind: str, source: int, target: int, seconds: float) -> int:
        line.settimeout(60)
        os.lseek(source, 0, os.SEEK_SET)
        socket.send_fds(line, [kind.encode()], [source, target])
        pid = int.from_bytes(_eight(line), "big")
        line.settimeout(seconds)
        try:
            return int.from_bytes(_eight(line), "big", signed=True)
        except TimeoutError:
            with suppress(ProcessLookupError):  # at the last moment it ended by itself, or has no group yet
                os.kill(pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            line.settimeout(60)
            _eight(line)
            raise

    def _ready(self) -> socket.socket:
        if self._owner != os.getpid():  # a fork of whoever started it: theirs stays theirs
            self._owner, self._line, self._process = os.getpid(), None, None
        if self._line is None or self._process is None or self._process.poll() is not None:
            self.close()
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and code
                    [sys.executable, "-I", "-c", _WARM, str(_APP)],
                    stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, cwd="/", start_new_session=True,
                )  # fmt: skip
            self._line = ours
        return self._line

    def close(self) -> None:
        if self._owner != os.getpid():
            return
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._line = self._process = None


def _eight(line: socket.socket) -> bytes:
    """A number; raises EOFError where the other side is gone."""
    said = b""
    while len(said) < 8:  # noqa: PLR2004
        part = line.recv(8 - len(said))
        if not part:
            raise EOFError
        said += part
    return said
