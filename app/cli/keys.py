"""flask keys seal | rotate master | rotate company"""

import time
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters.local import master
from app.audit import commands as audit
from app.cli.backup import mirroring
from app.cli.backup.target import Target
from app.cli.output import problem, say
from app.cli.sealing import seal_all
from app.cli.tenants import OPERATOR, registry
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from tenants import provisioning
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("keys", help="Keys of companies and persons.")
GRACE_SECONDS = 10.0


@words.command("seal")
@click.option("--tenant", "slug", help="One company; all by default.")
def seal(slug: str | None) -> None:
    """Seal what an older installation left clear or under older keys; one line a company. Safe to repeat."""
    for tenant in _companies(slug):
        say({"slug": tenant.slug} | seal_all(tenant))


@words.group("rotate")
def rotate() -> None:
    """New keys while everything runs. What was sealed stays as it is; only what wraps keys is new."""


@rotate.command("company")
@click.option("--tenant", "slug", help="One company; all by default.")
def company(slug: str | None) -> None:
    """A new key of the company, by which every person's is wrapped anew; the old one is destroyed."""
    for tenant in _companies(slug):
        say({"slug": tenant.slug} | rotate_company(tenant))


def rotate_company(tenant: TenantRecord) -> dict[str, Any]:
    """Twice over all keys: between the two, whoever was about to wrap by the old one has done so."""
    ring = current_app.extensions["providers"].keyring
    with tenant_scope(tenant):
        version = ring.add_company_key()
        rewrapped = ring.rewrap_data_keys()
        time.sleep(GRACE_SECONDS)
        rewrapped += ring.rewrap_data_keys()
        ring.drop_older_company_keys()
        with unit_of_work():
            audit.note("keys.rotate_company", by=OPERATOR, target=("tenant", tenant.slug), version=version)
    return {"version": version, "rewrapped": rewrapped}


@rotate.command("master")
@click.option("--drop-old", is_flag=True, help="Later, when every process was started anew: forget older versions.")
def rotate_master(*, drop_old: bool) -> None:
    """A new master key, by which every company's is wrapped anew; older versions still open what they sealed.

    Where MASTER_KEEPER is not the file, its newest version wraps: rotate there first. A file that MASTER_KEY_FILE
    names is yours: put a new first line into it everywhere, then call this.
    """
    settings = current_app.extensions["settings"]
    own, by_file = settings.master_key_file is None, settings.master_keeper == "file"
    if by_file and not own and len(settings.master_keys()) == 1 and not drop_old:
        say(problem("your-file", f"Put a new first line into {settings.master_key_file} and keep the old one below."))
        return
    if by_file and own and not drop_old:
        master.add_version(settings.key_file)
    if drop_old and (said := _not_yet(settings)):
        say(said)
        return
    rewrapped = rewrap_companies()
    _let_in_by_newest()
    answer: dict[str, Any] = {"versions": len(settings.master_keys()), "rewrapped": rewrapped}
    if drop_old:
        sealed = sum(sum(seal_all(tenant).values()) for tenant in _companies(None))
        answer |= {"sealed": sealed, "dropped": master.keep_newest(settings.key_file) if own else 0}
    say(answer)


def _not_yet(settings: Settings) -> dict[str, Any] | None:
    """Backups in a bucket are sealed by the master key: what they share has to be written by its newest line first."""
    try:
        target = Target.of(settings)
        needing = mirroring.needing_older(settings, target) if target else []
    except (Unavailable, Refused) as error:
        return problem("backups-not-seen", f"Whether the backups need an older line cannot be seen: {error}.")
    if not needing:
        return None
    return problem(
        "backups-need-it",
        f"{len(needing)} objects that all backups in {settings.backup_bucket} share open by an older line alone"
        f" ({needing[0]} is one): call backup run first, then this again.",
    )


def rewrap_companies() -> int:
    """Every company's keys by the newest master, whatever state the company is in."""
    ring, rewrapped = current_app.extensions["providers"].keyring, 0
    for tenant in registry().all():
        with tenant_scope(tenant):
            rewrapped += ring.rewrap_company_keys()
    return rewrapped


def _let_in_by_newest() -> None:
    owners, settings = current_app.extensions["owners"], current_app.extensions["settings"]
    for name in owners.names():
        provisioning.set_login_password(owners.of(name), settings.login_password())


def _companies(slug: str | None) -> list[TenantRecord]:
    return [tenant for tenant in registry().all("active", "suspended") if slug in {None, tenant.slug}]
