"""Keys as they are used: a person's under the company's, the company's under the master.

Opened keys are remembered for seconds, so that somebody who is erased in one process is gone from all of them soon.
"""

import base64
import json
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel import clock
from app.kernel.errors import Erased, Refused
from app.ports.master import Master
from app.ports.shelf import Shelf
from tenants.scope import current_tenant

NONCE, KEY = 12, 32
SECONDS_REMEMBERED = 30.0
MOST_REMEMBERED = 4096
COMPANY, OWN = "company", "own"
T = TypeVar("T")


@dataclass(frozen=True)
class Data:
    """The data keys of a person, or of the company itself: what seals, by generation; the last one seals anew."""

    ciphers: tuple[AESGCM, ...]

    @property
    def newest(self) -> int:
        return len(self.ciphers)


class Keyring:
    def __init__(self, shelf: Shelf, master: Master) -> None:
        self._shelf, self._master = shelf, master
        self._data: _Remembered[Data] = _Remembered()
        self._companies: _Remembered[dict[int, AESGCM]] = _Remembered()

    def to_seal(self, person: uuid.UUID | None) -> Data:
        """With a key that is made where there is none. Raises Erased for somebody who was."""
        return self._known(person) or self._make(person)

    def to_open(self, person: uuid.UUID | None) -> Data:
        """Raises Refused("sealed-elsewhere") where there is no such key, Erased where it was destroyed."""
        found = self._known(person)
        if found is None:
            raise Refused("sealed-elsewhere", "this company has no such key")
        return found

    def forget(self, person: uuid.UUID) -> None:
        self._data.forget((current_tenant().id, person))

    def add_company_key(self) -> int:
        """A new version, which wraps from now on; the older ones still unwrap. Gives its number."""
        self._company()

        def add(record: bytes) -> bytes:
            wrapped = _unpacked_company(record)
            version = max(wrapped) + 1
            made = self._master.wrap(secrets.token_bytes(KEY), about=_about_company(version))
            return _packed_company(wrapped | {version: made}, clock.now())

        self._replace(COMPANY, add)
        self._companies.forget(current_tenant().id)
        return max(self._company())

    def company_key_made_at(self) -> datetime | None:
        """Without opening it. None where there is none yet, or one of before that was noted."""
        record = self._shelf.get(COMPANY)
        return _made_at(record) if record else None

    def rewrap_data_keys(self) -> int:
        """Every person's, and the company's own, by the newest version. Gives how many that changed."""
        persons, _ = self._shelf.contents()
        return sum(self._replace(name, self._rewrapped(name)) for name in [OWN, *map(str, persons)])

    def drop_older_company_keys(self) -> int:
        """Only when nobody wraps by them any more. Raises Refused where something is still wrapped by one."""
        newest, (persons, _) = max(self._company()), self._shelf.contents()
        for name in [OWN, *map(str, persons)]:
            if (record := self._record(name)) and _unpacked(record)[0] != newest:
                raise Refused("in-use", f"{name} is wrapped by an older key of the company")
        dropped = len(self._company()) - 1
        self._replace(
            COMPANY, lambda record: _packed_company({newest: _unpacked_company(record)[newest]}, _made_at(record))
        )
        self._companies.forget(current_tenant().id)
        return dropped

    def rewrap_company_keys(self) -> int:
        """By the newest version of the master. Gives how many that changed."""
        record = self._shelf.get(COMPANY)
        if record is None:
            return 0
        wrapped = _unpacked_company(record)
        old = {version: each for version, each in wrapped.items() if not self._master.is_newest(each)}
        renewed = {v: self._master.rewrap(each, about=_about_company(v)) for v, each in old.items()}
        changed = _packed_company(wrapped | renewed, _made_at(record))
        if old and self._shelf.put(COMPANY, changed, instead_of=record) != changed:
            return self.rewrap_company_keys()  # somebody else changed it meanwhile
        return len(old)

    def _rewrapped(self, name: str) -> Callable[[bytes], bytes | None]:
        def rewrap(record: bytes) -> bytes | None:
            company, (version, wrapped) = self._company(), _unpacked(record)
            newest = max(company)
            if version == newest:
                return None
            abouts = [_about(name, generation) for generation in range(1, len(wrapped) + 1)]
            keys = [_unwrap(company[version], each, about) for each, about in zip(wrapped, abouts, strict=True)]
            return _packed(
                newest, [_wrap(company[newest], key, about) for key, about in zip(keys, abouts, strict=True)]
            )

        return rewrap

    def _replace(self, name: str, change: Callable[[bytes], bytes | None]) -> bool:
        """Again where somebody else was first; whoever was erased meanwhile stays so."""
        while (record := self._record(name)) is not None and (changed := change(record)) is not None:
            try:
                if self._shelf.put(name, changed, instead_of=record) == changed:
                    return True
            except Erased:
                return False
        return False

    def _record(self, name: str) -> bytes | None:
        try:
            return self._shelf.get(name)
        except Erased:
            return None

    def _known(self, person: uuid.UUID | None) -> Data | None:
        place = (current_tenant().id, person)
        remembered = self._data.get(place)
        if remembered is None and (record := self._shelf.get(_name(person))):
            remembered = self._data.keep(place, self._opened(record, _name(person)))
        return remembered

    def _make(self, person: uuid.UUID | None) -> Data:
        """Whoever is first makes it; who is second takes that. By the newest key, not by one that is remembered."""
        self._companies.forget(current_tenant().id)
        name, version = _name(person), max(self._company())
        record = _packed(version, [_wrap(self._company()[version], secrets.token_bytes(KEY), _about(name, 1))])
        there = self._shelf.put(name, record, instead_of=None)
        return self._data.keep((current_tenant().id, person), self._opened(there, name))

    def _opened(self, record: bytes, name: str) -> Data:
        version, wrapped = _unpacked(record)
        company = self._company()
        if version not in company:  # rotated a moment ago, by another process
            self._companies.forget(current_tenant().id)
            company = self._company()
        keys = (_unwrap(company[version], each, _about(name, n)) for n, each in enumerate(wrapped, start=1))
        return Data(tuple(AESGCM(key) for key in keys))

    def _company(self) -> dict[int, AESGCM]:
        """The company's keys by version."""
        tenant_id = current_tenant().id
        remembered = self._companies.get(tenant_id)
        if remembered is not None:
            return remembered
        record = self._shelf.get(COMPANY)
        if record is None:
            made = {1: self._master.wrap(secrets.token_bytes(KEY), about=_about_company(1))}
            record = self._shelf.put(COMPANY, _packed_company(made, clock.now()), instead_of=None)
        keys = {v: self._master.unwrap(w, about=_about_company(v)) for v, w in _unpacked_company(record).items()}
        return self._companies.keep(tenant_id, {version: AESGCM(key) for version, key in keys.items()})


class _Remembered(Generic[T]):
    """At most so many, for so long; what is forgotten is opened again."""

    def __init__(self) -> None:
        self._kept: dict[object, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def get(self, place: object) -> T | None:
        found = self._kept.get(place)
        return found[1] if found and time.monotonic() - found[0] < SECONDS_REMEMBERED else None

    def keep(self, place: object, thing: T) -> T:
        with self._lock:
            if len(self._kept) >= MOST_REMEMBERED:
                self._kept.clear()
            self._kept[place] = (time.monotonic(), thing)
        return thing

    def forget(self, place: object) -> None:
        with self._lock:
            self._kept.pop(place, None)


def _name(person: uuid.UUID | None) -> str:
    return str(person) if person else OWN


def _about(name: str, generation: int) -> str:
    return f"{current_tenant().id}/{name}/{generation}"


def _about_company(version: int) -> str:
    return f"{current_tenant().id}/{COMPANY}/{version}"


def _wrap(cipher: AESGCM, key: bytes, about: str) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + cipher.encrypt(nonce, key, about.encode())


def _unwrap(cipher: AESGCM, wrapped: bytes, about: str) -> bytes:
    try:
        return cipher.decrypt(wrapped[:NONCE], wrapped[NONCE:], about.encode())
    except InvalidTag as error:
        raise Refused("sealed-elsewhere", f"the key {about} does not unwrap here") from error


def _packed(company: int, wrapped: list[bytes]) -> bytes:
    return json.dumps({"company": company, "keys": [base64.b64encode(each).decode() for each in wrapped]}).encode()


def _unpacked(record: bytes) -> tuple[int, list[bytes]]:
    said = json.loads(record)
    return said["company"], [base64.b64decode(each) for each in said["keys"]]


def _packed_company(wrapped: dict[int, bytes], made_at: datetime | None) -> bytes:
    keys = {str(v): base64.b64encode(each).decode() for v, each in wrapped.items()}
    return json.dumps({"keys": keys} | ({"made_at": made_at.isoformat()} if made_at else {})).encode()


def _made_at(record: bytes) -> datetime | None:
    """When its newest key was made; None for one that is older than that note."""
    said = json.loads(record).get("made_at")
    return datetime.fromisoformat(said) if said else None


def _unpacked_company(record: bytes) -> dict[int, bytes]:
    return {int(v): base64.b64decode(each) for v, each in json.loads(record)["keys"].items()}
