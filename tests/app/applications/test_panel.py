"""One application: as a page, and beside the board."""

import re

import pytest

from app.applications.commands import set_next_thing
from app.applications.enums import NextThing

PANEL = {"HX-Request": "true", "HX-Target": "panel"}


@pytest.mark.parametrize(("name", "status"), [("rita", 200), ("ada", 200), ("hugo", 200), ("ivy", 404), ("rex", 404)])
def test_application_opens_for_whom_it_is(browser, applied, name, status):
    (asha,) = applied("Asha Kulkarni")

    assert browser(name).get(f"/applications/{asha}").status_code == status


def test_application_that_never_was_is_missing(browser, job):
    assert browser("rita").get(f"/applications/{job.id}").status_code == 404


def test_page_shows_stage_dates_and_history(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    html = browser("rita").get(f"/applications/{asha}").text

    assert re.search(r'aria-current="step">Applied', html)
    assert "asha@example.org" in html
    assert "Next word promised" in html
    assert "Read the resume. Then move on, or reject with a reason." in html
    assert "<strong>Applied</strong>" in html


def test_panel_is_a_fragment_and_takes_the_focus(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    answer = browser("rita").get(f"/applications/{asha}?at=board", headers=PANEL)

    assert answer.text.lstrip().startswith('<aside class="panel" id="panel"')
    assert answer.headers["HX-Trigger-After-Settle"] == '{"focus-to": "#panel-title"}'


def test_panel_reloaded_stands_beside_its_board(browser, job, applied):
    (asha,) = applied("Asha Kulkarni")
    html = browser("rita").get(f"/applications/{asha}?at=board").text

    assert "<x-board" in html
    assert re.search(rf'id="card-{asha}"[^>]* aria-current="true"', html)
    assert f'href="{job.board}#card-{asha}"' in html


def test_neighbours_follow_the_filter(browser, applied):
    asha, noor, _tomas = applied("Asha Kulkarni", "Noor Kulkarni", "Tomas Novak")
    html = browser("rita").get(f"/applications/{asha}?at=list&q=kulkarni").text

    assert "2 of 2" in html
    assert re.findall(r'href="([^"]+)" aria-label="Previous candidate"', html) == [
        f"/applications/{noor}?at=list&amp;q=kulkarni"
    ]
    assert "Next candidate" not in html


@pytest.mark.parametrize("part", ["standing", "activity"])
def test_parts_are_read_again_by_themselves(browser, applied, part):
    (asha,) = applied("Asha Kulkarni")
    html = browser("rita").get(f"/applications/{asha}", headers={"HX-Request": "true", "HX-Target": part}).text

    assert f'id="{part}"' in html
    assert "<html" not in html


def test_next_thing_is_said_in_words(browser, alpha, in_tenant, applied):
    (asha,) = applied("Asha Kulkarni")
    with in_tenant(alpha):
        set_next_thing(asha, NextThing.TO_DECIDE)

    html = browser("rita").get(f"/applications/{asha}").text

    assert "A person decides, with a reason." in html
    assert f'href="/applications/{asha}/scorecards">Read and decide</a>' in html


def test_note_is_added_under_a_name(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    hugo = browser("hugo")
    answer = hugo.post(f"/applications/{asha}/notes", data={"text": "Call on <Monday>."})
    html = hugo.get(answer.location).text

    assert answer.status_code == 303
    assert "Call on &lt;Monday&gt;." in html
    assert "by Hugo" in html


def test_note_without_words_asks_again(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    answer = browser("rita").post(f"/applications/{asha}/notes", data={"text": ""}, headers=PANEL)

    assert (answer.status_code, "Write the note first." in answer.text) == (422, True)


@pytest.mark.parametrize("name", ["ivy", "rex"])
def test_note_is_missing_for_others(browser, applied, name):
    (asha,) = applied("Asha Kulkarni")

    assert browser(name).post(f"/applications/{asha}/notes", data={"text": "x"}).status_code == 404


def test_rejection_in_the_panel_shows_it_anew_and_clears_the_dialog(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    rita = browser("rita")
    dialog = rita.get(f"/applications/{asha}/reject?at=board", headers={"HX-Request": "true", "HX-Target": "asked"})
    answer = rita.post(
        f"/applications/{asha}/reject?at=board", data={"version": 1, "reason": "Wants days only."}, headers=PANEL
    )

    assert "data-dialog-open" in dialog.text
    assert "Wants days only." in answer.text
    assert '<div id="asked" hx-swap-oob="true"></div>' in answer.text
    assert "is rejected. No letter was sent." in answer.headers["HX-Trigger"]


def test_dialog_with_a_mistake_comes_back_in_its_place(browser, applied):
    (asha,) = applied("Asha Kulkarni")
    answer = browser("rita").post(f"/applications/{asha}/reject?at=board", data={"version": 1}, headers=PANEL)

    assert (answer.status_code, answer.headers["HX-Retarget"], answer.headers["HX-Reselect"]) == (
        422,
        "#asked",
        "#asked",
    )
    assert "data-dialog-open" in answer.text
