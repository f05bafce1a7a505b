"""python -m jobs.story [SLUG…]: tells the demo's companies, each once; whichever was interrupted starts over."""

import json
import os
import sys
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, current_app

from app import create_app
from app.audit import commands as audit
from app.audit.models import AuditEntry
from app.cli.database import make_ready
from app.cli.tenants import OPERATOR, found_company
from app.identity.commands import add_member, set_password
from app.identity.enums import Role
from app.kernel import clock
from app.settings import Settings
from app.workspace.commands import change_workspace
from app.workspace.queries import workspace
from jobs.story.companies import PASSWORD, Company, all_companies, company
from jobs.story.stage import Stage
from jobs.story.timeline import timeline
from jobs.story.verbs import Teller
from tenants import migrate, provisioning
from tenants.db import db
from tenants.registry import Tenant, TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

BEGUN, TOLD = "story.begun", "story.told"


def main() -> None:
    flask_app = create_app(Settings())
    with flask_app.app_context():
        make_ready()
        told = told_already(flask_app)
    for slug in sys.argv[1:] or [one.slug for one in all_companies()]:
        if slug not in told:
            tell(flask_app, company(slug))


def prepare() -> None:
    """Tables of all schemas at their newest; prints the slugs of the companies that are told, as JSON."""
    flask_app = create_app(Settings())
    with flask_app.app_context():
        make_ready()
        for done in migrate.migrate_all(current_app.extensions["owners"], _behind(flask_app)):
            if done.error:
                sys.exit(f"{done.slug}: {done.error}")
        print(json.dumps(told_already(flask_app)), flush=True)  # noqa: T201 -- the answer


def _behind(flask_app: Flask) -> list[TenantRecord]:
    """Companies whose schema is not at the newest revision; to look into each of them takes longer than to ask."""
    current = sa.select(Tenant.slug).where(Tenant.revision == migrate.head("tenant"))
    with flask_app.extensions["owners"].main.connect() as connection:
        there = set(connection.scalars(current))
    return [tenant for tenant in flask_app.extensions["registry"].all() if tenant.slug not in there]


def tell_one(slug: str) -> None:
    """For a process of its own. A crash of the machine may cost the story, which is told again then."""
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"  # noqa: TID251 -- libpq reads it, we don't
    tell(create_app(Settings()), company(slug))


def told_already(flask_app: Flask) -> list[str]:
    registry = flask_app.extensions["registry"]
    tenants = [registry.by_slug(one.slug) for one in all_companies()]
    return [tenant.slug for tenant in tenants if tenant and tenant.state == "active" and _marked(tenant, TOLD)]


def tell(flask_app: Flask, company: Company) -> None:
    now = clock.now()
    start = now - timedelta(days=22)
    with flask_app.app_context():
        _make_room(flask_app.extensions["registry"].by_slug(company.slug))
        with clock.set_to(start):
            tenant = _found(company)
        teller = Teller(company, Stage(flask_app, tenant, start=start))
        steps = timeline(company, teller, now)
        for number, step in enumerate(steps):
            _progress(100 * number / len(steps), step.says)
            step.do()
        _mark(tenant, TOLD)
    _progress(100, "is told")


def _make_room(tenant: TenantRecord | None) -> None:
    """Half of a story goes; anybody else's company of that name stays, and is said."""
    if tenant is None:
        return
    if tenant.state != "deleting" and not _marked(tenant, BEGUN):
        sys.exit(f"There is a company {tenant.slug} already that the demo did not make.")
    owners = current_app.extensions["owners"]
    provisioning.delete(owners.main, owners.of(tenant.database), tenant)
    current_app.extensions["providers"].storage.forget_tenant(tenant.slug)
    current_app.extensions["providers"].shelf.forget_tenant(tenant.id)


def _found(company: Company) -> TenantRecord:
    admin, *others = company.members
    tenant, token = found_company(
        slug=company.slug, name=company.name, hosts=[company.host], admin_email=admin.email, admin_name=admin.name
    )
    _mark(tenant, BEGUN)
    with tenant_scope(tenant), unit_of_work():
        set_password(token, PASSWORD)
        for cast in others:
            add_member(email=cast.email, name=cast.name, role=Role(cast.role), by=OPERATOR, password=PASSWORD)
        change_workspace(
            workspace(), by=OPERATOR, zone=company.zone, jurisdiction=company.jurisdiction, accent=company.accent,
            contact_name=company.contact_name, contact_email=company.contact_email,
        )  # fmt: skip
    return tenant


def _mark(tenant: TenantRecord, what: str) -> None:
    with tenant_scope(tenant), unit_of_work():
        audit.note(what, by=OPERATOR, target=("workspace", 1))


def _marked(tenant: TenantRecord, what: str) -> bool:
    with tenant_scope(tenant), unit_of_work():
        return db.session.scalar(sa.select(AuditEntry.number).where(AuditEntry.action == what).limit(1)) is not None


def _progress(percent: float, text: str) -> None:
    print(f"{percent:.0f} {text}", flush=True)  # noqa: T201 -- bin/demo reads it


if __name__ == "__main__":
    main()
