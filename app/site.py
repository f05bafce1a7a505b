"""Pages: what every page needs, and each slice's routes, in one list."""

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, has_request_context, request, url_for
from flask_babel import gettext as _

from app import web
from app.applications import routes as applications
from app.billing import routes as billing
from app.candidates import routes as candidates
from app.candidates.queries import is_being_filled
from app.identity import gate
from app.identity import routes as identity
from app.insights import routes as insights
from app.interviews import routes as interviews
from app.letters import routes as letters
from app.letters.queries import contact_of
from app.operations import routes as operations
from app.postings import routes as postings
from app.privacy import routes as privacy
from app.scorecards import routes as scorecards
from app.settings import Settings
from app.web import health, live
from app.web.branding import Branding
from app.web.guests import Guest
from app.web.languages import asked_for
from app.workspace import routes as workspace
from app.workspace.models import Workspace
from tenants.db import db
from tenants.resolver import TenantFlask
from tenants.scope import current_tenant, tenant_or_none
from tenants.work import unit_of_work

WITHOUT_TENANT = {
    "web.health", "web.ready", "web.metrics", "web.theme", "web.asset", "web.language", "web.scheme", "static",
}  # fmt: skip


def install(flask_app: TenantFlask, settings: Settings) -> None:
    web.install(
        flask_app,
        locale_of=asked_for,
        zone_of=_zone,
        branding_of=_branding,
        member_name=lambda: found.name if (found := _member()) else None,
        guest_of=_guest,
        https=settings.scheme == "https",
        with_patterns=settings.environment in {"demo", "test"},
    )
    flask_app.extensions["catching_up"] = _catching_up
    flask_app.without_tenant |= WITHOUT_TENANT
    gate.install(flask_app)
    live.install(flask_app, lambda: current_tenant().slug, _listener)
    token = settings.metrics_token
    health.install(flask_app, checks=_checks(flask_app), metrics_token=token.get_secret_value() if token else None)
    pool = flask_app.config["SQLALCHEMY_ENGINE_OPTIONS"]
    with flask_app.app_context():
        health.watch_pools(db.engines, most=pool["pool_size"] + pool["max_overflow"])
    _measure(flask_app)
    _slices(flask_app)


def _slices(flask_app: TenantFlask) -> None:
    """Every slice's pages, from the bottom of the list of slices to its top."""
    slices = (
        identity,
        workspace,
        letters,
        postings,
        candidates,
        applications,
        interviews,
        scorecards,
        billing,
        privacy,
        insights,
        operations,
    )
    for routes in slices:
        routes.install(flask_app)


def _at_home() -> bool:
    """Whether there is a company whose tables can be asked; one that is being moved has none to ask."""
    tenant = tenant_or_none()
    return tenant is not None and tenant.state != "moving" and "database_away" not in g


def _workspace() -> Workspace | None:
    if not _at_home():
        return None
    if "workspace" not in g:
        g.workspace = db.session.get(Workspace, 1)
    found: Workspace | None = g.workspace
    return found


def _member() -> Any:
    return gate.member_or_none() if _at_home() and has_request_context() else None


def _listener() -> str:
    found = _member()
    return str(found.id) if found else ""


def _branding() -> Branding:
    found = _workspace()
    if found is None:
        tenant = tenant_or_none()
        return Branding(name=tenant.name) if tenant else Branding()
    help_url = f"mailto:{found.contact_email}" if found.contact_email else ""
    return Branding(name=found.name, colour=found.accent, help_url=help_url, contact=contact_of(found))


def _guest() -> Guest | None:
    """By the address alone, so that it is known whatever broke: candidates' links, and the careers site."""
    room, token = [*request.path.split("/"), "", ""][1:3]
    if room == "i" and token:
        return Guest(url_for("interview.show", token=token), _("Back to the interview"), keeps=True, resend=True)
    if room == "status" and token:
        back = url_for("status.show", token=token)
        return Guest(back, _("Back to your application"), keeps=True, resend=True)
    return Guest(url_for("careers.index"), _("All open jobs")) if room in {"careers", "i", "status"} else None


def _zone() -> str:
    member, workspace = _member(), _workspace()
    return (member.zone if member else None) or (workspace.zone if workspace else "UTC")


def _checks(flask_app: TenantFlask) -> dict[str, Any]:
    def database() -> None:
        with db.engines[None].connect() as connection:
            connection.execute(sa.select(1))

    def redis() -> None:
        flask_app.extensions["signals"].client.ping()

    def storage() -> None:
        folder: Path = flask_app.extensions["settings"].data_dir
        probe = folder / ".probe"
        probe.write_bytes(b"x")
        probe.unlink()

    return {"database": database, "redis": redis, "storage": storage}


def _measure(flask_app: Flask) -> None:
    @flask_app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @flask_app.after_request
    def count(response: Response) -> Response:
        taken = time.perf_counter() - g.started if "started" in g else None
        health.count(request.endpoint, request.method, response.status_code, taken)
        return response


def _catching_up(*, lately: bool = False) -> bool:
    if tenant_or_none() is None:
        return False
    try:
        with unit_of_work():
            return is_being_filled(lately=lately)
    except sa.exc.SQLAlchemyError:
        return True  # it does not answer yet
