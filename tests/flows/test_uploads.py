"""Rita adds resumes to a job: whatever she chooses goes at once, and nothing is left to press that would say otherwise."""

import pytest
from playwright.sync_api import expect

from tests.app.interviews import stage
from tests.flows.main_job import Looked, Window

pytestmark = pytest.mark.browser
FILES = [
    {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": f"{name} Diaz\n{name}@people.example\n".encode()}
    for name in ("cara", "mira")
]


@pytest.mark.parametrize("script", [True, False])
def test_resumes_are_here_once_each_with_or_without_a_script(chromium, served, alpha, cast, in_tenant, script):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita).id
    looked = Looked()
    rita = Window(chromium, served.url("alpha"), {"java_script_enabled": script}, looked)
    if not script:
        rita.fine = lambda _kind: None
    rita.sign_in("rita")
    rita.page.goto(f"/jobs/{posting}/resumes")
    button = rita.page.get_by_role("button", name="Add resumes")
    expect(button).to_have_count(0 if script else 1)
    expect(rita.page.get_by_text("(optional)")).to_have_count(0)

    rita.page.get_by_label("Resumes", exact=True).set_input_files(FILES)
    if script:
        expect(rita.page.locator("x-drop .files li")).to_contain_text(["cara.txtSent", "mira.txtSent"])
    else:
        button.click()
    expect(rita.page.locator("#queue li")).to_have_count(2)
    rita.fine("resumes of a job")
    rita.context.close()

    assert looked.wrong == []
