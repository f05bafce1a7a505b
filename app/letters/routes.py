"""The mailbox: what was mailed, how it went, and once more where it failed."""

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request, url_for
from flask_babel import gettext, lazy_gettext

from app.identity import gate
from app.identity.access import hires
from app.kernel.errors import NotFound
from app.letters import access, commands, queries
from app.web.navigation import NavItem, register
from app.web.pages import focus_to, is_htmx, page, see_other, toast

bp = Blueprint("mailbox", __name__, url_prefix="/mailbox")
gate.members_only(bp)


def _shown() -> bool:
    shown: bool = current_app.extensions["settings"].mailbox_page
    return shown


@bp.get("")
def show() -> Response:
    access.may_read_mail(gate.member(), shown=_shown())
    return page("letters/mailbox.html", "mails", **_list(), mail=None)


@bp.get("/<uuid:mail_id>")
def read(mail_id: uuid.UUID) -> Response:
    mail = access.mail_for(gate.member(), mail_id, shown=_shown())
    text = queries.opened(mail, current_app.extensions["providers"].vault)["text"]
    if is_htmx():
        focus_to("#letter-title")
    return page("letters/mailbox.html", "mails", **_list(), mail=mail, blocks=queries.blocks_of(text))


@bp.post("/<uuid:mail_id>/again")
def send_again(mail_id: uuid.UUID) -> Response:
    commands.send_again(access.mail_for(gate.member(), mail_id, shown=_shown()), by=gate.actor())
    toast(gettext("The letter is on its way again."))
    return see_other(url_for(".read", mail_id=mail_id))


def _list() -> dict[str, Any]:
    mails, more = queries.mail_page(after=request.args.get("after", ""))
    return {"mails": mails, "more": more}


def _guard(_identifier: str) -> None:
    member = gate.member_or_none()
    if member is None:
        raise NotFound("topic")
    access.may_read_mail(member, shown=_shown())


def _in_rail() -> bool:
    member = gate.member_or_none()
    return _shown() and member is not None and hires(member)


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
    flask_app.extensions["topics"].register("mailbox", _guard)
    register(flask_app, NavItem("mailbox", lazy_gettext("Mailbox"), "mail", "mailbox.show", order=50, shown=_in_rail))
