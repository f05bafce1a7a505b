"""Files on the local disk, sealed, a folder per tenant."""

import re
import shutil
import uuid
from pathlib import Path

from app.adapters.local.files import write_durably
from app.adapters.local.vault import HEAD, person_of
from app.kernel.errors import Refused, of_disk
from app.ports.vault import Vault
from tenants.scope import current_tenant

KEY = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+){0,3}(\.[a-z0-9]{1,5})?")


class LocalStorage:
    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder, self._vault = folder, vault

    def put(self, key: str, data: bytes, *, person: uuid.UUID | None = None) -> None:
        file, sealed = self._file(key), self._vault.seal(data, about=key, person=person)
        try:
            write_durably(file, sealed)
        except OSError as error:
            raise of_disk("storage", error) from error

    def get(self, key: str) -> bytes:
        try:
            return self._vault.open(self._file(key).read_bytes(), about=key)
        except FileNotFoundError as error:
            raise Refused("missing", key) from error

    def delete(self, key: str) -> None:
        self._file(key).unlink(missing_ok=True)

    def forget_person(self, person: uuid.UUID) -> int:
        """Each seal begins with whose it is, so a file that no row names is found as well."""
        files = (file for file in (self._folder / current_tenant().slug).rglob("*") if file.is_file())
        found = [file for file in files if _whose(file) == person]
        for file in found:
            file.unlink(missing_ok=True)
        return len(found)

    def person_of(self, key: str) -> uuid.UUID | None:
        try:
            return _whose(self._file(key))
        except FileNotFoundError as error:
            raise Refused("missing", key) from error

    def forget_tenant(self, slug: str) -> None:
        """Delete all files of a tenant that is being deleted."""
        shutil.rmtree(self._folder / slug, ignore_errors=True)

    def _file(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError(f"not a storage key: {key!r}")
        return self._folder / current_tenant().slug / key


def _whose(file: Path) -> uuid.UUID | None:
    with file.open("rb") as handle:
        return person_of(handle.read(HEAD))
