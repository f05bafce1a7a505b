"""Where backups lie, in a folder or a bucket: what lies where, and what a backup says of itself.

    wal/NAME/          PostgreSQL's archived log (app/adapters/local/archiving.py)
    bases/ID/          manifest.json, written last; a folder a PostgreSQL, as pg_basebackup left it (a bucket: NAME.tar)
    objects/           sealed files by the digest of what is sealed; objects.jsonl, and what came since in journal/, say
                       when which came and went
    keys/              people's keys as they are now: never an older state, so who was erased stays erased
    state/             run.json, mirror.json, verify.json: when; `good`: when the last verified backup was taken

On a disk even where the rest lies in a bucket (BACKUP_DIR):

    stream/NAME/       the log as pg_receivewal got it
    spool/NAME/        the log on its way into the bucket (archiving.py)

NAME is the first of the registry's names for the databases of one PostgreSQL. In a bucket all of it is sealed.
"""

import json
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from app.adapters.local.folder import FolderStore
from app.adapters.registry import Providers
from app.kernel.errors import Refused
from app.ports.backups import BackupStore
from app.settings import Settings

JOURNAL = "objects.jsonl"
STATES = ("state/run.json", "state/mirror.json", "state/verify.json")
SHUT = {"other-key", "broken"}
OTHER_KEY = "This backup was sealed with another master key: bring that key back (MASTER_KEY_FILE) first."
log = structlog.get_logger()


class BackupError(Exception):
    """Why a backup is not taken, or not used; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Base:
    id: str
    manifest: dict[str, Any]

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["taken_at"])

    def name(self, cluster: str) -> str:
        return f"bases/{self.id}/{cluster}"


@dataclass(frozen=True)
class Target:
    """`room` is on a disk, for what is laid out or on its way; `where` is for sentences.

    Where the room is one that everybody may write to (`shared`), nothing that lies there is believed.
    """

    store: BackupStore
    keys: BackupStore
    room: Path
    where: str
    shared: bool = False

    @classmethod
    def at(cls, folder: Path) -> "Target":
        store = FolderStore(folder)
        return cls(store, store, folder, str(folder))

    @classmethod
    def of(cls, settings: Settings, *, glances: bool = False) -> "Target | None":
        """What the settings name, if anything; for one who `glances`, calls end within seconds."""
        if settings.backup_bucket is None:
            return cls.at(settings.backup_dir.resolve()) if settings.backup_dir else None
        providers = Providers(settings, glances=glances)
        assert providers.backups  # noqa: S101 -- for the types: a bucket is set
        assert providers.backup_keys  # noqa: S101
        room = settings.backup_dir.resolve() if settings.backup_dir else Path(tempfile.gettempdir())
        shared = settings.backup_dir is None
        return cls(providers.backups, providers.backup_keys, room, settings.backup_bucket, shared)

    @property
    def folder(self) -> Path | None:
        """Where all of it lies on a disk."""
        return self.store.folder if isinstance(self.store, FolderStore) else None

    def streamed(self, cluster: str) -> list[Path]:
        """Where pg_receivewal puts a PostgreSQL's log, if it may be anywhere."""
        return [] if self.shared else [self.room / "stream" / cluster]

    def make_ready(self) -> None:
        """PostgreSQL's user passes through to its log; all else is ours alone."""
        self.room.mkdir(mode=0o711, parents=True, exist_ok=True)
        for place in ("bases", "objects", "keys") if self.folder else ():
            (self.room / place).mkdir(mode=0o700, exist_ok=True)

    def all(self) -> Iterator[Base]:
        """Whole ones that open, newest first."""
        return (found for found in self._looked_at() if isinstance(found, Base))

    def _looked_at(self) -> Iterator[Base | Refused]:
        for base_id in sorted(self.ids(), reverse=True):
            try:
                found = self._opened(base_id)
            except Refused as refused:
                if refused.code not in SHUT:
                    raise
                log.warning("backup_does_not_open", base=base_id, why=refused.code)
                yield refused
                continue
            if found:
                yield found

    def _opened(self, base_id: str) -> Base | None:
        name = f"bases/{base_id}/manifest.json"
        try:
            manifest = self.read(name, b"")
            return Base(base_id, json.loads(manifest)) if manifest else None
        except ValueError:
            raise Refused("broken", f"{name} is not what was written there") from None

    def ids(self) -> list[str]:
        """Of unfinished ones, too, and of those that do not open: sealed by a line of the master key that is gone, or
        broken.
        """
        return [name.rpartition("/")[2] for name in self.store.names("bases/", deep=False)]

    def base(self, base_id: str | None = None, *, until: datetime | None = None) -> Base:
        """The one named, or the newest that was taken before `until`. Raises BackupError where there is none."""
        shut = set[str]()
        for found in self._looked_at() if base_id is None else self._named(base_id):
            if isinstance(found, Refused):
                shut.add(found.code)
            elif until is None or found.taken_at <= until:
                return found
            else:
                shut.add("later")
        if shut == {"broken"}:
            raise BackupError("broken", f"The backup's manifest in {self.where} is not what was written: take another.")
        if shut and shut <= SHUT:
            raise BackupError("other-key", OTHER_KEY)
        raise BackupError("no-backup", f"There is no such backup in {self.where}.")

    def _named(self, base_id: str) -> list[Base | Refused]:
        try:
            found = self._opened(base_id)
        except Refused as refused:
            if refused.code not in SHUT:
                raise
            return [refused]
        return [found] if found else []

    def object(self, digest: str) -> str:
        return f"objects/{digest[:2]}/{digest}"

    def entries(self) -> list[dict[str, Any]]:
        """The journal of objects, oldest first. A line that a crash cut short is the last one, and says nothing.

        What parts are folded into is read after them, so that whatever goes from them meanwhile is found there.
        """
        parts = [*sorted(self.store.names("journal/")), JOURNAL]
        lines = [line for part in parts for line in self.read(part, b"").decode().splitlines()]
        found: list[dict[str, Any]] = [json.loads(line) for line in lines if line.endswith("}")]
        return sorted(found, key=lambda entry: str(entry["at"]))

    def tell(self, entries: list[dict[str, Any]]) -> None:
        """One part of the journal; `at` is the same in all of them. Nobody else has its name: twice is as once."""
        name = f"journal/{entries[0]['at']}-{secrets.token_hex(4)}.jsonl"
        self.store.put(name, _lines(entries))

    def fold(self, since: str = "") -> list[dict[str, Any]]:
        """The journal in one part, without what is older. What a crash tells twice is as once."""
        parts = list(self.store.names("journal/"))
        entries = [entry for entry in self.entries() if entry["at"] >= since]
        self.store.put(JOURNAL, _lines(entries))
        self.store.delete(*parts)
        return entries

    def read(self, name: str, default: bytes) -> bytes:
        try:
            return self.store.get(name)
        except Refused as refused:
            if refused.code != "missing":
                raise
            return default

    def state(self) -> dict[str, Any]:
        return {name: told for part in STATES for name, told in json.loads(self.read(part, b"{}")).items()}

    def note(self, word: str, **what: Any) -> None:
        """Each word has a part of its own, written whole: two that run at once take nothing from each other."""
        self.store.put(f"state/{word}.json", json.dumps(what).encode())


def _lines(entries: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(entry) + "\n" for entry in entries).encode()
