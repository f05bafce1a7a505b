"""The drafts of one interview are asked for at once, by one worker: whoever waits for them waits for one answer's time."""

import signal
import time
from collections import Counter

import pytest
import sqlalchemy as sa

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import LlmJudge
from app.adapters.llm.ring import Guard, Ring
from app.adapters.local.guarding import GuardedJudge
from app.billing.models import LlmUsage
from app.scorecards.commands import assessments
from app.scorecards.models import Assessment
from jobs.ledger import TaskRow
from jobs.queues import Signaller
from jobs.relay import relay
from jobs.worker import work
from tenants.db import db
from tests.app.scorecards.conftest import analyst
from tests.fakes.llm_server import LlmServer
from tests.jobs.factories import approved_kit, submitted_interview

assert analyst
DIMENSIONS, SAMPLES = 5, 3


@pytest.fixture
def server(flask_app, settings):
    """A model that takes half a second for each answer judges."""
    providers = flask_app.extensions["providers"].__dict__
    known = providers.get("judge")
    with LlmServer().running() as running:
        running.orders, running.slow_seconds = ["slow"], 0.5
        client = MessagesClient("key", f"claude-{time.time_ns()}", running.url, timeout=20, max_retries=0)
        judge = LlmJudge(Ring([client], Guard(settings.redis_url.get_secret_value(), per_minute=50)), samples=SAMPLES)
        providers["judge"] = GuardedJudge(judge)
        yield running
        judge.close()
    providers.pop("judge")
    if known is not None:
        providers["judge"] = known


@pytest.fixture
def worked(flask_app, settings, redis, alpha):
    """Signal what is due, as the relay does, and serve the queue until it is empty."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    def serve():
        relay(flask_app, alpha, Signaller(redis))
        work(flask_app, settings.redis_url.get_secret_value(), "scoring", burst=True)

    yield serve
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), handlers, strict=True):
        signal.signal(number, handler)


def test_the_dimensions_of_an_interview_are_judged_at_once(server, worked, alpha, cast, in_tenant):
    """Fifteen calls by a key of fifty a minute; one after another by dimension, at most three are under way."""
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=DIMENSIONS)
        interview = submitted_interview(cast.rita, posting, kit, name="Cara")
        assessments.open_assessments(interview, members=[])
        mine = interview.id
    worked()

    with in_tenant(alpha):
        drafts = db.session.scalars(sa.select(Assessment.state).where(Assessment.interview_id == mine))
        assert Counter(drafts) == {"scored": DIMENSIONS}
        tasks = db.session.scalars(sa.select(TaskRow.state).where(TaskRow.name == "scorecards.judge"))
        assert Counter(tasks) == {"done": DIMENSIONS}
        assert db.session.scalar(sa.select(sa.func.sum(LlmUsage.calls))) == DIMENSIONS
    assert len(server.requests) == DIMENSIONS * SAMPLES
    assert server.most_at_once >= 4 * SAMPLES


def test_the_built_in_engine_is_asked_one_by_one(flask_app):
    from jobs.worker import _beside

    assert [_beside(flask_app, queue) for queue in ("scoring", "asking")] == [0, 0]
