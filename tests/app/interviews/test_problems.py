"""When something goes wrong, a candidate is led back to where they were, and is told whom to write to."""

import re
import uuid

import pytest

from app.interviews.models import Interview
from app.postings import commands as postings
from app.workspace.queries import workspace
from tenants.db import db
from tests.app.interviews import stage

TYPED = "Bed nine: <b>oxygen</b> first, then I called."
STAFF = ("/sign-in", 'href="/"', 'href="/help"', "administrator")


@pytest.fixture
def in_production(flask_app):
    """What nobody foresaw becomes a page, as it does outside of tests."""
    flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    yield
    flask_app.config["PROPAGATE_EXCEPTIONS"] = None


@pytest.fixture
def contact(alpha, cast, in_tenant):
    with in_tenant(alpha):
        workspace().contact_name, workspace().contact_email = "Rita Rao", "jobs@alpha.example"


@pytest.fixture
def broken(staged, anyone, in_tenant, alpha, in_production):
    """A question is asked, and then its interview cannot be read any more."""
    there = staged()
    anyone().post(f"{there.path}/begin", data={"consent": "y"})
    with in_tenant(alpha):
        interview = db.session.get_one(Interview, there.interview)
        interview.plan = {key: value for key, value in interview.plan.items() if key != "questions"}
    return there


def for_a_candidate(page):
    assert [words for words in STAFF if words in page.text] == []
    assert "Rita Rao &lt;jobs@alpha.example&gt;" in page.text
    assert 'href="mailto:jobs@alpha.example"' in page.text
    return page.text


def test_page_that_breaks_can_be_tried_again_and_names_a_person_and_a_reference(broken, anyone, contact):
    page = anyone().get(broken.path, headers={"X-Request-ID": "reference-7"})

    text = for_a_candidate(page)
    assert page.status_code == 500
    assert "It was nothing that you did." in text
    assert "What you sent before is kept." in text
    assert "reference-7" in text
    assert re.search(rf'href="{broken.path}">Try again', text)


def test_answer_that_did_not_arrive_stands_on_the_page_and_is_sent_again(broken, anyone, contact, in_tenant, alpha):
    cara = anyone()
    page = cara.post(f"{broken.path}/skip", data={"turn": 1, "answer": TYPED, "csrf_token": "old"})

    text = for_a_candidate(page)
    assert page.status_code == 500
    assert "What you just sent did not arrive." in text
    assert "Bed nine: &lt;b&gt;oxygen&lt;/b&gt; first" in text
    assert '<input type="hidden" name="turn" value="1">' in text
    assert 'value="old"' not in text
    assert "Send it again" in text
    assert re.search(rf'href="{broken.path}">.*Back to the interview', text)


def test_step_that_is_not_there_leads_back_to_the_interview(staged, anyone, contact):
    there = staged()
    for page in (anyone().get(f"{there.path}/nothing"), anyone().get(f"{there.path}/answer")):
        text = for_a_candidate(page)
        assert re.search(rf'href="{there.path}">.*Back to the interview', text)
        assert "What you sent before is kept." in text
        assert "Try again" not in text


def test_number_that_no_question_has_leads_back_to_the_interview(staged, anyone, contact):
    there = staged()
    anyone().post(f"{there.path}/begin", data={"consent": "y"})

    page = anyone().post(f"{there.path}/skip", data={"turn": 10**12, "answer": TYPED})

    assert page.status_code == 404
    assert "Back to the interview" in for_a_candidate(page)


def test_link_that_never_was_says_whom_to_write_to(anyone, contact):
    for path in (f"/i/{'x' * 43}", f"/status/{'x' * 43}"):
        page = anyone().get(path)

        assert page.status_code == 404
        assert "Rita Rao" in page.text
        assert [words for words in STAFF if words in page.text] == []


def test_job_that_is_gone_leads_to_the_open_jobs(anyone, contact):
    page = anyone().get(f"/careers/{uuid.uuid4()}")

    text = for_a_candidate(page)
    assert page.status_code == 404
    assert re.search(r'href="/careers">.*All open jobs', text)
    assert "What you sent" not in text


def test_application_that_broke_is_not_offered_again_by_us(anyone, cast, contact, in_tenant, alpha, in_production):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
        postings.publish(posting, by=stage.CARA)
    form = {"name": "Cara", "email": "cara@people.example", "language": "en", "experience": "x", "consent": "y"}
    with in_tenant(alpha):
        db.session.execute(db.text("delete from stage"))

    page = anyone().post(f"/careers/{posting.id}/apply", data=form)

    text = for_a_candidate(page)
    assert page.status_code == 500
    assert "Go back in your browser: what you typed is still there." in text
    assert "cara@people.example" not in text


def test_careers_site_helps_by_mail_or_not_at_all(anyone, cast, in_tenant, alpha):
    assert ">Help<" not in anyone().get("/careers").text
    with in_tenant(alpha):
        workspace().contact_email = "jobs@alpha.example"

    assert '<a href="mailto:jobs@alpha.example">Help</a>' in anyone().get("/careers").text


def test_error_without_a_contact_names_the_company(staged, anyone):
    page = anyone().get(f"{staged().path}/nothing")

    assert "write to Alpha and give this reference" in page.text
    assert "mailto:" not in page.text
