"""What is known of a job, as read from its text and as people corrected it."""

import uuid
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from wtforms.fields import SelectChoice

from app.identity import gate
from app.identity.queries import members
from app.postings import access, commands, queries
from app.postings.enums import SkillKind
from app.postings.forms import DetailsForm, SeatForm, SkillForm, StageForm, TextForm, details_of
from app.postings.models import Posting
from app.web.pages import focus_to, is_htmx, page, see_other, toast

FRAGMENTS = ("state", "reading", "details", "skills", "stages", "team", "wording")


def show(posting: Posting, *, status: int = 200, **forms: Any) -> Any:
    """The plan; `forms` are those that came back with something to correct."""
    stages, team = queries.stages_of(posting.id), queries.team_of(posting.id)
    context: dict[str, Any] = {
        "details": details_of(posting),
        "adding": {kind: SkillForm(formdata=None, prefix=f"{kind}-") for kind in SkillKind},
        "rows": {stage.id: StageForm(formdata=None, obj=stage, prefix=f"{stage.id}-") for stage in stages},
        "new_stage": StageForm(formdata=None, prefix="new-", reply_days=10),
        "seat": seat_form(team),
        "wording": TextForm(formdata=None, text=posting.text),
    }
    context["rows"] |= forms.pop("rows", {})
    context["adding"] |= forms.pop("adding", {})
    return page(
        "postings/plan.html", *FRAGMENTS, status=status, posting=posting, stages=stages, team=team,
        editable=access.may_change(gate.member()), **(context | forms),
    )  # fmt: skip


def seat_form(team: list[Any]) -> SeatForm:
    seated = {member.id for member in team}
    form = SeatForm(formdata=None)
    form.member.choices = [
        SelectChoice(str(member.id), member.name) for member in members() if member.active and member.id not in seated
    ]
    return form


def changed(posting: Posting, section: str, said: str | None = None) -> Any:
    """The changed section for HTMX, the whole plan at that section for a plain browser."""
    if said:
        toast(said)
    if is_htmx():
        return show(posting)
    return see_other(url_for("jobs.plan", posting_id=posting.id, _anchor=section))


def plan(posting_id: uuid.UUID) -> Any:
    return show(access.posting_for(gate.member(), posting_id))


def save_details(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    form = DetailsForm()
    if not form.validate():
        return show(posting, status=422, details=form)
    commands.edit_posting(posting, by=gate.actor(), **form.changes())
    return changed(posting, "details", _("The details are saved."))


def save_text(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    form = TextForm()
    if not form.validate():
        return show(posting, status=422, wording=form)
    commands.edit_posting(posting, by=gate.actor(), text=form.text.data.strip())
    return changed(posting, "wording", _("The text is saved."))


def read_again(posting_id: uuid.UUID) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    commands.ask_for_analysis(posting, by=gate.actor())
    return see_other(url_for("jobs.plan", posting_id=posting_id))


def add_skill(posting_id: uuid.UUID, kind: SkillKind) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    form = SkillForm(prefix=f"{kind}-")
    if not form.validate():
        return show(posting, status=422, adding={kind: form})
    commands.add_skill(posting, kind, form.skill.data, by=gate.actor())
    focus_to(f"#{kind}-skill")
    return changed(posting, "skills")


def drop_skill(posting_id: uuid.UUID, kind: SkillKind) -> Any:
    posting = access.posting_for(gate.member(), posting_id, to_change=True)
    commands.drop_skill(posting, kind, request.form.get("skill", ""), by=gate.actor())
    focus_to(f"#{kind}-skill")
    return changed(posting, "skills")


def install(bp: Blueprint) -> None:
    bp.add_url_rule("/<uuid:posting_id>/plan", view_func=plan)
    bp.add_url_rule("/<uuid:posting_id>/plan/details", view_func=save_details, methods=["POST"])
    bp.add_url_rule("/<uuid:posting_id>/plan/text", view_func=save_text, methods=["POST"])
    bp.add_url_rule("/<uuid:posting_id>/plan/read-again", view_func=read_again, methods=["POST"])
    for kind in SkillKind:
        into = {"kind": kind}
        bp.add_url_rule(f"/<uuid:posting_id>/plan/{kind}", f"add_{kind}", add_skill, methods=["POST"], defaults=into)
        bp.add_url_rule(
            f"/<uuid:posting_id>/plan/{kind}/drop", f"drop_{kind}", drop_skill, methods=["POST"], defaults=into
        )
