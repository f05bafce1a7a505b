"""A PostgreSQL of our own over restored files: on a private socket, asking no password, archiving nothing."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL

from app.adapters.local.programs import Programs, ServicesError

PATIENCE_SECONDS = 24 * 3600  # reading a long log again takes its time
PORT = 5432
PARTIAL = ".partial"
# As large as any installation's own: what was written with more locks or connections must fit while it is read again.
ROOM = {"max_connections": 500, "max_locks_per_transaction": 512, "shared_buffers": "128MB", "hot_standby": "off"}


@dataclass(frozen=True)
class Recovery:
    """Where the log lies, and how far to read it: to a named point, to a time, or to its end.

    `fetch` is a shell's line that is asked before the folders are.
    """

    logs: list[Path] = field(default_factory=list)
    fetch: str | None = None
    point: str | None = None
    until: str | None = None

    def settings(self) -> dict[str, str]:
        sources = [f'"{folder}/%f{ending}"' for folder in self.logs for ending in ("", PARTIAL)]
        lines = [*filter(None, [self.fetch]), *(f'cp {source} "%p" 2>/dev/null' for source in sources)]
        wanted = {"restore_command": " || ".join(lines) or "false"}
        if self.point:
            wanted["recovery_target_name"] = self.point
        if self.until:
            wanted["recovery_target_time"] = self.until
        return wanted | {"recovery_target_action": "promote"}


class Scratch:
    """`data` is a folder that PostgreSQL's user owns. Nothing in its own configuration is believed."""

    def __init__(self, data: Path, programs: Programs) -> None:
        self.data, self.programs = data, programs
        self.sockets = Path()

    @contextmanager
    def running(self, recovery: Recovery | None = None) -> Iterator["Scratch"]:
        """Raises ServicesError with PostgreSQL's last words where it does not come up."""
        self.sockets = Path(tempfile.mkdtemp(prefix="assay-pg-", dir="/tmp"))  # sockets want short paths
        self.programs.own(self.sockets)
        try:
            self._start(recovery)
            yield self
        finally:
            self.programs.run("pg_ctl", "-w", "-t", "600", "-D", str(self.data), "-m", "fast", "stop")
            shutil.rmtree(self.sockets, ignore_errors=True)

    def url(self, owner: str, database: str) -> str:
        query = {"host": str(self.sockets), "port": str(PORT)}
        return URL.create("postgresql+psycopg", owner, database=database, query=query).render_as_string()

    def _start(self, recovery: Recovery | None) -> None:
        log = self.sockets / "log"
        self._write("hba.conf", "local all all trust\n")
        self._write("ident.conf", "")
        configuration = self._write("postgresql.conf", self._configuration(recovery))
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.data / "standby.signal").unlink(missing_ok=True)
        if recovery:
            (self.data / "recovery.signal").touch()
            self.programs.own(self.data / "recovery.signal")
        words = ("-w", "-t", str(PATIENCE_SECONDS), "-D", str(self.data), "-l", str(log))
        done = self.programs.run("pg_ctl", *words, "-o", f"-c config_file={configuration}", "start")
        if done.returncode or not self._comes_up():
            said = [line for line in _lines(log) if "FATAL:  the database system" not in line][-3:]
            raise ServicesError(f"PostgreSQL did not come up on what was restored: {' '.join(said)[-600:]}")

    def _comes_up(self) -> bool:
        """pg_ctl is content once the log is being read; it is over when somebody may come in, or nobody is there."""
        asking = ("-q", "-h", str(self.sockets), "-p", str(PORT))
        while (self.data / "postmaster.pid").exists():
            if self.programs.run("pg_isready", *asking).returncode == 0:
                return True
            time.sleep(0.05)
        return False

    def _configuration(self, recovery: Recovery | None) -> str:
        fixed = {
            "data_directory": self.data, "hba_file": self.sockets / "hba.conf",
            "ident_file": self.sockets / "ident.conf",
            "unix_socket_directories": self.sockets, "listen_addresses": "", "port": PORT, "archive_mode": "off",
        }  # fmt: skip
        values = fixed | ROOM | (recovery.settings() if recovery else {})
        return "".join(f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'\n" for name, value in values.items())

    def _write(self, name: str, text: str) -> Path:
        file = self.sockets / name
        file.write_text(text)
        self.programs.own(file)
        return file


def _lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").strip().splitlines() if log.exists() else ["it gave no reason."]
