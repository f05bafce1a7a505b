import pytest

from app.interviews.commands import conduct
from tests.app.interviews import stage


@pytest.fixture
def under_way(staged, in_tenant, alpha):
    there = staged()
    with in_tenant(alpha):
        interview = conduct.lock(there.interview)
        conduct.begin(interview, consented_to={}, by=stage.CARA)
        conduct.answer(interview, 1, "I gave oxygen first.")
        conduct.catch_up(interview, waited=True)
        conduct.save_draft(interview.id, 2, "what nobody may see yet", 1)
    return there


def test_live_page_shows_who_is_at_which_question(under_way, browser):
    page = browser("rita").get("/live").text

    assert "Cara Diaz" in page
    assert "Question 2 of 3" in page


def test_watching_shows_answers_that_may_change_and_never_drafts(under_way, browser):
    page = browser("rita").get(f"/live/{under_way.interview}").text

    assert "I gave oxygen first." in page
    assert "May still change" in page
    assert "what nobody may see yet" not in page


def test_live_page_is_empty_in_words(browser, cast):
    assert "No one is in an interview now" in browser("rita").get("/live").text


def test_live_page_shows_each_member_their_own_jobs(under_way, browser):
    seen = {who: browser(who).get("/live") for who in ("rita", "hugo", "ivy", "rex")}

    assert {who: page.status_code for who, page in seen.items()} == {"rita": 200, "hugo": 200, "ivy": 404, "rex": 200}
    assert {who for who, page in seen.items() if "Cara" in page.text} == {"rita"}


def test_paused_updates_ask_for_nothing(under_way, browser):
    page = browser("rita").get("/live?still=1").text

    assert "Updates are paused" in page
    assert "sse-connect" not in page
    assert "hx-trigger" not in page.partition('id="sessions"')[2].partition(">")[0]


def test_call_for_help_is_shown_until_it_is_settled(under_way, anyone, browser):
    anyone().post(f"{under_way.path}/help", data={"kind": "person", "text": "I would rather talk."})
    rita = browser("rita")
    assert "I would rather talk." in rita.get("/live").text
    assert "You asked for help" in anyone().get(under_way.path).text

    answer = rita.post(f"/interviews/{under_way.interview}/settle", data={"next": "/live"})
    assert answer.headers["Location"] == "/live"
    assert "I would rather talk." not in rita.get("/live").text


@pytest.mark.parametrize(("who", "status"), [("rita", 200), ("hugo", 404), ("ivy", 404), ("rex", 404)])
def test_stream_of_one_interview_is_for_those_who_may_see_it(under_way, browser, who, status):
    assert browser(who).get(f"/events/allowed?topic=interview-{under_way.interview}").status_code == status


@pytest.mark.parametrize(("who", "topic", "status"), [
    ("rita", "live", 200), ("ivy", "live", 404), ("rita", "interview-x", 404), ("rita", "mailbox", 200), ("hugo", "mailbox", 404),
])  # fmt: skip
def test_topics_have_guards(browser, cast, who, topic, status):
    assert browser(who).get(f"/events/allowed?topic={topic}").status_code == status
