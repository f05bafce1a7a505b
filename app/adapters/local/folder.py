"""Backups in a folder: as plain files, on another disk than what they are of."""

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from app.adapters.local.files import make_folder, sync_folder, write_durably
from app.kernel.errors import Refused


class FolderStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, content: bytes | Path, *, once: bool = False) -> None:
        file = self.folder / name
        if isinstance(content, Path):
            make_folder(file.parent)
            shutil.move(content, file)
            sync_folder(file.parent)
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
    if not once:
        write_durably(file, content)
        return
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    write_durably(part, content)
    try:
        file.hardlink_to(part)
    except FileExistsError:
        raise Refused("there", file.name) from None
    finally:
        part.unlink()
        sync_folder(file.parent)


def _files(place: Path, below: str) -> Iterator[str]:
    for found, _, names in os.walk(place):
        for name in names:
            if not name.startswith("."):  # being written
                yield below + Path(found, name).relative_to(place).as_posix()


def _there(place: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [found for found in place.iterdir() if not found.name.startswith(".")]
    return []
