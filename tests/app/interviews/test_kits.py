"""The kit of a job: proposed, edited, approved by a person with all problems said at once."""

import re
from threading import Thread

import pytest
import sqlalchemy as sa

from app.identity.commands import actor_of
from app.interviews.commands import kits
from app.interviews.queries import kit_of
from app.kernel.actor import SYSTEM
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings import commands
from app.postings.models import Posting
from tenants.db import db

LEVELS = ("nothing", "a little", "enough", "a lot")
PROPOSAL = KitProposal(
    dimensions=(ProposedDimension("Care", "Cares", 60, LEVELS), ProposedDimension("Calm", "Stays calm", 40, LEVELS)),
    questions=(
        ProposedQuestion("Tell us about a patient.", 4, "experience", ("Care",), "care"),
        ProposedQuestion("Tell us about an emergency.", 5, "situation", ("Calm",), "calm"),
    ),
)


@pytest.fixture
def job(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = commands.write_posting(text="Nurse in Pune", by=cast.rita, actor=actor_of(cast.rita))
        kits.take_proposal(posting.id, PROPOSAL, engine="test-engine", language="en")
        return posting.id


def kit(alpha, in_tenant, job):
    with in_tenant(alpha):
        return kit_of(job)


def dimension_form(row, **changes):
    said = {"name": row.name, "description": row.description, "weight": row.weight} | dict(
        zip(("missing", "partial", "solid", "strong"), row.anchors, strict=True)
    )
    return {f"{row.id}-{key}": value for key, value in (said | changes).items()} | {"act": "save"}


def question_form(row, **changes):
    said = {
        "text": row.text,
        "minutes": row.minutes,
        "shows": row.shows,
        "dimensions": [str(d) for d in row.dimension_ids],
    }
    return {f"{row.id}-{key}": value for key, value in (said | changes).items()} | {"act": "save"}


def test_a_proposal_says_who_made_it_and_waits(browser, job):
    page = browser("rita").get(f"/jobs/{job}/kit").text

    assert ("test-engine" in page, "Nobody is interviewed before a person has approved it." in page) == (True, True)
    assert ("Weights add up to 100" in page, "Question 1" in page) == (True, True)


def test_approval_is_a_named_persons_and_ends_with_a_change(browser, job, alpha, in_tenant, cast):
    rita = browser("rita")
    rita.post(f"/jobs/{job}/kit/approve")
    approved = kit(alpha, in_tenant, job)
    page = rita.get(f"/jobs/{job}/kit").text
    rita.post(
        f"/jobs/{job}/kit/questions/{approved.questions[0].id}", data=question_form(approved.questions[0], minutes=9)
    )
    edited = kit(alpha, in_tenant, job)

    assert (approved.state, approved.approved_by) == ("approved", cast.rita.id)
    assert "by Rita" in page
    assert (edited.state, edited.approved_by, edited.questions[0].minutes) == ("proposed", None, 9)


def test_a_question_that_must_not_be_asked_is_marked_and_a_person_decides(browser, job, alpha, in_tenant):
    rita, known = browser("rita"), kit(alpha, in_tenant, job).questions[0]
    said = "This seems to ask about: age. In most countries an interview must not."
    before = rita.get(f"/jobs/{job}/kit").text
    rita.post(f"/jobs/{job}/kit/questions/{known.id}", data=question_form(known, text="How old are you?"))
    after = rita.get(f"/jobs/{job}/kit").text
    rita.post(f"/jobs/{job}/kit/approve")

    assert (before.count("This seems to ask about"), after.count("This seems to ask about"), said in after) == (
        0,
        1,
        True,
    )
    assert kit(alpha, in_tenant, job).state == "approved"


def test_saving_without_a_change_keeps_the_approval(browser, job, alpha, in_tenant):
    rita = browser("rita")
    rita.post(f"/jobs/{job}/kit/approve")
    known = kit(alpha, in_tenant, job)
    rita.post(f"/jobs/{job}/kit/questions/{known.questions[0].id}", data=question_form(known.questions[0]))

    assert kit(alpha, in_tenant, job).state == "approved"


def test_all_problems_are_said_in_one_go(browser, job, alpha, in_tenant):
    rita, known = browser("rita"), kit(alpha, in_tenant, job)
    care, _calm = known.dimensions
    rita.post(f"/jobs/{job}/kit/criteria/{care.id}", data=dimension_form(care, weight=50, strong=""))
    rita.post(f"/jobs/{job}/kit/questions/{known.questions[1].id}", data={"act": "remove"})

    answer = rita.post(f"/jobs/{job}/kit/approve")

    assert answer.status_code == 422
    for said in ("The weights add up to 90.", "Care: describe all four levels.", "No question asks for some criteria"):
        assert said in answer.text
    assert kit(alpha, in_tenant, job).state == "proposed"


def test_criteria_are_edited_added_ordered_removed(browser, job, alpha, in_tenant):
    rita, known = browser("rita"), kit(alpha, in_tenant, job)
    care, calm = known.dimensions
    at = f"/jobs/{job}/kit/criteria"
    rita.post(f"{at}/{care.id}", data=dimension_form(care, name="Kindness", weight=30))
    rita.post(at)
    rita.post(f"{at}/{calm.id}", data={"act": "up"})
    after = kit(alpha, in_tenant, job)
    rita.post(f"{at}/{care.id}", data={"act": "remove"})
    last = kit(alpha, in_tenant, job)

    assert [(row.name, row.weight) for row in after.dimensions] == [
        ("Calm", 40),
        ("Kindness", 30),
        ("New criterion", 30),
    ]
    assert [row.name for row in last.dimensions] == ["Calm", "New criterion"]
    assert last.questions[0].dimension_ids == []


def test_questions_are_edited_added_ordered(browser, job, alpha, in_tenant):
    rita, known = browser("rita"), kit(alpha, in_tenant, job)
    first, second = known.questions
    both = [str(row.id) for row in known.dimensions]
    at = f"/jobs/{job}/kit/questions"
    rita.post(f"{at}/{first.id}", data=question_form(first, text="Why care?", limited="y", dimensions=both))
    rita.post(at)
    rita.post(f"{at}/{second.id}", data={"act": "up"})
    after = kit(alpha, in_tenant, job)

    assert [(row.text, row.limited, len(row.dimension_ids)) for row in after.questions] == [
        ("Tell us about an emergency.", False, 1), ("Why care?", True, 2), ("New question", False, 0),
    ]  # fmt: skip


def test_a_bad_row_comes_back_open_with_what_was_typed(browser, job, alpha, in_tenant):
    care = kit(alpha, in_tenant, job).dimensions[0]

    answer = browser("rita").post(f"/jobs/{job}/kit/criteria/{care.id}", data=dimension_form(care, name="", weight=150))

    assert answer.status_code == 422
    assert ("Give the criterion a name." in answer.text, "Between 0 and 100." in answer.text) == (True, True)
    assert (len(re.findall(r"<details open", answer.text)), 'value="150"' in answer.text) == (1, True)


def test_a_kit_can_be_written_by_hand_when_none_came(browser, alpha, in_tenant, cast):
    with in_tenant(alpha):
        job = commands.write_posting(text="Cook", by=cast.rita, actor=actor_of(cast.rita)).id
        commands.fail_analysis(db.session.get_one(Posting, job), "boom")
    rita = browser("rita")

    page = rita.get(f"/jobs/{job}/kit").text
    rita.post(f"/jobs/{job}/kit/start")

    assert "There is no kit yet" in page
    assert (kit(alpha, in_tenant, job).state, kit(alpha, in_tenant, job).engine) == ("proposed", None)


def test_a_new_proposal_never_replaces_an_approved_kit(browser, job, alpha, in_tenant, drain):
    rita = browser("rita")
    rita.post(f"/jobs/{job}/kit/approve")
    rita.post(f"/jobs/{job}/kit/propose")
    drain()

    assert kit(alpha, in_tenant, job).engine == "test-engine"


def test_the_plan_pulls_in_how_the_kit_stands(browser, job):
    answer = browser("rita").get(f"/jobs/{job}/kit", headers={"HX-Request": "true", "HX-Target": "kit_summary"})

    assert answer.text.strip().startswith('<div id="kit_summary"')
    assert ("Waits for your approval" in answer.text, "2 questions, 2 criteria" in answer.text) == (True, True)


def test_a_kit_looks_missing_to_others(browser, job, alpha, in_tenant):
    row = kit(alpha, in_tenant, job).questions[0].id
    posts = ["approve", "propose", "start", "criteria", "questions", f"questions/{row}"]

    assert {browser(name).get(f"/jobs/{job}/kit").status_code for name in ("rex", "ivy", "hugo")} == {404}
    assert {
        browser(name).post(f"/jobs/{job}/kit/{act}").status_code for name in ("rex", "ivy", "hugo") for act in posts
    } == {404}


def test_a_row_of_another_kit_is_missing(browser, job, alpha, in_tenant, cast):
    with in_tenant(alpha):
        other = commands.write_posting(text="Cook", by=cast.rita, actor=actor_of(cast.rita))
        kits.take_proposal(other.id, PROPOSAL, engine="test-engine", language="en")
        row = db.session.scalars(sa.select(kits.Question.id).where(kits.Question.kit_id == kit_of(other.id).id)).first()

    assert browser("rita").post(f"/jobs/{job}/kit/questions/{row}", data={"act": "remove"}).status_code == 404


def test_a_full_kit_takes_no_more_from_windows_opened_before(browser, job, alpha, in_tenant):
    """What the page hides the verb refuses, in words; the others' rows stay as they are."""
    rita, at = browser("rita"), f"/jobs/{job}/kit"
    answers = [
        [rita.post(f"{at}/{what}") for _ in range(most + 1)] for what, most in (("questions", 10), ("criteria", 4))
    ]

    assert [{one.status_code for one in each[:-1]} | {each[-1].status_code} for each in answers] == [{303, 409}] * 2
    said = [each[-1].text for each in answers]
    assert ["12 questions, and 12 is the most" in said[0], "6 criteria, and 6 is the most" in said[1]] == [True, True]
    full = kit(alpha, in_tenant, job)
    assert (len(full.questions), len(full.dimensions)) == (12, 6)


def test_two_who_add_at_once_get_two_places(job, alpha, in_tenant):
    def add(text, found=None):
        kits.add_question(found or kit_of(job), text=text, minutes=3, dimension_ids=[], by=SYSTEM)

    def elsewhere():
        with in_tenant(alpha):
            add("Why there?")

    with in_tenant(alpha):
        mine = kit_of(job)
        other = Thread(target=elsewhere)
        other.start()
        other.join()
        add("Why here?", mine)

    added = [(row.position, row.text) for row in kit(alpha, in_tenant, job).questions[2:]]
    assert added == [(2, "Why there?"), (3, "Why here?")]
