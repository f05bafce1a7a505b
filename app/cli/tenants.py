"""flask tenants create | list | suspend | resume | export | move | delete | migrate"""

import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import click
import psycopg
import sqlalchemy as sa
import structlog
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.local import rehearsals
from app.audit import commands as audit
from app.candidates.models import Resume
from app.cli.database import make_ready
from app.cli.output import problem, say
from app.cli.sealing import seal_all
from app.identity.commands import add_member, write_password_link
from app.identity.enums import Role
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Refused
from app.letters.models import Mail
from app.letters.queries import opened
from app.scorecards.models import Report
from app.workspace.commands import open_workspace
from tenants import exporting, moving, provisioning
from tenants import migrate as migrations
from tenants.db import db
from tenants.names import OPERATORS, is_slug
from tenants.registry import Registry, Tenant, TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("tenants", help="Companies on this installation.")
log = structlog.get_logger()
OPERATOR = Actor(kind="operator", id=None, name="operator")


def registry() -> Registry:
    found: Registry = current_app.extensions["registry"]
    return found


@words.command("list")
def list_them() -> None:
    """All companies, as one JSON array."""
    make_ready()
    hosts, known = registry().hosts(), [tenant for tenant in registry().all() if tenant.kind == "company"]
    say([{"slug": t.slug, "name": t.name, "hosts": hosts.get(t.id, []), "state": t.state} for t in known])


@words.command("create")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--host", "hosts", multiple=True, required=True, help="Without a port; several are fine.")
@click.option("--admin-email", required=True)
@click.option("--admin-name", default="Company admin", show_default=True)
@click.option("--database", default="main", show_default=True)
@click.option("--region", help="Where its rows have to stay: no database of another region takes it.")
def create(
    *,
    slug: str,
    name: str,
    hosts: tuple[str, ...],
    admin_email: str,
    admin_name: str,
    database: str,
    region: str | None,
) -> None:
    """A company with its schema, role, workspace and first admin; prints the admin's link to set a password."""
    make_ready()
    if not is_slug(slug):
        say({"slug": slug} | problem("bad-slug", "Use 2 to 40 small letters, digits and dashes, a letter first."))
        return
    if slug == OPERATORS:
        say({"slug": slug} | problem("reserved", "That is the name of the operators' own house."))
        return
    if database not in current_app.extensions["owners"].names():
        say({"slug": slug} | problem("unknown-database", f"DATABASES has no {database}."))
        return
    if region is not None and _region_of(database) != region:
        say({"slug": slug} | problem("other-region", _elsewhere(database, region)))
        return
    try:
        tenant, token = found_company(
            slug=slug,
            name=name,
            hosts=list(hosts),
            admin_email=admin_email,
            admin_name=admin_name,
            database=database,
            region=region,
        )
    except provisioning.SlugTakenError as taken:
        say({"slug": slug} | problem("taken", f"{taken} is taken by another company."))
        return
    link = current_app.extensions["settings"].url_for_host(hosts[0], f"/password/{token}")
    say({"slug": slug, "name": name, "hosts": list(hosts), "state": tenant.state, "password_link": link})


def found_company(
    *,
    slug: str,
    name: str,
    hosts: list[str],
    admin_email: str,
    admin_name: str,
    database: str = "main",
    region: str | None = None,
) -> tuple[TenantRecord, str]:
    """Provision, open the workspace, add the first admin. Returns the token of the admin's password link."""
    owners = current_app.extensions["owners"]
    tenant = provisioning.provision(
        owners.main, owners.of(database), slug=slug, name=name, hosts=hosts, database=database, at=clock.now(),
        region=region,
    )  # fmt: skip
    with tenant_scope(tenant), unit_of_work():
        open_workspace(name=name, by=OPERATOR)
        admin = add_member(email=admin_email, name=admin_name, role=Role.ADMIN, by=OPERATOR)
        token = write_password_link(admin, by=OPERATOR)
    return tenant, token


def _region_of(database: str) -> str | None:
    found: str | None = current_app.extensions["settings"].regions.get(database)
    return found


def _elsewhere(database: str, region: str) -> str:
    regions = current_app.extensions["settings"].regions
    fitting = ", ".join(sorted(name for name, where in regions.items() if where == region)) or "none"
    where = regions.get(database, "no region that REGIONS names")
    return f"{database} is in {where}, and the company has to stay in {region} (databases there: {fitting})."


def _known(slug: str, *, on_its_way: bool = False) -> TenantRecord | None:
    """The company, or None after saying why not: to all words but `move`, one that is being moved is not there."""
    found = registry().by_slug(slug) if is_slug(slug) else None
    if found is None:
        say({"slug": slug} | problem("unknown", "There is no such company."))
        return None
    if found.state == "moving" and not on_its_way:
        say({"slug": slug} | problem("moving", "It is being moved. Finish that first: tenants move."))
        return None
    return found


@words.command("suspend")
@click.argument("slug")
def suspend(slug: str) -> None:
    """Close a company's pages and stop its tasks; nothing is deleted."""
    if _known(slug):
        provisioning.set_state(current_app.extensions["owners"].main, slug, "suspended")
        say({"slug": slug, "state": "suspended"})


@words.command("resume")
@click.argument("slug")
def resume(slug: str) -> None:
    """Open a suspended company again."""
    if _known(slug):
        provisioning.set_state(current_app.extensions["owners"].main, slug, "active")
        say({"slug": slug, "state": "active"})


@words.command("export")
@click.argument("slug")
@click.option(
    "--to", "file", required=True, type=click.Path(dir_okay=False), help="A zip file; replaced if it is there."
)
def export(slug: str, file: str) -> None:
    """Everything a company has in one archive: rows as JSON lines, originals, letters, reports. It is not encrypted."""
    tenant = _known(slug)
    if tenant is None:
        return
    with tenant_scope(tenant), unit_of_work(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        counted = {table: _write_rows(archive, table) for table in exporting.tables()}
        files = _write_files(archive)
        audit.note("tenants.export", by=OPERATOR, target=("tenant", slug))
    Path(file).chmod(0o600)
    say({"slug": slug, "file": file, "rows": sum(counted.values()), "files": files})


def _write_rows(archive: zipfile.ZipFile, table: str) -> int:
    lines = list(exporting.rows(table))
    archive.writestr(f"rows/{table}.jsonl", "".join(f"{line}\n" for line in lines))
    return len(lines)


def _write_files(archive: zipfile.ZipFile) -> int:
    """Originals and reports as they were, letters as they read. A file that is gone is named, not passed over."""
    providers = current_app.extensions["providers"]
    kept = [
        (f"originals/{r.id}-{r.file_name}", r.storage_key)
        for r in db.session.scalars(sa.select(Resume))
        if r.storage_key
    ]
    kept += [(f"reports/{r.id}.pdf", r.storage_key) for r in db.session.scalars(sa.select(Report)) if r.storage_key]
    for name, key in kept:
        try:
            archive.writestr(name, providers.storage.get(key))
        except Refused as refused:
            archive.writestr(f"{name}.missing.txt", str(refused))
    mails = list(db.session.scalars(sa.select(Mail)))
    for mail in mails:
        archive.writestr(f"letters/{mail.id}.txt", f"{mail.subject}\n\n{opened(mail, providers.vault)['text']}")
    return len(kept) + len(mails)


@words.command("move")
@click.argument("slug")
@click.option("--to", help="The name of a database in DATABASES, or main.")
@click.option("--drop-old", is_flag=True, help="Drop the copy that a move left in the database before.")
@click.option("--leave-region", is_flag=True, help="To a database of another region all the same: that is its, then.")
def move(slug: str, to: str | None, *, drop_old: bool, leave_region: bool) -> None:
    """Bring a company to another database; its pages say so meanwhile, and the others notice nothing.

    A move that was broken off goes on when it is called again; naming the database it comes from takes it back.
    """
    if to is None and not drop_old:
        raise click.UsageError("Say where: --to NAME. Or --drop-old, for what the last move left behind.")
    make_ready()
    tenant = _known(slug, on_its_way=True)
    if tenant is None:
        return
    if to is not None and to not in current_app.extensions["owners"].names():
        say({"slug": slug} | problem("unknown-database", f"DATABASES has no {to}."))
        return
    stays = tenant.region is None or to is None or _region_of(to) == tenant.region
    if tenant.region and to and not stays and not leave_region:
        say({"slug": slug} | problem("other-region", _elsewhere(to, tenant.region)))
        return
    answer = {"slug": slug} | (_moved(tenant, to) if to is not None else {})
    if to is not None and not stays and "from" in answer:
        _leave_region(slug, _region_of(to))
    if drop_old and "error" not in answer:
        answer |= {"dropped": moving.drop_old(current_app.extensions["owners"], tenant)}
    say(answer)


def _leave_region(slug: str, region: str | None) -> None:
    """The company's log has it: somebody of the platform decided that its rows leave."""
    before = registry().by_slug(slug)
    provisioning.set_region(current_app.extensions["owners"].main, slug, region)
    if before is not None:
        with tenant_scope(before), unit_of_work():
            audit.note("tenants.leave_region", by=OPERATOR, target=("tenant", slug), left=before.region, now=region)


def _moved(tenant: TenantRecord, to: str) -> dict[str, Any]:
    started = time.monotonic()
    try:
        with moving.journey(current_app.extensions["owners"], tenant, to) as journey:
            if to == journey.source:
                journey.undo()
                return {"database": to, "undone": True}
            for step in journey.steps():
                log.info("move", slug=tenant.slug, to=to, step=step)
    except moving.MoveError as error:
        return problem(error.code, str(error))
    except (SQLAlchemyError, psycopg.Error) as error:
        return problem("taken-back", str(error).splitlines()[0])
    taken = round(time.monotonic() - started, 1)
    return {"from": journey.source, "database": to, "rows": journey.rows, "seconds": taken}


@words.command("delete")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Needed: everything the company has is dropped.")
def delete(slug: str, *, yes: bool) -> None:
    """Drop a company's schema, role, files, rehearsals' reports, keys, and what open pages were told of it."""
    if not yes:
        raise click.UsageError("Add --yes. Export the company first: nothing can be brought back.")
    if tenant := _known(slug):
        owners = current_app.extensions["owners"]
        moving.drop_old(owners, tenant)
        _forget_rehearsals(owners.of(tenant.database), tenant)
        provisioning.delete(
            owners.main, owners.of(tenant.database), tenant, elsewhere=lambda: _forget_elsewhere(tenant)
        )
        say({"slug": slug, "state": "deleted"})


def _forget_rehearsals(owner: sa.Engine, tenant: TenantRecord) -> None:
    """By the reports' rows, which name them; there are none where an earlier deletion was broken off."""
    with owner.connect() as connection:
        there = sa.inspect(connection).has_table("report", schema=tenant.schema)
        reports = connection.scalars(sa.text(f"select id from {tenant.schema}.report")).all() if there else []
    rehearsals.forget(current_app.extensions["settings"].data_dir, reports)


def _forget_elsewhere(tenant: TenantRecord) -> None:
    providers = current_app.extensions["providers"]
    providers.storage.forget_tenant(tenant.slug)
    providers.shelf.forget_tenant(tenant.id)
    current_app.extensions["signals"].forget_tenant(tenant.slug)


def _behind() -> dict[str, TenantRecord]:
    """Companies that a migration will change, and perhaps leave something to seal."""
    newest = migrations.head("tenant")
    with current_app.extensions["owners"].main.connect() as main:
        there = set(main.scalars(sa.select(Tenant.slug).where(Tenant.revision == newest)))
    return {tenant.slug: tenant for tenant in registry().all() if tenant.slug not in there}


@words.command("migrate")
@click.option("--at-once", default=2, show_default=True)
def migrate(at_once: int) -> None:
    """Bring the shared tables and every company's schema to the newest revision; one line a company."""
    make_ready()
    failed, behind = False, _behind()
    there = [tenant for tenant in registry().all() if tenant.state != "moving"]
    for tenant in registry().all("moving"):
        failed = True
        say({"slug": tenant.slug} | problem("moving", "It is being moved. Finish that, and migrate again."))
    for done in migrations.migrate_all(current_app.extensions["owners"], there, at_once=at_once):
        failed = failed or done.error is not None
        outcome: dict[str, Any] = problem("migration", done.error) if done.error else {"revision": done.revision}
        if done.error is None and done.slug in behind:
            outcome |= {"sealed": sum(seal_all(behind[done.slug]).values())}
        say({"slug": done.slug} | outcome)
    sys.exit(1 if failed else 0)
