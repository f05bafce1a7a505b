from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.interviews import queries
from app.interviews.commands import conduct
from app.kernel import clock
from app.letters.queries import mail_about
from tenants.db import db
from tests.app.interviews import stage


@pytest.fixture
def pages(staged):
    there = staged()
    return {
        "list": f"/applications/{there.application}/interviews",
        "invite": f"/applications/{there.application}/interviews/invite",
        "transcript": f"/interviews/{there.interview}",
        "watch": f"/live/{there.interview}",
    }


@pytest.mark.parametrize("name", ["list", "invite", "transcript", "watch"])
def test_page_opens_for_the_team_and_for_nobody_else(pages, browser, anyone, name):
    seen = {who: browser(who).get(pages[name]).status_code for who in ("rita", "ada", "hugo", "ivy", "rex")}

    assert seen == {"rita": 200, "ada": 200, "hugo": 404, "ivy": 404, "rex": 404}
    assert anyone().get(pages[name]).status_code == 303


@pytest.mark.parametrize("act", ["link", "revoke", "remind", "extend", "settle", "cancel"])
def test_act_on_an_interview_looks_missing_to_others(staged, browser, act):
    there = staged()

    assert [
        browser(who).post(f"/interviews/{there.interview}/{act}").status_code for who in ("ivy", "hugo", "rex")
    ] == [404] * 3


def test_list_is_a_fragment_too(pages, browser):
    part = browser("rita").get(pages["list"], headers={"HX-Request": "true", "HX-Target": "interviews"}).text

    assert part.lstrip().startswith('<section id="interviews"')
    assert "<html" not in part


def test_list_asks_the_database_as_often_for_three_as_for_one(
    staged, browser, flask_app, alpha, cast, in_tenant, vault
):
    there, rita = staged(), browser("rita")
    once = statements(flask_app, lambda: rita.get(f"/applications/{there.application}/interviews"))
    for _ in range(2):
        with in_tenant(alpha):
            interview = queries.interviews_of(there.application)[0]
            interview.state = "cancelled"
        with in_tenant(alpha):
            stage.invite(there.application, cast.rita, vault)

    assert statements(flask_app, lambda: rita.get(f"/applications/{there.application}/interviews")) == once
    assert once <= 12


def statements(flask_app, act):
    seen = []
    with flask_app.app_context():
        engine = db.engines[None]
    note = lambda _c, _cursor, statement, *_: seen.append(statement) if "set_config" not in statement else None  # noqa: E731
    sa.event.listen(engine, "before_cursor_execute", note)
    assert act().status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_invite_shows_the_letter_and_who_gets_it(alpha, cast, in_tenant, browser):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita)).id
    page = browser("rita").get(f"/applications/{application}/interviews/invite?deadline=2026-12-24").text

    assert "One letter goes to Cara Diaz, cara@people.example. Nobody else is mailed." in page
    assert "Thursday 24 December 2026, 11:59 pm" in page


@pytest.mark.parametrize(("language", "differs"), [("hi", True), ("en", False)])
def test_invite_says_when_questions_and_letters_are_in_two_languages(
    alpha, cast, in_tenant, browser, language, differs
):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita), language=language).id
    page = browser("rita").get(f"/applications/{application}/interviews/invite").text

    assert ("The questions are in English; the pages and letters are in Hindi." in page) == differs
    assert ("The questions are in" in page) == differs


def test_invite_sends_a_letter_until_the_end_of_the_chosen_day(alpha, cast, in_tenant, browser):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita)).id
    day = (clock.now() + timedelta(days=5)).date()
    answer = browser("rita").post(f"/applications/{application}/interviews/invite", data={"deadline": day.isoformat()})

    assert answer.status_code == 303
    with in_tenant(alpha):
        assert f"{queries.interviews_of(application)[0].deadline:%Y-%m-%d %H:%M}" == f"{day} 23:59"
        assert [mail.kind for mail in mail_about(application)] == ["interview_invitation"]


@pytest.mark.parametrize("day", ["", "2020-01-01", "2030-01-01", "soon"])
def test_invite_refuses_a_day_that_cannot_be(alpha, cast, in_tenant, browser, day):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita)).id

    assert (
        browser("rita").post(f"/applications/{application}/interviews/invite", data={"deadline": day}).status_code
        == 422
    )


def test_invite_needs_an_approved_kit_and_leads_to_the_plan(alpha, cast, in_tenant, browser):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita, approved=False)
        application = stage.applicant(posting).id
    rita, path = browser("rita"), f"/applications/{application}/interviews/invite"

    assert f"/jobs/{posting.id}/plan" in rita.get(path).text
    assert rita.post(path, data={"deadline": "2026-12-01"}).status_code == 409


def test_new_link_ends_the_old_one_and_keeps_the_answers(staged, browser, anyone, alpha, in_tenant, vault):
    there = staged()
    browser("rita").post(f"/interviews/{there.interview}/link")
    with in_tenant(alpha):
        newer = stage.link_in_last_letter(there.application, vault)

    assert anyone().get(there.path).status_code == 404
    assert anyone().get(f"/i/{newer}").status_code == 200


def test_revoked_link_looks_like_none(staged, browser, anyone):
    there = staged()
    browser("rita").post(f"/interviews/{there.interview}/revoke")
    revoked, never = anyone().get(there.path), anyone().get("/i/" + "A" * 43)

    assert (revoked.status_code, never.status_code) == (404, 404)
    assert "This link does not work" in revoked.text
    assert anyone().post(f"{there.path}/begin", data={"consent": "y"}).status_code == 404


def test_remind_now_writes_one_letter_an_hour(staged, browser, alpha, in_tenant):
    there, rita = staged(), browser("rita")
    first = rita.post(f"/interviews/{there.interview}/remind").status_code

    assert (first, rita.post(f"/interviews/{there.interview}/remind").status_code) == (303, 409)
    with in_tenant(alpha):
        assert [m.kind for m in mail_about(there.application)] == ["interview_invitation", "interview_reminder"]


def test_extend_moves_the_deadline_and_stretches_the_question_being_asked(staged, browser, alpha, in_tenant):
    there = staged(limited=True)
    with in_tenant(alpha):
        before = conduct.begin(conduct.lock(there.interview), consented_to={}, by=stage.CARA).ends_at
        deadline = queries.interview(there.interview).deadline
    browser("rita").post(f"/interviews/{there.interview}/extend", data={"days": "3", "factor": "2.0"})

    with in_tenant(alpha):
        interview = queries.interview(there.interview)
        assert (interview.deadline - deadline, interview.extra_time) == (timedelta(days=3), Decimal("2.0"))
        assert queries.last_turn(interview.id).ends_at - before == timedelta(minutes=3)


def test_cancel_tells_the_candidate_when_they_look(staged, browser, anyone):
    there = staged()
    browser("rita").post(f"/interviews/{there.interview}/cancel")

    assert "called off" in anyone().get(there.path).text
