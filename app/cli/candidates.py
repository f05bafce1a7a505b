"""flask candidates erase | forget-erased | rebuild-clear | find-alike"""

import uuid
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters.local import rehearsals
from app.candidates.commands import ask_for_passages, fill_clear
from app.candidates.commands.alike import mark_and_find
from app.candidates.models import Candidate
from app.candidates.queries.merged import group_of
from app.cli.output import problem, say
from app.cli.tenants import OPERATOR, registry
from app.kernel.errors import Conflict
from app.privacy import commands
from app.privacy.queries import erasure, erasure_of
from tenants.db import db
from tenants.names import is_slug
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("candidates", help="People who apply.")


@words.command("erase")
@click.argument("slug")
@click.argument("candidate_id", type=click.UUID)
@click.option("--name", required=True, help="The person's name as it stands there, to confirm.")
def erase(slug: str, candidate_id: uuid.UUID, name: str) -> None:
    """Delete everything a company has of somebody and destroy their key; prints the receipt. It cannot be undone."""
    tenant = registry().by_slug(slug) if is_slug(slug) else None
    if tenant is None or tenant.state not in {"active", "suspended"}:
        say({"slug": slug} | problem("unknown", "There is no such company."))
        return
    with tenant_scope(tenant):
        say({"slug": slug} | _erased(candidate_id, name))


def _erased(candidate_id: uuid.UUID, name: str) -> dict[str, Any]:
    with unit_of_work():
        found = db.session.get(Candidate, candidate_id)
        if found is None:
            return problem("unknown-candidate", "There is no such person.")
        if found.name != name:
            return problem("name", "This is not the person's name, so nothing was done.")
        merged = group_of(found.id)
        try:
            begun = commands.erase(found, by=OPERATOR)
        except Conflict as conflict:
            return problem("conflict", str(conflict))
        others = [other.id for other in map(erasure_of, merged) if other is not None and other.id != begun.id]
    told = [_destroyed(erasure_id) for erasure_id in (begun.id, *others)]
    return told[0] | ({"merged": [other["receipt"] for other in told[1:]]} if others else {})


def _destroyed(erasure_id: uuid.UUID) -> dict[str, Any]:
    """At once, without a worker; the task that was planned for it finds it done."""
    providers = current_app.extensions["providers"]
    with unit_of_work():
        begun = erasure(erasure_id)
    files = commands.destroy(begun, shelf=providers.shelf, storage=providers.storage)
    files += rehearsals.forget(providers.settings.data_dir, begun.ids)
    providers.keyring.forget(begun.person)
    pings = current_app.extensions["signals"].forget_ids(begun.ids)
    with unit_of_work():
        done = erasure(erasure_id)
        commands.finish(done, files=files, pings=pings)
        return {"receipt": done.number, "stores": dict(done.stores)}  # type: ignore[arg-type]


@words.command("forget-erased")
@click.option("--tenant", "slug", help="One company; all by default.")
def forget_erased(slug: str | None) -> None:
    """After a restore: whoever was erased since the backup is erased again. One line a company; safe to repeat."""
    for tenant in registry().all("active", "suspended"):
        if slug in {None, tenant.slug}:
            say({"slug": tenant.slug} | reapply(tenant))


@words.command("rebuild-clear")
@click.option("--tenant", "slug", help="One company; all by default.")
def rebuild_clear(slug: str | None) -> None:
    """Write again what lists search by, after a restore or a crash. One line a company; safe to repeat."""
    for tenant in registry().all("active", "suspended"):
        if slug in {None, tenant.slug}:
            say({"slug": tenant.slug, "people": fill(tenant)})


def fill(tenant: TenantRecord) -> int:
    """In small transactions."""
    filled, last, found = 0, None, 1
    with tenant_scope(tenant):
        while found:
            with unit_of_work():
                found, last = fill_clear(last)
            filled += found
        found, last = 1, None
        while found:  # by workers: these need the model
            with unit_of_work():
                found, last = ask_for_passages(last)
    return filled


@words.command("find-alike")
@click.option("--tenant", "slug", help="One company; all by default.")
def find_alike(slug: str | None) -> None:
    """Look for people who are there twice, among everybody; pages propose them. One line a company; safe to repeat."""
    for tenant in registry().all("active", "suspended"):
        if slug in {None, tenant.slug}:
            say({"slug": tenant.slug} | looked_for(tenant))


def looked_for(tenant: TenantRecord) -> dict[str, int]:
    """First everybody's marks, for entries of before there were any, then who shares one; in small transactions."""
    told = {"people": 0, "proposals": 0}
    with tenant_scope(tenant):
        for finding in (False, True):
            last, found = None, 1
            while found:
                with unit_of_work():
                    found, new, last = mark_and_find(last, finding=finding)
                told["people"] += 0 if finding else found
                told["proposals"] += new
    return told


def reapply(tenant: TenantRecord) -> dict[str, int]:
    """By the tombstones on the shelf, which no restore of the database changes."""
    providers = current_app.extensions["providers"]
    with tenant_scope(tenant), unit_of_work():
        _, graves = providers.shelf.contents()
        return {"erased": len(graves)} | commands.forget_again(list(graves), storage=providers.storage)
