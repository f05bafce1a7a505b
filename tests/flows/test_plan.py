"""Rita fills in a job while its text is still being read: what she wrote stays, what was read fills the rest."""

import pytest
from playwright.sync_api import expect

from app.ports.analysis import Analysis
from app.postings import commands
from app.postings.models import Posting
from tenants.db import db
from tests.app.interviews import stage
from tests.chaos.processes import until
from tests.flows.main_job import Looked, Window

pytestmark = pytest.mark.browser
READ = Analysis(
    title="Staff nurse", seniority="senior", must_have=("Triage",), nice_to_have=(), years_min=3, location="Pune",
    remote="onsite", salary=None, responsibilities=(), language="en",
)  # fmt: skip


def found(tenant, in_tenant, posting):
    with in_tenant(tenant):
        return db.session.get_one(Posting, posting.id)


@pytest.fixture
def rita(chromium, served):
    looked = Looked()
    window = Window(chromium, served.url("alpha"), {}, looked)
    window.sign_in("rita")
    yield window
    window.context.close()
    assert looked.wrong == []


@pytest.fixture
def posting(alpha, cast, in_tenant, served):
    """Its text is being read, by nobody but the test."""
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
    assert until(lambda: found(alpha, in_tenant, posting).analysis == "done")
    with in_tenant(alpha):
        waiting = db.session.get_one(Posting, posting.id)
        waiting.analysis, waiting.place, waiting.corrected = "waiting", None, []
    return posting


@pytest.fixture
def read(alpha, in_tenant, posting):
    def told():
        with in_tenant(alpha):
            commands.take_analysis(db.session.get_one(Posting, posting.id), READ, engine="by hand")

    return told


def saved(rita):
    rita.button("Save details").click()
    expect(rita.page.locator("#announcer")).to_have_text("The details are saved.")


def test_what_is_typed_while_the_text_is_being_read_stays(rita, posting, read, alpha, in_tenant):
    rita.page.goto(f"/jobs/{posting.id}/plan")
    details, skill = rita.page.locator("#details"), rita.page.get_by_label("Add to: Nice to have")
    details.get_by_label("Place").fill("Nagpur")
    details.get_by_label("Where people work").select_option("hybrid")
    skill.fill("Dial")
    rita.page.get_by_role("textbox", name="Text of the job").focus()
    read()
    expect(details.get_by_label("Seniority")).to_have_value("senior")
    expect(rita.page.locator("#skills")).to_contain_text("Triage")
    expect(details.get_by_label("Place")).to_have_value("Nagpur")
    expect(details.get_by_label("Where people work")).to_have_value("hybrid")
    expect(skill).to_have_value("Dial")
    saved(rita)
    rita.fine("plan")

    now = found(alpha, in_tenant, posting)
    assert (now.place, now.remote, now.seniority, now.years_min) == ("Nagpur", "hybrid", "senior", 3)


def test_a_field_in_which_nobody_wrote_takes_what_was_read_even_with_the_focus(rita, posting, read, alpha, in_tenant):
    rita.page.goto(f"/jobs/{posting.id}/plan")
    place = rita.page.locator("#details").get_by_label("Place")
    place.focus()
    read()
    expect(place).to_have_value("Pune")
    expect(place).to_be_focused()
    rita.page.locator("[name=years_min]").fill("7")
    saved(rita)

    now = found(alpha, in_tenant, posting)
    assert (now.place, now.years_min, now.corrected) == ("Pune", 7, ["years_min"])


def test_what_came_back_to_be_corrected_stays_when_the_text_was_read(rita, posting, read, alpha, in_tenant):
    rita.page.goto(f"/jobs/{posting.id}/plan")
    details = rita.page.locator("#details")
    details.get_by_label("Place").fill("Nagpur")
    details.get_by_label("Pay from").fill("9")
    details.get_by_label("Pay up to").fill("5")
    details.get_by_label("Currency").fill("INR")
    rita.button("Save details").click()
    expect(details.locator("#error-summary")).to_be_visible()
    read()
    expect(rita.page.locator("#skills")).to_contain_text("Triage")
    expect(details.locator("#error-summary")).to_be_visible()
    details.get_by_label("Pay up to").fill("12")
    saved(rita)

    now = found(alpha, in_tenant, posting)
    assert (now.place, now.seniority, now.years_min, now.salary["max"]) == ("Nagpur", "senior", 3, 12)
