"""A copy of the warm process that a file has taken over: what it tries, and what came of it, as JSON (S-54).

python overtaken.py all|limits|filter CANARY KEY FOLDER PORT NEIGHBOUR
"""

import ctypes
import errno
import json
import os
import platform
import resource
import signal
import socket
import sys
from pathlib import Path

from app.adapters.local.pages import confine, warm

LIBC = ctypes.CDLL(None, use_errno=True)
X32 = 0x40000000
KNOWN = 600  # more than there are calls
# What is a process's own, and may go on: memory, what it was given to read and write, time, its signals, its end.
# Of read, write, close, lseek, fstat, mmap, mprotect, munmap, mremap, madvise, brk, futex, sched_yield, getpid, gettid,
# clock_gettime, gettimeofday, time, getrandom, rt_sigaction, rt_sigprocmask, rt_sigreturn, restart_syscall, exit,
# exit_group.
ITS_OWN = {
    "x86_64": {0, 1, 3, 8, 5, 9, 10, 11, 25, 28, 12, 202, 24, 39, 186, 228, 96, 201, 318, 13, 14, 15, 219, 60, 231},
    "aarch64": {
        63,
        64,
        57,
        62,
        80,
        222,
        226,
        215,
        216,
        233,
        214,
        98,
        124,
        172,
        178,
        113,
        169,
        278,
        134,
        135,
        139,
        128,
        93,
        94,
    },
}
PARENT = os.getppid()
TRAPS = {335, 336}  # x86_64's uretprobe and uprobe pass any filter, and kill whoever was not led there by the kernel
NONE = ctypes.c_long(-1)


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
        "what the parent was told": lambda: Path(f"/proc/{PARENT}/environ").read_bytes(),
        "parent's memory": lambda: Path(f"/proc/{PARENT}/mem").read_bytes(),
        "itself": lambda: Path("/proc/self/maps").read_text(),
        "new file": lambda: Path(folder, "new").touch(),
        "canary, written over": lambda: Path(canary).write_text(""),
    }


def names(canary, folder, neighbour):
    """What a file's name tells or changes."""
    return {
        "gone": lambda: Path(canary).unlink(),
        "moved": lambda: Path(canary).rename(f"{folder}/moved"),
        "cut": lambda: os.truncate(canary, 0),
        "for all": lambda: Path(canary).chmod(0o666),
        "somebody's": lambda: os.chown(canary, 65534, 65534),
        "older": lambda: os.utime(canary, (1, 1)),
        "linked": lambda: os.link(canary, f"{folder}/linked"),
        "pointed at": lambda: Path(folder, "pointed").symlink_to(canary),
        "new folder": lambda: Path(folder, "new").mkdir(),
        "a mark more": lambda: os.setxattr(canary, "user.more", b"x"),
        "a mark less": lambda: os.removexattr(canary, "user.mark"),
        "marks": lambda: os.listxattr(canary),
        "size": lambda: Path(canary).stat().st_size,
        "place of the neighbour": lambda: Path(f"/proc/{neighbour}/cwd").readlink(),
        "other place": lambda: os.chdir(folder),
        "memory as a file": lambda: os.memfd_create("x"),
        "what is given, for all": lambda: os.fchmod(1, 0o666),
        "what is given, twice": lambda: os.dup(1),
    }


def neighbours(neighbour, port):
    """What reaches another process, makes one, or leaves the machine."""
    return {
        "slower": lambda: os.setpriority(os.PRIO_PROCESS, neighbour, 19),
        "elsewhere": lambda: os.sched_setaffinity(neighbour, {0}),
        "idle": lambda: os.sched_setscheduler(neighbour, os.SCHED_IDLE, os.sched_param(0)),
        "as idle as before": lambda: os.sched_setparam(neighbour, os.sched_param(0)),
        "with fewer files": lambda: resource.prlimit(neighbour, resource.RLIMIT_NOFILE, (9, 9)),
        "its place among processes": lambda: os.getpgid(neighbour),
        "its end": lambda: os.kill(neighbour, signal.SIGTERM),
        "its end, by a number": lambda: os.pidfd_open(neighbour),
        "a group of one's own": os.setsid,
        "parent's end": lambda: os.kill(PARENT, 0),
        "called": lambda: socket.socket().connect(("127.0.0.1", port)),
        "sent": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
        "fork": os.fork,
        "program": lambda: os.execv("/bin/true", ["true"]),  # noqa: S606
        "spawned": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "more descriptors": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        "memory": lambda: bytearray(4_000_000_000),
    }


def calls():
    """Every one there is and may come to be but its own, by number, as code that came in with a file would do it.

    On x86_64 by the second set of numbers too, which has its own ones as well. -1 harms nothing where it is let through.
    """
    machine = platform.machine()
    numbers = set(range(KNOWN)) - ITS_OWN[machine]
    if machine == "x86_64":
        numbers |= {X32 | number for number in range(KNOWN)}
        numbers -= TRAPS
    return {f"call {one:#x}": lambda one=one: LIBC.syscall(ctypes.c_long(one), *[NONE] * 6) for one in sorted(numbers)}


def held():
    """Descriptors that are still there. By lseek, since looking at one is not permitted any more."""
    return [one for one in range(4096) if outcome(lambda one=one: os.lseek(one, 0, os.SEEK_CUR)) != "EBADF"]


def main(layers, canary, key, folder, port, neighbour):
    for kind in warm.LOADED:
        warm._load(kind)
    before = outcome(lambda: Path(__file__).read_text())
    opened = len(held())
    if layers == "limits":
        confine._program = lambda _: b""
    if layers == "filter":
        confine._limit = lambda: None
    confine.confine()
    left = held()
    attempts = openings(canary, key, folder)
    if layers == "all":
        attempts |= names(canary, folder, neighbour) | neighbours(int(neighbour), int(port)) | calls()
    said = {name: outcome(attempt) for name, attempt in attempts.items()}
    told = {"before": before, "opened": opened, "left": left, "environment": dict(os.environ), "said": said}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
