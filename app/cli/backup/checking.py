"""flask backup verify: restore a backup into a scratch place, and look at all of it."""

import hashlib
import json
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from app.adapters.local.programs import Programs
from app.adapters.local.scratch import Scratch
from app.cli.backup.clusters import connected, counted
from app.cli.backup.restoring import AT_ONCE, as_sealed, laid_out, log_of
from app.cli.backup.target import Base, Target
from app.kernel import clock
from tenants.tables import TenantModel

MOST_NAMED = 20
HAS_AMCHECK = "select count(*) from pg_available_extensions where name = 'amcheck'"
LACKING, CHANGED = "a row names it, and the backup has none", "the backup's copy is not what was sealed"
WITHOUT_AMCHECK = "every block's checksum and every row read; amcheck is not in this PostgreSQL"


def verify(target: Target, base: Base, programs: Programs, *, room: Path) -> dict[str, Any]:
    """`problems` is empty where all is well; then the target notes when."""
    started, problems, looked = time.monotonic(), list[str](), list[str]()
    with tempfile.TemporaryDirectory(prefix="scratch-", dir=room) as place:
        Path(place).chmod(0o711)
        for name, facts in base.manifest["clusters"].items():
            data = laid_out(target, base.name(name), Path(place) / name, programs)
            problems += _verified_files(data)
            scratch = Scratch(data, programs)
            with log_of(target, name, programs) as log, scratch.running(replace(log, point=facts["point"])):
                problems += _counts_differ(base, name, scratch)
                problems += list(_objects_lacking(target, base, name, scratch))
                by_amcheck = _has_amcheck(scratch, facts)
                looked.append("pg_amcheck" if by_amcheck else WITHOUT_AMCHECK)
                problems += (_amcheck if by_amcheck else _read_all)(scratch, facts)
            problems += _checksums(data, programs)
    if not problems:
        at = clock.now().isoformat()
        target.note("verify", verified=at, verified_base=base.id, good=base.manifest["taken_at"])
    return {
        "base": base.id, "ok": not problems, "problems": problems[:MOST_NAMED],
        "objects": len(base.manifest["objects"]), "looked": sorted(set(looked)),
        "seconds": round(time.monotonic() - started, 1),
    }  # fmt: skip


def _verified_files(folder: Path) -> Iterator[str]:
    """Against pg_basebackup's manifest, as pg_verifybackup does it: the wheel's one (18.4) ends with a signal."""
    text = (folder / "backup_manifest").read_bytes()
    manifest = json.loads(text)
    if hashlib.sha256(text[: text.rindex(b'"Manifest-Checksum"')]).hexdigest() != manifest["Manifest-Checksum"]:
        yield f"{folder.name}: backup_manifest itself was changed"
    for entry in manifest["Files"]:
        path = bytes.fromhex(entry["Encoded-Path"]).decode() if "Encoded-Path" in entry else entry["Path"]
        if _digest(folder / path) != entry["Checksum"]:
            yield f"{folder.name}: {path} is not what pg_basebackup wrote"


def _counts_differ(base: Base, cluster: str, scratch: Scratch) -> Iterator[str]:
    facts = base.manifest["clusters"][cluster]
    for name, database in facts["databases"].items():
        with connected(scratch.url(facts["owner"], database)) as connection:
            found = counted(connection)
        wanted = base.manifest["rows"][name]
        for schema in sorted(wanted.keys() | found.keys()):
            left, came = wanted.get(schema, {}), found.get(schema, {})
            differing = [table for table in sorted(left.keys() | came.keys()) if left.get(table) != came.get(table)]
            if differing and (facts["exact"] or left.keys() != came.keys()):
                yield f"{schema}: not the rows of the manifest in {', '.join(differing)}"


def _objects_lacking(target: Target, base: Base, cluster: str, scratch: Scratch) -> Iterator[str]:
    """Every row that names a file has it, and what lies under its name is what was sealed."""
    facts, objects = base.manifest["clusters"][cluster], base.manifest["objects"]
    for slug, company in base.manifest["companies"].items():
        if company["database"] not in facts["databases"]:
            continue
        with connected(scratch.url(facts["owner"], facts["databases"][company["database"]])) as connection:
            named = [f"{slug}/{key}" for key in keys_named(connection, company["schema"])]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda name: name in objects and as_sealed(target, objects[name]) is not None, named)
        for name in (name for name, whole in zip(named, found, strict=True) if not whole):
            yield f"{name}: {CHANGED if name in objects else LACKING}"


def keys_named(connection: sa.Connection, schema: str) -> Iterator[str]:
    """The storage keys that a company's rows name, by the models' columns for them."""
    there = set(sa.inspect(connection).get_table_names(schema=schema))
    for table in TenantModel.metadata.sorted_tables:
        for column in table.columns:
            if column.name in {"storage_key", "image_key"} and table.name in there:
                query = f'select "{column.name}" from {schema}.{table.name} where "{column.name}" is not null'
                yield from connection.exec_driver_sql(query).scalars()


def _digest(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _has_amcheck(scratch: Scratch, facts: dict[str, Any]) -> bool:
    with connected(scratch.url(facts["owner"], next(iter(facts["databases"].values())))) as connection:
        return bool(connection.exec_driver_sql(HAS_AMCHECK).scalar())


def _amcheck(scratch: Scratch, facts: dict[str, Any]) -> list[str]:
    words = (
        "--host",
        str(scratch.sockets),
        "--username",
        facts["owner"],
        "--all",
        "--install-missing",
        "--heapallindexed",
    )
    done = scratch.programs.run("pg_amcheck", *words)
    return [] if done.returncode == 0 else [f"pg_amcheck: {(done.stdout + done.stderr).strip()[-600:]}"]


def _read_all(scratch: Scratch, facts: dict[str, Any]) -> list[str]:
    """Every row of every database, long values too, through the code that reads them."""
    problems = []
    for database in facts["databases"].values():
        words = ("--host", str(scratch.sockets), "--username", facts["owner"], "--file", "/dev/null", database)
        done = scratch.programs.run("pg_dump", *words)
        problems += [f"pg_dump of {database}: {done.stderr.strip()[-300:]}"] if done.returncode else []
    return problems


def _checksums(data: Path, programs: Programs) -> list[str]:
    """Where the blocks have any, which is the default since PostgreSQL 18."""
    if "checksum version:           0" in programs.run("pg_controldata", str(data)).stdout:
        return []
    done = programs.run("pg_checksums", "--check", "-D", str(data))
    return [] if done.returncode == 0 else [f"pg_checksums: {(done.stdout + done.stderr).strip()[-300:]}"]
