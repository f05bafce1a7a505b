"""How far the scoring of an application is, and asking colleagues."""

import pytest
import sqlalchemy as sa

from app.scorecards.models import Scorecard
from tenants.db import db
from tests.app.scorecards.conftest import filled_in


def address(told) -> str:
    return f"/applications/{told.application}/scorecards"


def test_overview_shows_scoring_under_way(story, browser):
    page = browser("rita").get(address(story)).text

    assert "AI draft being made" in page
    assert "0 of 3 criteria judged" in page
    assert "Not in yet" in page


def test_overview_shows_what_failed_and_runs_it_again(story, judge, drain, browser):
    judge.orders["Stays calm"] = ["refused"]
    judge.orders["Hands over well"] = ["refused"]
    drain()
    rita = browser("rita")
    assert "2 criteria failed." in rita.get(address(story)).text

    assert rita.post(f"/interviews/{story.interview}/scoring/again").status_code == 303
    drain()

    assert "AI draft ready" in rita.get(address(story)).text


def test_overview_is_a_fragment_too(scored, browser):
    part = browser("rita").get(address(scored), headers={"HX-Request": "true", "HX-Target": "scorecards"})

    assert part.text.strip().startswith('<section id="scorecards"')


def test_overview_before_the_answers_are_sent(tell, browser):
    told = tell(send=False)
    page = browser("rita").get(address(told)).text

    assert "Scoring starts when the candidate sends their answers." in page
    assert browser("rita").post(f"/interviews/{told.interview}/scorecards", data={"member": ""}).status_code == 422


def test_asking_before_the_answers_are_sent_is_refused(tell, browser, cast):
    told = tell(send=False)

    assert (
        browser("rita").post(f"/interviews/{told.interview}/scorecards", data={"member": cast.ivy.id}).status_code
        == 409
    )


def test_colleague_is_asked_once(scored, browser, alpha, in_tenant, cast):
    rita, ask = browser("rita"), f"/interviews/{scored.interview}/scorecards"
    browser("ivy").post(scored.scorecard, data=filled_in())

    answers = [rita.post(ask, data={"member": str(cast.hugo.id)}).location for _ in range(2)]

    assert answers == [address(scored)] * 2
    with in_tenant(alpha):
        asked = db.session.scalars(sa.select(Scorecard.member_id).order_by(Scorecard.asked_at)).all()
    assert asked == [cast.ivy.id, cast.hugo.id]
    assert browser("hugo").get(scored.scorecard).status_code == 200
    assert "You are scoring blind." in browser("hugo").get(scored.evidence).text


def test_recruiter_scores_herself(scored, browser, cast):
    answer = browser("rita").post(f"/interviews/{scored.interview}/scorecards", data={"member": str(cast.rita.id)})

    assert answer.location == scored.scorecard
    assert browser("rita").get(scored.scorecard).status_code == 200


def test_only_the_team_is_asked(scored, browser, cast):
    answer = browser("rita").post(f"/interviews/{scored.interview}/scorecards", data={"member": str(cast.ada.id)})

    assert answer.status_code == 422


@pytest.mark.parametrize(("who", "status"), [("rita", 200), ("ada", 200), ("hugo", 200), ("ivy", 404), ("rex", 404)])
def test_overview_is_for_those_who_run_the_job(scored, browser, who, status):
    assert browser(who).get(address(scored)).status_code == status


@pytest.mark.parametrize("who", ["ivy", "rex"])
def test_others_ask_and_run_nothing(scored, browser, cast, who):
    client = browser(who)

    assert (
        client.post(f"/interviews/{scored.interview}/scorecards", data={"member": str(cast.ivy.id)}).status_code == 404
    )
    assert client.post(f"/interviews/{scored.interview}/scoring/again").status_code == 404


def test_stranger_is_asked_to_sign_in(scored, anyone):
    for url in (address(scored), scored.scorecard, scored.evidence, f"/interviews/{scored.interview}/report"):
        assert anyone().get(url).status_code == 303
