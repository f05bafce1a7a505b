"""flask backup restore: all of it to a moment, into a folder where nothing is yet."""

import base64
import hashlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import current_app
from pydantic import SecretStr

from app.adapters.local import feeding
from app.adapters.local.folder import write_whole
from app.adapters.local.programs import Programs, reachable
from app.adapters.local.scratch import Recovery, Scratch
from app.cli.backup import mirroring
from app.cli.backup.clusters import connected
from app.cli.backup.target import OTHER_KEY, BackupError, Base, Target
from app.kernel.errors import Refused
from app.settings import Settings

if TYPE_CHECKING:
    from app.adapters.s3.storage import S3Storage

AT_ONCE = 8  # files out of a bucket: a call each
ROOT = Path(__file__).resolve().parents[3]
# What an older state of the database does not know: who was erased since, and what is kept in no backup.
AFTERWARDS = (("candidates", "forget-erased"), ("candidates", "rebuild-clear"))
HBA = "".join(
    f"{line} scram-sha-256\n"
    for line in ("local all all", "host all all 127.0.0.1/32", "host replication all 127.0.0.1/32")
)


def restore(
    settings: Settings, target: Target, to: Path, *, until: datetime | None, base_id: str | None
) -> dict[str, Any]:
    """Everything as it was at `until`, or as late as the log goes; who was erased since stays erased.

    `to` becomes a DATA_DIR, and to/services what bin/services starts. Raises BackupError and ServicesError.
    """
    started = time.monotonic()
    base, programs = target.base(base_id, until=until), Programs.found(settings.postgres_programs)
    refuse_strange(settings, base, programs)
    to.mkdir(mode=0o711, parents=True, exist_ok=True)
    folders = {name: reachable(_services(to, name)) for name in base.manifest["clusters"]}
    if taken := [place for place in (to / "files", to / "keys", *folders.values()) if place.exists()]:
        raise BackupError("in-the-way", f"{taken[0]} is there already: restore into a folder of its own.")
    mirroring.mirror_of(settings, target, mirroring.bring_keys)  # where it was not lost, it is newer than the mirror
    with ExitStack() as opened:
        urls: dict[str, str] = {}
        for name, facts in base.manifest["clusters"].items():
            scratch = Scratch(laid_out(target, base.name(name), folders[name] / "pg", programs), programs)
            log = opened.enter_context(log_of(target, name, programs))
            opened.enter_context(scratch.running(replace(log, until=_moment(until))))
            urls |= {known: scratch.url(facts["owner"], there) for known, there in facts["databases"].items()}
            _set_password(urls[name], _services(to, name), settings)
        (to / "files").mkdir(mode=0o700, parents=True, exist_ok=True)
        files, lacking = put_objects(target, listed(target, base, until), to / "files")
        keys = mirroring.lay_keys(target, to / "keys")
        _bring_master_key(settings, to)
        said = replayed(_at(settings, urls, to))
    return {
        "base": base.id, "until": _moment(until), "data_dir": str(to), "files": files, "lacking": lacking, "keys": keys,
        "postgres": {name: str(folder / "pg") for name, folder in folders.items()}, "replayed": said,
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def refuse_strange(settings: Settings, base: Base, programs: Programs) -> None:
    """Another installation's backup, or another PostgreSQL's, is known before anything is written."""
    if base.manifest["fingerprint"] not in settings.fingerprints():
        raise BackupError("other-key", OTHER_KEY)
    for name, facts in base.manifest["clusters"].items():
        written = facts["version"].split()[0].partition(".")[0]
        ours = programs.run("postgres", "--version").stdout.split()[2].partition(".")[0]
        if written != ours:
            raise BackupError(
                "other-version", f"{name} is PostgreSQL {written}, the programs here are {ours}: POSTGRES_PROGRAMS."
            )


def laid_out(target: Target, name: str, data: Path, programs: Programs) -> Path:
    """A base backup's files, copied for PostgreSQL's user to start on; whoever starts it later finds what it needs."""
    data.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    target.store.lay_out(name, data)
    for file, content in (("postgresql.conf", ""), ("pg_hba.conf", HBA), ("pg_ident.conf", "")):
        if not (data / file).exists():
            (data / file).write_text(content)
    for place, folders, files in os.walk(data):
        programs.own(*(Path(place, each) for each in [*folders, *files]))
    data.chmod(0o700)
    programs.own(data)
    return data


@contextmanager
def log_of(target: Target, cluster: str, programs: Programs) -> Iterator[Recovery]:
    """Where a recovery finds PostgreSQL's log: in folders; out of a bucket file by file, as it is asked for."""
    streamed = target.streamed(cluster)
    if target.folder:
        yield Recovery(readable([target.room / "wal" / cluster, *streamed], programs))
        return
    with feeding.fed(target.store, f"wal/{cluster}/", programs) as line:
        yield Recovery(readable(streamed, programs), fetch=line)


def readable(logs: list[Path], programs: Programs) -> list[Path]:
    """The log's folders, once PostgreSQL's user can read every file: one it cannot read would end recovery unheard."""
    for file in (file for folder in logs if folder.is_dir() for file in [folder, *folder.iterdir()]):
        programs.own(file)
        if programs.user is None and not os.access(file, os.R_OK):
            raise BackupError("closed-log", f"{file} cannot be read: restore as the user that PostgreSQL runs as.")
    return logs


def listed(target: Target, base: Base, until: datetime | None) -> dict[str, str]:
    """The files that rows of that moment may name. What came later is more than was asked for, and in nobody's way."""
    found: dict[str, str] = dict(base.manifest["objects"])
    for entry in target.entries():
        if entry["sha256"] is None or entry["at"] < base.manifest["taken_at"]:
            continue
        if until is None or datetime.fromisoformat(entry["at"]) <= until or entry["name"] not in found:
            found[entry["name"]] = entry["sha256"]
    return found


def put_objects(target: Target, names: dict[str, str], into: "Path | S3Storage") -> tuple[int, list[str]]:
    """How many were written, and which the pool has not, or not as they were sealed."""

    def put(name: str) -> bool:
        content = as_sealed(target, names[name])
        if content is None:
            return False
        if isinstance(into, Path):
            file = into / name
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(file, content)
        else:
            into.put_back(name, content)
        return True

    with ThreadPoolExecutor(AT_ONCE) as pool:
        lacking = [name for name, done in zip(names, pool.map(put, names), strict=True) if not done]
    return len(names) - len(lacking), lacking


def as_sealed(target: Target, digest: str) -> bytes | None:
    """What the pool has under a digest, if it is that."""
    try:
        content = target.store.get(target.object(digest))
    except Refused:
        return None
    return content if hashlib.sha256(content).hexdigest() == digest else None


def replayed(settings: Settings) -> list[dict[str, Any]]:
    """Run the words that bring an older state up to what must not be undone, on that installation: those there are.

    Each in a process of its own, whose environment is what the settings say. Raises BackupError where one fails.
    """
    said = []
    for group, word in AFTERWARDS:
        known = current_app.cli.commands.get(group)
        if word not in getattr(known, "commands", {}):
            continue
        done = subprocess.run(  # noqa: S603 -- our own words
            [sys.executable, str(ROOT / "bin" / "words.py"), group, word],
            env=environment(settings), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            why = (done.stdout + done.stderr).strip()[-300:]
            raise BackupError("replay", f"{group} {word} must run before anybody comes in, and failed: {why}")
        said.append({"word": f"{group} {word}", "said": [json.loads(line) for line in done.stdout.splitlines()]})
    return said


def environment(settings: Settings) -> dict[str, str]:
    """As a process reads it."""
    told = {name.upper(): _told(getattr(settings, name)) for name in Settings.model_fields}
    return {name: value for name, value in told.items() if value is not None} | {"PATH": "/usr/bin:/bin"}


def _told(value: Any) -> str | None:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps({key: _told(each) for key, each in value.items()})
    return None if value is None else str(value)


def _at(settings: Settings, urls: dict[str, str], to: Path) -> Settings:
    """The same installation, restored: all of it lies in that folder, whatever it was before."""
    secret = {name: SecretStr(url) for name, url in urls.items()}
    main = secret.pop("main")
    here = {"data_dir": to, "s3_bucket": None, "s3_keys_bucket": None}
    there = {"database_url": main, "app_database_url": None, "databases": secret, "database_replicas": {}}
    return settings.model_copy(update=there | here)


def _services(to: Path, name: str) -> Path:
    return to / ("services" if name == "main" else f"services-{name}")


def _moment(until: datetime | None) -> str | None:
    return until.isoformat() if until else None


def _set_password(url: str, services: Path, settings: Settings) -> None:
    """DATABASE_URL's, where it names the same owner; else a new one, in the file where bin/services looks for it."""
    known, owner = sa.make_url(settings.database_url.get_secret_value()), sa.make_url(url).username or ""
    password = str(known.password) if known.username == owner and known.password else secrets.token_urlsafe(24)
    with connected(url) as connection:
        driver: Any = connection.connection.driver_connection
        sealed = driver.pgconn.encrypt_password(password.encode(), owner.encode(), b"scram-sha-256").decode()
        connection.exec_driver_sql(f"alter role \"{owner}\" password '{sealed}'")
    services.mkdir(mode=0o711, parents=True, exist_ok=True)
    write_whole(services / "postgres.secret", password.encode())


def _bring_master_key(settings: Settings, to: Path) -> None:
    """Unless a file is named for it, the key lies in DATA_DIR."""
    if settings.master_key_file is None and not (to / "master.key").exists():
        write_whole(to / "master.key", base64.b64encode(settings.master_key()))
