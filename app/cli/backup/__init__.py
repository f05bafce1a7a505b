"""flask backup run | mirror | archive | stream | verify | restore. Where: target.py; when: docs/operations.md."""

import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
import psycopg
import structlog
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.local import archiving
from app.adapters.local.programs import Programs, ServicesError
from app.cli.backup import checking, company, mirroring, restoring, taking
from app.cli.backup.clusters import clusters
from app.cli.backup.target import BackupError, Target
from app.cli.output import problem, say
from app.kernel.errors import Refused, Unavailable
from app.ports.backups import BackupStore
from app.settings import Settings
from tenants.moving import MoveError

words = AppGroup("backup", help="Backups, and what is restored from them.")
log = structlog.get_logger()
SPOOL_SECONDS, MOST_SECONDS = 0.05, 5.0


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _target(settings: Settings) -> Target:
    target = Target.of(settings)
    if target is None:
        raise click.UsageError("Set BACKUP_DIR, the folder where backups lie, or BACKUP_BUCKET.")
    return target


def _answer(work: Callable[[], dict[str, Any]]) -> None:
    """Exit 1 where there is no good backup, or nothing was restored: whoever calls this at night looks at that."""
    try:
        said = work()
    except (BackupError, MoveError) as error:
        said = problem(error.code, str(error))
    except ServicesError as error:
        said = problem("postgresql", str(error))
    except (OSError, SQLAlchemyError, psycopg.Error, Unavailable, Refused) as error:
        said = problem("broken-off", next(iter(str(error).splitlines()), type(error).__name__))
    say(said)
    sys.exit(1 if "error" in said or said.get("ok") is False or said.get("lacking") else 0)


@words.command("run")
def run() -> None:
    """Take a backup of everything: databases, files, keys. Old ones go after BACKUP_KEEP_DAYS."""
    settings = _settings()
    target = _target(settings)
    _answer(lambda: taking.take(settings, target))


@words.command("mirror")
@click.option("--every", type=float, help="Seconds; without it, once.")
@click.option(
    "--even-if-empty", is_flag=True, help="Keys that are gone where they live were meant to go: from here, too."
)
def mirror(every: float | None, *, even_if_empty: bool) -> None:
    """Bring files and keys in the backups up to date: what came since the last backup, who was erased since."""
    settings = _settings()
    target = _target(settings)
    if every is None:
        _answer(
            lambda: mirroring.mirror_of(settings, target, partial(mirroring.keep_keys, even_if_empty=even_if_empty))
        )
    if even_if_empty:
        raise click.UsageError("--even-if-empty is said once, without --every.")
    while not threading.Event().wait(every):
        try:
            log.info("mirrored", **mirroring.mirror_of(settings, target))
        except (OSError, Unavailable, Refused, BackupError):
            log.warning("mirror_stumbled", exc_info=True)


@words.command("archive")
@click.option("--database", default="main", show_default=True)
def archive(database: str) -> None:
    """Pass PostgreSQL's log on into BACKUP_BUCKET, as its archive_command puts it into BACKUP_DIR, until stopped."""
    settings = _settings()
    target = _target(settings)
    if settings.backup_bucket is None or settings.backup_dir is None:
        raise click.UsageError("Set BACKUP_BUCKET, and BACKUP_DIR: the log goes by there.")
    target.make_ready()
    spool = target.room / "spool" / database
    if not spool.is_dir():
        archiving.make_ready(spool, Programs.found(settings.postgres_programs))
    pass_on(target.store, spool, f"wal/{database}/", threading.Event().wait)


def pass_on(store: BackupStore, spool: Path, below: str, over: Callable[[float], bool]) -> None:
    """Until it is over; seldom where the bucket refuses, and with one trace in the log, not one each time."""
    pause = SPOOL_SECONDS
    while not over(pause):
        try:
            archiving.pass_on(store, spool, below)
        except (OSError, Unavailable, Refused) as error:
            log.warning("archive_stumbled", why=f"{type(error).__name__}: {error}", exc_info=pause == SPOOL_SECONDS)
            pause = min(2 * pause, MOST_SECONDS)
        else:
            pause = SPOOL_SECONDS


@words.command("stream")
@click.option("--database", default="main", show_default=True)
def stream(database: str) -> None:
    """Receive PostgreSQL's log as it is written, beside the archive; becomes pg_receivewal, until it is stopped."""
    settings = _settings()
    target = _target(settings)
    if target.shared:
        raise click.UsageError("Set BACKUP_DIR: the log is received there.")
    target.make_ready()
    cluster = next((each for each in clusters(settings) if database in each.urls), None)
    if cluster is None:
        raise click.UsageError(f"DATABASES has no {database}.")
    program = Programs.found(settings.postgres_programs).folder / "pg_receivewal"
    into = target.room / "stream" / cluster.name
    into.mkdir(mode=0o711, parents=True, exist_ok=True)
    words_ = [str(program), "-d", cluster.conninfo, "-D", str(into), "--synchronous", "--no-password"]
    os.execve(program, words_, {"PGPASSWORD": cluster.password, "PGAPPNAME": "assay_stream", "LC_ALL": "C.UTF-8"})  # noqa: S606


@words.command("verify")
@click.option("--base", "base_id", help="The id of a backup; the newest if it is left out.")
@click.option("--room", type=click.Path(path_type=Path, file_okay=False), help="Where there is room; else BACKUP_DIR.")
def verify(base_id: str | None, room: Path | None) -> None:
    """Restore a backup into a scratch place and look at all of it: blocks, rows, counts, files."""
    settings = _settings()
    target = _target(settings)
    programs = Programs.found(settings.postgres_programs)
    _answer(lambda: checking.verify(target, target.base(base_id), programs, room=room or target.room))


@words.command("restore")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), help="A folder where nothing is yet.")
@click.option("--company", "slug", help="This one alone, into the running installation.")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]), help="A moment, in UTC.")
@click.option("--base", "base_id", help="The id of a backup; else the newest before that moment.")
def restore(to: Path | None, slug: str | None, until: datetime | None, base_id: str | None) -> None:
    """Everything into a new folder (--to), or one company in its place (--company), as of a moment or the latest."""
    if (to is None) == (slug is None):
        raise click.UsageError("Say one of the two: --to FOLDER for everything, --company SLUG for one.")
    settings = _settings()
    target = _target(settings)
    moment = until.replace(tzinfo=UTC) if until else None
    if to is not None:
        _answer(lambda: restoring.restore(settings, target, to.resolve(), until=moment, base_id=base_id))

    def one_company() -> dict[str, Any]:
        wish = company.Wish(slug or "", target.base(base_id, until=moment), moment, room=target.room)
        return company.restore_company(settings, target, wish)

    _answer(one_company)
