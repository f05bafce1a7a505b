"""The whole interview on a phone: reload in the middle, a closed tab, no connection, and back."""

import pytest
from playwright.sync_api import expect

from app.interviews import queries
from tests.web.axe import overflow, violations

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
LONG = (
    "On a night in March the pressure of my patient in bed nine fell. I gave oxygen, called the doctor, wrote down three "
    "readings, and within ten minutes it was back at 110."
)


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=PHONE, locale="en-GB", has_touch=True, is_mobile=True)
    yield context
    context.close()


def fine(page):
    assert violations(page) == []
    assert overflow(page) == 0


def said(page, words):
    page.wait_for_function(
        "words => document.querySelector('[data-draft-status]').textContent.includes(words)", arg=words
    )


def begin(page, link):
    page.goto(link)
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Start the interview").click()
    page.get_by_text("Question 1 of 3").wait_for()


def go_on(page, button):
    """Until the question that was open is not: a click comes back before its page does."""
    open_one = page.locator("[name=turn]").get_attribute("value")
    page.get_by_role("button", name=button).click()
    page.locator(f"[name=turn][value='{open_one}']").wait_for(state="detached")
    page.get_by_role("heading", level=1).wait_for()


def test_candidate_takes_the_interview_on_a_phone(phone, link, in_tenant, alpha):
    page = phone.new_page()
    page.goto(link)
    fine(page)
    page.get_by_role("button", name="Start the interview").click()
    page.locator("#error-summary").wait_for()
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Start the interview").click()
    page.get_by_text("Question 1 of 3").wait_for()
    fine(page)

    box = page.get_by_label("Your answer")
    box.type("On a night in March")
    said(page, "Saved")
    page.reload()
    expect(page.get_by_label("Your answer")).to_have_value("On a night in March")

    page.get_by_label("Your answer").type(" the pressure fell")
    said(page, "Saved")
    page.close()
    page = phone.new_page()
    page.goto(link)
    expect(page.get_by_label("Your answer")).to_have_value("On a night in March the pressure fell")

    phone.set_offline(True)
    page.get_by_label("Your answer").fill(LONG)
    page.get_by_role("button", name="Send answer").click()
    said(page, "No connection")
    expect(page.get_by_text("Question 1 of 3")).to_be_visible()
    phone.set_offline(False)
    said(page, "Saved")

    while page.get_by_role("button", name="Send answer").count():
        if page.get_by_text("Question 3 of 3").count():
            go_on(page, "Come back to it")
        else:
            page.get_by_label("Your answer").fill(LONG)
            go_on(page, "Send answer")
    page.get_by_role("heading", name="Check your answers").wait_for()
    fine(page)
    page.get_by_role("link", name="Answer it now").click()
    page.get_by_label("Your answer").fill("Because of the night team.")
    page.get_by_role("button", name="Save this answer").click()
    page.get_by_role("button", name="Send all answers").click()

    page.get_by_role("heading", name="Thank you. Your answers are here.").wait_for()
    fine(page)
    expect(page.get_by_text("Because of the night team.")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:'))") == []
    with in_tenant(alpha):
        interview = queries.db.session.scalars(queries.sa.select(queries.Interview)).one()
        answers = [turn.answer for turn in queries.turns_of(interview.id)]
    assert answers[0] == LONG
    assert answers[-1] == "Because of the night team."


def test_break_and_second_tab_come_back_to_the_same_question(phone, link):
    page = phone.new_page()
    begin(page, link)
    page.get_by_label("Your answer").fill("half a thought")
    page.get_by_role("button", name="Take a break").click()
    page.get_by_role("heading", name="You are on a break").wait_for()
    fine(page)

    second = phone.new_page()
    second.goto(link)
    second.get_by_role("button", name="Go on with the interview").click()
    expect(second.get_by_label("Your answer")).to_have_value("half a thought")
    page.goto(link)
    expect(page.get_by_label("Your answer")).to_have_value("half a thought")
    page.get_by_role("button", name="Come back to it").click()
    page.get_by_text("Question 2 of 3").wait_for()
    second.get_by_label("Your answer").fill("from the other tab")
    second.get_by_role("button", name="Send answer").click()
    second.get_by_text("answered already, perhaps in another tab").wait_for()
    expect(second.get_by_text("Question 2 of 3")).to_be_visible()


def test_whole_interview_works_without_a_script(chromium, link):
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    begin(page, link)
    while page.get_by_role("button", name="Send answer").count():
        page.get_by_label("Your answer").fill(LONG)
        go_on(page, "Send answer")
    page.get_by_role("button", name="Send all answers").click()

    expect(page.get_by_role("heading", name="Thank you. Your answers are here.")).to_be_visible()
    context.close()


def test_words_that_were_left_are_asked_about_and_go_along_without_a_script(chromium, link):
    context = chromium.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    begin(page, link)
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_text("There is no answer in the field yet.")).to_be_visible()
    go_on(page, "Leave this question without an answer")
    page.get_by_label("Your answer").fill("Half a thought about the handover.")
    go_on(page, "Come back to it")
    go_on(page, "Come back to it")
    expect(page.get_by_text("Written, not sent yet")).to_be_visible()
    page.get_by_role("button", name="Send all answers").click()

    expect(page.get_by_role("heading", name="Before you send")).to_be_visible()
    expect(page.locator(".c-foot .btn")).to_have_text(["Send all, with what I wrote", "Send without it", "Go back"])
    page.get_by_role("link", name="Go back").click()
    page.get_by_role("button", name="Make this my answer").click()
    expect(page.get_by_text("Written, not sent yet")).to_have_count(0)
    page.get_by_role("button", name="Send all answers").click()
    page.get_by_role("button", name="Send anyway").click()
    expect(page.get_by_role("heading", name="Thank you. Your answers are here.")).to_be_visible()
    expect(page.get_by_text("Half a thought about the handover.")).to_be_visible()
    context.close()


def test_buttons_leave_the_screen_to_the_field(phone, link):
    page = phone.new_page()
    begin(page, link)
    foot, field = page.locator(".c-foot"), page.get_by_label("Your answer")
    share = foot.bounding_box()["height"] / PHONE["height"]
    assert share <= 0.25
    assert foot.evaluate("foot => getComputedStyle(foot).position") == "sticky"

    page.set_viewport_size({"width": 360, "height": 400})  # as with the keyboard open
    field.tap()
    box = field.bounding_box()
    assert foot.evaluate("foot => getComputedStyle(foot).position") == "static"
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 400


def test_typing_on_after_the_application_ended_says_that_nothing_is_sent(phone, link):
    page = phone.new_page()
    begin(page, link)
    page.get_by_label("Your answer").type("On a night in March")
    other = phone.new_page()
    other.goto(link)
    other.evaluate("link => fetch(`${link}/withdraw`, { method: 'POST' })", link)
    other.close()
    page.get_by_label("Your answer").type(", it was late")
    page.get_by_label("Your answer").blur()

    said(page, "This interview is closed")
    page.get_by_role("button", name="Send answer").click()
    page.get_by_role("heading", name="Where your application stands").wait_for()


def test_lost_way_leads_back_to_the_question(phone, link):
    page = phone.new_page()
    begin(page, link)
    page.goto(f"{link}/nothing")
    page.get_by_role("heading", name="There is nothing here").wait_for()
    fine(page)
    page.get_by_role("link", name="Back to the interview").click()

    page.get_by_text("Question 1 of 3").wait_for()


def test_page_fits_into_14_kilobytes(phone, link):
    page = phone.new_page()
    sizes = page.context.new_cdp_session(page)
    sizes.send("Network.enable")
    loaded = []
    sizes.on("Network.loadingFinished", lambda event: loaded.append((event["requestId"], event["encodedDataLength"])))
    ids = []
    sizes.on("Network.requestWillBeSent", lambda event: ids.append((event["requestId"], event["type"])))
    page.goto(link)
    page.wait_for_timeout(200)
    [document] = [request for request, kind in ids if kind == "Document"]

    assert dict(loaded)[document] < 14 * 1024
