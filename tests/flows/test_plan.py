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


def test_what_is_typed_while_the_text_is_being_read_stays(chromium, served, alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
    assert until(lambda: found(alpha, in_tenant, posting).analysis == "done")
    with in_tenant(alpha):
        db.session.get_one(Posting, posting.id).analysis = "waiting"
    looked = Looked()
    rita = Window(chromium, served.url("alpha"), {}, looked)
    rita.sign_in("rita")
    rita.page.goto(f"/jobs/{posting.id}/plan")
    details, skill = rita.page.locator("#details"), rita.page.get_by_label("Add to: Nice to have")
    details.get_by_label("Place").fill("Nagpur")
    details.get_by_label("Where people work").select_option("hybrid")
    skill.fill("Dial")
    rita.page.get_by_role("textbox", name="Text of the job").focus()

    with in_tenant(alpha):
        commands.take_analysis(db.session.get_one(Posting, posting.id), READ, engine="by hand")
    expect(details.get_by_label("Seniority")).to_have_value("senior")
    expect(rita.page.locator("#skills")).to_contain_text("Triage")
    expect(details.get_by_label("Place")).to_have_value("Nagpur")
    expect(details.get_by_label("Where people work")).to_have_value("hybrid")
    expect(skill).to_have_value("Dial")
    rita.button("Save details").click()
    expect(rita.page.locator("#announcer")).to_have_text("The details are saved.")
    rita.fine("plan")
    rita.context.close()

    saved = found(alpha, in_tenant, posting)
    assert (saved.place, saved.remote, saved.seniority, saved.years_min) == ("Nagpur", "hybrid", "senior", 3)
    assert looked.wrong == []
