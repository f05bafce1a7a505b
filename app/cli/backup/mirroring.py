"""Sealed files and people's keys, brought up to date in the target. Cheap enough for every minute."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.local.folder import write_whole
from app.adapters.registry import Providers
from app.cli.backup.target import JOURNAL, STATES, BackupError, Target
from app.kernel import clock
from app.kernel.errors import Refused
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.s3.shelf import S3Shelf
    from app.adapters.s3.storage import S3Storage

Seen = dict[str, list[int | str]]  # by company/key: when it was written, its size, its digest
Keeping = Callable[["Target", Iterable["Source"], str], int]
AT_ONCE_BYTES = 64 << 20
KEYS, KEY_INDEX, GRAVE = "keys/", "keys.json", ".erased"
EMPTY = (
    "%s keys in %s are gone where keys live, and nobody was erased: if that place was lost, restore from here."
    " If they were meant to go, say so once: backup mirror --even-if-empty."
)


@dataclass(frozen=True)
class Source:
    """A sealed file, or a key, where it lives: by its name, with what changes when it does."""

    name: str
    stamp: tuple[int | str, int]
    read: Callable[[], bytes]


def mirror_of(settings: Settings, target: Target, keys: "Keeping | None" = None) -> dict[str, int]:
    """Of an installation, wherever its files lie."""
    providers, sealed_by = Providers(settings), settings.fingerprint()
    bucket, shelf = providers.bucket_storage, providers.bucket_shelf
    return mirror(target, settings.data_dir, bucket, shelf, sealed_by=sealed_by, keys=keys)


def mirror(
    target: Target,
    data: Path,
    bucket: "S3Storage | None" = None,
    shelf: "S3Shelf | None" = None,
    *,
    sealed_by: str = "",
    keys: "Keeping | None" = None,
) -> dict[str, int]:
    """Files before anything else reads the listing; keys always, as `keys` has it (`keep_keys` unless said)."""
    keys = keys or keep_keys
    target.make_ready()
    came, went = 0, 0
    if bucket:
        came, went = _mirror_objects(target, _in_bucket(bucket))
    elif (data / "files").is_dir():  # where there is no folder nothing is known, and nothing counts as gone
        came, went = _mirror_objects(target, sources_in(data / "files"))
    if shelf:
        keys(target, _on_shelf(shelf), sealed_by)
    elif (data / "keys").is_dir():
        keys(target, sources_in(data / "keys"), sealed_by)
    target.note("mirror", mirrored=clock.now().isoformat())
    return {"came": came, "went": went}


def listing(target: Target) -> dict[str, str]:
    """The digest of each file that is there, by company/key, as last mirrored."""
    return {name: str(digest) for name, (_, _, digest) in _index(target).items()}


def _index(target: Target) -> Seen:
    found: Seen = json.loads(target.read("objects.json", b"{}"))
    return found


def sources_in(folder: Path) -> Iterator[Source]:
    for name, file in _files(folder):
        with suppress(FileNotFoundError):  # deleted since it was listed
            found = file.stat()
            yield Source(name, (found.st_mtime_ns, found.st_size), file.read_bytes)


def _in_bucket(bucket: "S3Storage") -> Iterator[Source]:
    for entry in bucket.entries():
        yield Source(entry.name, (entry.tag, entry.size), partial(bucket.sealed, entry.name))


def _on_shelf(shelf: "S3Shelf") -> Iterator[Source]:
    for entry in shelf.entries():
        yield Source(entry.name, (entry.tag, entry.size), partial(shelf.record, entry.name))


def _mirror_objects(target: Target, sources: Iterator[Source]) -> tuple[int, int]:
    """Journal first, index last: what a crash leaves undone is done again, and told twice at worst.

    Told before it is there, too, so that whoever prunes meanwhile leaves it (taking.py).
    """
    before, now = _index(target), dict[str, list[int | str]]()
    came = 0
    for some in _handfuls(source for source in sources if not _is_known(source, before, now)):
        digests = {source.name: hashlib.sha256(content).hexdigest() for source, content in some}
        _tell(target, digests)
        for source, content in some:
            keep(target, digests[source.name], content)
            now[source.name] = [*source.stamp, digests[source.name]]
        came += len(some)
    gone = before.keys() - now.keys()
    if gone:
        _tell(target, dict.fromkeys(gone))
    if came or gone:
        target.store.put("objects.json", json.dumps(now).encode())
    return came, len(gone)


def _is_known(source: Source, before: Seen, now: Seen) -> bool:
    known = before.get(source.name)
    if known is None or known[:2] != list(source.stamp):
        return False
    now[source.name] = known
    return True


def _handfuls(sources: Iterable[Source]) -> Iterator[list[tuple[Source, bytes]]]:
    """As much as fits into memory with ease; what was deleted since it was listed is left out."""
    held, size = list[tuple[Source, bytes]](), 0
    for source in sources:
        with suppress(FileNotFoundError):
            held.append((source, _read(source)))
            size += len(held[-1][1])
        if size > AT_ONCE_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


def _tell(target: Target, digests: Mapping[str, str | None]) -> None:
    at = clock.now().isoformat()
    target.tell([{"at": at, "name": name, "sha256": digest} for name, digest in digests.items()])


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, _, names in os.walk(folder):
        for name in names:
            if not name.startswith("."):  # being written
                file = Path(place, name)
                yield file.relative_to(folder).as_posix(), file


def keep(target: Target, digest: str, content: bytes) -> None:
    """Copy it into the pool, once for each content."""
    try:
        target.store.put(target.object(digest), content, once=True)
    except Refused as refused:
        if refused.code != "there":
            raise


@dataclass(frozen=True)
class _Both:
    """Keys and graves by name, of where they live (`now`) and of the backups (`there`); `before`: as mirrored last."""

    before: dict[str, list[int | str]]
    now: dict[str, Source]
    there: set[str]

    @classmethod
    def of(cls, target: Target, sources: Iterable[Source]) -> "_Both":
        before: dict[str, list[int | str]] = json.loads(target.read(KEY_INDEX, b"{}"))
        now = {source.name: source for source in sources}
        return cls(before, now, {name.removeprefix(KEYS) for name in target.keys.names(KEYS)})

    @property
    def erased(self) -> set[str]:
        return {name.removesuffix(GRAVE) for name in (*self.now, *self.there) if name.endswith(GRAVE)}

    @property
    def ungraved(self) -> set[str]:
        """Keys that only the backups have, though nobody was erased."""
        return {name for name in self.there - self.now.keys() - self.erased if not name.endswith(GRAVE)}

    @property
    def emptied(self) -> bool:
        """Keys are gone in a way in which they never go: all of them, or everybody's of a company that is there."""
        stay = {name.partition("/")[0] for name in (self.there & self.now.keys()) - self.erased if name.count("/") > 1}
        gone = {name.partition("/")[0] for name in self.ungraved if name.count("/") > 1} - stay
        nothing_lives = all(name.endswith(GRAVE) for name in self.now)
        return bool(self.ungraved) and (nothing_lives or any(f"{tenant}/company" in self.now for tenant in gone))


def keep_keys(target: Target, sources: Iterable[Source], sealed_by: str, *, even_if_empty: bool = False) -> int:
    """Keys come and go as they do where they live; a grave never goes, and a key whose grave is on either side never
    comes. So an older state brings nobody back. Says how many there are.

    All are written again once the master key has a newer line (`sealed_by`), so that none needs an older one. Raises
    BackupError("empty") where it looks as if the place they live in was lost: the backups have the last copy then.
    """
    both = _Both.of(target, sources)
    if both.emptied and not even_if_empty:
        raise BackupError("empty", EMPTY % (len(both.ungraved), target.where))
    before, now, there, erased = both.before, both.now, both.there, both.erased
    went = (there & erased) | both.ungraved
    if went:
        target.keys.delete(*(KEYS + name for name in went))
    there -= went
    for name in now.keys() - erased:
        if before.get(name) != [*now[name].stamp, sealed_by] or name not in there:
            with suppress(FileNotFoundError):  # destroyed since it was listed
                target.keys.put(KEYS + name, _read(now[name]))
                there.add(name)
    index = {name: [*source.stamp, sealed_by] for name, source in now.items()}
    for name in there - now.keys():  # graves that only the backups know
        index[name] = [sealed_by]
        if before.get(name) != index[name]:
            target.keys.put(KEYS + name, target.keys.get(KEYS + name))
    if index != before:
        target.store.put(KEY_INDEX, json.dumps(index).encode())
    return len(there)


def bring_keys(target: Target, sources: Iterable[Source], sealed_by: str) -> int:
    """For a restore: what came since the last mirror, graves above all; nothing goes.

    Where keys are missing though nobody was erased, the place was lost, and what lies there now may be of a new one:
    then graves alone are taken.
    """
    both = _Both.of(target, sources)
    index, erased, lost = dict(both.before), both.erased, bool(both.ungraved)
    for name in both.now.keys() - erased:
        stamp = [*both.now[name].stamp, sealed_by]
        if (name.endswith(GRAVE) or not lost) and (index.get(name) != stamp or name not in both.there):
            with suppress(FileNotFoundError):
                target.keys.put(KEYS + name, _read(both.now[name]))
                index[name] = stamp
    if index != both.before:
        target.store.put(KEY_INDEX, json.dumps(index).encode())
    return len(both.there | index.keys())


def _read(source: Source) -> bytes:
    """Raises FileNotFoundError where it is gone, whoever had it."""
    try:
        return source.read()
    except Refused as refused:
        raise FileNotFoundError(source.name) from refused


def write_anew(target: Target) -> None:
    """What is written only when something changes, so that it needs no older line of the master key for long."""
    target.store.put("objects.json", json.dumps(_index(target)).encode())
    for part in STATES:
        if target.store.needs_older(part):
            target.store.put(part, target.store.get(part))


def needing_older(settings: Settings, target: Target) -> list[str]:
    """What all backups share, and only an older line of the master key opens: `backup run` writes it anew."""
    shared = ["objects.json", KEY_INDEX, *STATES, JOURNAL, *target.store.names("journal/")]
    found = [name for name in shared if target.store.needs_older(name)]
    keys: dict[str, list[int | str]] = json.loads(target.read(KEY_INDEX, b"{}"))
    older = settings.fingerprints()[1:] if target.folder is None else []
    return found + [KEYS + name for name, known in keys.items() if known[-1] in older]


def lay_keys(target: Target, into: Path) -> int:
    """Keys of the backups, into a folder of keys where there may be graves already. Says how many there are then."""
    for name in sorted(target.keys.names(KEYS), key=lambda name: not name.endswith(GRAVE)):
        file = into / name.removeprefix(KEYS)
        if not file.with_name(file.name + GRAVE).exists():
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(file, target.keys.get(name))
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    return sum(1 for _ in _files(into))
