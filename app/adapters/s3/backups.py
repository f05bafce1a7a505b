"""Backups in a bucket: the names of the folder, each object packed and sealed before it leaves (sealing.py).

But for files of people: those are sealed already, by their persons' keys, and named by what they hold. Left as they
are, they outlive any rotation of the master key.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from app.adapters.s3.bucket import WHATEVER, Bucket, Changed
from app.adapters.s3.sealing import HEAD, Opening, Sealing, key_of
from app.kernel.errors import Refused

LEVEL = 1  # a log of nothing becomes small
SEALED_ALREADY = "objects/"
TREE = ".tar"
READ_AT_ONCE = 1 << 20


class BucketStore:
    """`keys` seal, the newest first; each of them opens. With `for_good`, nothing is kept where versions are.

    They are asked for anew each time: while the master key is rotated, a process that runs opens what another sealed.
    """

    def __init__(self, bucket: Bucket, keys: Callable[[], list[bytes]], *, for_good: bool = False) -> None:
        self._bucket, self._keys, self._for_good, self._asked = bucket, keys, for_good, False

    def put(self, name: str, content: bytes | Path, *, once: bool = False) -> None:
        if not self._asked:
            self._refuse_versions()
        if isinstance(content, Path):
            self._put_tree(name + TREE, content)
            return
        leaves = content if name.startswith(SEALED_ALREADY) else self._sealed(gzip.compress(content, LEVEL), name)
        try:
            self._bucket.put(name, leaves, over=None if once else WHATEVER)
        except Changed:
            raise Refused("there", name) from None

    def get(self, name: str) -> bytes:
        with _told(name), self._source(name) as source:
            if name.startswith(SEALED_ALREADY):
                return source.read()
            return gzip.decompress(Opening(source, self._keys(), name).read())

    def lay_out(self, name: str, to: Path) -> None:
        """Only what was sealed by us is unpacked; all the same, nothing of it lands beside `to`."""
        with _told(name), self._source(name + TREE) as source:
            opened = io.BufferedReader(Opening(source, self._keys(), name + TREE), READ_AT_ONCE)
            with gzip.GzipFile(fileobj=opened) as plain, tarfile.open(fileobj=plain, mode="r|") as archive:
                archive.extractall(to, filter="data")
                while plain.read(READ_AT_ONCE):  # to the end, where the seal's last piece says that it is the end
                    pass

    def names(self, below: str, *, deep: bool = True) -> Iterable[str]:
        if not deep:
            return self._bucket.children(below)
        return (entry.name for entry in self._bucket.entries(below))

    def delete(self, *names: str) -> None:
        self._refuse_versions()
        below = [each.name for name in names if name.endswith("/") for each in self._bucket.entries(name)]
        self._bucket.delete(*below, *(name for name in names if not name.endswith("/")))

    def needs_older(self, name: str) -> bool:
        try:
            return key_of(self._bucket.get(name, first=HEAD), self._keys()[1:]) is not None
        except Refused:
            return False

    def _refuse_versions(self) -> None:
        """Raises Refused("versions") where what is deleted has to be gone, and would not be."""
        if self._for_good and self._bucket.versioning():
            raise Refused("versions", "the bucket keeps versions, so a key that was destroyed would stay there")
        self._asked = True

    def _source(self, name: str) -> io.BufferedReader:
        return io.BufferedReader(self._bucket.reading(name), READ_AT_ONCE)

    def _put_tree(self, name: str, folder: Path) -> None:
        with self._bucket.writing(name) as parts:
            sealing = Sealing(parts, self._keys(), name)
            with (
                gzip.GzipFile(fileobj=cast("Any", sealing), mode="wb", compresslevel=LEVEL, mtime=0) as packed,
                tarfile.open(fileobj=packed, mode="w|") as archive,
            ):
                archive.add(folder, ".")
            sealing.finish()

    def _sealed(self, content: bytes, name: str) -> bytes:
        into = io.BytesIO()
        sealing = Sealing(into, self._keys(), name)
        sealing.write(content)
        sealing.finish()
        return into.getvalue()


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError):
        raise Refused("broken", f"{name} is not what was written there") from None
