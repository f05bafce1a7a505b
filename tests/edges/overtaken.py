"""A copy of the warm process that a file has taken over: what it tries, and what came of it, as JSON (S-54).

python overtaken.py all|limits|filter CANARY KEY FOLDER PORT
"""

import ctypes
import errno
import json
import os
import platform
import resource
import socket
import sys
from pathlib import Path

from app.adapters.local.pages import confine, warm

LIBC = ctypes.CDLL(None, use_errno=True)
X32 = 0x40000000


def outcome(attempt):
    ctypes.set_errno(0)
    try:
        found = attempt()
    except (OSError, ValueError, MemoryError) as error:
        return errno.errorcode.get(getattr(error, "errno", None), type(error).__name__)
    return errno.errorcode.get(ctypes.get_errno(), "failed") if found == -1 else "done"


def openings(canary, key, folder):
    def after_closing():
        os.close(2)
        return os.open(canary, os.O_RDONLY)

    return {
        "passwords": lambda: Path("/etc/passwd").read_text(),
        "master key": lambda: Path(key).read_bytes(),
        "canary": lambda: Path(canary).read_text(),
        "canary, in a place that was free": after_closing,
        "canary, by its folder": lambda: next(Path(folder).iterdir()),
        "what the parent was told": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "parent's memory": lambda: Path(f"/proc/{os.getppid()}/mem").read_bytes(),
        "itself": lambda: Path("/proc/self/maps").read_text(),
        "new file": lambda: Path(folder, "new").touch(),
        "canary, written over": lambda: Path(canary).write_text(""),
    }


def others(canary, folder, port):
    return {
        "gone": lambda: Path(canary).unlink(),
        "moved": lambda: Path(canary).rename(f"{folder}/moved"),
        "cut": lambda: os.truncate(canary, 0),
        "for all": lambda: Path(canary).chmod(0o666),
        "linked": lambda: os.link(canary, f"{folder}/linked"),
        "new folder": lambda: Path(folder, "new").mkdir(),
        "called": lambda: socket.create_connection(("127.0.0.1", port)),
        "sent": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "fork": os.fork,
        "program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        "spawned": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "parent's end": lambda: os.kill(os.getppid(), 0),
        "more descriptors": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        "memory": lambda: bytearray(4_000_000_000),
    }


def calls():
    """Each by its number, as code that came in with a file would do it; on x86_64 by the second set of numbers too."""
    column = list(confine._MACHINES).index(platform.machine())
    numbers = {name: both[column] for name, both in confine._REFUSED.items() if both[column] is not None}
    if column == 0:
        numbers |= {f"{name}, x32": X32 | number for name, number in numbers.items()}
    return {name: lambda number=number: LIBC.syscall(number, 0, 0, 0, 0, 0) for name, number in numbers.items()}


def main(layers, canary, key, folder, port):
    for kind in warm.LOADED:
        warm._load(kind)
    before = outcome(lambda: Path(__file__).read_text())
    if layers == "limits":
        confine._program = lambda _: b""
    if layers == "filter":
        confine._limit = lambda: None
    confine.confine()
    said = {name: outcome(attempt) for name, attempt in openings(canary, key, folder).items()}
    if layers == "all":
        said |= {name: outcome(attempt) for name, attempt in (others(canary, folder, int(port)) | calls()).items()}
    print(json.dumps({"before": before, "environment": dict(os.environ), "said": said}))


if __name__ == "__main__":
    main(*sys.argv[1:])
