"""Rita opens one person after another on a line where the first answer comes last: she sees whom she asked for last."""

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
