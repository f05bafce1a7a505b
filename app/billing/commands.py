"""Counting what language models cost, keeping for a day what they said, telling admins before the budget is gone."""

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.audit import commands as audit
from app.billing import queries
from app.billing.models import LlmNotice, LlmResult, LlmUsage
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.ids import new_id
from app.letters.commands import write
from app.letters.enums import LetterKind
from app.ports.judging import Judgement, Unusable
from app.ports.vault import Vault
from app.workspace.models import Workspace
from app.workspace.queries import workspace
from tenants.db import changed, db

NOTICES: Final = (80, 100)
JUDGING: Final = "judging"


def note_call(judgement: Judgement, *, person: uuid.UUID) -> None:
    """One answer that was asked for: counted, and kept for a day."""
    _count(
        judgement.engine, calls=1, tokens_in=judgement.tokens_in, tokens_out=judgement.tokens_out,
        cost_usd=judgement.cost_usd,
    )  # fmt: skip
    kept = asdict(judgement) | {"cost_usd": str(judgement.cost_usd)}
    db.session.add(
        LlmResult(id=new_id(), person_id=person, input_hash=judgement.input_hash, at=clock.now(), result=kept)
    )


def note_unusable(paid: Unusable) -> None:
    """One answer that was paid for and is of no use: counted, and not kept."""
    _count(
        paid.engine, calls=1, tokens_in=paid.tokens_in, tokens_out=paid.tokens_out, cost_usd=paid.cost_usd,
    )  # fmt: skip


def note_hit(engine: str) -> None:
    """One that needed no call."""
    _count(engine, hits=1)


def _count(engine: str, **more: Any) -> None:
    row = insert(LlmUsage).values(month=queries.this_month(), engine=engine, purpose=JUDGING, **more)
    summed = {name: getattr(LlmUsage, name) + row.excluded[name] for name in more}
    db.session.execute(row.on_conflict_do_update(index_elements=["month", "engine", "purpose"], set_=summed))


def warn(*, usual: Decimal | None, site: str, vault: Vault) -> None:
    """A letter to each admin when 80 and when 100 % of the month's budget are spent, once each."""
    now = queries.spending(usual)
    for percent in NOTICES:
        if now.percent is None or now.percent < percent:
            continue
        told = insert(LlmNotice).values(month=now.month, percent=percent, at=clock.now())
        if changed(told.on_conflict_do_nothing(index_elements=["month", "percent"])):
            _write_notices(now, percent, site=site, vault=vault)


def _write_notices(now: queries.Spending, percent: int, *, site: str, vault: Vault) -> None:
    company = workspace()
    facts = {
        "company": company.name, "percent": str(percent), "spent": f"{now.spent:.2f}", "budget": f"{now.budget:.2f}",
        "link": f"{site}/settings/cost",
    }  # fmt: skip
    admins = sa.select(Member).where(Member.role == Role.ADMIN, Member.active.is_(True)).order_by(Member.id)
    for admin in db.session.scalars(admins):
        write(
            LetterKind.BUDGET_SPENT if percent >= NOTICES[-1] else LetterKind.BUDGET_NEARLY_SPENT,
            to_name=admin.name, to_address=admin.email, language=company.locale, facts=facts, vault=vault,
            key=f"budget/{now.month}/{percent}/{admin.id}",
        )  # fmt: skip


def set_budget(company: Workspace, dollars: Decimal | None, *, by: Actor) -> None:
    """For a month; None goes back to the installation's usual."""
    chosen = {key: value for key, value in company.limits.items() if key != queries.BUDGET}
    if dollars is not None:
        chosen[queries.BUDGET] = float(dollars)
    if chosen != company.limits:
        company.limits = chosen
        said = None if dollars is None else str(dollars)
        audit.note("billing.set_budget", by=by, target=("workspace", 1), dollars=said)


def forget_results() -> None:
    """What is older than a day."""
    db.session.execute(sa.delete(LlmResult).where(LlmResult.at <= clock.now() - queries.KEPT))
