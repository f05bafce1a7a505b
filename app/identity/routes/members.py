"""Who works here, in which role."""

import uuid
from typing import Any

from flask import Blueprint, url_for
from flask_babel import gettext as _

from app.identity import commands, gate, queries
from app.identity.access import may_administer, member_for
from app.identity.enums import Role
from app.identity.forms import ROLES, MemberForm
from app.identity.models import Member
from app.kernel.errors import Invalid
from app.web.languages import translated
from app.web.pages import form_page, page, see_other, toast
from tenants.site import site_url

bp = Blueprint("members", __name__, url_prefix="/settings/people")
gate.members_only(bp)


@bp.get("")
def index() -> Any:
    may_administer(gate.member())
    return page("identity/members.html", members=queries.members(), roles=ROLES, form=MemberForm(), link=None)


@bp.post("")
def add() -> Any:
    may_administer(gate.member())
    form = MemberForm()
    if form.validate():
        try:
            added = commands.add_member(
                email=form.email.data, name=form.name.data, role=Role(form.role.data), by=gate.actor()
            )
            return _with_link(added)
        except Invalid as invalid:
            form.email.errors = [*form.email.errors, *map(translated, invalid.fields.values())]
    return form_page("identity/members.html", members=queries.members(), roles=ROLES, form=form, link=None)


@bp.post("/<uuid:member_id>/link")
def write_link(member_id: uuid.UUID) -> Any:
    return _with_link(member_for(gate.member(), member_id))


def _with_link(member: Member) -> Any:
    """The link stands on this answer alone; we keep its digest."""
    token = commands.write_password_link(member, by=gate.actor())
    link = {"name": member.name, "url": f"{site_url()}/password/{token}"}
    return page(
        "identity/members.html", members=queries.members(), roles=ROLES, form=MemberForm(formdata=None), link=link
    )


@bp.post("/<uuid:member_id>/active")
def switch(member_id: uuid.UUID) -> Any:
    found = member_for(gate.member(), member_id)
    commands.set_active(found, active=not found.active, by=gate.actor())
    toast(
        _("%(name)s is active again.", name=found.name)
        if found.active
        else _("%(name)s is signed out and stays out.", name=found.name)
    )
    return see_other(url_for("members.index"))
