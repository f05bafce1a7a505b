"""flask backup run: a base backup of each PostgreSQL, the sealed files, the keys, and a manifest over all of it."""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.adapters.local.folder import FolderStore, write_whole
from app.adapters.local.programs import Programs
from app.adapters.postgres import owner_urls
from app.cli.backup import mirroring
from app.cli.backup.clusters import Cluster, Counts, clusters, connected, marked
from app.cli.backup.target import BackupError, Base, Target
from app.kernel import clock
from app.settings import Settings
from tenants import migrate
from tenants.names import schema_of
from tenants.registry import Tenant

ID = "%Y%m%dT%H%M%SZ"
SEGMENT_NAME = 24
SEGMENT = re.compile(r"[0-9A-F]{24}(\.partial)?")
_ALONE = sa.text("select pg_try_advisory_lock(hashtextextended('assay:backup', 0))")
_KEEP_LOG = sa.text("select pg_create_physical_replication_slot('assay_backup_' || pg_backend_pid(), true, true)")
_SEGMENTS = sa.text(
    "select name from pg_ls_waldir() where name between :first and pg_walfile_name(cast(:lsn as pg_lsn))"
    " and name ~ '^[0-9A-F]{24}$' order by name"
)


def take(settings: Settings, target: Target) -> dict[str, Any]:
    """Raises BackupError; one without a manifest is what a broken one leaves, and the next one clears away.

    So two at once would clear away each other's.
    """
    with _alone(settings):
        return _taken(settings, target)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """The lock lasts as long as its connection, so a killed process frees it."""
    with connected(owner_urls(settings)["main"]) as main:
        if not main.scalar(_ALONE):
            raise BackupError("busy", "Another backup is being taken.")
        yield


def _taken(settings: Settings, target: Target) -> dict[str, Any]:
    started = time.monotonic()
    target.make_ready()
    _clear_unfinished(target)
    base_id = clock.now().strftime(ID)
    mirroring.mirror_of(settings, target)
    before = mirroring.listing(target)
    found = clusters(settings)
    rows: Counts = {}
    told = {}
    for each in found:
        with tempfile.TemporaryDirectory(prefix="scratch-", dir=target.room) as place:
            aside = Path(place) / each.name
            told[each.name] = _take_cluster(each, settings, aside, f"assay-{base_id}", rows)
            target.store.put(f"bases/{base_id}/{each.name}", aside)
    mirroring.mirror_of(settings, target)
    mirroring.write_anew(target)
    manifest = {
        "id": base_id, "taken_at": clock.now().isoformat(), "fingerprint": settings.fingerprint(), "clusters": told,
        "revisions": {"shared": migrate.head("shared"), "tenant": migrate.head("tenant")},
        "companies": _companies(found[0]), "rows": rows, "objects": before | mirroring.listing(target),
    }  # fmt: skip
    target.store.put(f"bases/{base_id}/manifest.json", json.dumps(manifest, indent=1).encode())
    target.note("run", taken=manifest["taken_at"], base=base_id)
    pruned = prune(target, timedelta(days=settings.backup_keep_days))
    counted = sum(count for schemas in rows.values() for tables in schemas.values() for count in tables.values())
    return {
        "base": base_id, "rows": counted, "objects": len(manifest["objects"]), "pruned": pruned,
        "exact": all(each["exact"] for each in told.values()), "archive": {n: e["archive"] for n, e in told.items()},
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def _clear_unfinished(target: Target) -> None:
    places = [f"bases/{base_id}/" for base_id in target.ids()]
    left = [place for place in places if f"{place}manifest.json" not in target.store.names(place, deep=False)]
    if left:
        target.store.delete(*left)


def _take_cluster(cluster: Cluster, settings: Settings, into: Path, point: str, rows: Counts) -> dict[str, Any]:
    programs = Programs.found(settings.postgres_programs)
    with connected(cluster.urls[cluster.name]) as connection:
        connection.execute(_KEEP_LOG)  # for as long as this connection lasts
        done = programs.run_as_us(
            "pg_basebackup", "-d", cluster.conninfo, "-D", str(into), "--wal-method=stream", "--checkpoint=fast",
            "--manifest-checksums=SHA256", "--no-password", "--label=assay", password=cluster.password,
        )  # fmt: skip
        if done.returncode:
            raise BackupError("pg-basebackup", done.stderr.strip()[-600:])
        counts, at = marked(cluster, point)
        rows |= counts
        _bring_log(connection, into / "pg_wal", at["lsn"])
        facts = {
            "version": connection.exec_driver_sql("show server_version").scalar(),
            "archive": connection.exec_driver_sql("show archive_mode").scalar(),
            "owner": cluster.owner, "first": _first_segment(into),
            "databases": {name: url.database for name, url in cluster.urls.items()},
        }  # fmt: skip
    return at | facts


def _bring_log(connection: sa.Connection, into: Path, lsn: str) -> None:
    """What was written since, until the point was named: so the backup reaches it with no archive."""
    connection.exec_driver_sql("select pg_switch_wal()")
    last = max(file.name for file in into.iterdir() if len(file.name) == SEGMENT_NAME)
    for (name,) in connection.execute(_SEGMENTS, {"first": last, "lsn": lsn}).all():
        content = connection.scalar(sa.text("select pg_read_binary_file('pg_wal/' || :name)"), {"name": name})
        write_whole(into / name, bytes(content or b""))


def _first_segment(folder: Path) -> str:
    """Of the log, that a recovery of this base backup reads."""
    label = (folder / "backup_label").read_text().splitlines()[0]
    return label.partition("(file ")[2].rstrip(")")


def _companies(main: Cluster) -> dict[str, Any]:
    query = sa.select(Tenant.slug, Tenant.id, Tenant.state, Tenant.database, Tenant.revision)
    with connected(main.urls["main"]) as connection:
        return {
            slug: {
                "id": str(id_),
                "state": state,
                "database": database,
                "revision": revision,
                "schema": schema_of(slug),
            }
            for slug, id_, state, database, revision in connection.execute(query)
        }


def prune(target: Target, keep: timedelta) -> int:
    """Old backups, and the log and the files that only they needed. The newest stays, however old it is.

    While there is one that does not open, nobody knows what it needs: then only backups go.
    """
    newest, *others = target.all()
    kept = [newest, *(base for base in others if base.taken_at >= clock.now() - keep)]
    oldest = (clock.now() - keep).strftime(ID)
    shut = [base_id for base_id in target.ids() if base_id not in {base.id for base in (newest, *others)}]
    old = [base.id for base in others if base not in kept] + [base_id for base_id in shut if base_id < oldest]
    if old:
        target.store.delete(*(f"bases/{base_id}/" for base_id in old))
    if old and not set(shut) - set(old):
        _prune_logs(target, kept[-1])
        _prune_objects(target, {digest for base in kept for digest in base.manifest["objects"].values()}, kept[-1])
    else:
        target.fold()
    return len(old)


def _prune_logs(target: Target, oldest: Base) -> None:
    for cluster, facts in oldest.manifest["clusters"].items():
        first = facts.get("first") or _first_segment(target.room / oldest.name(cluster))  # an older backup's folder
        stream = [(FolderStore(target.room), "stream")] if target.streamed(cluster) else []
        for store, place in ((target.store, "wal"), *stream):
            before = [name for name in store.names(f"{place}/{cluster}/") if is_before(name.rpartition("/")[2], first)]
            store.delete(*before)


def is_before(file: str, first: str) -> bool:
    """By pg_archivecleanup's rule: a segment's number, on whatever timeline; histories stay."""
    return bool(SEGMENT.fullmatch(file)) and file[8:24] < first[8:24]


def _prune_objects(target: Target, named: set[str], oldest: Base) -> None:
    """What a kept backup lists, what is there now, and what came since the oldest kept one, stays.

    Listed before the journal is read: what is being put just now was told there before.
    """
    there = list(target.store.names("objects/"))
    entries = target.fold(oldest.taken_at.isoformat())
    wanted = named | set(mirroring.listing(target).values()) | {entry["sha256"] for entry in entries}
    target.store.delete(*(name for name in there if name.rpartition("/")[2] not in wanted))
