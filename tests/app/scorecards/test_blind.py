"""Before one's own is submitted, nothing of others' ratings or of the draft leaves the server."""

import pytest
import sqlalchemy as sa

from app.interviews.queries import interview as load_interview
from app.scorecards.commands import assessments, reports
from app.scorecards.models import Assessment, Scorecard
from tenants.db import db
from tests.app.scorecards.conftest import filled_in

SECRETS = (
    "Hugo saw it all",
    "Hugo's note on calm",
    "strong_yes",
    "Strong yes",
    "As the fake was told",
    "68.0",
    "fake/1",
)
FRAGMENTS = ("comparison", "transcript", "printing", "blind", "scorecards", "main")


@pytest.fixture
def hugo_is_in(story, *, judge, drain, alpha, in_tenant, cast, browser):
    """Hugo and Ivy are asked; the draft is there, Hugo's scorecard is in, a PDF is made; Ivy's is still open."""
    with in_tenant(alpha):
        interview = load_interview(story.interview)
        db.session.add(
            Scorecard(
                id=cast.hugo.id,
                person_id=interview.person_id,
                interview_id=interview.id,
                member_id=cast.hugo.id,
                asked_at=interview.submitted_at,
            )
        )
    drain()
    data = filled_in(level_0="missing", note_0="Hugo's note on calm", note="Hugo saw it all", verdict="strong_yes")
    assert browser("hugo").post(story.scorecard, data=data).status_code == 303
    assert browser("hugo").post(f"/interviews/{story.interview}/report").status_code == 303
    drain()
    return story


def test_nothing_reaches_who_still_scores(hugo_is_in, browser, alpha, in_tenant):
    ivy, told = browser("ivy"), hugo_is_in
    with in_tenant(alpha):
        report_id = db.session.scalar(sa.select(reports.Report.id))
        assessment_id = db.session.scalar(sa.select(Assessment.id).limit(1))
    addresses = [told.scorecard, told.evidence, f"/interviews/{told.interview}/report", f"/reports/{report_id}.pdf"]
    asked = [ivy.get(url) for url in addresses]
    asked += [
        ivy.get(url, headers={"HX-Request": "true", "HX-Target": block}) for url in addresses for block in FRAGMENTS
    ]
    asked += [
        ivy.post(told.scorecard + "/draft", data={"version": "1", "level_0": "solid"}),
        ivy.post(told.scorecard, data={}),
    ]
    asked += [ivy.post(f"/assessments/{assessment_id}/again"), ivy.get(told.scorecard)]

    found = {(answer.request.path, secret) for answer in asked for secret in SECRETS if secret.encode() in answer.data}

    # The form's own words for the verdict are no secret of Hugo's.
    assert found - {(told.scorecard, "strong_yes"), (told.scorecard, "Strong yes")} == set()
    assert not any(answer.data.startswith(b"%PDF") for answer in asked)


def test_blind_page_says_why_and_leads_to_ones_own(hugo_is_in, browser):
    page = browser("ivy").get(hugo_is_in.evidence)

    assert page.status_code == 200
    assert "You are scoring blind." in page.text
    assert hugo_is_in.scorecard in page.text


def test_report_is_refused_while_blind(hugo_is_in, browser, alpha, in_tenant):
    ivy, address = browser("ivy"), f"/interviews/{hugo_is_in.interview}/report"
    with in_tenant(alpha):
        report_id = db.session.scalar(sa.select(reports.Report.id))

    assert [ivy.get(address).status_code, ivy.post(address).status_code] == [403, 403]
    assert ivy.get(f"/reports/{report_id}.pdf").status_code == 404


def test_everything_opens_with_ones_own(hugo_is_in, browser):
    ivy = browser("ivy")
    ivy.post(hugo_is_in.scorecard, data=filled_in(verdict="no"))

    page = ivy.get(hugo_is_in.evidence).text

    assert [secret in page for secret in ("Hugo saw it all", "Hugo&#39;s note on calm", "Strong yes", "68.0")] == [
        True
    ] * 4


def test_draft_is_nobodys_first_opinion(scored, browser):
    for who in ("rita", "hugo", "ada"):
        page = browser(who).get(scored.evidence).text
        assert "A person scores first." in page
        assert [secret for secret in SECRETS if secret in page] == []


def test_overview_tells_who_is_asked_and_no_rating(hugo_is_in, browser):
    page = browser("rita").get(f"/applications/{hugo_is_in.application}/scorecards").text

    assert "Hugo" in page
    assert "Ivy" in page
    assert [secret for secret in SECRETS if secret in page] == []


def test_live_topic_is_for_those_who_may_see_the_interview(scored, browser, anyone):
    topic = f"/events/allowed?topic=scorecards-{scored.interview}"

    assert [browser(who).get(topic).status_code for who in ("ivy", "rita", "hugo", "ada", "rex")] == [200] * 4 + [404]
    assert anyone().get(topic).status_code == 404
    assert browser("rita").get("/events/allowed?topic=scorecards-nonsense").status_code == 404


def test_rehearsal_appears_nowhere(tell, *, judge, drain, browser, alpha, in_tenant, cast):
    told = tell(rehearsal=True)
    drain()
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Assessment)).all()) == 3
        assert assessments.open_assessments(load_interview(told.interview), members=[]) == []
    rita = browser("rita")

    addresses = (
        told.evidence,
        told.scorecard,
        f"/applications/{told.application}/scorecards",
        f"/interviews/{told.interview}/report",
    )
    assert [rita.get(url).status_code for url in addresses] == [404] * 4
