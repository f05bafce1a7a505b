"""Every route as schemathesis asks it: what our pages describe, and what they don't, by everybody who may come."""

import re
import time
from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from app.kernel.ids import new_id
from tests.architecture.test_walk import rules
from tests.edges.conftest import FILES, tell, visits, words_of
from tests.fuzzing.described import described
from tests.sizes import FULL, sized

pytestmark = pytest.mark.xdist_group("edges")
PEOPLE = ("ada", "ada", "rita", "hugo", "ivy", "nobody")
SITE = "http://alpha.localhost"
SLOWEST = 5.0
PHASES = [Phase.generate, Phase.shrink] if FULL else [Phase.generate]
SENTENCE = re.compile(r"[A-Z\u0900-\u097f][^.?!\u0964]{8,}[.?!\u0964]")


@pytest.fixture
def description(flask_app, edges, browser, anyone):
    """OpenAPI of all that a company's host answers, from the pages as they are now."""
    ada, ivy, guest, pages = browser("ada"), browser("ivy"), anyone(), {}
    for visit in visits(flask_app, edges):
        for client in [guest] if visit.guest else [ada, ivy] if "scorecard" in visit.path else [ada]:
            answer = client.get(visit.path)
            if answer.mimetype == "text/html" and answer.status_code == 200:
                pages[visit.path] = pages.get(visit.path, "") + answer.text
    known = {name: [value, value, new_id()] for name, value in edges.ids.items()}
    known |= {"number": [1, 0, 99], "name": ["0d6b5a"], "interview.token": [*edges.interviews.values()]}
    known |= {"status.token": [edges.status], "identity.token": [edges.password]}
    wanted = (one for one in rules(flask_app, without={"operations"}) if one[0].endpoint not in FILES)
    return described(flask_app, wanted, pages, known)


@pytest.fixture
def world(alpha, cast, in_tenant, flask_app, drain, browser, anyone, memory):
    """world.renew(): all as it was; world.client(name): theirs, signed in anew where need be."""

    class World:
        def __init__(self):
            self.clients = {}

        def renew(self):
            memory.recall("edges", lambda: tell(alpha, cast, in_tenant, flask_app, drain))
            self.clients.clear()

        def client(self, name):
            if name not in self.clients:
                self.clients[name] = anyone() if name == "nobody" else self.signed_in(name)
            return self.clients[name]

        def signed_in(self, name):
            try:
                return browser(name)
            except AssertionError:  # their password is another one by now, or they are switched off
                self.renew()
                return browser(name)

    return World()


def test_schemathesis_finds_no_fault(description, flask_app, world):
    """No fault and no long wait, whatever is sent to whatever there is; who is refused is told why in a sentence."""
    described_well(description, flask_app)
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig())
    schema.app = flask_app
    faults, answers = {}, Counter()
    for result in schema.get_all_operations():
        world.renew()
        operation = result.ok()
        ways = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @settings(
            max_examples=sized(100, 2 if sends_something(operation) else 1), deadline=None, database=None, derandomize=not FULL,
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False, phases=PHASES,
        )  # fmt: skip
        @given(ways, st.sampled_from(PEOPLE))
        def ask(case, name):
            started = time.perf_counter()
            answer = case.call(base_url=SITE, session=world.client(name), headers={"Accept-Encoding": "identity"})
            took = time.perf_counter() - started
            if answer.headers.get("location", [""])[0].startswith("/sign-in"):
                world.clients.pop(name)  # who signed out comes in again
            answers[answer.status_code] += 1
            told = wrong_with(answer, took)
            assert told is None, f"{told} for {name}: {case.as_curl_command()}"

        try:
            ask()
        except AssertionError as fault:
            faults[operation.label] = str(fault)

    assert faults == {}
    assert answers[200] >= 60, answers
    assert answers[422] >= 10, answers


def described_well(description, flask_app):
    """Every route is in it, and what its forms send; else little would be asked of them."""
    told = {one["operationId"]: one for path in description["paths"].values() for one in path.values()}
    sent = {name: set(fields_of(one)) for name, one in told.items()}
    wanted = {f"{method} {rule.endpoint}" for rule, method in rules(flask_app, without={"operations"})}

    assert told.keys() == {name for name in wanted if name.partition(" ")[2] not in FILES}
    assert {"email", "resume", "experience", "consent"} <= sent["POST apply.send"]
    assert {"revision", "answer"} <= sent["POST interview.draft"]
    assert sum(map(len, sent.values())) >= 100


def sends_something(operation):
    """Beside what every route is sent: its path, and who asks."""
    said = operation.definition.raw
    return "requestBody" in said or any(one["in"] == "query" for one in said["parameters"])


def fields_of(operation):
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from content["schema"]["properties"]


def wrong_with(answer, took):
    status, html = answer.status_code, "text/html" in answer.headers.get("content-type", [""])[0]
    if status >= 500 or took > SLOWEST:
        return f"{status} after {took:.1f} s"
    if status >= 400 and html and answer.content and not SENTENCE.search(words_of(answer.text)):
        return f"{status} without a sentence"
    return None  # without a word are answers to our own scripts, which say it
