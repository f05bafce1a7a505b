"""Sealed files and people's keys, brought up to date in the target. Cheap enough for every minute."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.adapters.registry import Providers
from app.cli.backup.target import Target, write_whole
from app.kernel import clock
from app.kernel.errors import Refused
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.s3.shelf import S3Shelf
    from app.adapters.s3.storage import S3Storage

Seen = dict[str, list[int | str]]  # by company/key: when it was written, its size, its digest
GRAVE = ".erased"


@dataclass(frozen=True)
class Source:
    """A sealed file where it lives: by company/key, with what changes when it does."""

    name: str
    stamp: tuple[int | str, int]
    read: Callable[[], bytes]


def mirror_of(settings: Settings, target: Target) -> dict[str, int]:
    """Of an installation, wherever its files lie."""
    providers = Providers(settings)
    return mirror(target, settings.data_dir, providers.bucket_storage, providers.bucket_shelf)


def mirror(
    target: Target, data: Path, bucket: "S3Storage | None" = None, shelf: "S3Shelf | None" = None
) -> dict[str, int]:
    """Files before anything else reads the listing; keys always, deletions too."""
    target.make_ready()
    came, went = 0, 0
    if bucket:
        came, went = _mirror_objects(target, _in_bucket(bucket))
    elif (data / "files").is_dir():  # where there is no folder nothing is known, and nothing counts as gone
        came, went = _mirror_objects(target, sources_in(data / "files"))
    if shelf:
        keep_keys(target, shelf)
    else:
        mirror_keys(data / "keys", target.keys)
    target.note(mirrored=clock.now().isoformat())
    return {"came": came, "went": went}


def listing(target: Target) -> dict[str, str]:
    """The digest of each file that is there, by company/key, as last mirrored."""
    return {name: str(digest) for name, (_, _, digest) in _index(target).items()}


def _index(target: Target) -> Seen:
    file = target.folder / "objects.json"
    found: Seen = json.loads(file.read_text()) if file.exists() else {}
    return found


def sources_in(files: Path) -> Iterator[Source]:
    for name, file in _files(files):
        with suppress(FileNotFoundError):  # deleted since it was listed
            found = file.stat()
            yield Source(name, (found.st_mtime_ns, found.st_size), file.read_bytes)


def _in_bucket(bucket: "S3Storage") -> Iterator[Source]:
    for entry in bucket.entries():
        yield Source(entry.name, (entry.tag, entry.size), partial(bucket.sealed, entry.name))


def _mirror_objects(target: Target, sources: Iterator[Source]) -> tuple[int, int]:
    """Journal first, index last: what a crash leaves undone is done again, and told twice at worst."""
    before, now = _index(target), dict[str, list[int | str]]()
    told = []
    for source in sources:
        known = before.get(source.name)
        if known and known[:2] == list(source.stamp):
            now[source.name] = known
            continue
        try:
            digest = keep(target, source.read())
        except (FileNotFoundError, Refused):  # deleted since it was listed
            continue
        now[source.name] = [*source.stamp, digest]
        told.append((source.name, digest))
    gone = [(name, None) for name in before.keys() - now.keys()]
    if told or gone:
        _tell(target, [*told, *gone])
        write_whole(target.folder / "objects.json", json.dumps(now).encode())
    return len(told), len(gone)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for place, _, names in os.walk(folder):
        for name in names:
            if not name.startswith("."):  # being written
                file = Path(place, name)
                yield file.relative_to(folder).as_posix(), file


def keep(target: Target, content: bytes) -> str:
    """Copy it into the pool, once for each content. Gives its digest."""
    digest = hashlib.sha256(content).hexdigest()
    kept = target.object(digest)
    if not kept.exists():
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(kept, content)
    return digest


def _tell(target: Target, changes: list[tuple[str, str | None]]) -> None:
    at = clock.now().isoformat()
    lines = "".join(json.dumps({"at": at, "name": name, "sha256": digest}) + "\n" for name, digest in changes)
    with target.journal.open("a") as handle:
        handle.write(lines)
        handle.flush()
        os.fsync(handle.fileno())


def mirror_keys(source: Path, into: Path) -> int:
    """Keys come and go as they do in `source`; a grave never goes, and a key whose grave is on either side never comes.

    So an older state of `source` brings nobody back. Where it is missing nothing is known. Says how many there are.
    """
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.is_dir():
        wanted, there = dict(_files(source)), dict(_files(into))
        erased = {name.removesuffix(GRAVE) for name in (*wanted, *there) if name.endswith(GRAVE)}
        for name, copied in there.items():
            if name in erased or (name not in wanted and not name.endswith(GRAVE)):
                copied.unlink()
        for name in wanted.keys() - erased:
            _bring(wanted[name], into / name)
    return sum(1 for _ in _files(into))


def keep_keys(target: Target, shelf: "S3Shelf") -> int:
    """The same, of keys in a bucket: all that changed comes, all that went goes. Says how many there are."""
    index = target.folder / "keys.json"
    before: dict[str, str] = json.loads(index.read_text()) if index.exists() else {}
    now = {entry.name: entry.tag for entry in shelf.entries()}
    erased = {name.removesuffix(GRAVE) for name in now if name.endswith(GRAVE)}
    there = dict(_files(target.keys))
    erased |= {name.removesuffix(GRAVE) for name in there if name.endswith(GRAVE)}
    for name, copied in there.items():
        if name in erased or (name not in now and not name.endswith(GRAVE)):
            copied.unlink()
    for name in now.keys() - erased:
        file = target.keys / name
        if before.get(name) != now[name] or not file.exists():
            with suppress(Refused):  # destroyed since it was listed
                file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(file, shelf.record(name))
    write_whole(index, json.dumps(now).encode())
    return sum(1 for _ in _files(target.keys))


def _bring(file: Path, copied: Path) -> None:
    copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # destroyed since it was listed
        if not copied.exists() or copied.stat().st_mtime_ns != file.stat().st_mtime_ns:
            write_whole(copied, file.read_bytes())
            shutil.copystat(file, copied)
