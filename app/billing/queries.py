"""What this month's language models came to, what may still be spent, and what was answered within a day."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import sqlalchemy as sa

from app.billing.models import LlmResult, LlmUsage
from app.kernel import clock
from app.ports.judging import JudgeFlag, Judgement, Quote
from app.scorecards.models import Assessment
from app.workspace.queries import workspace
from tenants.db import db

KEPT: Final = timedelta(hours=24)
BUDGET: Final = "llm_dollars"


@dataclass(frozen=True)
class Spending:
    """This month's. `budget` None: there is no limit. `hits` were answered without a call."""

    month: date
    budget: Decimal | None
    usage: list[LlmUsage]
    interviews: int

    @property
    def spent(self) -> Decimal:
        return sum((each.cost_usd for each in self.usage), Decimal(0))

    @property
    def percent(self) -> int | None:
        """Of the budget, rounded down: 100 is said when all of it is gone."""
        if self.budget is None:
            return None
        return int(100 * self.spent / self.budget) if self.budget else 100

    @property
    def over(self) -> bool:
        return self.budget is not None and self.spent >= self.budget

    @property
    def calls(self) -> int:
        return sum(each.calls for each in self.usage)

    @property
    def hit_percent(self) -> int | None:
        hits = sum(each.hits for each in self.usage)
        return round(100 * hits / (hits + self.calls)) if hits + self.calls else None

    @property
    def per_interview(self) -> Decimal | None:
        return (self.spent / self.interviews).quantize(Decimal("0.0001")) if self.interviews else None


def this_month() -> date:
    return clock.now().date().replace(day=1)


def budget(usual: Decimal | None) -> Decimal | None:
    """What the company chose for a month, in dollars; else the installation's usual."""
    chosen = workspace().limits.get(BUDGET)
    return usual if chosen is None else Decimal(str(chosen))


def spending(usual: Decimal | None) -> Spending:
    month = this_month()
    usage = db.session.scalars(
        sa.select(LlmUsage).where(LlmUsage.month == month).order_by(LlmUsage.engine, LlmUsage.purpose)
    )
    scored = sa.select(sa.func.count(sa.distinct(Assessment.interview_id))).where(
        Assessment.done_at >= month, Assessment.tokens_in > 0
    )
    return Spending(month, budget(usual), list(usage), db.session.scalar(scored) or 0)


def known(input_hash: str) -> Judgement | None:
    """What was answered to the very same question within a day; it costs nothing more."""
    query = sa.select(LlmResult).where(LlmResult.input_hash == input_hash, LlmResult.at > clock.now() - KEPT)
    found = db.session.scalar(query.order_by(LlmResult.at.desc()).limit(1))
    return _read(found.result) if found and found.result else None


def _read(kept: dict[str, Any]) -> Judgement:
    values = {field.name: kept[field.name] for field in fields(Judgement) if field.name in kept}
    values["quotes"] = tuple(Quote(**each) for each in values["quotes"])
    values["flags"] = tuple(JudgeFlag(**each) for each in values["flags"])
    return replace(Judgement(**values), tokens_in=0, tokens_out=0, cost_usd=Decimal(0), took_ms=0)
