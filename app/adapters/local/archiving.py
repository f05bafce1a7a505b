"""PostgreSQL hands its log over, file by file, as each is full or a minute old.

A file counts as archived only once it is on the disk, whole, under its own name; a different one of that name is
never overwritten. Until then PostgreSQL keeps it and tries again: nothing is dropped, the disk fills instead.
"""

import re
from pathlib import Path

from app.adapters.local.programs import Programs, ServicesError, may_enter

TIMEOUT_SECONDS = 60
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


def settings(folder: Path, seconds: int = TIMEOUT_SECONDS) -> str:
    """The lines of postgresql.conf."""
    quoted = command(folder).replace("'", "''")
    return f"wal_level = replica\narchive_mode = on\narchive_timeout = {seconds}\narchive_command = '{quoted}'\n"


def configure(data: Path, programs: Programs, folder: Path | None, seconds: int) -> None:
    """Before PostgreSQL starts on `data`: archive into `folder`, or into none."""
    main, included = data / "postgresql.conf", data / INCLUDED
    if folder is None and not included.exists():
        return
    if folder is not None:
        _make_ready(folder, programs)
    included.touch(0o600)
    included.write_text(settings(folder, seconds) if folder else "")
    programs.own(included)
    if INCLUDED not in main.read_text():
        with main.open("a") as handle:
            handle.write(f"\ninclude_if_exists = '{INCLUDED}'\n")


def _make_ready(folder: Path, programs: Programs) -> None:
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    folder.chmod(0o700)
    programs.own(folder)
    if programs.user and not may_enter(folder, programs.user):
        raise ServicesError(
            f"PostgreSQL runs as {programs.user.pw_name} here, who cannot get to {folder}: name another BACKUP_DIR."
        )
