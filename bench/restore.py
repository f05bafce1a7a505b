"""How much is lost with the disk of a database, and how long until somebody who was signed in is back on a page?

    bin/bench restore [--seconds 90] [--megabytes 200] [--stream | --bucket]

Twenty writes a second; then kill -9 of PostgreSQL, and its folder and all files are deleted. Everything comes back
from BACKUP_DIR: by the archived log alone, or with pg_receivewal beside it (--stream); or from a bucket that moto keeps
in memory, by the log that `flask backup archive` brought there (--bucket). The page is asked for with a
cookie from before.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
from pydantic import SecretStr

from app import create_app
from app.adapters.local.services import Services
from app.cli.backup import restoring, taking
from app.cli.backup.target import Target
from app.cli.database import make_ready
from app.cli.tenants import found_company
from app.settings import Settings
from bench.house import ADMIN, HOST, ROOT, _signed_in, free_port

A_SECOND = 20
GOAL_ARCHIVE, GOAL_STREAM, GOAL_PAGE_SECONDS, GOAL_GIGABYTES = 60, 5, 900, 20


@dataclass
class Writer:
    """Twenty committed rows a second, and when each was acknowledged."""

    url: str
    acknowledged: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("drop table if exists shared.drill; create table shared.drill (n int primary key)")
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._thread.join()

    def _write(self) -> None:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as connection:
            while not self.over.wait(1 / A_SECOND):
                connection.execute("insert into shared.drill values (%s)", (len(self.acknowledged),))
                self.acknowledged.append(time.monotonic())

    def lost(self, url: str) -> tuple[int, float]:
        """Acknowledged rows that are not there, and how many seconds before the end the first of them was written."""
        with psycopg.connect(url) as connection:
            found = {n for (n,) in connection.execute("select n from shared.drill")}
        missing = [n for n in range(len(self.acknowledged)) if n not in found]
        return len(missing), self.acknowledged[-1] - self.acknowledged[missing[0]] if missing else 0.0


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def killed(data: Path) -> None:
    """By kill -9 of the postmaster; its children notice and go."""
    pid = int((data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
        time.sleep(0.005)


@contextlib.contextmanager
def streaming(settings: Settings, *, meanwhile: Callable[[], object] = lambda: None) -> Iterator[None]:
    """`bin/flask backup stream`, until the block ends."""
    words = [sys.executable, str(ROOT / "bin" / "words.py"), "backup", "stream"]
    process = subprocess.Popen(words, env=environment(settings), stderr=subprocess.DEVNULL)
    folder = settings.backup_dir / "stream" / "main"
    try:
        meanwhile()
        while not (folder.is_dir() and list(folder.glob("*.partial"))):
            assert process.poll() is None, "pg_receivewal ended"
            time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()


def environment(settings: Settings) -> dict[str, str]:
    return restoring.environment(settings) | {"PYTHONPATH": str(ROOT)}


def first_page(settings: Settings, cookie: str, host: str) -> int:
    """Start the web process; the status of the first answer to somebody who was signed in."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "asgi.py"], cwd=ROOT, env=environment(settings) | {"PORT": str(port)})
    try:
        while True:
            assert process.poll() is None, "the web process ended"
            page = urllib.request.Request(
                f"http://127.0.0.1:{port}/", headers={"Host": f"{host}:{port}", "Cookie": cookie}
            )
            with contextlib.suppress(OSError), urllib.request.urlopen(page, timeout=30) as answer:
                return int(answer.status) if answer.url.endswith(f":{port}/") else 0
            time.sleep(0.02)
    finally:
        process.terminate()
        process.wait(15)


def restored(settings: Settings, to: Path) -> Settings:
    """By the word, as a person would, with the servers that the new folder holds."""
    words = [sys.executable, str(ROOT / "bin" / "words.py"), "backup", "restore", "--to", str(to)]
    done = subprocess.run(words, env=environment(settings), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    addresses = Services(to / "services").start()
    return settings.model_copy(
        update={
            "database_url": SecretStr(addresses.database_url),
            "redis_url": SecretStr(addresses.redis_url),
            "data_dir": to,
        }
    )


def main() -> None:
    words = argparse.ArgumentParser(prog="bin/bench restore", description=__doc__)
    words.add_argument("--seconds", type=float, default=90, help="how long somebody writes")
    words.add_argument("--megabytes", type=int, default=200, help="how large the database is besides")
    words.add_argument("--stream", action="store_true", help="with pg_receivewal")
    words.add_argument("--bucket", action="store_true", help="backups and log in a bucket")
    asked = words.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="assay-drill-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with contextlib.ExitStack() as opened:
            kept = opened.enter_context(in_bucket(folder)) if asked.bucket else {}
            drill(folder, asked.seconds, asked.megabytes, stream=asked.stream, kept=kept)
    finally:
        for services in (folder / "services", folder / "new" / "services"):
            Services(services).forget()
        shutil.rmtree(folder)


@contextlib.contextmanager
def in_bucket(folder: Path) -> Iterator[dict[str, Any]]:
    """Settings of backups in a bucket."""
    from tests.fakes.aws import aws, client

    with aws() as address:
        place = {"LocationConstraint": "eu-central-1"}
        client("s3", address).create_bucket(Bucket="assay-drill", CreateBucketConfiguration=place)
        yield {
            "backup_bucket": "assay-drill", "s3_endpoint_url": address, "s3_region": "eu-central-1",
            "s3_access_key_id": "otto", "s3_secret_access_key": SecretStr("secret"), "backup_dir": folder / "room",
        }  # fmt: skip


@contextlib.contextmanager
def archiving_to_bucket(settings: Settings) -> Iterator[None]:
    words = [sys.executable, str(ROOT / "bin" / "words.py"), "backup", "archive"]
    process = subprocess.Popen(words, env=environment(settings), stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def fill(url: str, megabytes: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table shared.filler as select n, repeat(md5(n::text), 240) as text from generate_series(1, 0) n"
        )
        connection.execute("alter table shared.filler alter text set storage external")
        connection.execute(
            "insert into shared.filler select n, repeat(md5(n::text), 240) from generate_series(1, %s) n",
            (megabytes * 128,),
        )


def founded(folder: Path, services: Services, kept: dict[str, Any]) -> tuple[Settings, str]:
    """One company, and the cookie of somebody who is signed in."""
    addresses = services.start()
    (folder / "data").mkdir()
    settings = Settings(
        database_url=addresses.database_url, redis_url=addresses.redis_url, data_dir=folder / "data", log_level="ERROR",
        backup_dir=folder / "backups", master_key_file=None, environment="test",
    )  # fmt: skip
    settings.master_key()
    (folder / "data" / "master.key").rename(folder / "master.key")
    settings = settings.model_copy(update={"master_key_file": folder / "master.key"} | kept)
    flask_app = create_app(settings)
    with flask_app.app_context():
        make_ready()
        tenant, token = found_company(slug="bench", name="Bench", hosts=[HOST], admin_email=ADMIN, admin_name="Ada")
        return settings, _signed_in(flask_app, tenant, token)


def drill(folder: Path, seconds: float, megabytes: int, *, stream: bool, kept: dict[str, Any]) -> None:
    place = folder / "room" / "spool" / "main" if kept else folder / "backups" / "wal" / "main"
    settings, cookie = founded(folder, Services(folder / "services", archive=place, archive_waits=bool(kept)), kept)
    url, data = plain(settings.database_url.get_secret_value()), folder / "services" / "postgres" / "pg"
    fill(url, megabytes)
    with contextlib.ExitStack() as opened:
        if kept:
            opened.enter_context(archiving_to_bucket(settings))
        print(f"backup taken in {taking.take(settings, Target.of(settings))['seconds']} s")
        if stream:
            opened.enter_context(streaming(settings))
        writer = opened.enter_context(Writer(url))
        time.sleep(seconds)
        killed(data)
    size = sum(f.stat().st_size for f in (data / "base").rglob("*") if f.is_file())
    for lost in ("services", "data", *(["room"] if kept else [])):
        shutil.rmtree(folder / lost)
    began = time.monotonic()
    there = restored(settings, folder / "new")
    status = first_page(there, cookie, HOST)
    until_page = time.monotonic() - began
    rows, before = writer.lost(plain(there.database_url.get_secret_value()))
    how = "bucket" if kept else "archive and stream" if stream else "archive alone"
    print(f"{how}: {size / 1e6:.0f} MB, {len(writer.acknowledged)} writes")
    print(f"lost: {rows} writes, the last {before:.1f} s (goal {GOAL_STREAM if stream else GOAL_ARCHIVE} s)")
    print(f"first page, signed in: {until_page:.1f} s, status {status}")
    scaled = GOAL_PAGE_SECONDS * size / GOAL_GIGABYTES / 1e9
    print(f"goal {GOAL_PAGE_SECONDS} s at {GOAL_GIGABYTES} GB, which is {scaled:.1f} s at this size")


if __name__ == "__main__":
    main()
