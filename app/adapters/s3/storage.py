"""Files in a bucket, sealed as on the local disk: what leaves this process is noise to whoever keeps it.

Whose a file is stands in its seal; beside it lies an empty object under the person, written first, so that all of a
person's files are found without looking into every one: SLUG/.persons/PERSON/KEY.
"""

import uuid
from collections.abc import Iterator

from app.adapters.local.storage import KEY
from app.adapters.local.vault import HEAD, person_of
from app.adapters.s3.bucket import Bucket, Entry
from app.kernel.errors import Refused
from app.ports.vault import Vault
from tenants.scope import current_tenant

PERSONS = ".persons"


class S3Storage:
    def __init__(self, bucket: Bucket, vault: Vault) -> None:
        self._bucket, self._vault = bucket, vault

    def put(self, key: str, data: bytes, *, person: uuid.UUID | None = None) -> None:
        name = _name(key)
        self._put_sealed(name, key, self._vault.seal(data, about=key, person=person))

    def get(self, key: str) -> bytes:
        return self._vault.open(self._bucket.get(_name(key)), about=key)

    def delete(self, key: str) -> None:
        self._bucket.delete(_name(key))

    def forget_person(self, person: uuid.UUID) -> int:
        slug = current_tenant().slug
        below = f"{slug}/{PERSONS}/{person}/"
        markers = [entry.name for entry in self._bucket.entries(below)]
        theirs = [key for marker in markers if self._is_of(key := marker.removeprefix(below), person)]
        self._bucket.delete(*(f"{slug}/{key}" for key in theirs))
        self._bucket.delete(*markers)
        return len(theirs)

    def person_of(self, key: str) -> uuid.UUID | None:
        return person_of(self._bucket.get(_name(key), first=HEAD))

    def forget_tenant(self, slug: str) -> None:
        self._bucket.delete(*(entry.name for entry in self._bucket.entries(f"{slug}/")))

    def reach(self) -> None:
        self._bucket.reach()

    def entries(self, slug: str = "") -> Iterator[Entry]:
        """Sealed files of all companies, or of one, by SLUG/KEY: for backups."""
        below = f"{slug}/" if slug else ""
        return (entry for entry in self._bucket.entries(below) if f"/{PERSONS}/" not in entry.name)

    def sealed(self, name: str) -> bytes:
        """As it lies there, by SLUG/KEY."""
        return self._bucket.get(name)

    def put_back(self, name: str, sealed: bytes) -> None:
        """What was `sealed`, out of a backup."""
        self._put_sealed(name, name.partition("/")[2], sealed)

    def drop(self, names: list[str]) -> None:
        self._bucket.delete(*names)

    def _put_sealed(self, name: str, key: str, sealed: bytes) -> None:
        if person := person_of(sealed):
            self._bucket.put(f"{name.partition('/')[0]}/{PERSONS}/{person}/{key}", b"")
        self._bucket.put(name, sealed)

    def _is_of(self, key: str, person: uuid.UUID) -> bool:
        """A file that was written again for somebody else, or is gone, is not theirs any more."""
        try:
            return self.person_of(key) == person
        except Refused:
            return False


def _name(key: str) -> str:
    if not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return f"{current_tenant().slug}/{key}"
