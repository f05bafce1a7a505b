"""PostgreSQL's log for a recovery, out of a store that PostgreSQL's user knows nothing of.

`restore_command` asks by a file and waits; a thread of ours brings what was asked for, and the next ones before they
are. What could not be brought ends the recovery: the end of the log is only where the store says that there is no more.
"""

import bisect
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import structlog

from app.adapters.local.programs import Programs
from app.kernel.errors import Refused
from app.ports.backups import BackupStore

AHEAD = 3
EACH_SECONDS = 0.01
LONGEST_SECONDS = 900
log = structlog.get_logger()


@contextmanager
def fed(store: BackupStore, below: str, programs: Programs) -> Iterator[str]:
    """The shell's line, good while the block lasts: for `restore_command`, and to be followed by others."""
    with tempfile.TemporaryDirectory(prefix="assay-log-", dir="/tmp") as place, ThreadPoolExecutor(AHEAD + 1) as pool:
        folder = Path(place)
        programs.own(folder)
        feeder, over = _Feeder(store, below, folder, pool, programs), threading.Event()
        thread = threading.Thread(target=feeder.serve, args=(over,), daemon=True)
        thread.start()
        try:
            yield command(folder)
        finally:
            over.set()
            thread.join()


def command(folder: Path) -> str:
    """More than 125 tells PostgreSQL to give up instead of taking this for the end of the log."""
    asked, failed, brought = f'"{folder}/%f.asked"', f'"{folder}/%f.failed"', f'"{folder}/%f"'
    tries = int(LONGEST_SECONDS / (2 * EACH_SECONDS))
    return (
        f"{{ : > {asked} || exit 126; n=0; while test -e {asked}; do test $n -lt {tries} || exit 126;"
        f" n=$((n+1)); sleep {2 * EACH_SECONDS}; done; test ! -e {failed} || exit 126;"
        f' test -e {brought} && mv {brought} "%p"; }}'
    )


class _Feeder:
    def __init__(
        self, store: BackupStore, below: str, folder: Path, pool: ThreadPoolExecutor, programs: Programs
    ) -> None:
        self._store, self._below, self._folder, self._pool, self._programs = store, below, folder, pool, programs
        self._known = sorted(store.names(below))
        self._coming: dict[str, Future[bytes]] = {}

    def serve(self, over: threading.Event) -> None:
        while not over.wait(EACH_SECONDS):
            for asked in self._folder.glob("*.asked"):
                self._answer(asked.stem)
                asked.unlink()

    def _answer(self, name: str) -> None:
        try:
            content = self._bring(self._below + name)
        except Exception as error:  # whatever it is, the log must not seem to end here
            if isinstance(error, Refused) and error.code == "missing":
                return
            log.warning("log_not_brought", file=name, exc_info=True)
            (self._folder / f"{name}.failed").touch()
            return
        part = self._folder / f".{name}"
        part.write_bytes(content)
        self._programs.own(part)
        part.rename(self._folder / name)

    def _bring(self, name: str) -> bytes:
        place = bisect.bisect_left(self._known, name)
        for wanted in (name, *self._known[place : place + 1 + AHEAD]):
            if wanted not in self._coming:
                self._coming[wanted] = self._pool.submit(self._store.get, wanted)
        return self._coming.pop(name).result()
