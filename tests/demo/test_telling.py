"""A small company told from beginning to end by the demo's own Teller: what stands there then, and how it came to be."""

import fcntl
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.applications.models import Application, Decision, Move, Note
from app.audit.models import AuditEntry
from app.audit.queries import first_broken_link
from app.candidates.models import Candidate, Resume
from app.identity.models import Member
from app.interviews.models import HelpRequest, Interview, Kit, Turn
from app.kernel import clock
from app.letters.models import Mail
from app.ports.judging import literal_quote
from app.postings.models import Posting, Stage
from app.scorecards.models import Assessment, Evidence, Pin, Rating, Scorecard
from jobs.ledger import TaskRow
from jobs.story import __main__ as story
from jobs.story.companies import PASSWORD, company
from tenants import provisioning
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.conftest import ROOT

pytestmark = pytest.mark.xdist_group("telling")  # the company is told once
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ENDS = {
    "Sunita Gaikwad": "submitted", "Aarti Bhosale": "paused", "Mohammed Ansari": "started", "Kavita Rane": "invited",
    "Deepak Yadav": "expired", "Sandeep Patil": "cancelled",
}  # fmt: skip
REJECTED = "Joseph D'Souza"


def trimmed(*names):
    """Kaveri with its nurses' job and the people named, each with a resume that is quickly read."""
    kaveri = company("kaveri")
    people = [person for person in kaveri.people if person.name in names]
    people = [person.model_copy(update={"opening": "nurse", "layout": "text"}) for person in people]
    return kaveri.model_copy(update={"postings": kaveri.postings[:1], "people": tuple(people)})


def forget(flask_app, slug):
    with flask_app.app_context():
        tenant = flask_app.registry.by_slug(slug)
        if tenant is not None:
            owner = flask_app.extensions["owners"].main
            provisioning.delete(owner, owner, tenant)


@pytest.fixture(scope="module")
def told(_installation):
    with (ROOT / "var" / "telling.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # a company's role belongs to the whole PostgreSQL
        with clock.set_to(NOW):
            story.tell(_installation, trimmed(*ENDS, REJECTED))
        yield _installation
        forget(_installation, "kaveri")


@pytest.fixture
def inside(told, in_tenant):
    """with inside(): a transaction of the told company."""
    return lambda: in_tenant(told.registry.by_slug("kaveri"))


def everything(model):
    return db.session.scalars(sa.select(model)).all()


def noted(action):
    query = sa.select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)
    return db.session.scalars(query).all()


def test_everybody_stands_where_their_story_ends(inside):
    with inside():
        names = {one.id: one.name for one in everything(Candidate)}
        applications = {one.id: one for one in everything(Application)}
        ends = {names[applications[one.application_id].candidate_id]: one.state for one in everything(Interview)}
        states = {names[one.candidate_id]: one.state for one in applications.values()}
        next_things = {names[one.candidate_id]: one.next_thing for one in applications.values()}
        stages = {one.id: one.name for one in everything(Stage)}
        sunita = next(one for one in applications.values() if names[one.candidate_id] == "Sunita Gaikwad")
        reasons = {names[one.candidate_id]: one.reason for one in applications.values() if one.state == "rejected"}

        assert ends == ENDS
        assert set(states) == {*ENDS, REJECTED}
        assert reasons == {REJECTED: next(one.rejected for one in company("kaveri").people if one.name == REJECTED)}
        assert (next_things["Deepak Yadav"], next_things["Kavita Rane"]) == ("overdue", "help-wanted")
        assert (stages[sunita.stage_id], sunita.state) == ("Offer", "hired")
        assert [wish.settled_at for wish in everything(HelpRequest)] == [None]


def test_half_finished_interviews_wait_at_an_open_question(inside):
    with inside():
        turns, open_ones = everything(Turn), {i.id for i in everything(Interview) if i.state in {"paused", "started"}}
        asked = Counter(turn.interview_id for turn in turns if turn.state == "asked")
        answered = Counter(turn.interview_id for turn in turns if turn.state == "answered" and not turn.follow_up)

    assert asked == dict.fromkeys(open_ones, 1)
    assert sorted(answered[one] for one in open_ones) == [2, 3]


def test_no_score_without_words_of_the_transcript(inside):
    with inside():
        turns = {turn.id: turn for turn in everything(Turn)}
        quotes = {}
        for quote in everything(Evidence):
            assert literal_quote(quote.text, turns[quote.turn_id].answer or "")
            quotes.setdefault(quote.assessment_id, []).append(quote)
        drafts = everything(Assessment)
        (sunita,) = [interview for interview in everything(Interview) if interview.state == "submitted"]

        assert {draft.interview_id for draft in drafts} == {sunita.id}
        assert {str(draft.dimension_id) for draft in drafts} == {one["id"] for one in sunita.plan["dimensions"]}
        assert {draft.state for draft in drafts} <= {"scored", "not_scored"}
        assert any(draft.state == "scored" for draft in drafts)
        assert {draft.id for draft in drafts if draft.level is not None} == set(quotes)
        assert all(draft.not_scored for draft in drafts if draft.level is None)


def test_colleagues_scored_before_somebody_decided(inside):
    with inside():
        members = {member.id: member.email for member in everything(Member)}
        cards = everything(Scorecard)
        (decision,) = everything(Decision)
        pins, turns = everything(Pin), {turn.id: turn for turn in everything(Turn)}

        assert {members[card.member_id]: card.verdict for card in cards} == {
            "lata@kaveri.example": "strong_yes", "fatima@kaveri.example": "yes",
        }  # fmt: skip
        assert {card.state for card in cards} == {"submitted"}
        assert len(everything(Rating)) == 2 * 5
        assert all(literal_quote(pin.text, turns[pin.turn_id].answer) for pin in pins)
        assert pins != []
        assert (decision.verdict, members[decision.by_id]) == ("hire", "fatima@kaveri.example")
        assert max(card.submitted_at for card in cards) < decision.at


def test_whatever_stands_there_was_done_by_somebody(inside):
    """Each row has its entry in a log whose chain holds: nothing was put there past the product's verbs."""
    with inside():
        assert first_broken_link() is None
        for action, model in (
            ("postings.write", Posting), ("applications.apply", Application), ("candidates.keep_resume", Resume),
            ("interviews.open", Interview), ("interviews.ask_for_help", HelpRequest), ("scorecards.submit", Scorecard),
            ("applications.decide", Decision), ("applications.add_note", Note),
        ):  # fmt: skip
            assert sorted(e.target_id for e in noted(action)) == sorted(
                _named(row, action) for row in everything(model)
            )
        begun = {str(one.id) for one in everything(Interview) if one.started_at}
        assert {entry.target_id for entry in noted("interviews.begin")} == begun
        assert {entry.actor_name for entry in noted("applications.reject")} == {"Meera Joshi"}
        assert {entry.actor_name for entry in noted("interviews.approve_kit")} == {"Dr. Fatima Shaikh"}
        assert [kit.state for kit in everything(Kit)] == ["approved"]
        assert all(move.by_name for move in everything(Move))


def _named(row, action):
    """What the entry names: the thing itself, or the application it is about."""
    about_the_application = {"applications.decide", "applications.add_note"}
    about = {"interviews.ask_for_help": "interview_id"} | dict.fromkeys(about_the_application, "application_id")
    return str(getattr(row, about.get(action, "id")))


def test_work_behind_it_is_done_and_letters_are_written(inside):
    with inside():
        tasks = Counter((task.name, task.state) for task in everything(TaskRow))
        letters = Counter(mail.kind for mail in everything(Mail))

        assert {state for _name, state in tasks} == {"done"}
        assert tasks["candidates.read_resume", "done"] == len(ENDS) + 1
        assert tasks["scorecards.judge", "done"] == 5
        assert [fact.name for fact in everything(OutboxRow) if fact.relayed_at is None] == []
        assert {resume.state for resume in everything(Resume)} == {"read"}
        assert letters["application_received"] == len(ENDS) + 1
        assert (letters["interview_invitation"], letters["help_wanted"]) == (len(ENDS), 1)


def test_it_took_three_weeks_and_is_over_by_now(inside):
    with inside():
        moments = [entry.at for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number))]

    assert moments == sorted(moments)
    assert NOW - timedelta(days=22) <= moments[0]
    assert moments[-1] <= NOW


def test_members_come_in_by_the_printed_password(told):
    client = told.test_client()
    data = {"email": "meera@kaveri.example", "password": PASSWORD}

    assert client.post("/sign-in", data=data, base_url="http://kaveri.localhost").status_code == 303


def python(settings, *words):
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


def test_what_is_told_is_not_told_again(told, inside, settings):
    """As bin/demo begins a second time: tables made ready, the told companies named, and nothing else done."""
    with inside():
        before = len(everything(AuditEntry))

    both = "from jobs.story.__main__ import main, prepare; prepare(); main()"
    assert python(settings, "-c", both, "kaveri") == (0, '["kaveri"]\n', "")
    with inside():
        assert len(everything(AuditEntry)) == before


@pytest.fixture
def halfway(flask_app):
    """A company of its own, without people."""
    yield trimmed().model_copy(update={"slug": "halfway", "host": "halfway.localhost"})
    forget(flask_app, "halfway")


def test_half_told_company_is_told_anew_from_the_beginning(flask_app, halfway, in_tenant):
    """What broke off is gone without a trace, and the company stands there whole."""
    breaking = halfway.postings[0].model_copy(update={"team": ("no@body",)})
    with pytest.raises(LookupError), clock.set_to(NOW):
        story.tell(flask_app, halfway.model_copy(update={"postings": (breaking,)}))
    with in_tenant(flask_app.registry.by_slug("halfway")):
        left = [entry.at for entry in noted(story.BEGUN)], len(noted(story.TOLD))
    with clock.set_to(NOW + timedelta(days=1)):
        story.tell(flask_app, halfway.model_copy(update={"postings": ()}))

    with in_tenant(flask_app.registry.by_slug("halfway")):
        assert left == ([NOW - timedelta(days=22)], 0)
        assert [entry.at for entry in noted(story.BEGUN)] == [NOW - timedelta(days=21)]
        assert (len(noted(story.TOLD)), everything(Posting), len(everything(Member))) == (1, [], 5)


def test_company_that_the_demo_did_not_make_is_left_alone(flask_app, cast, alpha, in_tenant):
    theirs = trimmed().model_copy(update={"slug": "alpha", "postings": ()})

    with pytest.raises(SystemExit) as end:
        story.tell(flask_app, theirs)

    assert "alpha" in str(end.value)
    with in_tenant(alpha):
        assert (len(everything(Member)), noted(story.BEGUN), first_broken_link()) == (4, [], None)
