"""What the verbs of interviews refuse, and that nothing has changed then: whoever calls them, by whichever way."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.applications import commands as applications
from app.applications.enums import NextThing
from app.applications.models import Application
from app.applications.queries import application as load_application
from app.audit.models import AuditEntry
from app.identity.commands import actor_of
from app.interviews import queries
from app.interviews.commands import adjustments, conduct, invitations, kits
from app.interviews.enums import HelpKind, InterviewState
from app.interviews.models import Dimension, HelpRequest, Interview, Kit, Question, Turn
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.kernel.ids import new_id
from app.letters.models import Mail
from app.postings.commands import write_posting
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.tables import TenantModel
from tests.app.interviews import stage

OVER = [InterviewState.SUBMITTED, InterviewState.CANCELLED]
WATCHED = (Interview, Turn, HelpRequest, Kit, Mail, Application, AuditEntry, OutboxRow)


@pytest.fixture
def everything(alpha, in_tenant):
    """All rows that a verb of interviews may touch, as text."""

    def look():
        with in_tenant(alpha):
            tables = [TenantModel.metadata.tables[model.__tablename__] for model in WATCHED]
            return [str(db.session.execute(sa.select(one).order_by(*one.primary_key)).all()) for one in tables]

    return look


@pytest.fixture
def refused(alpha, in_tenant, everything):
    """refused(verb, interview_id, Conflict): calls it, sees the error, and that every row is what it was."""

    def call(verb, interview_id, error=Conflict):
        before = everything()
        with pytest.raises(error), in_tenant(alpha):
            verb(conduct.lock(interview_id))
        assert everything() == before

    return call


@pytest.fixture
def ended(staged, alpha, in_tenant):
    """ended(state): an interview in the middle of its first question that came to that end."""

    def make(state, **options):
        there = staged(**options)
        with in_tenant(alpha):
            conduct.begin(conduct.lock(there.interview), consented_to={}, by=stage.CARA)
        with in_tenant(alpha):
            conduct.lock(there.interview).state = state
        return there

    return make


@pytest.mark.parametrize("state", OVER)
def test_nothing_is_done_with_an_interview_that_is_over(ended, refused, cast, vault, state):
    there, rita = ended(state), actor_of(cast.rita)
    later = clock.now() + timedelta(days=30)

    for verb in (
        lambda one: invitations.send_new_link(one, one.application, by=rita, site=stage.SITE, vault=vault),
        lambda one: invitations.remind_now(one, one.application, by=rita, vault=vault),
        lambda one: invitations.extend(one, until=later, factor=Decimal(2), by=rita),
        lambda one: invitations.cancel(one, by=rita),
        lambda one: adjustments.ask_for_help(
            one, kind=HelpKind.PHONE, text="", by=stage.CARA, site=stage.SITE, vault=vault
        ),
        lambda one: conduct.answer(one, 1, "Too late."),
        lambda one: conduct.skip(one, 1, "Too late."),
        lambda one: conduct.change_answer(one, 1, "Too late."),
    ):
        refused(verb, there.interview)


@pytest.mark.parametrize("state", [InterviewState.CANCELLED, InterviewState.EXPIRED])
def test_answers_of_an_interview_that_ended_unsent_are_not_sent(ended, refused, state):
    refused(lambda one: conduct.submit(one, by=stage.CARA), ended(state).interview)


@pytest.mark.parametrize("act", ["link", "remind", "cancel", "extend"])
def test_buttons_of_an_interview_that_is_over_are_refused(ended, browser, everything, act):
    there, rita = ended(InterviewState.CANCELLED), browser("rita")
    before = everything()

    answer = rita.post(f"/interviews/{there.interview}/{act}", data={"days": "3", "factor": "2.0"})

    assert answer.status_code == 409
    assert everything() == before


def test_question_that_was_not_asked_takes_no_answer(ended, refused):
    there = ended(InterviewState.STARTED)

    for verb in (lambda one: conduct.answer(one, 7, "To what?"), lambda one: conduct.change_answer(one, 1, "Now?")):
        refused(verb, there.interview)


def test_question_that_is_answered_keeps_no_draft(ended, alpha, in_tenant, everything):
    there = ended(InterviewState.STARTED)
    with in_tenant(alpha):
        stage.answer(there.interview, 1, "This is my answer.")
    before = everything()
    with in_tenant(alpha):
        conduct.keep_draft(conduct.lock(there.interview), 1, "half a thought, late")

    assert everything() == before


def test_answer_that_comes_after_the_deadline_is_kept_as_a_draft(ended, alpha, in_tenant):
    there = ended(InterviewState.EXPIRED)
    with in_tenant(alpha):
        stage.answer(there.interview, 1, "As far as I came.")

    with in_tenant(alpha):
        (turn,) = queries.turns_of(there.interview)
        assert (turn.state, turn.answer, turn.draft) == ("asked", None, "As far as I came.")
        assert queries.interview(there.interview).state == InterviewState.EXPIRED


def test_beginning_twice_gives_the_question_that_is_there(ended, alpha, in_tenant, everything):
    there = ended(InterviewState.STARTED)
    before = everything()
    with in_tenant(alpha):
        assert conduct.begin(conduct.lock(there.interview), consented_to={"again": True}, by=stage.CARA).number == 1

    assert everything() == before


def test_nobody_is_invited_whose_application_is_over(alpha, cast, in_tenant, vault, everything):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita))
        applications.reject([application], reason="No registration.", by=actor_of(cast.rita))
    before = everything()

    with pytest.raises(Conflict), in_tenant(alpha):
        stage.invite(application.id, cast.rita, vault)
    assert everything() == before


def test_nobody_is_invited_without_an_address(alpha, cast, in_tenant, browser, everything):
    with in_tenant(alpha):
        application = stage.applicant(stage.opening(cast.rita), email=None).id
    rita, day = browser("rita"), (clock.now() + timedelta(days=5)).date().isoformat()
    before = everything()

    answer = rita.post(f"/applications/{application}/interviews/invite", data={"deadline": day})

    assert answer.status_code == 422
    assert everything() == before


def test_sixth_wish_for_help_waits_until_the_others_are_answered(staged, alpha, in_tenant, vault, refused):
    there = staged()

    def ask(interview):
        adjustments.ask_for_help(
            interview, kind=HelpKind.PHONE, text="Call me.", by=stage.CARA, site=stage.SITE, vault=vault
        )

    for _wish in range(adjustments.MOST_OPEN):
        with in_tenant(alpha):
            ask(conduct.lock(there.interview))
    refused(ask, there.interview)


def test_wish_for_help_is_kept_where_nobody_can_be_mailed(staged, alpha, in_tenant, vault):
    """The company names no contact, and nobody is known who invited."""
    there = staged()
    with in_tenant(alpha):
        conduct.lock(there.interview).invited_by = None
    with in_tenant(alpha):
        adjustments.ask_for_help(
            conduct.lock(there.interview), kind=HelpKind.PERSON, text="", by=stage.CARA, site=stage.SITE, vault=vault
        )

    with in_tenant(alpha):
        assert [wish.kind for wish in queries.open_help_requests([there.interview])] == [HelpKind.PERSON]
        assert load_application(there.application).next_thing == NextThing.HELP_WANTED
        assert "help_wanted" not in db.session.scalars(sa.select(Mail.kind)).all()


@pytest.mark.parametrize("limited", [True, False])
def test_factor_alone_leaves_the_deadline_where_it_was(staged, alpha, cast, in_tenant, limited):
    """Before the first question, and at one without a limit, there is no end to move yet."""
    there = staged(limited=limited)
    with in_tenant(alpha):
        interview = conduct.lock(there.interview)
        if not limited:
            conduct.begin(interview, consented_to={}, by=stage.CARA)
        deadline = interview.deadline
        invitations.extend(interview, until=None, factor=Decimal("1.5"), by=actor_of(cast.rita))

    with in_tenant(alpha):
        now = queries.interview(there.interview)
        assert (now.deadline, now.extra_time) == (deadline, Decimal("1.5"))
        assert [turn.ends_at for turn in queries.turns_of(there.interview)] == ([] if limited else [None])


def test_end_of_the_time_says_nothing_on_the_card_of_whoever_is_rejected(staged, alpha, cast, in_tenant):
    there = staged()
    with in_tenant(alpha):
        applications.reject([load_application(there.application)], reason="Filled.", by=actor_of(cast.rita))
        before = load_application(there.application).next_thing
        invitations.expire(conduct.lock(there.interview))

    with in_tenant(alpha):
        assert queries.interview(there.interview).state == InterviewState.EXPIRED
        assert load_application(there.application).next_thing == before != NextThing.OVERDUE


@pytest.mark.parametrize("state", [InterviewState.SUBMITTED, InterviewState.EXPIRED])
def test_withdrawing_leaves_an_interview_that_is_over_as_it_is(ended, alpha, in_tenant, state):
    there = ended(state)
    with in_tenant(alpha):
        invitations.withdraw(load_application(there.application), by=stage.CARA)

    with in_tenant(alpha):
        assert queries.interview(there.interview).state == state
        assert load_application(there.application).state == "withdrawn"


def test_no_letter_about_answers_goes_to_nobody(staged, alpha, in_tenant, vault, everything):
    there = staged()
    with in_tenant(alpha):
        load_application(there.application).candidate.email = None
    before = everything()
    with in_tenant(alpha):
        interview = conduct.lock(there.interview)
        invitations.confirm_answers(interview, interview.application, vault=vault)

    assert everything() == before


@pytest.fixture
def proposed(alpha, cast, in_tenant):
    """The id of a job whose kit waits for approval."""
    with in_tenant(alpha):
        return stage.opening(cast.rita, approved=False).id


def kit_of(alpha, in_tenant, job):
    with in_tenant(alpha):
        return queries.kit_of(job)


def test_nothing_but_a_person_approves_a_kit(alpha, in_tenant, proposed, everything):
    before = everything()

    with pytest.raises(Conflict), in_tenant(alpha):
        kits.approve(queries.kit_of(proposed), by=SYSTEM)
    assert everything() == before


def _question(number):
    """As one may stand in a kit that was filled before adding looked at how many there are."""
    said = {"text": f"Why {number}?", "kind": "experience", "shows": "", "dimension_ids": []}
    return Question(id=new_id(), position=9 + number, minutes=3, limited=False, **said)


def _dimension(number, name):
    return Dimension(id=new_id(), position=9 + number, name=name, description="", weight=0, anchors=[""] * 4)


def test_kit_of_nothing_or_of_too_much_is_not_approved(alpha, cast, in_tenant, proposed, everything):
    """Whoever calls the verb; the page shows the same problems beforehand."""
    rita = actor_of(cast.rita)
    with in_tenant(alpha):
        empty = write_posting(text="Cook", by=cast.rita, actor=rita)
        kits.start_by_hand(empty, by=rita)
        full = queries.kit_of(proposed)
        for number in range(kits.MOST_QUESTIONS):
            full.questions.append(_question(number))
        for number in range(kits.MOST_DIMENSIONS):
            full.dimensions.append(_dimension(number, " " if number else "Calm"))
    before = everything()

    for job in (empty.id, proposed):
        with in_tenant(alpha):
            problems = kits.problems_of(queries.kit_of(job))
        assert {"questions", "criteria"} <= set(problems)
        with pytest.raises(Invalid) as refusal, in_tenant(alpha):
            kits.approve(queries.kit_of(job), by=rita)
        assert refusal.value.fields == problems
    nameless = [row for row in kit_of(alpha, in_tenant, proposed).dimensions if row.name == " "]
    assert {str(row.id) for row in nameless} <= set(problems)
    assert everything() == before


def test_newer_proposal_takes_the_place_of_one_that_nobody_approved(alpha, in_tenant, proposed):
    before = kit_of(alpha, in_tenant, proposed)
    with in_tenant(alpha):
        kits.take_proposal(proposed, stage.proposal(("Why here?",)), engine="newer/1", language="en")
    now = kit_of(alpha, in_tenant, proposed)

    assert (now.id != before.id, now.engine, [question.text for question in now.questions]) == (
        True, "newer/1", ["Why here?"],
    )  # fmt: skip
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Kit)).all()) == 1


def test_proposal_that_fails_leaves_the_kit_that_is_there(alpha, in_tenant, proposed):
    before = kit_of(alpha, in_tenant, proposed)
    with in_tenant(alpha):
        kits.fail_proposal(proposed)
    now = kit_of(alpha, in_tenant, proposed)

    assert (now.id, now.state, len(now.questions)) == (before.id, "proposed", len(before.questions))


def test_starting_by_hand_keeps_what_was_proposed(browser, alpha, in_tenant, proposed):
    before = kit_of(alpha, in_tenant, proposed)

    assert browser("rita").post(f"/jobs/{proposed}/kit/start").status_code == 303
    now = kit_of(alpha, in_tenant, proposed)
    assert (now.id, len(now.questions), len(now.dimensions)) == (before.id, len(before.questions), 1)
