"""The interviewer's own form: blind until it is submitted, and complete when it is."""

import re
import uuid
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.identity.commands import actor_of
from app.interviews.queries import interview as load_interview
from app.interviews.queries import turns_of
from app.kernel.errors import Conflict, Invalid, NotFound
from app.scorecards.access import own_open_scorecard, own_scorecard
from app.scorecards.commands import scorecards
from app.scorecards.enums import Level, Overall
from app.scorecards.models import Rating, Scorecard
from tenants.db import db
from tests.app.scorecards.conftest import filled_in

QUOTE = "I called the doctor within two minutes"


def kept(in_tenant, alpha, member):
    """What is stored of a member's scorecard: state, verdict, (rated, level, note, pins) by dimension."""
    with in_tenant(alpha):
        card = db.session.scalar(
            sa.select(Scorecard)
            .options(sa.orm.selectinload(Scorecard.ratings).selectinload(Rating.pins))
            .where(Scorecard.member_id == member.id)
        )
        ratings = {str(r.dimension_id): (r.rated, r.level, r.note, [p.text for p in r.pins]) for r in card.ratings}
        return card.state, card.verdict, ratings


def keep(browser, story, data, **how):
    """As a page does that was opened just now."""
    version = re.search(r'name="version" value="(\d+)"', browser.get(story.scorecard).text)[1]
    return browser.post(story.scorecard + "/draft", data={"version": version} | data, **how)


def test_own_page_shows_transcript_and_form(scored, browser):
    page = browser("ivy").get(scored.scorecard)

    assert page.status_code == 200
    assert "Asha Kulkarni" in page.text
    assert 'id="turn-1"' in page.text
    assert "Not answered" in page.text
    assert "Names steps and why" in page.text
    assert "Not enough evidence" in page.text
    assert "You are scoring blind." in page.text


@pytest.mark.parametrize(("who", "status"), [("ivy", 200), ("rita", 303), ("hugo", 303), ("ada", 303), ("rex", 404)])
def test_own_page_opens_for_those_asked(scored, browser, who, status):
    assert browser(who).get(scored.scorecard).status_code == status


def test_interviewer_who_was_not_asked_sees_nothing(scored, browser, alpha, in_tenant, cast):
    with in_tenant(alpha):
        db.session.execute(sa.delete(Scorecard))

    ivy = browser("ivy")

    assert [ivy.get(url).status_code for url in (scored.scorecard, scored.evidence)] == [404, 404]
    assert ivy.post(scored.scorecard, data=filled_in()).status_code == 404


def test_draft_keeps_notes_levels_and_pins(scored, browser, alpha, in_tenant, cast):
    first, second, third = map(str, scored.dimensions)
    data = {"level_0": "strong", "note_1": "Ask again", "level_2": "none", "pin": [f"0|1|{QUOTE}", "9|1|x", "nonsense"]}

    answer = keep(browser("ivy"), scored, data, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.text) == (200, "2")
    assert kept(in_tenant, alpha, cast.ivy) == (
        "draft",
        None,
        {
            first: (True, "strong", "", [QUOTE]),
            second: (False, None, "Ask again", []),
            third: (True, None, "", []),
        },
    )


def test_draft_comes_back_as_it_was_left(scored, browser):
    ivy = browser("ivy")
    keep(ivy, scored, {"level_0": "strong", "note_1": "Ask again", "pin": f"0|1|{QUOTE}"})

    page = ivy.get(scored.scorecard).text

    assert 'name="level_0" value="strong" checked' in page
    assert "Ask again" in page
    assert f'name="pin" value="0|1|{QUOTE}"' in page
    assert f"<mark>{QUOTE}</mark>" in page


def test_draft_saved_twice_pins_once(scored, browser, alpha, in_tenant, cast):
    ivy = browser("ivy")
    data = {"pin": [f"0|1|{QUOTE}", f"0|1|{QUOTE.upper()}"]}
    keep(ivy, scored, data)
    keep(ivy, scored, data)

    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[0])][3] == [QUOTE]


def test_pin_left_out_is_unpinned(scored, browser, alpha, in_tenant, cast):
    ivy = browser("ivy")
    keep(ivy, scored, {"pin": f"0|1|{QUOTE}"})

    keep(ivy, scored, {"pin": f"0|1|{QUOTE}", "unpin": f"0|1|{QUOTE}"})

    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[0])][3] == []


def test_quote_typed_by_hand_is_pinned(scored, browser, alpha, in_tenant, cast):
    data = {"turn_1": "2", "quote_1": "the next nurse  repeats the two risks"}

    answer = keep(browser("ivy"), scored, data)

    assert answer.status_code == 303
    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[1])][3] == ["the next nurse repeats the two risks"]


def test_quote_nobody_said_is_refused_and_the_rest_kept(scored, browser, alpha, in_tenant, cast):
    data = {"level_0": "solid", "turn_1": "2", "quote_1": "the next nurse repeats the three risks"}

    answer = keep(browser("ivy"), scored, data)

    assert answer.status_code == 422
    assert "These words are not in that answer." in answer.text
    assert "the next nurse repeats the three risks" in answer.text
    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[0])][1] == "solid"
    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[1])][3] == []


def test_autosave_takes_no_half_typed_quote(scored, browser, alpha, in_tenant, cast):
    data = {"turn_1": "2", "quote_1": "the next nur"}

    answer = keep(browser("ivy"), scored, data, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.text) == (200, "2")
    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[1])][3] == []


def test_submit_lists_everything_that_is_missing(scored, browser, alpha, in_tenant, cast):
    answer = browser("ivy").post(scored.scorecard, data={"version": "1", "level_1": "none"})

    assert answer.status_code == 422
    assert "Rate “Stays calm”, or choose “Not enough evidence”." in answer.text
    assert "Rate “Plans the shift”, or choose “Not enough evidence”." in answer.text
    assert "Rate “Hands over well”" not in answer.text
    assert "Say what you recommend." in answer.text
    assert kept(in_tenant, alpha, cast.ivy)[0] == "draft"


def test_submit_happens_once_and_stands(scored, browser, alpha, in_tenant, cast):
    ivy = browser("ivy")

    first = ivy.post(scored.scorecard, data=filled_in())
    again = ivy.post(scored.scorecard, data=filled_in(level_0="missing"))

    assert (first.status_code, first.location) == (303, scored.evidence)
    assert again.status_code == 409
    state, verdict, ratings = kept(in_tenant, alpha, cast.ivy)
    assert (state, verdict) == ("submitted", "yes")
    assert {level for _, level, _, _ in ratings.values()} == {"solid"}
    with in_tenant(alpha):
        noted = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "scorecards.submit")).all()
    assert noted == ["scorecards.submit"]
    assert ivy.get(scored.scorecard).location == scored.evidence


def test_autosave_after_submitting_is_refused(scored, browser):
    ivy = browser("ivy")
    ivy.post(scored.scorecard, data=filled_in())

    answer = ivy.post(scored.scorecard + "/draft", data=filled_in(), headers={"HX-Request": "true"})

    assert answer.status_code == 409


def test_older_window_overwrites_nothing(scored, browser, alpha, in_tenant, cast):
    """Two windows are open. The one that was kept first may go on; the other is told, and loses nothing typed."""
    ivy, first = browser("ivy"), str(scored.dimensions[0])
    by_itself = {"HX-Request": "true"}
    newer = keep(ivy, scored, {"level_0": "strong", "note_0": "Newer"}, headers=by_itself)

    refused = ivy.post(
        scored.scorecard + "/draft", data={"version": "1", "level_0": "missing", "note_0": "Older"}, headers=by_itself
    )
    by_hand = ivy.post(scored.scorecard + "/draft", data={"version": "1", "level_0": "missing", "note_0": "Older"})
    sent = ivy.post(scored.scorecard, data=filled_in(level_0="missing", note_0="Older"))

    assert (newer.text, refused.status_code, by_hand.status_code, sent.status_code) == ("2", 409, 422, 422)
    assert "changed in another window" in by_hand.text
    assert "Older" in by_hand.text
    assert kept(in_tenant, alpha, cast.ivy)[2][first] == (True, "strong", "Newer", [])

    # Sent once more, knowing it, it is what stands.
    again = ivy.post(scored.scorecard, data=filled_in(version="2", level_0="missing", note_0="Older"))
    assert again.status_code == 303
    assert kept(in_tenant, alpha, cast.ivy)[2][first] == (True, "missing", "Older", [])


def test_strange_words_come_out_escaped(tell, browser, judge, drain, alpha):
    told = tell(
        name="<b>Bob</b>", answers=("<img src=http://x.example/a.png> I stayed calm and called.", "b", "c", "d")
    )
    drain()

    page = browser("ivy").get(told.scorecard).text

    assert "&lt;img src=http://x.example/a.png&gt;" in page
    assert "<img src=http" not in page
    assert "&lt;b&gt;Bob&lt;/b&gt;" in page


@pytest.fixture
def ivys(scored, alpha, cast, in_tenant):
    """with ivys(Conflict) as (card, interview): her scorecard in a transaction that is refused with that error."""

    @contextmanager
    def held(error):
        with pytest.raises(error), in_tenant(alpha):
            yield own_scorecard(cast.ivy, scored.interview), load_interview(scored.interview)

    return held


def test_criterion_of_another_interview_is_not_rated(scored, ivys, alpha, in_tenant, cast):
    before = kept(in_tenant, alpha, cast.ivy)
    with ivys(Conflict) as (card, _interview):
        scorecards.rate(card, uuid.UUID(int=7), level=Level.SOLID, note="", dimensions=set(scored.dimensions))

    assert kept(in_tenant, alpha, cast.ivy) == before


@pytest.mark.parametrize("words", ["", " ", "I called the doctor within three minutes"])
def test_words_that_nobody_said_are_not_pinned(scored, ivys, alpha, in_tenant, cast, words):
    before = kept(in_tenant, alpha, cast.ivy)
    with ivys(Invalid) as (card, interview):
        first = scored.dimensions[0]
        rating = scorecards.rate(card, first, level=Level.SOLID, note="", dimensions={first})
        scorecards.pin(card, rating, turns_of(interview.id)[0], words)

    assert kept(in_tenant, alpha, cast.ivy) == before


def test_pin_to_a_turn_that_never_was_is_passed_over(scored, browser, alpha, in_tenant, cast):
    keep(browser("ivy"), scored, {"level_0": "solid", "pin": [f"0|99|{QUOTE}", f"0|1|{QUOTE}"]})
    with in_tenant(alpha):
        card, first = own_scorecard(cast.ivy, scored.interview), scored.dimensions[0]
        drafted = scorecards.RatingDraft(rated=True, level=Level.SOLID, note="", pins=((99, QUOTE), (1, QUOTE)))
        scorecards.keep_draft(card, turns_of(scored.interview), {first: drafted}, verdict=None, note="")

    assert kept(in_tenant, alpha, cast.ivy)[2][str(scored.dimensions[0])] == (True, "solid", "", [QUOTE])


@pytest.mark.parametrize(
    ("rated", "verdict", "missing"),
    [(3, None, {"verdict"}), (2, Overall.YES, {"ratings"}), (0, None, {"ratings", "verdict"})],
)
def test_half_a_scorecard_is_not_submitted(scored, alpha, in_tenant, cast, rated, verdict, missing):
    with in_tenant(alpha):
        card = own_scorecard(cast.ivy, scored.interview)
        for dimension in scored.dimensions[:rated]:
            scorecards.rate(card, dimension, level=None, note="", dimensions=set(scored.dimensions))
        scorecards.write_overall(card, verdict=verdict, note="")
    before = kept(in_tenant, alpha, cast.ivy)

    with pytest.raises(Invalid) as refusal, in_tenant(alpha):
        card = own_scorecard(cast.ivy, scored.interview)
        scorecards.submit(card, load_interview(scored.interview), by=actor_of(cast.ivy))
    assert (set(refusal.value.fields), kept(in_tenant, alpha, cast.ivy)) == (missing, before)


def test_nobody_is_asked_to_judge_what_is_not_sent(tell, alpha, in_tenant, cast):
    told = tell(send=False)

    with pytest.raises(Conflict), in_tenant(alpha):
        scorecards.ask_for_scorecard(load_interview(told.interview), cast.ivy.id, by=actor_of(cast.rita))
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Scorecard)).all() == []


def test_only_an_open_scorecard_of_ones_own_is_written_in(scored, browser, alpha, in_tenant, cast):
    with pytest.raises(NotFound), in_tenant(alpha):
        own_open_scorecard(cast.rita, scored.interview)
    assert browser("rita").post(scored.scorecard + "/draft", data=filled_in()).status_code == 404
    browser("ivy").post(scored.scorecard, data=filled_in())
    with pytest.raises(Conflict), in_tenant(alpha):
        own_open_scorecard(cast.ivy, scored.interview)

    with in_tenant(alpha):
        assert [card.member_id for card in db.session.scalars(sa.select(Scorecard))] == [cast.ivy.id]


def test_rehearsal_is_nobodys_to_judge(tell, browser):
    told, rita = tell(rehearsal=True), browser("rita")

    assert [rita.get(path).status_code for path in (told.evidence, told.scorecard)] == [404, 404]
    assert (
        rita.post(f"/interviews/{told.interview}/decision", data={"verdict": "hire", "reason": "x"}).status_code == 404
    )
