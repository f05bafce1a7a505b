"""Sealed files and people's keys, brought up to date in the target. Cheap enough for every minute."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.cli.backup.target import Target, write_whole
from app.kernel import clock

Seen = dict[str, list[int | str]]  # by company/key: when it was written, its size, its digest
TOMBSTONE = ".erased"


def mirror(target: Target, data: Path) -> dict[str, int]:
    """Files before anything else reads the listing; keys always, deletions too."""
    target.make_ready()
    came, went = _mirror_objects(target, data / "files")
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


def _mirror_objects(target: Target, files: Path) -> tuple[int, int]:
    """Journal first, index last: what a crash leaves undone is done again, and told twice at worst.

    Where there is no folder nothing is known, and nothing counts as gone.
    """
    if not files.is_dir():
        return 0, 0
    before, now = _index(target), dict[str, list[int | str]]()
    told = []
    for name, file in _files(files):
        with suppress(FileNotFoundError):  # deleted since it was listed
            found = file.stat()
            known = before.get(name)
            if known and known[:2] == [found.st_mtime_ns, found.st_size]:
                now[name] = known
                continue
            digest = keep(target, file)
            now[name] = [found.st_mtime_ns, found.st_size, digest]
            told.append((name, digest))
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


def keep(target: Target, file: Path) -> str:
    """Copy a file into the pool, once for each content. Gives its digest."""
    content = file.read_bytes()
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


def mirror_keys(source: Path, into: Path) -> None:
    """What is gone goes, tombstones come. Where `source` is missing nothing is known, and nothing is deleted."""
    if not source.is_dir():
        return
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {name: file for name, file in _files(source)}  # noqa: C416 -- pairs, by name
    for name, there in list(_files(into)):
        if name not in wanted:
            there.unlink()
    for name, file in wanted.items():
        copied = into / name
        copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if not copied.exists() or copied.stat().st_mtime_ns != file.stat().st_mtime_ns:
                write_whole(copied, file.read_bytes())
                shutil.copystat(file, copied)


def newest_keys(places: list[Path], into: Path) -> int:
    """The keys of the first place that is there; whoever has a tombstone in any of them has no key."""
    there = [place for place in places if place.is_dir()]
    erased = {name for place in there for name, _ in _files(place) if name.endswith(TOMBSTONE)}
    if there:
        mirror_keys(there[0], into)
    for name in erased:
        (into / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (into / name).touch(0o600)
        (into / name.removesuffix(TOMBSTONE)).unlink(missing_ok=True)
    return sum(1 for _ in _files(into)) if into.is_dir() else 0
