"""flask operators add | list | remove: platform staff, who sign in at an address of their own."""

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup

from app.cli.database import make_ready
from app.cli.output import problem, say
from app.cli.tenants import OPERATOR, registry
from app.identity.commands import add_member, set_active, write_password_link
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel import clock
from tenants import provisioning
from tenants.db import db
from tenants.names import OPERATORS
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("operators", help="Platform staff.")


def house() -> TenantRecord | None:
    """Operators are the members of a house of their own: a schema and a role like a company's, and no company."""
    found = registry().by_slug(OPERATORS)
    return found if found is not None and found.kind == "operators" else None


def _open_house(host: str | None) -> TenantRecord:
    make_ready()
    if found := house():
        return found
    owners, settings = current_app.extensions["owners"], current_app.extensions["settings"]
    return provisioning.provision(
        owners.main, owners.main, slug=OPERATORS, name="Assay", kind="operators", database="main",
        hosts=[host or f"operators.{settings.base_domain}"], at=clock.now(),
    )  # fmt: skip


@words.command("add")
@click.argument("email")
@click.option("--name", help="How logs call them; what stands before the @ by default.")
@click.option("--host", help="Where operators sign in, said with the first of them; operators.BASE_DOMAIN by default.")
def add(email: str, name: str | None, host: str | None) -> None:
    """Let somebody operate the platform, again too; prints their link to set a password, which works once."""
    try:
        tenant = _open_house(host)
    except provisioning.SlugTakenError as taken:
        say({"email": email} | problem("taken", f"{taken} is a company's: say another --host."))
        return
    with tenant_scope(tenant), unit_of_work():
        found = _operator(email)
        if found is None:
            named = name or email.partition("@")[0]
            found = add_member(email=email, name=named, role=Role.ADMIN, by=OPERATOR)
        elif not found.active:
            set_active(found, active=True, by=OPERATOR)
        token, called = write_password_link(found, by=OPERATOR), found.name
    address = registry().hosts()[tenant.id][0]
    settings = current_app.extensions["settings"]
    say(
        {
            "email": email, "name": called, "address": settings.url_for_host(address, "/"),
            "password_link": settings.url_for_host(address, f"/password/{token}"),
        }
    )  # fmt: skip


@words.command("list")
def list_them() -> None:
    """All operators, as one JSON array."""
    tenant = house()
    if tenant is None:
        say([])
        return
    with tenant_scope(tenant), unit_of_work():
        found = db.session.scalars(sa.select(Member).order_by(sa.func.lower(Member.email)))
        say([{"email": each.email, "name": each.name, "active": each.active} for each in found])


@words.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Sign somebody out everywhere, and let them in no more. What they did stays in the log."""
    tenant = house()
    if tenant is not None:
        with tenant_scope(tenant), unit_of_work():
            if found := _operator(email):
                set_active(found, active=False, by=OPERATOR)
                say({"email": email, "active": False})
                return
    say({"email": email} | problem("unknown", "There is no such operator."))


def _operator(email: str) -> Member | None:
    return db.session.scalar(sa.select(Member).where(sa.func.lower(Member.email) == email.strip().lower()))
