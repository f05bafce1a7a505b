"""A named person decides, with a reason; nothing is automatic."""

import pytest
import sqlalchemy as sa

from app.applications.models import Application, Decision
from app.identity.commands import actor_of
from app.interviews.access import interview_for
from app.kernel.errors import Conflict
from app.postings.models import Stage
from app.scorecards.commands import decisions
from tenants.db import db
from tests.app.scorecards.conftest import decide, filled_in

REASON = "She named steps and what came of them."
SAID = {"verdict": "advance", "reason": REASON}


@pytest.fixture
def judged(scored, browser):
    browser("ivy").post(scored.scorecard, data=filled_in())
    return scored


def standing(in_tenant, alpha, told):
    with in_tenant(alpha):
        application = db.session.get_one(Application, told.application)
        return db.session.get_one(Stage, application.stage_id).position, application.state, application.next_thing


def test_scorecards_in_ask_for_a_decision(judged, in_tenant, alpha):
    assert standing(in_tenant, alpha, judged) == (0, "active", "to-decide")


@pytest.mark.parametrize(
    ("verdict", "state"), [("advance", "active"), ("hold", "active"), ("reject", "rejected"), ("hire", "hired")]
)
def test_decision_is_a_persons_and_moves_nobody_on(judged, *, browser, in_tenant, alpha, cast, verdict, state):
    answer = decide(browser("rita"), judged, **(SAID | {"verdict": verdict}))

    assert answer.status_code == 303
    with in_tenant(alpha):
        found = db.session.scalars(sa.select(Decision)).all()
        assert [(d.verdict, d.reason, d.by_id) for d in found] == [(verdict, REASON, cast.rita.id)]
    assert standing(in_tenant, alpha, judged) == (0, state, "")


def test_decision_shows_who_when_and_why(judged, browser):
    decide(browser("hugo"), judged, **(SAID | {"verdict": "hold"}))

    for url in (
        judged.evidence,
        f"/applications/{judged.application}/scorecards",
        f"/interviews/{judged.interview}/report",
    ):
        page = browser("rita").get(url).text
        assert REASON in page
        assert "Hugo, " in page
        assert "Hold" in page


def test_advancing_offers_the_move_as_a_step_of_its_own(judged, browser, in_tenant, alpha):
    rita, step = browser("rita"), f"/interviews/{judged.interview}/move-on"
    assert step not in rita.get(judged.evidence).text
    decide(rita, judged, **SAID)
    page = rita.get(judged.evidence).text
    assert step in page
    assert "Nobody was moved." in page

    assert rita.post(step).status_code == 303

    assert standing(in_tenant, alpha, judged)[0] == 1
    assert step not in rita.get(judged.evidence).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"reason": REASON}, "Choose what you decide."),
        ({"verdict": "reject"}, "Write the reason for your decision, in a sentence or two."),
        ({"verdict": "reject", "reason": "  "}, "Write the reason for your decision, in a sentence or two."),
        ({"verdict": "maybe", "reason": REASON}, "Not a valid choice"),
    ],
)
def test_decision_without_a_reason_comes_back(judged, *, browser, in_tenant, alpha, data, said):
    answer = decide(browser("rita"), judged, **data)

    assert answer.status_code == 422
    assert said in answer.text
    assert data.get("reason", "").strip() in answer.text
    assert standing(in_tenant, alpha, judged) == (0, "active", "to-decide")


@pytest.mark.parametrize(("who", "status"), [("rita", 303), ("ada", 303), ("hugo", 303), ("ivy", 404), ("rex", 404)])
def test_decision_is_for_those_who_hire(judged, browser, who, status):
    assert decide(browser(who), judged, **SAID).status_code == status
    assert browser(who).post(f"/interviews/{judged.interview}/move-on").status_code == status


def test_interviewer_sees_no_form_to_decide(judged, browser):
    page = browser("ivy").get(judged.evidence).text

    assert "/decision" not in page
    assert "Nobody has decided yet." in page


def test_nobody_decides_before_a_person_has_scored(scored, browser):
    assert decide(browser("rita"), scored, **SAID).status_code == 403


def test_closed_application_is_not_decided_again(judged, browser):
    rita = browser("rita")
    decide(rita, judged, **(SAID | {"verdict": "reject"}))

    assert decide(rita, judged, **(SAID | {"verdict": "hire"})).status_code == 409
    assert rita.post(f"/interviews/{judged.interview}/move-on").status_code == 409
    assert "The application is closed." in rita.get(judged.evidence).text


def test_decision_on_what_has_changed_meanwhile_is_refused(judged, browser, alpha, in_tenant):
    """Two have the page open; the second did not see what the first wrote."""
    with in_tenant(alpha):
        seen = db.session.get_one(Application, judged.application).version
    decide(browser("hugo"), judged, **(SAID | {"verdict": "hold"}))

    answer = browser("rita").post(
        f"/interviews/{judged.interview}/decision", data={"verdict": "reject", "reason": REASON, "version": seen}
    )

    assert answer.status_code == 409
    assert standing(in_tenant, alpha, judged)[1] == "active"
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Decision.verdict)).all() == ["hold"]


def test_nobody_moves_on_from_the_last_stage(judged, browser, alpha, in_tenant, cast):
    with pytest.raises(Conflict), in_tenant(alpha):
        decisions.move_on(interview_for(cast.rita, judged.interview), None, by=actor_of(cast.rita))

    assert standing(in_tenant, alpha, judged)[:2] == (0, "active")
