"""The operators' pages, at an address of their own: how work stands, what failed, which companies there are."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from app.audit.queries import first_broken_link, newest_entries
from app.audit.routes import wording
from app.identity import gate
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import NotFound, Unavailable
from app.operations import commands, queries
from app.ports.work import WorkBoard, WorkState
from app.web.navigation import NavItem, register
from app.web.pages import page, see_other, toast
from tenants.registry import Registry

bp = Blueprint("operations", __name__, url_prefix="/operations")
gate.members_only(bp)
OLD_SECONDS = 30.0


def _registry() -> Registry:
    found: Registry = current_app.extensions["registry"]
    return found


def _work() -> WorkState | None:
    board: WorkBoard = current_app.extensions["work_board"]
    try:
        return board.told()
    except Unavailable:
        return None


def _actor() -> Actor:
    found = gate.member()
    return Actor(kind="operator", id=found.id, name=found.name)


@bp.get("")
def work() -> Any:
    """Queues and workers, as the relay told them last."""
    told = _work()
    names = queries.names_of(_registry(), told) if told else {}
    age = (clock.now() - told.at).total_seconds() if told else None
    return page("operations/work.html", "work", told=told, names=names, silent=age is None or age > OLD_SECONDS)


@bp.get("/failed")
def failed() -> Any:
    place = queries.Place(
        request.args.get("company", ""),
        request.args.get("before", type=datetime.fromisoformat),
        request.args.get("id", type=uuid.UUID),
    )
    if place.id is None:
        place = queries.Place(place.company)
    return page("operations/failed.html", "failed", found=queries.failed(_registry(), place), place=place)


@bp.post("/failed/again")
def again() -> Any:
    task_id = request.form.get("task", type=uuid.UUID)
    if task_id is None:
        raise NotFound("task")
    commands.run_again(_registry(), request.form.get("company", ""), task_id, work=_work(), by=_actor())
    toast(_("The task waits to be run again."))
    return see_other(url_for(".failed"))


@bp.post("/failed/all-again")
def all_again() -> Any:
    done = commands.run_all_again(_registry(), request.form.get("name", ""), work=_work(), by=_actor())
    said = ngettext("%(num)s task waits to be run again.", "%(num)s tasks wait to be run again.", done.tasks)
    if not done.finished:
        said += " " + _("There was no time for all companies: do it once more.")
    toast(said)
    return see_other(url_for(".failed"))


@bp.get("/companies")
def companies() -> Any:
    found, further = queries.companies(_registry(), after=request.args.get("after", ""))
    return page("operations/companies.html", "companies", companies=found, further=further)


@bp.get("/models")
def models() -> Any:
    """What language models cost each company this month."""
    usual = current_app.extensions["settings"].llm_budget_dollars
    found = queries.spent(_registry(), usual, after=request.args.get("after", ""))
    return page("operations/models.html", "models", found=found)


@bp.get("/log")
def log() -> Any:
    """Who of the operators did what, and whether the chain of digests still holds."""
    before = request.args.get("before", type=int)
    broken = first_broken_link() if before is None else None
    entries = newest_entries(before=before)
    return page("operations/log.html", "entries", entries=entries, broken=broken, before=before, log_says=wording)


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
    register(
        flask_app,
        NavItem("operations-work", lazy_gettext("Work"), "layout-dashboard", "operations.work", 10),
        NavItem("operations-failed", lazy_gettext("Failed"), "triangle-alert", "operations.failed", 20),
        NavItem("operations-companies", lazy_gettext("Companies"), "briefcase", "operations.companies", 30),
        NavItem("operations-models", lazy_gettext("Models"), "sparkles", "operations.models", 35),
        NavItem("operations-log", lazy_gettext("Log"), "clock", "operations.log", 40),
    )
