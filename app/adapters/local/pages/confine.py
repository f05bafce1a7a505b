"""Takes from this process what reading a file never needs: files, memory without end, processes, sockets.

From here on it opens nothing, not even to read: what reading needs was loaded before (warm.py). Files go twice over,
by a limit of no descriptors, which any kernel keeps, and by a seccomp filter that also refuses whatever changes a file
by its name, reaches another process, or makes sockets, programs and processes. The network goes with a namespace of its
own as well, where the machine permits one. Where no filter is permitted either, what is left is the limits and the
empty environment: still no file.
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
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_CLONE_THREAD = 0x00010000
_X32 = 0x40000000  # the calls of x86_64 a second time, by other numbers
# machine → (audit name, clone); clone3 is "unknown" everywhere, so libc falls back to clone
_MACHINES = {"x86_64": (0xC000003E, 56), "aarch64": (0xC00000B7, 220)}
# call → its numbers on x86_64 and aarch64, where there is one
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    "open": (2, None), "creat": (85, None), "openat": (257, 56), "openat2": (437, 437),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "open_tree": (428, 428),
    "truncate": (76, 45), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None), "unlinkat": (263, 35),
    "link": (86, None), "linkat": (265, 37), "symlink": (88, None), "symlinkat": (266, 36),
    "mknod": (133, None), "mknodat": (259, 33), "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "lchown": (94, None), "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None),
    "futimesat": (261, None), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429),
    "fsopen": (430, 430), "fspick": (433, 433), "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "socketpair": (53, 199),
    "io_uring_setup": (425, 425), "mq_open": (240, 180), "shmget": (29, 194), "shmat": (30, 196),
    "msgget": (68, 186), "semget": (64, 190), "fork": (57, None), "vfork": (58, None), "execve": (59, 221),
    "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "kill": (62, 129),
    "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setrlimit": (160, 164), "prlimit64": (302, 261), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
}  # fmt: skip
_CLONE3 = 435


def confine() -> None:
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
    """The filter: refused calls answer EPERM, clone only makes threads, everything else goes through."""
    if machine not in _MACHINES:
        return b""
    audit, clone = _MACHINES[machine]
    refuse, allow = (_RETURN, 0, 0, _DENY | errno.EPERM), (_RETURN, 0, 0, _ALLOW)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), refuse, (_LOAD, 0, 0, 0), (_AT_LEAST, 0, 1, _X32), refuse]
    for numbers in _REFUSED.values():
        if (call := numbers[list(_MACHINES).index(machine)]) is not None:
            steps += [(_EQUAL, 0, 1, call), refuse]
    steps += [(_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _DENY | errno.ENOSYS)]
    steps += [(_EQUAL, 0, 3, clone), (_LOAD, 0, 0, 16), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _install(libc: ctypes.CDLL, program: bytes) -> None:
    code = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    libc.prctl(_SET_SECCOMP, _FILTER_MODE, ctypes.create_string_buffer(head), 0, 0)
