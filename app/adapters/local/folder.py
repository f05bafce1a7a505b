"""Backups in a folder: as plain files, on another disk than what they are of."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from app.kernel.errors import Refused


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes | Path, *, once: bool = False) -> None:
        file = self.folder / name
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.move(content, file)
        else:
            write_whole(file, content, once=once)

    def get(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise Refused("missing", name) from None

    def lay_out(self, name: str, to: Path) -> None:
        if not (self.folder / name).is_dir():
            raise Refused("missing", name)
        shutil.copytree(self.folder / name, to, symlinks=True)

    def names(self, below: str, *, deep: bool = True) -> Iterable[str]:
        place = self.folder / below
        return _files(place, below) if deep else [below + found.name for found in _there(place)]

    def delete(self, *names: str) -> None:
        for name in names:
            if name.endswith("/"):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            else:
                (self.folder / name).unlink(missing_ok=True)

    def needs_older(self, name: str) -> bool:  # noqa: ARG002 -- nothing is sealed here
        return False


def write_whole(file: Path, content: bytes, *, once: bool = False) -> None:
    """All of it on the disk, under its name, or nothing; with `once`, Refused("there") where something is."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        if once:
            file.hardlink_to(part)
        else:
            part.replace(file)
    except FileExistsError:
        raise Refused("there", file.name) from None
    finally:
        part.unlink(missing_ok=True)


def _files(place: Path, below: str) -> Iterator[str]:
    for found, _, names in os.walk(place):
        for name in names:
            if not name.startswith("."):  # being written
                yield below + Path(found, name).relative_to(place).as_posix()


def _there(place: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [found for found in place.iterdir() if not found.name.startswith(".")]
    return []
