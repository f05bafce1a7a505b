"""A process that has loaded what reading needs and reads nothing itself: each file gets a copy of it, confined.

It never sees a stranger's byte, so what it hands on is clean; a file costs no second of loading libraries, and none
has to be opened while it is read.
"""

import codecs
import importlib
import os
import signal
import socket
import sys
from contextlib import suppress
from functools import cache

from app.adapters.local.pages.child import answer, main
from app.adapters.local.pages.samples import SAMPLES

LOADED = {
    "pdf": ("app.adapters.local.pages.fonts", "app.adapters.local.pages.pdf"),
    "docx": ("app.adapters.local.pages.docx_file", "app.adapters.local.pages.picture"),
    "txt": ("app.adapters.local.pages.plain", "app.adapters.local.pages.picture"),
}
# Of texts, of what a PDF says about itself, and of names in archives.
_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp437")


def serve() -> None:
    """Over stdin, a socket: a kind and two files come in, the copy's pid and how it ended go out. Ends with it."""
    with socket.socket(fileno=0) as line:
        while True:
            kind, files, _, _ = socket.recv_fds(line, 16, 2)
            if not kind:
                return
            _load(kind.decode())
            pid = os.fork()
            if pid == 0:
                _read(line, kind.decode(), *files)
            for file in files:
                os.close(file)
            line.sendall(pid.to_bytes(8, "big"))
            _, status = os.waitpid(pid, 0)
            line.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))


@cache
def _load(kind: str) -> None:
    """All of it, as a copy opens nothing. What cannot be loaded is met again, and answered for, by the copy."""
    for name in LOADED[kind]:
        with suppress(ImportError, OSError):
            importlib.import_module(name)
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    with suppress(Exception):
        answer(kind, SAMPLES[kind])


def _read(line: socket.socket, kind: str, source: int, target: int) -> None:
    """The copy's whole life. It never comes back."""
    code = 1
    try:
        os.setsid()
        line.close()
        os.dup2(source, 0)
        os.dup2(target, 1)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        main(kind)
        sys.stdout.flush()
        code = 0
    finally:
        os._exit(code)
