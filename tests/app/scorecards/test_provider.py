"""A provider that misbehaves in every way, and then is away: no interview stops, nothing is lost or judged twice."""

import time
from collections import Counter
from datetime import timedelta

import pytest
import redis
import sqlalchemy as sa

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.calls import MAX_RETRIES
from app.adapters.llm.judging import LlmJudge
from app.adapters.llm.ring import Guard, Ring
from app.billing.models import LlmUsage
from app.interviews.queries import interview as load_interview
from app.kernel import clock
from app.scorecards.commands import assessments
from app.scorecards.models import Assessment
from jobs import runtime
from jobs.ledger import TaskRow
from jobs.relay import relay
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.conftest import Inline
from tests.fakes.llm_server import LlmServer
from tests.sizes import sized

pytestmark = pytest.mark.xdist_group("llm")  # one process imports both libraries, which takes seconds

INTERVIEWS = sized(50, 2)
SPOILT = ["429", "ok", "529", "ok", "wrong-names", "ok", "500", "101", "ok", "cut", "invented", "ok", "hang-up", "ok"]
MOST_CALLS = 10
REST = sized(30, 1)
ANSWERS = (
    "I looked at who was least stable first and called the doctor within two minutes.",
    "I use a written sheet and say each point aloud.",
    "I measured the pressure twice and wrote both values down.",
    "I asked the family what they had seen and told them what would come next.",
)


@pytest.fixture
def server():
    with LlmServer().running() as running:
        yield running


@pytest.fixture(params=[0])
def provider(request, flask_app, server, settings):
    """The model judges, three times each dimension, by a key whose breaker rests for a second (full: as long as in life)."""
    providers = flask_app.extensions["providers"]
    known = providers.__dict__.get("judge")
    client = MessagesClient("key", f"claude-{time.time_ns()}", server.url, timeout=5, max_retries=request.param)
    guard = Guard(settings.redis_url.get_secret_value(), per_minute=100_000, rest_seconds=REST)
    judge = providers.__dict__["judge"] = LlmJudge(Ring([client], guard))
    yield judge
    judge.close()
    providers.__dict__.pop("judge")
    if known is not None:
        providers.__dict__["judge"] = known


@pytest.fixture
def hours(flask_app, alpha):
    """hours(n): what is due in each of the hours to come is run."""

    def pass_by(number, *, first=0):
        for hour in range(first, first + number):
            then = clock.now() + timedelta(hours=hour)
            with clock.set_to(then):
                inline = Inline()
                relay(flask_app, alpha, inline)
                for slug, task_id in inline.due:
                    runtime.run(slug, str(task_id))
            time.sleep(REST + 0.1 if hour else 0)  # a breaker rests by the real clock

    return pass_by


def interviewed(tell, alpha, in_tenant):
    told = [tell(answers=[f"{words} That was in ward {ward}." for words in ANSWERS]) for ward in range(INTERVIEWS)]
    with in_tenant(alpha):
        for each in told:
            assessments.open_assessments(load_interview(each.interview), members=[])
    return told


def states(in_tenant, alpha):
    with in_tenant(alpha):
        return Counter(db.session.scalars(sa.select(Assessment.state)))


def test_misbehaving_provider_stops_no_interview_and_nothing_is_judged_twice(
    tell, *, provider, server, hours, alpha, in_tenant
):
    told = interviewed(tell, alpha, in_tenant)
    server.orders = SPOILT * (INTERVIEWS * 3)
    hours(3)
    spoilt = states(in_tenant, alpha)
    server.orders = ["ok"]
    hours(4, first=3)

    found = states(in_tenant, alpha)
    assert spoilt.total() == found.total() == 3 * INTERVIEWS
    assert set(found) <= {"scored", "not_scored", "failed"}
    assert found["scored"] > spoilt["waiting"]
    with in_tenant(alpha):
        ended = Counter(db.session.scalars(sa.select(TaskRow.state).where(TaskRow.name == "scorecards.judge")))
        assert ended == {"done": found["scored"] + found["not_scored"]} | (
            {"failed": found["failed"]} if found["failed"] else {}
        )
        complete = db.session.scalars(sa.select(OutboxRow.data).where(OutboxRow.name == "scoring.completed")).all()
        assert len(complete) == len({each["interview_id"] for each in complete}) <= len(told)
        calls = db.session.scalar(sa.select(sa.func.sum(LlmUsage.calls)))
        judged = found["scored"] + found["not_scored"]
        assert judged <= calls <= judged + found["failed"]  # one of no use was paid for, one that never came was not


@pytest.mark.parametrize("provider", [MAX_RETRIES], indirect=True)
def test_r39_r41_a_provider_that_is_away_is_asked_few_times_and_scores_come_by_themselves(
    tell, *, provider, server, hours, alpha, in_tenant
):
    """The client repeats as it does in life; the breaker is half open once in an hour of the tests' clock."""
    interviewed(tell, alpha, in_tenant)
    server.orders = ["503"]
    hours(1)

    assert states(in_tenant, alpha) == {"waiting": 3 * INTERVIEWS}
    failed, normal = len(server.requests), 3 * 3 * INTERVIEWS
    assert failed <= max(MOST_CALLS, normal // 10)

    server.orders = ["ok"]
    time.sleep(REST + 0.1)  # a breaker rests by the real clock
    hours(3, first=1)
    assert states(in_tenant, alpha) == {"scored": 3 * INTERVIEWS}
    assert len(server.requests) <= max(2 * MOST_CALLS + normal, 1.1 * normal)


def test_wiped_redis_in_between_changes_nothing(tell, *, provider, server, hours, alpha, in_tenant, settings):
    interviewed(tell, alpha, in_tenant)
    server.orders = ["503"]
    hours(1)
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as connection:
        connection.flushdb()
    server.orders = ["ok"]
    hours(2, first=1)
    assert states(in_tenant, alpha) == {"scored": 3 * INTERVIEWS}
