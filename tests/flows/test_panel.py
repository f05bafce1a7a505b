"""Rita opens one person after another, or selects several: what she sees is what she asked for last."""

import contextlib
import re

import pytest
from playwright.sync_api import Error, expect

from tests.app.interviews import stage
from tests.flows.main_job import Looked, Window

pytestmark = pytest.mark.browser


def test_panel_and_address_are_of_whom_was_opened_last(chromium, served, alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
        cara = stage.applicant(posting).id
        mira = stage.applicant(posting, name="Mira Castellanos", email="mira@people.example").id
    rita, waiting = Window(chromium, served.url("alpha"), {}, Looked()), []

    def hold(route):
        waiting.append(route)

    rita.sign_in("rita")
    rita.page.goto(f"/jobs/{posting.id}/board")
    rita.page.evaluate("""() => {
        window.ended = 0;
        addEventListener("htmx:afterRequest", event => { window.ended += event.detail.requestConfig.elt.matches(".name"); });
    }""")
    rita.page.route(re.compile(f"/applications/{cara}"), hold)

    rita.link("Cara Diaz").click()
    rita.link("Mira Castellanos").click()
    expect(rita.page.locator("#panel-title")).to_have_text("Mira Castellanos")
    for route in waiting:
        with contextlib.suppress(Error):  # nobody waits for it any more
            route.continue_()
    rita.page.wait_for_function("() => window.ended >= 2")

    assert len(waiting) == 1
    assert re.search("/applications/([^?#/]*)", rita.page.url).group(1) == str(mira)
    expect(rita.page.locator("#panel-title")).to_have_text("Mira Castellanos")
    rita.context.close()


def test_closing_the_panel_asks_for_nobody_any_more(chromium, served, alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
        cara = stage.applicant(posting).id
        stage.applicant(posting, name="Mira Castellanos", email="mira@people.example")
    rita, waiting = Window(chromium, served.url("alpha"), {}, Looked()), []

    def hold(route):
        waiting.append(route)

    rita.sign_in("rita")
    rita.page.goto(f"/jobs/{posting.id}/board")
    rita.link("Mira Castellanos").click()
    expect(rita.page.locator("#panel-title")).to_have_text("Mira Castellanos")
    rita.page.route(re.compile(f"/applications/{cara}"), hold)
    with rita.page.expect_event("requestfailed", lambda request: str(cara) in request.url):
        rita.link("Cara Diaz").click()
        rita.page.locator("[data-panel-close]").click()

    expect(rita.page.locator("#panel")).to_be_hidden()
    assert re.search("/jobs/[^/]*/board$", rita.page.url)
    rita.context.close()


def test_the_box_for_all_says_whether_all_that_are_shown_are_selected(chromium, served, alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
        stage.applicant(posting)
        stage.applicant(posting, name="Mira Castellanos", email="mira@people.example")
    rita = Window(chromium, served.url("alpha"), {}, Looked())
    rita.sign_in("rita")
    rita.page.goto(f"/jobs/{posting.id}/list")
    every, mira = (
        rita.page.get_by_role("checkbox", name=name) for name in ("Select all shown", "Select Mira Castellanos")
    )

    every.check()
    expect(mira).to_be_checked()
    mira.uncheck()
    expect(every).to_be_checked(indeterminate=True)
    rita.page.get_by_role("searchbox").fill("Cara")
    expect(rita.page.locator("tbody tr")).to_have_count(1)
    expect(every).to_be_checked()
    rita.page.get_by_role("searchbox").fill("")
    expect(mira).not_to_be_checked()
    expect(every).to_be_checked(indeterminate=True)
    rita.context.close()
