"""What language models cost a company, for its admins."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Flask, current_app, url_for
from flask_babel import gettext as _

from app.billing import commands, queries
from app.billing.forms import BudgetForm
from app.identity import gate
from app.web.pages import form_page, page, see_other, toast
from app.workspace.access import workspace_for

bp = Blueprint("billing", __name__, url_prefix="/settings/cost")
gate.members_only(bp)


@bp.get("")
def show() -> Any:
    workspace = workspace_for(gate.member())
    return page("billing/cost.html", form=BudgetForm(dollars=workspace.limits.get(queries.BUDGET)), **_facts())


@bp.post("")
def change() -> Any:
    workspace = workspace_for(gate.member())
    form = BudgetForm()
    if not form.validate():
        return form_page("billing/cost.html", form=form, **_facts())
    commands.set_budget(workspace, form.dollars.data, by=gate.actor())
    toast(_("The budget is saved."))
    return see_other(url_for(".show"))


def _facts() -> dict[str, Any]:
    usual: Decimal | None = current_app.extensions["settings"].llm_budget_dollars
    return {"usual": usual, "spending": queries.spending(usual)}


def install(flask_app: Flask) -> None:
    """Blueprints, ways in the rail, topics of streams."""
    flask_app.register_blueprint(bp)
