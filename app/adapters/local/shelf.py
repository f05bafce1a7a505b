"""The shelf as files: a folder a tenant, by its id, so that it may be renamed, moved and restored.

One lock a tenant, held for a write: what rotates keys cannot bring back what is being destroyed.
"""

import json
import shutil
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from app.adapters.local.files import locked, shred, write_durably
from app.kernel.errors import Erased, Unavailable
from app.ports.shelf import Tombstone
from tenants.scope import current_tenant

GRAVE = ".erased"


class LocalShelf:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str) -> bytes | None:
        file = self._file(name)
        try:
            if _grave_of(file).exists():
                raise Erased
            return file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"keys: {error.strerror}") from error

    def put(self, name: str, record: bytes, *, instead_of: bytes | None) -> bytes:
        try:
            with locked(self._own_folder() / ".lock"):
                there = self.get(name)
                if there != instead_of:
                    return there or b""
                write_durably(self._file(name), record)
                return record
        except OSError as error:
            raise Unavailable(f"keys: {error.strerror}") from error

    def destroy(self, grave: Tombstone) -> None:
        file = self._file(str(grave.person))
        written = json.dumps({"erased_at": grave.at.isoformat(), "receipt": grave.receipt}).encode()
        try:
            with locked(self._own_folder() / ".lock"):
                if not _grave_of(file).exists():
                    write_durably(_grave_of(file), written)
                shred(file)
        except OSError as error:
            raise Unavailable(f"keys: {error.strerror}") from error

    def contents(self) -> tuple[list[uuid.UUID], list[Tombstone]]:
        graves = [_read_grave(file) for file in sorted(self._own_folder().glob(f"??/*{GRAVE}"))]
        erased = {grave.person for grave in graves}
        keys = [uuid.UUID(file.name) for file in sorted(self._own_folder().glob("??/" + "?" * 36)) if _is_key(file)]
        return [person for person in keys if person not in erased], graves

    def forget_tenant(self, tenant_id: uuid.UUID) -> None:
        folder = self._folder / str(tenant_id)
        for file in self._keys_in(folder):
            shred(file)
        shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _keys_in(folder: Path) -> Iterator[Path]:
        return (file for file in folder.rglob("*") if file.is_file() and file.suffix != GRAVE)

    def _own_folder(self) -> Path:
        return self._folder / str(current_tenant().id)

    def _file(self, name: str) -> Path:
        """Ids grow with time from their beginning: their ends spread."""
        if name in {"company", "own"}:
            return self._own_folder() / name
        person = str(uuid.UUID(name))
        return self._own_folder() / person[-2:] / person


def _grave_of(file: Path) -> Path:
    return file.with_name(file.name + GRAVE)


def _is_key(file: Path) -> bool:
    try:
        return str(uuid.UUID(file.name)) == file.name
    except ValueError:
        return False


def _read_grave(file: Path) -> Tombstone:
    said = json.loads(file.read_bytes())
    person = uuid.UUID(file.name.removesuffix(GRAVE))
    return Tombstone(person, datetime.fromisoformat(said["erased_at"]), int(said["receipt"]))
