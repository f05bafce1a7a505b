"""What language models cost: counted by month, paid once a day for the same question, stopped at the company's budget."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from app.billing import queries
from app.billing.models import LlmResult, LlmUsage
from app.interviews.models import Dimension
from app.interviews.queries import interview as load_interview
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.letters.models import Mail
from app.scorecards.commands import assessments
from app.scorecards.models import Assessment
from app.workspace.queries import workspace
from jobs import timetable
from tenants.db import db

ENGINE = "fake/1"


@pytest.fixture
def paid(judge):
    """The fake as a language model: a quarter of a dollar an answer."""
    judge.metered, judge.tokens, judge.cost = True, 900, Decimal("0.25")
    return judge


@pytest.fixture
def again(drain, alpha, in_tenant):
    """again(told): all drafts of an interview are made once more."""

    def judged_again(told):
        with in_tenant(alpha):
            db.session.execute(
                sa.update(Assessment).values(state="failed", level=None, score=None, quotes=0, low=None, high=None)
            )
            assessments.judge_failed_again(load_interview(told.interview), by=SYSTEM)
        drain()

    return judged_again


def budget(in_tenant, tenant, dollars):
    with in_tenant(tenant):
        workspace().limits = {queries.BUDGET: dollars}


def usage(in_tenant, tenant):
    with in_tenant(tenant):
        rows = db.session.scalars(sa.select(LlmUsage).order_by(LlmUsage.engine))
        return [(row.engine, row.calls, row.hits, row.tokens_in, row.tokens_out, row.cost_usd) for row in rows]


def drafts(in_tenant, tenant):
    with in_tenant(tenant):
        found = db.session.scalars(sa.select(Assessment).order_by(Assessment.position))
        return [(a.state, a.engine, a.cost_usd) for a in found]


def counted_hits():
    return REGISTRY.get_sample_value("assay_llm_cache_hits_total", {"engine": ENGINE}) or 0.0


def letters(in_tenant, tenant):
    with in_tenant(tenant):
        found = sa.select(Mail.kind, Mail.to_address).where(Mail.kind.like("budget%")).order_by(Mail.id)
        return [tuple(row) for row in db.session.execute(found)]


def test_answers_of_a_language_model_are_counted_and_shown_to_admins(
    story, *, paid, drain, alpha, beta, in_tenant, browser
):
    drain()

    assert usage(in_tenant, alpha) == [(ENGINE, 3, 0, 2700, 270, Decimal("0.75"))]
    assert usage(in_tenant, beta) == []
    page = browser("ada").get("/settings/cost").text
    assert "<strong>0.75 dollars</strong>; 0.7500 dollars an interview; 0 % answered without a call" in page


def test_answers_that_are_of_no_use_are_counted_and_spend_the_budget(story, paid, drain, alpha, in_tenant):
    budget(in_tenant, alpha, 0.25)
    with in_tenant(alpha):
        for name in db.session.scalars(sa.select(Dimension.name)):
            paid.orders[name].append("unusable")
    drain()

    assert usage(in_tenant, alpha) == [(ENGINE, 1, 0, 900, 90, Decimal("0.25"))]
    assert sorted(state for state, _, _ in drafts(in_tenant, alpha)) == ["failed", "scored", "scored"]
    assert len(paid.calls) == 1  # the others are left to the built-in evaluator
    assert letters(in_tenant, alpha) == [
        ("budget_nearly_spent", "ada@alpha.example"),
        ("budget_spent", "ada@alpha.example"),
    ]


def test_built_in_evaluator_costs_nothing_and_is_not_counted(story, judge, drain, alpha, in_tenant, browser):
    drain()

    assert usage(in_tenant, alpha) == []
    assert "No language model was asked this month." in browser("ada").get("/settings/cost").text


def test_same_question_is_not_paid_twice_within_a_day(story, *, paid, drain, again, alpha, in_tenant, browser):
    drain()
    first, hits = drafts(in_tenant, alpha), counted_hits()
    again(story)

    assert counted_hits() == hits + 3
    assert first == [("scored", ENGINE, Decimal("0.25"))] * 3
    assert drafts(in_tenant, alpha) == [("scored", ENGINE, Decimal(0))] * 3
    assert len(paid.calls) == 3
    assert usage(in_tenant, alpha) == [(ENGINE, 3, 3, 2700, 270, Decimal("0.75"))]
    assert "50 % answered without a call" in browser("ada").get("/settings/cost").text


def test_after_a_day_it_is_asked_again_and_what_was_said_is_forgotten(
    story, *, paid, drain, again, alpha, in_tenant, flask_app
):
    drain()
    tomorrow = clock.now() + timedelta(hours=25)
    with clock.set_to(tomorrow):
        again(story)
        timetable.plan(flask_app, alpha, tomorrow)
        drain()

    assert len(paid.calls) == 6
    with in_tenant(alpha):
        assert set(db.session.scalars(sa.select(LlmResult.at))) == {tomorrow}


def test_s07_what_one_company_was_answered_no_other_is_given(story, *, paid, drain, alpha, beta, in_tenant):
    drain()
    with in_tenant(alpha):
        hashes = list(db.session.scalars(sa.select(LlmResult.input_hash)))
        assert [queries.known(each) is not None for each in hashes] == [True] * 3
    with in_tenant(beta):
        assert [queries.known(each) for each in hashes] == [None] * 3


def test_answer_of_before_keeps_words_and_band(story, *, paid, drain, again, alpha, in_tenant):
    paid.bands["Stays calm"] = (70, 90)
    drain()

    def kept():
        with in_tenant(alpha):
            first = db.session.scalar(sa.select(Assessment).where(Assessment.position == 0))
            return first.level, first.score, first.low, first.high, first.reason, first.quotes, first.input_hash

    before = kept()
    again(story)

    assert before[:4] == ("strong", 80, 70, 90)
    assert kept() == before


@pytest.mark.parametrize(
    ("dollars", "told"),
    [
        (1.0, []),
        (0.9, [("budget_nearly_spent", "ada@alpha.example")]),
        (0.75, [("budget_nearly_spent", "ada@alpha.example"), ("budget_spent", "ada@alpha.example")]),
    ],
)
def test_admins_are_told_once_when_the_budget_is_nearly_spent_and_when_it_is(
    story, *, paid, drain, again, alpha, in_tenant, dollars, told
):
    budget(in_tenant, alpha, dollars)
    drain()
    again(story)

    assert letters(in_tenant, alpha) == told


def test_spent_budget_leaves_drafts_to_the_built_in_evaluator_which_says_so(
    story, *, paid, drain, alpha, in_tenant, browser
):
    budget(in_tenant, alpha, 0.25)
    drain()

    made = drafts(in_tenant, alpha)
    assert sorted(engine for _, engine, _ in made) == ["assay-built-in/1", "assay-built-in/1", ENGINE]
    assert usage(in_tenant, alpha) == [(ENGINE, 1, 0, 900, 90, Decimal("0.25"))]
    assert "This month's budget is spent." in browser("ada").get("/settings/cost").text


def test_next_month_begins_at_nothing(story, *, paid, drain, alpha, in_tenant):
    budget(in_tenant, alpha, 0.75)
    with clock.set_to(datetime(2027, 1, 31, 23, 0, tzinfo=UTC)):
        drain()
        with in_tenant(alpha):
            assert queries.spending(None).over
    with clock.set_to(datetime(2027, 2, 1, 0, 0, tzinfo=UTC)), in_tenant(alpha):
        assert (queries.spending(None).spent, queries.spending(None).over) == (0, False)


@pytest.mark.parametrize("dollars", ["-1", "x", "1000001", "sNaN"])
def test_bad_budget_is_said_at_its_field(browser, alpha, in_tenant, dollars):
    answer = browser("ada").post("/settings/cost", data={"dollars": dollars})

    assert answer.status_code == 422
    assert f'value="{dollars}"' in answer.text
    with in_tenant(alpha):
        assert workspace().limits == {}


def test_budget_is_chosen_and_taken_back_and_logged(browser, alpha, in_tenant):
    for typed, kept in [("12.50", {queries.BUDGET: 12.5}), ("", {})]:
        assert browser("ada").post("/settings/cost", data={"dollars": typed}).status_code == 303
        with in_tenant(alpha):
            assert workspace().limits == kept
    log = browser("ada").get("/settings/log").text
    assert log.count("Set the budget for language models") == 2


@pytest.mark.parametrize("who", ["rita", "hugo", "ivy"])
def test_cost_is_for_admins(browser, who):
    assert browser(who).get("/settings/cost").status_code == 404
    assert browser(who).post("/settings/cost", data={"dollars": "1"}).status_code == 404
