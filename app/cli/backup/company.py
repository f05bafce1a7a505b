"""flask backup restore --company: one company as it was, into the running installation; the others stay as they are."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from app.adapters.local.programs import Programs
from app.adapters.local.scratch import Scratch
from app.adapters.registry import Providers
from app.audit import commands as audit
from app.cli.backup import mirroring
from app.cli.backup.clusters import hand_over
from app.cli.backup.restoring import laid_out, listed, log_of, put_objects, refuse_strange, replayed
from app.cli.backup.target import BackupError, Base, Target
from app.kernel.actor import Actor
from app.settings import Settings
from tenants import migrate, moving, provisioning, registry
from tenants.owner import Owners
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

OPERATOR = Actor(kind="operator", id=None, name="operator")


@dataclass(frozen=True)
class Wish:
    """One company, as it was at a moment or as late as the log goes; `room` is for what is restored aside."""

    slug: str
    base: Base
    until: datetime | None
    room: Path


def restore_company(settings: Settings, target: Target, wish: Wish) -> dict[str, Any]:
    """Its schema in one transaction, then its files; whoever asks meanwhile is told that it is closed.

    Raises BackupError, ServicesError and MoveError; its rows are then as they were. A killed one is run again, and
    leaves the company suspended.
    """
    started, programs = time.monotonic(), Programs.found(settings.postgres_programs)
    refuse_strange(settings, wish.base, programs)
    owners: Owners = current_app.extensions["owners"]
    tenant = _found(owners, wish)
    mirroring.mirror_of(settings, target, mirroring.bring_keys)
    with _closed(owners, tenant), _aside(owners, target, wish, programs) as side:
        rows = _replace(side, owners.of(tenant.database), tenant.schema)
        listing = listed(target, wish.base, wish.until)
        wanted = {name: digest for name, digest in listing.items() if name.startswith(f"{wish.slug}/")}
        bucket = Providers(settings).bucket_storage
        files, lacking = put_objects(target, wanted, bucket or settings.data_dir / "files")
        if bucket:
            bucket.drop([entry.name for entry in bucket.entries(wish.slug) if entry.name not in wanted])
        else:
            _drop_others(settings.data_dir / "files" / wish.slug, wanted, wish.slug)
        said = replayed(settings)
    with tenant_scope(tenant), unit_of_work():
        audit.note("backup.restore", by=OPERATOR, target=("tenant", wish.slug), base=wish.base.id)
    return {
        "slug": wish.slug, "base": wish.base.id, "until": wish.until.isoformat() if wish.until else None, "rows": rows,
        "files": files, "lacking": lacking, "replayed": said, "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def _found(owners: Owners, wish: Wish) -> TenantRecord:
    """As the registry has it. One that was deleted stays so: what would come back is noise (docs/adr/0007)."""
    if here := registry.Registry(owners.main).by_slug(wish.slug):
        return here
    if wish.slug in wish.base.manifest["companies"]:
        raise BackupError(
            "deleted", "It was deleted, and its keys were destroyed with it: nothing in any backup of it can be read."
        )
    raise BackupError("unknown", "There is no such company, here or in the backup.")


@contextmanager
def _closed(owners: Owners, tenant: TenantRecord) -> Iterator[None]:
    """Nobody comes in while rows are replaced; web processes remember for a moment that it was open."""
    if not provisioning.set_state(owners.main, tenant.slug, "suspended"):
        raise BackupError("moving", "It is being moved. Finish that first: tenants move.")
    try:
        time.sleep(registry.SECONDS_REMEMBERED + moving.GRACE_SECONDS)
        yield
    finally:
        provisioning.set_state(owners.main, tenant.slug, tenant.state)


@contextmanager
def _aside(owners: Owners, target: Target, wish: Wish, programs: Programs) -> Iterator[sa.Engine]:
    """The PostgreSQL that held the company, at that moment, beside the living one, whose log is brought up to now.

    A company that was founded since the backup is looked for in the first database.
    """
    facts, database = (
        wish.base.manifest["clusters"],
        wish.base.manifest["companies"].get(wish.slug, {}).get("database", "main"),
    )
    cluster = next(name for name in facts if database in facts[name]["databases"])
    hand_over(owners.of(database))
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=wish.room) as place:
        Path(place).chmod(0o711)
        data = laid_out(target, wish.base.name(cluster), Path(place) / cluster, programs)
        scratch, until = Scratch(data, programs), wish.until.isoformat() if wish.until else None
        with log_of(target, cluster, programs) as log, scratch.running(replace(log, until=until)):
            yield Owners({"main": scratch.url(facts[cluster]["owner"], facts[cluster]["databases"][database])}).main


def _replace(side: sa.Engine, live: sa.Engine, schema: str) -> int:
    """All or nothing, in a transaction of the living database."""
    with side.begin() as connection:
        migrate.upgrade("tenant", connection, schema=schema)
    with side.begin() as here, live.begin() as there:
        there.exec_driver_sql(f"set local lock_timeout = '{migrate.LOCK_TIMEOUT}'")
        provisioning.create_schema(there, schema)
        return moving.carry_all(here, there, schema)


def _drop_others(folder: Path, wanted: dict[str, str], slug: str) -> None:
    """Files that no row of then names: the mirror has them, and so do backups taken since."""
    for file in [each for each in folder.rglob("*") if each.is_file()]:
        if f"{slug}/{file.relative_to(folder).as_posix()}" not in wanted:
            file.unlink()
