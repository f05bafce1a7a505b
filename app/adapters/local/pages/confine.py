"""Takes from this process what reading a file never needs: files, memory without end, processes, sockets.

From here on it opens nothing, not even to read: what reading needs was loaded before (warm.py), and all that was open
but stdin and its like is closed. Files go twice over, by a limit of no descriptors, which any kernel keeps, and by a
seccomp filter that lets through what a process does with its own memory and what it was given, and nothing else: no
name of a file, no other process, nothing outside. The network goes with a namespace of its own as well, where the
machine permits one. Where no filter is permitted either, what is left is the limits and the empty environment: still
no file opens, but files can be renamed or removed by their names, and other processes reached.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
from contextlib import suppress

MEMORY = 1_536 * 1024 * 1024
CPU_SECONDS = 20
OUTPUT = 64 * 1024 * 1024

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_ALLOW, _DENY = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # by the kernel's audit names
# call → its numbers on x86_64 and aarch64, where there is one. No threads: nothing that reads starts any.
_ALLOWED: dict[str, tuple[int | None, int | None]] = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "fstat": (5, 80), "lseek": (8, 62),
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216), "mprotect": (10, 226),
    "madvise": (28, 233), "futex": (202, 98), "sched_yield": (24, 124), "getpid": (39, 172), "gettid": (186, 178),
    "clock_gettime": (228, 113), "gettimeofday": (96, 169), "time": (201, None), "getrandom": (318, 278),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139), "restart_syscall": (219, 128),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip


def confine() -> None:
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # each mapped font keeps a descriptor, so there are hundreds
    _limit()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.unshare(_NEW_USER | _NEW_NET)
    program = _program(platform.machine())
    if program:
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _install(libc, program)
    os.environ.clear()  # noqa: TID251  nothing is read; what is there is forgotten


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),  # those that are open stay; none comes
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _program(machine: str) -> bytes:
    """The filter: allowed calls go through, every other answers EPERM, by whatever number or other ABI it comes."""
    if machine not in _MACHINES:
        return b""
    refuse, allow = (_RETURN, 0, 0, _DENY | errno.EPERM), (_RETURN, 0, 0, _ALLOW)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, _MACHINES[machine]), refuse, (_LOAD, 0, 0, 0)]
    for numbers in _ALLOWED.values():
        if (call := numbers[list(_MACHINES).index(machine)]) is not None:
            steps += [(_EQUAL, 0, 1, call), allow]
    return b"".join(struct.pack("HBBI", *step) for step in [*steps, refuse])


def _install(libc: ctypes.CDLL, program: bytes) -> None:
    code = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.create_string_buffer(head), 0, 0)
