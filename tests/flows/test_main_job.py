"""From the text of a job to a decision, by hand, in real browsers: at a desk and on a phone."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.flows.main_job import CHANGED, DESKTOP, GOOD, JOB, PHONE, SHORT, Looked, Window, resume_pdf
from tests.sizes import FULL

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAME = "Mira Castellanos"
TITLE = "Senior Backend Engineer"
REASON = "She named the fault, her own steps and what came of them."


@pytest.fixture
def guarded(flask_app):
    """With the tokens that real browsers must send."""
    flask_app.config["WTF_CSRF_ENABLED"] = True
    yield
    flask_app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def people(chromium, served, guarded):
    """people(screen) opens a browser of its own, at the address of Alpha."""
    windows, looked = [], Looked()

    def sits_down(screen, *, as_member=None) -> Window:
        window = Window(chromium, served.url("alpha"), screen, looked)
        windows.append(window)
        if as_member:
            window.sign_in(as_member)
        return window

    yield sits_down
    for window in windows:
        window.context.close()
    assert "\n".join(looked.wrong) == ""


@pytest.mark.parametrize(
    "screen",
    [
        pytest.param(DESKTOP, id="desktop"),
        # The candidate's part and the scorecard have journeys of their own at 360 px; all of it there takes two minutes.
        pytest.param(PHONE, id="phone", marks=pytest.mark.skipif(not FULL, reason="TEST_PROFILE=full runs it")),
    ],
)
def test_job_is_posted_applied_for_interviewed_scored_and_decided(chromium, people, screen, tmp_path):
    rita = people(screen, as_member="rita")
    post_a_job(rita)
    edit_and_approve_the_kit(rita)
    careers = publish(rita)
    board = f"/jobs/{careers.rpartition('/')[2]}/board"
    rita.page.goto(board)
    rita.fine("empty board")

    mira = people(screen)
    apply_for(mira, careers, resume_pdf(chromium, tmp_path))
    read_the_resume(rita)
    second = people(screen, as_member="rita")
    move_to_interview(rita, second, board)
    link = invite(rita)

    begin(mira, link)
    watch(second)
    answer(mira, second)
    send(mira, second)

    ivy = people(screen, as_member="ivy")
    score_blind(ivy)
    decide(rita)


def post_a_job(rita: Window) -> None:
    rita.fine("work")
    rita.way("Jobs")
    rita.fine("jobs")
    rita.link("Post a job").first.click()
    rita.fine("new job")
    rita.page.get_by_label("Text of the job").fill(JOB)
    rita.button("Read this job").click()
    rita.text("Proposed by").wait_for()
    details = rita.page.locator("#details")
    details.locator("[name=years_min][value='5']").wait_for()
    expect(details.get_by_label("Title")).to_have_value(TITLE)
    expect(details.get_by_label("Seniority")).to_have_value("senior")
    expect(details.locator("[name=pay_min]")).to_have_value("70000")
    rita.page.locator("#skills").get_by_text("PostgreSQL", exact=True).wait_for()
    rita.fine("plan")
    rita.page.get_by_label("Add to: Nice to have").fill("Terraform")
    rita.page.locator("#skills").get_by_role("button", name="Add").last.click()
    rita.button("Remove Terraform").wait_for()
    rita.page.get_by_label("Add a person").select_option(label="Ivy")
    rita.page.locator("#team").get_by_role("button", name="Add").click()
    rita.page.locator("#team").get_by_text("Interviewer", exact=True).wait_for()
    rita.quiet("plan, edited")


def edit_and_approve_the_kit(rita: Window) -> None:
    rita.link("Review and approve").click()
    rita.page.locator("#kit-title", has_text="AI draft").wait_for()
    rita.fine("kit")
    assert 4 <= rita.page.locator("#questions article").count() <= 8
    assert 3 <= rita.page.locator("#criteria article").count() <= 6
    rita.page.locator("#questions summary").first.click()
    first = rita.page.locator("#questions article").first
    asked = first.get_by_label("Question", exact=True)
    asked.fill("Tell us about a fault in a payment service. What did you do, step by step, and how did it end?")
    first.get_by_role("button", name="Save question").click()
    rita.page.get_by_role("heading", name="Tell us about a fault in a payment service.").wait_for()
    rita.button("Approve kit").click()
    rita.page.locator("#kit-title", has_text="Approved").wait_for()
    rita.fine("approved kit")


def publish(rita: Window) -> str:
    """The address of the job on the careers page."""
    rita.link("Job plan").click()
    rita.page.locator("summary", has_text="Publish job…").click()
    rita.fine("question before publishing")
    rita.button("Publish job").click()
    rita.link("Careers page").click()
    rita.link("Apply for this job").first.wait_for()
    rita.fine("careers, job")
    facts = json.loads(rita.page.locator("script[type='application/ld+json']").text_content())
    assert (facts["@type"], facts["title"]) == ("JobPosting", TITLE)
    assert facts["baseSalary"]["value"]["minValue"] == 70_000
    assert facts["skills"].endswith("Terraform")
    return rita.page.url


def apply_for(mira: Window, careers: str, resume) -> None:
    mira.page.goto("/careers")
    mira.fine("careers")
    mira.link(TITLE).click()
    assert mira.page.url == careers
    mira.link("Apply for this job").first.click()
    mira.fine("apply")
    mira.page.get_by_label("Your name").fill(NAME)
    mira.page.get_by_label("E-mail").fill("mira.castellanos@people.example")
    mira.page.locator("input[type=file]").set_input_files(resume)
    mira.page.get_by_label("I agree that my details are used").check()
    mira.button("Send application").click()
    mira.page.get_by_role("heading", name="Your application is here").wait_for()
    mira.fine("applied")


def read_the_resume(rita: Window) -> None:
    """The card shows up on the open board by itself."""
    card = rita.page.locator(".card", has_text=NAME)
    card.wait_for()
    rita.fine("board")
    card.get_by_role("link", name=NAME).click()
    rita.page.locator("#panel-title", has_text=NAME).wait_for()
    rita.fine("board with panel")
    rita.link("mira-castellanos.pdf").click()
    text = rita.page.get_by_role("region", name="Text as read")
    text.get_by_text("Built the payments service in Python and PostgreSQL").first.wait_for()
    rita.page.wait_for_function("() => document.querySelector('#resume img')?.naturalWidth > 0")
    rita.fine("resume")


def move_to_interview(rita: Window, second: Window, board: str) -> None:
    """Two columns to the right; a second browser of hers sees each step."""
    for window in (rita, second):
        window.page.goto(board)
        window.page.locator(".col[data-name]").first.wait_for()
        window.page.wait_for_function("() => document.querySelector('#live-state').textContent.includes('Live')")
    for _step in range(2):
        stage = move_right(rita)
        second.page.locator(f".col[data-name='{stage}'] .card", has_text=NAME).wait_for(timeout=20_000)
    rita.fine("board after a move")
    second.quiet("second board")


def move_right(rita: Window) -> str:
    columns = rita.page.locator(".col[data-name]")
    names = columns.evaluate_all("found => found.map(one => one.dataset.name)")
    here = rita.page.locator(".col", has=rita.page.locator(".card", has_text=NAME)).get_attribute("data-name")
    stage = names[names.index(here) + 1]
    card = rita.page.locator(".card", has_text=NAME)
    if rita.touch:
        card.get_by_role("button", name=f"Move {NAME}").tap()
        dialog = rita.page.get_by_role("dialog")
        dialog.get_by_label(stage).check()
        rita.fine("move dialog")
        dialog.get_by_role("button", name="Move", exact=True).tap()
    else:
        card.get_by_role("link", name=NAME).focus()
        rita.page.keyboard.press("Shift+ArrowRight")
    rita.page.locator(f".col[data-name='{stage}'] .card:not([aria-busy])", has_text=NAME).wait_for()
    return stage


def invite(rita: Window) -> str:
    """The link that stands in the letter."""
    rita.page.locator(".card", has_text=NAME).get_by_role("link", name=NAME).click()
    rita.link("Invite to an interview…").click()
    rita.page.get_by_role("region", name="The letter").wait_for()
    rita.fine("invite")
    rita.button("Send the invitation").click()
    rita.text("Invited, not started").first.wait_for()
    rita.fine("interviews of an application")
    rita.way("Mailbox")
    rita.fine("mailbox")
    rita.page.get_by_role("link", name=re.compile("interview", re.IGNORECASE)).first.click()
    letter = rita.page.locator("#letter")
    letter.wait_for()
    rita.fine("letter")
    return re.search(r"/i/[\w-]+", letter.inner_text())[0]


def begin(mira: Window, link: str) -> None:
    mira.page.goto(link)
    mira.fine("welcome")
    mira.page.get_by_label("I have read this and agree").check()
    mira.button("Start the interview").click()
    mira.text("Question 1 of").wait_for()
    mira.fine("question")


def watch(rita: Window) -> None:
    rita.way("Live")
    rita.link(NAME).click()
    rita.page.locator("#session-title", has_text=NAME).wait_for()
    rita.text("Being answered").wait_for()
    rita.page.wait_for_function("() => document.querySelector('#live-state').textContent.includes('Live')")
    rita.fine("live")


def answer(mira: Window, rita: Window) -> None:
    """A good one after a reload, a short one that gets a follow-up, one to come back to, good ones to the end."""
    half = GOOD.partition(": ")[0]
    box = mira.page.get_by_label("Your answer")
    box.fill(half)
    mira.page.locator("[data-draft-status]", has_text="Saved").wait_for()
    mira.page.reload()
    expect(box).to_have_value(half)
    box.fill(GOOD)
    mira.button("Send answer").click()
    rita.page.locator("#session").get_by_text("In March 2024 our payment service slowed down").wait_for()
    rita.text("May still change").first.wait_for()

    mira.text("Question 2 of").wait_for()
    box.fill(SHORT)
    mira.button("Send answer").click()
    mira.text("A follow-up to your answer").wait_for()
    mira.fine("follow-up")
    box.fill(CHANGED)
    mira.button("Send answer").click()

    mira.text("Question 3 of").wait_for()
    mira.button("Come back to it").click()
    mira.text("Question 4 of").wait_for()
    while mira.button("Send answer").count():
        asked = mira.page.locator("[name=turn]").get_attribute("value")
        box.fill(GOOD.replace("In March 2024", f"In year {asked}"))
        mira.button("Send answer").click()
        mira.page.locator(f"[name=turn][value='{asked}']").wait_for(state="detached")
        mira.page.get_by_role("heading", level=1).wait_for()
    mira.quiet("last question")


def send(mira: Window, rita: Window) -> None:
    mira.page.get_by_role("heading", name="Check your answers").wait_for()
    mira.fine("review")
    mira.text("1 question is not answered").wait_for()
    mira.link("Change this answer").nth(1).click()
    mira.page.get_by_label("Your answer").fill("We rolled back, and then we fixed the lock.")
    mira.fine("change an answer")
    mira.button("Save this answer").click()
    mira.text("We rolled back, and then we fixed the lock.").wait_for()
    mira.button("Send all answers").click()
    mira.page.get_by_role("heading", name="Before you send").wait_for()
    mira.fine("before sending")
    mira.link("Go back").click()
    mira.link("Answer it now").click()
    mira.page.get_by_label("Your answer").fill(GOOD.replace("In March 2024", "In my first year"))
    mira.button("Save this answer").click()
    mira.text("In my first year").wait_for()
    mira.button("Send all answers").click()
    mira.page.get_by_role("heading", name="Thank you. Your answers are here.").wait_for()
    mira.text("You will hear from us by").wait_for()
    mira.fine("sent")
    rita.page.locator("#session").get_by_text("Answers sent").wait_for()
    rita.quiet("live at the end")


def score_blind(ivy: Window) -> None:
    page = ivy.page
    for _try in range(60):
        page.goto("/")
        if ivy.link("Write").or_(page.get_by_role("link", name=re.compile("^Write"))).count():
            break
    ivy.fine("work of an interviewer")
    page.get_by_role("link", name=re.compile("^Write")).first.click()
    page.locator("[name=level_0]").first.wait_for()
    html = page.content()
    assert "built-in" not in html
    assert " of 100" not in html
    ivy.fine("scorecard")
    evidence = page.url.removesuffix("/scorecard") + "/evidence"
    page.goto(evidence)
    assert "built-in" not in page.content()
    ivy.fine("blind")
    ivy.link("Write your scorecard").click()
    count = page.locator("fieldset[id^=level_]").count()
    for number in range(count):
        ivy.choose(f"level_{number}", "solid")
    ivy.choose("verdict", "yes")
    page.locator("[data-autosave-status]", has_text="Draft saved").wait_for()
    ivy.button("Submit scorecard").click()
    page.wait_for_url("**/evidence")
    page.locator("#comparison .ai-note, #comparison .note").first.wait_for()
    page.locator("#comparison", has_text="of 100").wait_for()
    ivy.fine("evidence")
    quote = page.locator("#comparison .quote", has=page.locator(".tc")).first
    words = quote.locator("q").inner_text()
    quote.locator(".tc").click()
    page.wait_for_url("**#turn-*")
    turn = page.url.rpartition("#")[2]
    assert page.evaluate("id => document.getElementById(id).matches(':target')", turn)
    place = page.locator(f"#{turn}")
    assert " ".join(words.split()) in " ".join(place.inner_text().split())
    page.wait_for_function(
        "id => { const box = document.getElementById(id).getBoundingClientRect();"
        " return box.top < innerHeight && box.bottom > 0; }",
        arg=turn,
    )
    ivy.quiet("evidence at a quote")


def decide(rita: Window) -> None:
    page = rita.page
    page.goto("/")
    page.get_by_role("link", name=re.compile("^Decide")).first.click()
    page.locator("#panel-title", has_text=NAME).wait_for()
    rita.fine("application")
    rita.link("Evidence and decision").click()
    page.get_by_label("Advance").check()
    page.get_by_label("Reason").fill(REASON)
    rita.button("Record the decision").click()
    rita.text("Nobody was moved.").wait_for()
    rita.fine("decided")
    rita.link("Report").click()
    page.get_by_role("heading", level=1, name=NAME).wait_for()
    expect(page.locator("main")).to_contain_text(REASON)
    rita.fine("report")
    rita.link("Back to the evidence").click()
    rita.button("Make a PDF").click()
    with page.expect_download() as coming:
        rita.link("Download the PDF").click()
    assert coming.value.path().read_bytes().startswith(b"%PDF")
    rita.quiet("downloaded")
