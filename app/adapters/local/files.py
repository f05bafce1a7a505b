"""Writing small files so that they are there after the power fails."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def write_durably(file: Path, content: bytes) -> None:
    """Whole or not at all; in its folder, too, before this returns."""
    make_folder(file.parent)
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with _private(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def shred(file: Path) -> None:
    """Overwrite, then remove. What a disk keeps of overwritten blocks is the disk's own matter (docs/adr/0007)."""
    try:
        with file.open("r+b") as handle:
            handle.write(secrets.token_bytes(file.stat().st_size))
            handle.flush()
            os.fsync(handle.fileno())
        file.unlink()
    except FileNotFoundError:
        return
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Nobody else's turn within: threads and processes alike, as each opens the file by itself."""
    make_folder(file.parent)
    with _private(file, os.O_RDWR | os.O_CREAT) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def _private(file: Path, flags: int) -> BinaryIO:
    return os.fdopen(os.open(file, flags, 0o600), "r+b" if flags & os.O_RDWR else "wb")
