"""PostgreSQL hands its log over, file by file, as each is full or a minute old.

A file counts as archived only once it is on the disk, whole, under its own name; a different one of that name is
never overwritten. Until then PostgreSQL keeps it and tries again: nothing is dropped, the disk fills instead.

Where backups lie in a bucket, PostgreSQL's command puts the file into a spool and waits until `flask backup archive`
says that the bucket has it: PostgreSQL's user needs none of our programs and none of our secrets.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from app.adapters.local.programs import Programs, ServicesError, may_enter
from app.kernel.errors import Refused
from app.ports.backups import BackupStore

TIMEOUT_SECONDS = 60
PATIENCE_SECONDS = 20  # PostgreSQL that is told to stop waits as long
KEPT, REFUSED = ".kept", ".refused"
INCLUDED = "assay.conf"
PLAIN = re.compile(r"[\w./+-]+")


def command(folder: Path) -> str:
    """For `archive_command`. The same file twice is well: PostgreSQL may have died before it noted the first time."""
    if not PLAIN.fullmatch(str(folder)):
        raise ServicesError(f"PostgreSQL's shell would misread {folder}: use letters, digits, dots and dashes.")
    kept, part = f'"{folder}/%f"', f'"{folder}/.%f.part"'
    return (
        f'test -e {kept} && exec cmp -s "%p" {kept}; '
        f'cp "%p" {part} && sync {part} && mv {part} {kept} && sync "{folder}"'
    )


def waiting_command(spool: Path, seconds: float = PATIENCE_SECONDS) -> str:
    """For `archive_command` where the file goes into a bucket. Nobody there, or a refusal: PostgreSQL tries again.

    Who passes it on may be another user, of the spool's own group.
    """
    if not PLAIN.fullmatch(str(spool)):
        raise ServicesError(f"PostgreSQL's shell would misread {spool}: use letters, digits, dots and dashes.")
    file, part, kept, refused = (f'"{spool}/{name}"' for name in ("%f", ".%f.part", "%f" + KEPT, "%f" + REFUSED))
    return (
        f'rm -f {kept} {refused}; cp "%p" {part} && chmod g+r {part} && mv {part} {file} || exit 1;'
        f" n=0; until test -e {kept}; do test ! -e {refused} && test $n -lt {int(seconds * 20)} || exit 1;"
        f" n=$((n+1)); sleep 0.05; done; rm {kept}"
    )


def pass_on(store: BackupStore, spool: Path, below: str) -> int:
    """What waits in the spool, into the store; then PostgreSQL is told. Says how many files. Raises Unavailable."""
    waiting = sorted(file for file in spool.glob("[!.]*") if file.suffix not in {KEPT, REFUSED})
    for file in waiting:
        with suppress(FileNotFoundError):  # PostgreSQL writes it again
            kept = _kept(store, below + file.name, file.read_bytes())
            file.unlink()
            file.with_name(file.name + (KEPT if kept else REFUSED)).touch()
    return len(waiting)


def _kept(store: BackupStore, name: str, content: bytes) -> bool:
    """The same file twice is well; another one of that name is refused."""
    try:
        store.put(name, content, once=True)
    except Refused as refused:
        if refused.code != "there":
            raise
        return store.get(name) == content
    return True


def settings(folder: Path, seconds: int = TIMEOUT_SECONDS, *, waits: bool = False) -> str:
    """The lines of postgresql.conf."""
    quoted = (waiting_command if waits else command)(folder).replace("'", "''")
    return f"wal_level = replica\narchive_mode = on\narchive_timeout = {seconds}\narchive_command = '{quoted}'\n"


def place(environment: Mapping[str, str]) -> tuple[Path | None, bool]:
    """Where the embedded PostgreSQL hands its log over, by the settings' names, and whether that is a spool."""
    folder, waits = environment.get("BACKUP_DIR"), bool(environment.get("BACKUP_BUCKET"))
    return (Path(folder).resolve() / ("spool" if waits else "wal") / "main" if folder else None), waits


def configure(data: Path, programs: Programs, folder: Path | None, seconds: int, *, waits: bool = False) -> None:
    """Before PostgreSQL starts on `data`: archive into `folder`, or into none; `waits` where it is a spool."""
    main, included = data / "postgresql.conf", data / INCLUDED
    if folder is None and not included.exists():
        return
    if folder is not None:
        make_ready(folder, programs)
    included.touch(0o600)
    included.write_text(settings(folder, seconds, waits=waits) if folder else "")
    programs.own(included)
    if INCLUDED not in main.read_text():
        with main.open("a") as handle:
            handle.write(f"\ninclude_if_exists = '{INCLUDED}'\n")


def make_ready(folder: Path, programs: Programs) -> None:
    """For PostgreSQL's user to write to. Raises ServicesError."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder.chmod(0o700)
    programs.own(folder)
    if programs.user and not may_enter(folder, programs.user):
        raise ServicesError(
            f"PostgreSQL runs as {programs.user.pw_name} here, who cannot get to {folder}: name another BACKUP_DIR."
        )
