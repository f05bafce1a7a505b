"""The patterns in a real browser: for everybody, by keyboard alone, under the content policy."""

import re

import pytest
from playwright.sync_api import expect

from tests.sizes import FULL
from tests.web.axe import COLOURS, overflow, violations
from tests.web.furnished import drafts, moves

pytestmark = pytest.mark.browser
PAGES = ["/-/patterns", "/-/patterns/board", "/-/patterns/board?panel", "/-/patterns/candidate", "/nowhere"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", PAGES)
def test_pattern_is_accessible(window, site, path, width):
    window.set_viewport_size({"width": width, "height": 850})
    window.goto(site + path)

    assert violations(window) == []
    if width == 360 or FULL:  # the colours of the dark are the same at any width
        window.emulate_media(color_scheme="dark")
        assert violations(window, only=COLOURS) == []
    assert overflow(window) == 0
    assert [line for line in window.said if "404" not in line] == []


@pytest.mark.parametrize("path", PAGES)
def test_pattern_fits_320_pixels_and_text_of_twice_the_size(window, site, path):
    window.set_viewport_size({"width": 320, "height": 700})
    window.goto(site + path)
    assert overflow(window) == 0

    window.set_viewport_size({"width": 640, "height": 850})
    window.evaluate("document.documentElement.style.fontSize = '200%'")
    assert overflow(window) == 0


def test_targets_on_candidate_pages_are_large(window, site):
    window.set_viewport_size({"width": 360, "height": 850})
    window.goto(site + "/-/patterns/candidate")
    small = window.evaluate(
        """() => [...document.querySelectorAll('button, .btn, summary, input[type=file], textarea, select')]
        .filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).map(one => one.outerHTML.slice(0, 80))"""
    )

    assert small == []


def test_palette_opens_filters_and_leads_on(window, site):
    window.goto(site + "/-/patterns")
    window.keyboard.press("Control+k")
    assert violations(window) == []

    window.keyboard.type("j")
    expect(window.locator("[role=option]:visible")).to_have_text(["Jobs"])

    window.keyboard.press("Enter")
    window.wait_for_url("**/jobs")


def _stage_of(window, card):
    return window.eval_on_selector(f"#{card}", "card => card.closest('.col').dataset.stage")


def test_board_is_one_stop_and_arrows_go_on(window, site):
    window.goto(site + "/-/patterns/board")
    window.locator("#a1 .name").focus()

    expect(window.locator("x-board :is(a, input, button)[tabindex='0']")).to_have_count(3)
    window.keyboard.press("ArrowDown")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a2"
    window.keyboard.press("ArrowRight")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a5"
    window.keyboard.press("k")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a4"


def test_letters_work_before_anything_has_the_focus(window, site):
    """The first goes to the card that Tab would reach: the open one."""
    window.goto(site + "/-/patterns/board")

    window.keyboard.press("j")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a4"
    window.keyboard.press("j")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a5"
    window.evaluate("document.activeElement.blur()")
    window.keyboard.press("x")
    expect(window.locator("#bulk b")).to_have_text("1 selected")


def test_board_moves_by_shift_and_arrow_and_takes_it_back(window, site):
    window.goto(site + "/-/patterns/board")
    window.locator("#a1 .name").focus()
    window.keyboard.press("Shift+ArrowRight")
    window.locator(".toast").wait_for()

    assert _stage_of(window, "a1") == "interview"
    expect(window.locator(".toast")).to_have_text(re.compile("^Harsh Vardhan Singh moved to AI interview"))
    assert window.evaluate("document.activeElement.closest('.card').id") == "a1"
    expect(window.locator("[data-stage=interview] .n")).to_have_text("7")

    window.keyboard.press("z")
    expect(window.locator("#announcer")).to_have_text("Harsh Vardhan Singh is back in New")
    assert _stage_of(window, "a1") == "new"
    assert moves == [("a1", "interview", "1"), ("a1", "new", "2")]


def test_board_moves_by_its_dialog(window, site):
    window.goto(site + "/-/patterns/board")
    window.locator("#a2 .name").focus()
    window.keyboard.press("s")
    expect(window.locator("#board-move h2")).to_have_text("Move Lakshmi Narayanan to…")
    assert violations(window) == []
    window.get_by_role("radio", name="Scorecards").check()
    window.keyboard.press("Enter")
    window.locator(".toast").wait_for()

    assert _stage_of(window, "a2") == "scorecards"
    assert moves == [("a2", "scorecards", "1")]


def test_board_puts_the_card_back_when_somebody_was_first(window, site):
    moves.refuse = True
    window.goto(site + "/-/patterns/board")
    window.locator("#a1 .name").focus()
    window.keyboard.press("Shift+ArrowRight")
    window.locator(".toast[data-tone=bad]").wait_for()

    assert _stage_of(window, "a1") == "new"
    expect(window.locator(".toast")).to_contain_text("Rita moved this candidate first.")
    assert window.evaluate("document.activeElement.closest('.card').id") == "a1"


def test_board_moves_by_dragging(window, site):
    window.goto(site + "/-/patterns/board")
    window.locator("#a3").drag_to(window.locator("[data-stage=scorecards]"))
    window.locator(".toast").wait_for()

    assert _stage_of(window, "a3") == "scorecards"


def test_board_selects_with_x_and_moves_several(window, site):
    window.goto(site + "/-/patterns/board")
    expect(window.locator("#bulk")).to_be_hidden()
    window.locator("#a1 .name").focus()
    window.keyboard.press("x")
    window.keyboard.press("ArrowDown")
    window.keyboard.press("x")
    expect(window.locator("#bulk b")).to_have_text("2 selected")

    window.keyboard.press("s")
    window.get_by_role("radio", name="Scorecards").check()
    window.keyboard.press("Enter")
    window.locator(".toast").wait_for()

    assert [card for card, _, _ in moves] == ["a1", "a2"]


def test_shortcuts_are_silent_while_somebody_writes(window, site):
    window.goto(site + "/-/patterns/board")
    window.locator("[data-search]").focus()
    window.keyboard.type("xsz/jk")

    expect(window.locator("[data-search]")).to_have_value("xsz/jk")
    assert moves == []


def test_error_summary_takes_the_focus(window, site):
    window.goto(site + "/-/patterns")

    expect(window.locator("#error-summary")).to_be_focused()


def test_scheme_changes_at_once(window, site):
    window.goto(site + "/-/patterns")
    window.locator(".account > summary").click()
    assert violations(window) == []
    with window.expect_response("**/-/scheme"):
        window.get_by_role("button", name="Dark").click()

    assert window.evaluate("document.documentElement.dataset.theme") == "dark"
    window.reload()
    assert window.evaluate("document.documentElement.dataset.theme") == "dark"


def test_dialog_opens_and_cancel_closes(window, site):
    window.goto(site + "/-/patterns")
    window.get_by_role("button", name="Reject…").click()
    expect(window.locator("#reject")).to_be_visible()
    window.locator("#reject [data-close]").click()

    expect(window.locator("#reject")).to_be_hidden()


def _status(window, text):
    expect(window.locator("[data-draft-status]")).to_have_text(text, timeout=12_000)


def test_draft_survives_a_reload_and_reaches_the_server(window, site):
    window.goto(site + "/-/patterns/candidate")
    window.locator("#text").type("First I checked her breathing.")
    _status(window, "Saved on this phone")
    window.locator("#text").blur()
    _status(window, "Saved")
    assert drafts == [("First I checked her breathing.", 1)]

    window.reload()

    expect(window.locator("#text")).to_have_value("First I checked her breathing.")
    expect(window.locator("[data-draft-status]")).to_have_text("We put back what you typed on this phone.")


def test_draft_is_kept_without_a_connection(window, site):
    window.goto(site + "/-/patterns/candidate")
    window.context.set_offline(True)
    window.locator("#text").type("On the train.")
    window.locator("#text").blur()
    _status(window, "No connection. Kept on this phone.")

    window.context.set_offline(False)
    _status(window, "Saved")
    assert drafts[-1][0] == "On the train."


def test_draft_that_is_older_than_another_tab_says_so(window, site):
    window.goto(site + "/-/patterns/candidate")
    window.locator("#text").fill("stale")
    window.locator("#text").blur()
    _status(window, "This question is open in another tab. The latest text there counts.")


def test_time_is_told_in_words(window, site):
    window.goto(site + "/-/patterns/candidate")

    expect(window.locator("[data-time]")).to_have_text("About 25 minutes left")


def test_file_that_is_too_big_is_refused_before_it_is_sent(window, site):
    window.goto(site + "/-/patterns")
    window.evaluate("document.querySelector('x-drop').dataset.max = '9'")
    window.locator("#fresh-resume").set_input_files(
        [{"name": "big.pdf", "mimeType": "application/pdf", "buffer": b"0" * 10}]
    )

    expect(window.locator("x-drop .files")).to_contain_text("Bigger than 10 MB")
    assert window.evaluate("document.querySelector('#fresh-resume').files.length") == 0


def test_what_was_asked_before_a_fragment_stopped_asking_is_not_put_inside_it(window, site):
    """As when two answers are on their way, and the first of them says that there is nothing to wait for any more."""
    window.goto(site + "/-/patterns")
    before = window.locator("#pattern_fragment").inner_text()
    with window.expect_response("**/-/patterns?q=nobody"):
        window.evaluate("""() => {
            const fragment = document.querySelector("#pattern_fragment");
            const asking = {"hx-get": "/-/patterns?q=nobody", "hx-trigger": "now", "hx-target": "this", "hx-swap": "morph"};
            Object.entries(asking).forEach(([name, value]) => fragment.setAttribute(name, value));
            htmx.process(fragment);
            fragment.addEventListener("htmx:beforeSwap", () => { fragment.dataset.answered = "yes"; });
            fragment.dispatchEvent(new Event("now"));
            Object.keys(asking).forEach(name => fragment.removeAttribute(name));
        }""")
    expect(window.locator("#pattern_fragment[data-answered=yes]")).to_have_count(1)

    assert window.evaluate("document.querySelectorAll('#pattern_fragment').length") == 1
    assert window.locator("#pattern_fragment").inner_text() == before


def test_only_the_form_that_was_sent_gives_its_fields_away(window, site):
    forms = (
        '<form id="first"><input id="days" name="days"></form>'
        '<form id="second" hx-post="/-/sent" hx-target="#both" hx-swap="morph"><input id="note" name="note"></form>'
    )
    window.goto(site + "/-/patterns")
    window.route(
        "**/-/sent", lambda route: route.fulfill(content_type="text/html", body=f'<div id="both">{forms}</div>')
    )
    window.evaluate("""forms => {
        const both = Object.assign(document.createElement("div"), {id: "both", innerHTML: forms});
        document.querySelector("main").append(both);
        htmx.process(both);
    }""", forms)  # fmt: skip
    window.locator("#days").fill("12")
    window.locator("#note").fill("Called her.")
    window.locator("#note").press("Enter")

    expect(window.locator("#note")).to_have_value("")
    expect(window.locator("#days")).to_have_value("12")


def test_filter_morphs_the_fragment_and_keeps_the_caret(window, site):
    window.goto(site + "/-/patterns")
    window.locator("[data-search]").focus()
    with window.expect_response("**/-/patterns?q=asha*"):
        window.keyboard.type("asha")

    assert window.evaluate("document.activeElement.name") == "q"
    expect(window.locator("#pattern_fragment")).to_have_count(1)
