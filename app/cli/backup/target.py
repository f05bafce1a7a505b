"""The folder of backups: what lies where, and what a backup says of itself.

    wal/NAME/          PostgreSQL's archived log (app/adapters/local/archiving.py)
    stream/NAME/       the same, as pg_receivewal got it
    bases/ID/          manifest.json, written last; a folder a PostgreSQL, as pg_basebackup left it
    objects/           sealed files by the digest of what is sealed; objects.jsonl says when which came and went
    keys/              people's keys as they are now: never an older state, so who was erased stays erased
    state.json         when the last backup was taken, and files mirrored; `good`: when the last verified one was taken

NAME is the first of the registry's names for the databases of one PostgreSQL.
"""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


class BackupError(Exception):
    """Why a backup is not taken, or not used; `code` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Base:
    folder: Path
    manifest: dict[str, Any]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def taken_at(self) -> datetime:
        return datetime.fromisoformat(self.manifest["taken_at"])


@dataclass(frozen=True)
class Target:
    folder: Path

    @property
    def bases(self) -> Path:
        return self.folder / "bases"

    @property
    def objects(self) -> Path:
        return self.folder / "objects"

    @property
    def journal(self) -> Path:
        return self.folder / "objects.jsonl"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def logs(self, cluster: str) -> list[Path]:
        return [self.folder / "wal" / cluster, self.folder / "stream" / cluster]

    def object(self, digest: str) -> Path:
        return self.objects / digest[:2] / digest

    def make_ready(self) -> None:
        """PostgreSQL's user passes through to its log; all else is ours alone."""
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        for place in (self.bases, self.objects, self.keys):
            place.mkdir(mode=0o700, exist_ok=True)

    def all(self) -> list[Base]:
        """Whole ones, oldest first."""
        found = sorted(self.bases.glob("*/manifest.json"))
        return [Base(file.parent, json.loads(file.read_text())) for file in found if file.parent.suffix != ".part"]

    def base(self, base_id: str | None = None, *, until: datetime | None = None) -> Base:
        """The one named, or the newest that was taken before `until`. Raises BackupError where there is none."""
        for base in reversed(self.all()):
            if base_id in {None, base.id} and (until is None or base.taken_at <= until):
                return base
        raise BackupError("no-backup", f"There is no such backup in {self.bases}.")

    def entries(self) -> Iterator[dict[str, Any]]:
        """The journal of objects, oldest first. A line that a crash cut short is the last one, and says nothing."""
        if self.journal.exists():
            for line in self.journal.read_text().splitlines():
                if line.endswith("}"):
                    yield json.loads(line)

    def state(self) -> dict[str, Any]:
        file = self.folder / "state.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def note(self, **what: Any) -> None:
        write_whole(self.folder / "state.json", json.dumps(self.state() | what).encode())


def write_whole(file: Path, content: bytes) -> None:
    """All of it on the disk, under its name, or nothing."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
