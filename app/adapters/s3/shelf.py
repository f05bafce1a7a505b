"""The shelf as objects of a bucket that keeps no versions: a tenant's below its id, one a person.

An object is written only over what was read (If-Match), or where nothing is (If-None-Match). A tombstone is written
over the key itself, so there is no moment in which both are there, and none in which a key comes back. Beside it a
second object, PERSON.erased, lets tombstones be listed.
"""

import json
import uuid
from datetime import datetime

from app.adapters.local.shelf import GRAVE
from app.adapters.s3.bucket import Bucket, Changed, Entry
from app.kernel.errors import Erased, Refused, Unavailable
from app.ports.shelf import Tombstone
from tenants.scope import current_tenant

TRIES = 20
NAME_PARTS = 3


class S3Shelf:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def get(self, name: str) -> bytes | None:
        found, _ = self._found(_place(name))
        return found

    def put(self, name: str, record: bytes, *, instead_of: bytes | None) -> bytes:
        place = _place(name)
        for _ in range(TRIES):
            there, tag = self._found(place)
            if there != instead_of:
                return there or b""
            try:
                self._bucket.put(place, record, over=tag)
            except Changed:
                continue
            return record
        raise Unavailable("keys: somebody else writes the same all the time")

    def destroy(self, grave: Tombstone) -> None:
        """Refused where the bucket keeps versions: what was overwritten would still be there."""
        self.refuse_versions()
        place = _place(str(grave.person))
        self._bucket.put(place + GRAVE, self._buried(place, grave))

    def contents(self) -> tuple[list[uuid.UUID], list[Tombstone]]:
        names = [entry.name for entry in self._bucket.entries(f"{current_tenant().id}/")]
        graves = [_read(name, self._bucket.get(name)) for name in names if name.endswith(GRAVE)]
        erased = {grave.person for grave in graves}
        keys = [uuid.UUID(parts[2]) for name in names if _is_person(parts := name.split("/"))]
        return [person for person in keys if person not in erased], graves

    def forget_tenant(self, tenant_id: uuid.UUID) -> None:
        self._bucket.delete(*(entry.name for entry in self._bucket.entries(f"{tenant_id}/")))

    def refuse_versions(self) -> None:
        """Raises Refused("versions")."""
        if self._bucket.versioning():
            raise Refused("versions", "keys: the bucket keeps versions, so nobody's key can be destroyed there")

    def entries(self) -> list[Entry]:
        """Everybody's records and tombstones, by TENANT/XX/PERSON as in the folder: for the mirror."""
        return list(self._bucket.entries())

    def record(self, name: str) -> bytes:
        return self._bucket.get(name)

    def put_back(self, name: str, content: bytes) -> bool:
        """A record or a tombstone out of a folder of keys; what is there already stays."""
        try:
            if name.endswith(GRAVE):
                place = name.removesuffix(GRAVE)
                self._bucket.put(name, self._buried(place, _read(name, content)))
            else:
                self._bucket.put(name, content, over=None)
        except Changed:
            return False
        return True

    def _buried(self, place: str, grave: Tombstone) -> bytes:
        """The tombstone that lies over the key from now on: that of the first time, if there was one."""
        written = json.dumps({"erased_at": grave.at.isoformat(), "receipt": grave.receipt}).encode()
        for _ in range(TRIES):
            there, tag = self._there(place)
            if there is not None and _is_grave(there):
                return there
            try:
                self._bucket.put(place, written, over=tag)
            except Changed:
                continue
            return written
        raise Unavailable("keys: somebody else writes the same all the time")

    def _found(self, place: str) -> tuple[bytes | None, str | None]:
        there, tag = self._there(place)
        if there is not None and _is_grave(there):
            raise Erased
        return there, tag

    def _there(self, place: str) -> tuple[bytes | None, str | None]:
        try:
            return self._bucket.get_with_tag(place)
        except Refused:
            return None, None


def _place(name: str) -> str:
    own = current_tenant().id
    if name in {"company", "own"}:
        return f"{own}/{name}"
    person = str(uuid.UUID(name))
    return f"{own}/{person[-2:]}/{person}"


def _is_grave(content: bytes) -> bool:
    return "erased_at" in json.loads(content)


def _is_person(parts: list[str]) -> bool:
    return len(parts) == NAME_PARTS and not parts[2].endswith(GRAVE)


def _read(name: str, content: bytes) -> Tombstone:
    said, person = json.loads(content), uuid.UUID(name.rpartition("/")[2].removesuffix(GRAVE))
    return Tombstone(person, datetime.fromisoformat(said["erased_at"]), int(said["receipt"]))
