import re
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from app.interviews.queries import interview as load_interview
from app.ports.analysis import Analysis
from app.scorecards.commands import assessments
from tests.app.scorecards.story import interviewed, proposal
from tests.fakes.judge import FakeJudge


@dataclass
class Told:
    """The ids of a story that is told, and the numbers of its dimensions."""

    interview: UUID
    application: UUID
    dimensions: list[UUID] = field(default_factory=list)

    @property
    def scorecard(self) -> str:
        return f"/interviews/{self.interview}/scorecard"

    @property
    def evidence(self) -> str:
        return f"/interviews/{self.interview}/evidence"


class QuickAnalyst:
    """Says what the story needs, at once."""

    engine = "quick/1"

    def analyse(self, text):
        return Analysis(
            title="Ward nurse", seniority=None, must_have=(), nice_to_have=(), years_min=None, location=None, remote=None,
            salary=None, responsibilities=(), language="en",
        )  # fmt: skip

    def propose_kit(self, analysis, text, *, language="en"):
        return proposal()

    def propose_questions(self, analysis, kit, resume, text):
        return ()

    def must_not_ask(self, question):
        return None


@pytest.fixture(autouse=True)
def analyst(flask_app):
    """These tests are about what comes after the interview; the reading of the job has its own."""
    providers = flask_app.extensions["providers"]
    known = providers.__dict__.get("analyst")
    providers.__dict__["analyst"] = QuickAnalyst()
    yield
    providers.__dict__.pop("analyst")
    if known is not None:
        providers.__dict__["analyst"] = known


@pytest.fixture
def judge(flask_app):
    """A fake at the port of judging."""
    providers = flask_app.extensions["providers"]
    known = providers.__dict__.get("judge")
    fake = providers.__dict__["judge"] = FakeJudge({"Stays calm": 80, "Hands over well": 70})
    yield fake
    providers.__dict__.pop("judge")
    if known is not None:
        providers.__dict__["judge"] = known


@pytest.fixture
def tell(alpha, cast, in_tenant):
    """tell(): an interview whose answers are sent; Ivy and Hugo are on the team."""

    def one(**changes) -> Told:
        with in_tenant(alpha):
            interview = interviewed(cast.rita, [cast.hugo, cast.ivy], **changes)
            dimensions = [UUID(dimension["id"]) for dimension in interview.plan["dimensions"]]
            return Told(interview.id, interview.application_id, dimensions)

    return one


@pytest.fixture
def story(tell, alpha, cast, in_tenant, memory):
    """Sent, with its drafts waiting and Ivy asked to judge; nothing is scored yet."""

    def begin():
        told = tell()
        with in_tenant(alpha):
            assessments.open_assessments(load_interview(told.interview), members=[cast.ivy.id])
        return told

    return memory.recall("story", begin)


@pytest.fixture
def scored(story, judge, drain, memory):
    """The fake has judged: 80 of weight 30, 70 of weight 20, 60 of weight 50."""

    def begin():
        drain()
        return judge.calls

    judge.calls = memory.recall("scored", begin)
    return story


def decide(client, told, **data):
    """Post the decision's form as the evidence page gives it to this person."""
    found = re.search(r'name="version"[^>]* value="(\d+)"', client.get(told.evidence).text)
    return client.post(f"/interviews/{told.interview}/decision", data={"version": found[1] if found else ""} | data)


def filled_in(dimensions=3, **changes) -> dict[str, object]:
    """A scorecard that can be submitted, on a page that was opened before anything was kept."""
    data: dict[str, object] = {f"level_{number}": "solid" for number in range(dimensions)}
    return data | {"version": "1", "verdict": "yes", "note": "I would work with her."} | changes
