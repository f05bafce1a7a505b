"""Whoever looks for what a fault left behind finds it: a row is broken by hand."""

import pytest
import sqlalchemy as sa

from app.interviews.models import Turn
from app.kernel.events import record
from app.scorecards.events import ScoringCompleted
from app.scorecards.models import Assessment, Evidence
from tenants.db import db
from tests.app.scorecards.conftest import analyst, judge, scored, story, tell
from tests.chaos.invariants import violated

assert all((analyst, judge, tell, story, scored))


def own(row, **values):
    db.session.execute(sa.update(type(row)).where(type(row).id == row.id).values(values))


def unquoted(_told, draft, quote):
    db.session.delete(quote)
    return [f"{draft.id}, strong, says 1 quotes and has 0"]


def quoted_twice(_told, draft, _quote):
    own(draft, quotes=2)
    return [f"{draft.id}, strong, says 2 quotes and has 1"]


def quoting_another_turn(told, draft, quote):
    own(
        quote, turn_id=sa.select(Turn.id).where(Turn.interview_id == told.interview, Turn.number == 2).scalar_subquery()
    )
    return [f"{draft.id} quotes what its turn does not say"]


def quoting_what_nobody_said(_told, draft, quote):
    quote.text = quote.text.replace("March", "April")
    return [f"{draft.id} quotes what its turn does not say"]


def failing_in_silence(_told, draft, quote):
    db.session.delete(quote)
    own(draft, state="failed", level=None, score=None, quotes=0)
    return [f"{draft.id} failed and says nothing of why"]


def failing_in_a_word(_told, draft, quote):
    """The other side: nothing is wrong with it."""
    db.session.delete(quote)
    own(draft, state="failed", level=None, score=None, quotes=0, problem="refused")
    return []


def waiting(told, draft, quote):
    db.session.delete(quote)
    own(draft, state="waiting", level=None, score=None, quotes=0)
    return [f"a draft of {told.interview} waits for ever"]


def lost(told, draft, _quote):
    db.session.delete(draft)
    planned = sorted(map(str, told.dimensions))
    return [
        f"{told.interview} has drafts of {[one for one in planned if one != str(draft.dimension_id)]}, its plan {planned}"
    ]


def completed_twice(told, _draft, _quote):
    record(ScoringCompleted(told.interview, told.application))
    return [f"{told.interview} was called complete 2 times"]


BREAKS = [unquoted, quoted_twice, quoting_another_turn, quoting_what_nobody_said, failing_in_silence, failing_in_a_word, waiting, lost, completed_twice]  # fmt: skip


def test_nothing_is_found_where_nothing_was_broken(scored, alpha, in_tenant):
    assert violated(in_tenant, alpha) == []


@pytest.mark.parametrize("breaking", BREAKS, ids=lambda breaking: breaking.__name__)
def test_a_broken_score_is_found(breaking, scored, alpha, in_tenant):
    with in_tenant(alpha):
        quote = db.session.scalars(sa.select(Evidence).where(Evidence.turn_number == 1)).one()
        draft = db.session.get_one(Assessment, quote.assessment_id)
        expected = breaking(scored, draft, quote)

    found = [each.removeprefix("alpha: scores: ") for each in violated(in_tenant, alpha) if ": scores: " in each]
    assert found == expected
