"""flask files bring | scan"""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters.local.shelf import GRAVE
from app.candidates.commands.scanning import ask_for_scans
from app.cli.backup.mirroring import sources_in
from app.cli.output import problem, say
from app.cli.tenants import registry
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

if TYPE_CHECKING:  # boto3 takes a third of a second of every process's start
    from app.adapters.s3.shelf import S3Shelf
    from app.adapters.s3.storage import S3Storage

words = AppGroup("files", help="Sealed files and keys, wherever they lie.")


@words.command("bring")
def bring() -> None:
    """Bring files and keys of DATA_DIR to their buckets; what is there already stays. It deletes nothing."""
    providers, data = current_app.extensions["providers"], current_app.extensions["settings"].data_dir
    said = {}
    if shelf := providers.bucket_shelf:
        said["keys"] = _keys(data / "keys", shelf)
    if storage := providers.bucket_storage:
        said["files"] = _files(data / "files", storage)
    say(said or problem("no-bucket", "Set S3_BUCKET or S3_KEYS_BUCKET: there is no bucket to bring anything to."))


@words.command("scan")
@click.option("--tenant", "slug", help="One company; all by default.")
@click.option("--again", is_flag=True, help="Those that were scanned before, too: by newer signatures.")
def scan(slug: str | None, *, again: bool) -> None:
    """Let workers look for viruses in originals that nobody has looked at. One line a company; safe to repeat."""
    if current_app.extensions["providers"].scanner is None:
        say(problem("no-scanner", "Set CLAMD_ADDRESS: there is nobody who scans."))
        return
    for tenant in registry().all("active", "suspended"):
        if slug in {None, tenant.slug}:
            say({"slug": tenant.slug, "asked": _asked_for(tenant, again=again)})


def _asked_for(tenant: TenantRecord, *, again: bool) -> int:
    """In small transactions."""
    asked, last, found = 0, None, 1
    with tenant_scope(tenant):
        while found:
            with unit_of_work():
                found, last = ask_for_scans(last, again=again)
            asked += found
    return asked


def _keys(folder: Path, shelf: "S3Shelf") -> dict[str, int]:
    """Tombstones first, so that no key comes whose person was erased."""
    shelf.refuse_versions()
    found = sorted(sources_in(folder), key=lambda each: (not each.name.endswith(GRAVE), each.name))
    came = sum(shelf.put_back(each.name, each.read()) for each in found)
    return {"came": came, "there": len(found) - came}


def _files(folder: Path, bucket: "S3Storage") -> dict[str, int]:
    there = {entry.name for entry in bucket.entries()}
    found = list(sources_in(folder))
    new = [each for each in found if each.name not in there]
    for each in new:
        bucket.put_back(each.name, each.read())
    return {"came": len(new), "there": len(found) - len(new)}
