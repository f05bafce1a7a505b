"""Ivy scores blind, submits, sees the draft beside her ratings; a quote jumps to its place; Rita decides."""

import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from app.interviews.queries import interview as load_interview
from app.scorecards.commands import assessments
from tests.app.scorecards.story import interviewed
from tests.conftest import PASSWORD
from tests.fakes.judge import FakeJudge
from tests.sizes import FULL
from tests.web.axe import overflow, violations

pytestmark = pytest.mark.browser
SAID = "I called the doctor within two minutes"
SELECT = """words => {
  const place = [...document.querySelectorAll("#turn-1 .said")].find(one => one.textContent.includes(words)).firstChild;
  const range = document.createRange(), at = place.data.indexOf(words);
  range.setStart(place, at);
  range.setEnd(place, at + words.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def told(flask_app, alpha, cast, in_tenant, drain) -> UUID:
    providers = flask_app.extensions["providers"]
    known = providers.__dict__.get("judge")
    providers.__dict__["judge"] = FakeJudge({"Stays calm": 20, "Hands over well": 70})
    with in_tenant(alpha):
        interview = interviewed(cast.rita, [cast.hugo, cast.ivy])
        assessments.open_assessments(load_interview(interview.id), members=[cast.ivy.id])
    drain()
    yield interview.id
    providers.__dict__.pop("judge")
    if known is not None:
        providers.__dict__["judge"] = known


class Window:
    """One person's browser; what it complains about is kept."""

    def __init__(self, chromium, served, width: int, who: str, scheme: str) -> None:
        self.context = chromium.new_context(
            viewport={"width": width, "height": 850}, color_scheme=scheme, base_url=served.url("alpha")
        )
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.goto("/sign-in")
        self.page.fill("[name=email]", f"{who}@alpha.example")
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)
        self.said.clear()

    def fine(self) -> None:
        """Without what floats over the page for some seconds."""
        self.page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove())")
        if violations(self.page):  # in the middle of a change that nothing announces: what is wrong stays wrong
            self.page.wait_for_timeout(1000)
            assert violations(self.page) == []
        assert overflow(self.page) == 0
        assert self.said == []


# Light and wide it is part of the main job (test_main_job.py).
SCREENS = [(360, "dark"), *([(1280, "light")] if FULL else [])]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_interview_is_scored_and_decided(chromium, served, told, width, scheme):
    ivy = Window(chromium, served, width, "ivy", scheme)
    score(ivy, told)
    ivy.context.close()
    rita = Window(chromium, served, width, "rita", scheme)
    decide(rita, told)
    rita.context.close()


def score(ivy: Window, told: UUID) -> None:
    page = ivy.page
    page.goto(f"/interviews/{told}/scorecard")
    assert "As the fake was told" not in page.content()
    ivy.fine()
    page.evaluate(SELECT, SAID)
    page.locator("[data-pin='0']").click()
    expect(page.locator("[data-pins='0'] q")).to_have_text(SAID)
    page.get_by_role("button", name="Submit scorecard").click()
    page.wait_for_selector("#error-summary")
    expect(page.locator("#error-summary li")).to_have_count(4)
    ivy.said.clear()  # Chromium calls an answer of 422 an error
    ivy.fine()
    expect(page.locator("[data-pins='0'] q")).to_have_text(SAID)
    choose(page)
    page.locator("[data-autosave-status]", has_text="Draft saved").wait_for()
    page.get_by_role("button", name="Submit scorecard").click()
    page.wait_for_url("**/evidence")
    ivy.fine()
    expect(page.locator("#comparison h3").first).to_have_text(re.compile("^Stays calm"))
    page.locator("#comparison .tc").first.click()
    expect(page).to_have_url(re.compile("#turn-1$"))
    expect(page.locator("#turn-1 mark").first).to_be_visible()
    assert page.evaluate("document.querySelector('#turn-1').matches(':target')")


def choose(page) -> None:
    """By keyboard alone."""
    for name, value in (("level_0", "strong"), ("level_1", "solid"), ("level_2", "none"), ("verdict", "yes")):
        page.locator(f"[name={name}][value={value}]").focus()
        page.keyboard.press("Space")


def decide(rita: Window, told: UUID) -> None:
    page = rita.page
    page.goto(f"/interviews/{told}/evidence")
    rita.fine()
    page.get_by_role("button", name="Make a PDF").click()
    page.get_by_role("link", name="Download the PDF").wait_for(timeout=60_000)
    page.get_by_label("Advance").check()
    page.get_by_label("Reason").fill("She named steps and what came of them.")
    page.get_by_role("button", name="Record the decision").click()
    page.get_by_text("Nobody was moved.").wait_for()
    rita.fine()
    page.get_by_role("button", name="Move to").click()
    page.get_by_text("Nobody was moved.").wait_for(state="detached")
    page.goto(f"/interviews/{told}/report")
    expect(page.locator("main")).to_contain_text("She named steps and what came of them.")
    assert violations(page) == []
    assert overflow(page) == 0
