"""What scoring promises: literal quotes, no level without words, nothing twice, nothing marked done that failed."""

import threading
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.applications.models import Application
from app.cli.tenants import OPERATOR
from app.identity.commands import actor_of
from app.interviews.queries import interview as load_interview
from app.interviews.queries import turns_of
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict
from app.operations.commands import Again, run_all_again
from app.ports.judging import Quote
from app.ports.work import WorkState
from app.scorecards import queries
from app.scorecards.commands import assessments, reports
from app.scorecards.models import Assessment, Evidence, Report
from jobs import runtime
from jobs.definitions import TASKS
from jobs.ledger import TaskRow
from jobs.relay import relay
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.conftest import Inline
from tests.fakes.judge import FakeJudge


def stored(in_tenant, alpha):
    """(state, level, score, why not, quotes) of each draft, in the plan's order."""
    with in_tenant(alpha):
        found = db.session.scalars(sa.select(Assessment).order_by(Assessment.position)).all()
        return [(a.state, a.level, a.score, a.not_scored, a.quotes) for a in found]


def completions(in_tenant, alpha) -> int:
    with in_tenant(alpha):
        return db.session.scalar(
            sa.select(sa.func.count()).select_from(OutboxRow).where(OutboxRow.name == "scoring.completed")
        )


@pytest.fixture
def due(flask_app, alpha):
    """The tasks that are due, without running them."""

    def ids(at=None) -> list[tuple[str, str]]:
        inline = Inline()
        with clock.set_to(at or clock.now()):
            relay(flask_app, alpha, inline)
        return [(slug, str(task_id)) for slug, task_id in inline.due]

    return ids


def judgement_of(in_tenant, alpha, told, judge):
    with in_tenant(alpha):
        interview, turns = load_interview(told.interview), turns_of(told.interview)
        return judge.judge(queries.request_for(interview, told.dimensions[0], turns))


def test_overall_is_the_weighted_mean_of_what_is_scored(tell, judge, drain, alpha, in_tenant):
    answers = ("I stayed calm and called.", "I use a written sheet.", "", "")
    told = tell(answers=answers)
    drain()

    with in_tenant(alpha):
        draft = queries.draft_of(load_interview(told.interview))

    assert (draft.overall, draft.covered, draft.spread, draft.band) == (76.0, 50, (70, 80), "strong")


def test_quote_with_one_letter_changed_is_not_scored(story, judge, drain, alpha, in_tenant):
    judge.orders["Stays calm"] = ["invented"]
    drain()

    assert stored(in_tenant, alpha)[0] == ("not_scored", None, None, "no-evidence", 0)


def test_level_without_quotes_is_not_scored(story, judge, drain, alpha, in_tenant):
    judge.orders["Stays calm"] = ["unfounded"]
    drain()

    assert stored(in_tenant, alpha)[0] == ("not_scored", None, None, "no-evidence", 0)


@pytest.mark.parametrize(
    "quotes", [(), (Quote("I called the doctor within three minutes", 1),), (Quote("I called", 99),)]
)
def test_command_refuses_a_level_without_words_of_the_transcript(story, judge, alpha, in_tenant, quotes):
    judgement = replace(judgement_of(in_tenant, alpha, story, judge), quotes=quotes)

    with pytest.raises(Conflict), in_tenant(alpha):
        interview = load_interview(story.interview)
        first = db.session.scalar(sa.select(Assessment).where(Assessment.position == 0))
        assessments.take_judgement(first, interview, judgement, turns_of(interview.id))

    assert stored(in_tenant, alpha)[0] == ("waiting", None, None, None, 0)


def test_database_refuses_a_level_without_evidence(story, alpha, in_tenant):
    with pytest.raises(IntegrityError, match="ck_assessment_quotes"), in_tenant(alpha):
        db.session.execute(sa.update(Assessment).values(state="scored", level="solid", score=60))


def test_nothing_said_is_not_zero(tell, judge, drain, alpha, in_tenant):
    tell(answers=("", "", "", ""))
    drain()

    assert stored(in_tenant, alpha) == [("not_scored", None, None, "nothing-said", 0)] * 3


def test_weak_answer_is_evidence_for_the_lowest_level(tell, judge, drain, alpha, in_tenant):
    judge.scores["Stays calm"] = 4
    tell(answers=("I don't know.", "b", "c", "d"))
    drain()

    assert stored(in_tenant, alpha)[0] == ("scored", "missing", 4, None, 1)


def test_unavailable_engine_is_asked_again(story, *, judge, drain, due, alpha, in_tenant):
    judge.orders["Stays calm"] = ["unavailable"]
    drain()
    assert stored(in_tenant, alpha)[0][0] == "waiting"
    assert completions(in_tenant, alpha) == 0

    later = clock.now() + timedelta(minutes=20)
    with clock.set_to(later):
        for slug, task_id in due(later):
            runtime.run(slug, task_id)

    assert stored(in_tenant, alpha)[0] == ("scored", "strong", 80, None, 1)
    assert judge.calls.count("Stays calm") == 2
    assert completions(in_tenant, alpha) == 1


def test_provider_that_is_away_for_hours_fails_no_draft(story, *, judge, drain, due, alpha, in_tenant):
    judge.orders["Stays calm"] = ["unavailable"] * 12
    drain()
    start, told = clock.now(), []
    for hour in range(1, 14):
        told.append(stored(in_tenant, alpha)[0][0])
        with clock.set_to(start + timedelta(hours=hour)):
            for slug, task_id in due(start + timedelta(hours=hour)):
                runtime.run(slug, task_id)

    assert told == ["waiting"] * 12 + ["scored"]
    assert stored(in_tenant, alpha)[0] == ("scored", "strong", 80, None, 1)
    assert judge.calls.count("Stays calm") == 13
    assert completions(in_tenant, alpha) == 1


def test_provider_that_stays_away_is_a_failure_that_a_person_sees(story, *, judge, drain, due, alpha, in_tenant):
    judge.orders["Stays calm"] = ["unavailable"] * 12
    drain()
    later = clock.now() + timedelta(hours=21)
    for tries in range(6):
        with clock.set_to(later + timedelta(hours=tries)):
            for slug, task_id in due(later + timedelta(hours=tries)):
                runtime.run(slug, task_id)

    assert stored(in_tenant, alpha)[0] == ("failed", None, None, None, 0)
    assert judge.calls.count("Stays calm") == 6


def test_failed_stays_failed_until_run_again_then_gives_one_result(story, judge, drain, alpha, in_tenant):
    judge.orders["Stays calm"] = ["refused"]
    drain()
    drain()
    assert stored(in_tenant, alpha)[0] == ("failed", None, None, None, 0)
    assert completions(in_tenant, alpha) == 0

    for _ in range(2):  # a double click
        with in_tenant(alpha):
            assessments.judge_failed_again(load_interview(story.interview), by=SYSTEM)
    drain()

    assert stored(in_tenant, alpha)[0] == ("scored", "strong", 80, None, 1)
    assert judge.calls.count("Stays calm") == 2
    assert completions(in_tenant, alpha) == 1
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Evidence)).all()) == 3


def test_failed_draft_whose_task_an_operator_runs_again_is_a_draft(story, judge, drain, flask_app, alpha, in_tenant):
    judge.orders["Stays calm"] = ["refused"]
    drain()
    work = WorkState(clock.now(), (), (), frozenset(TASKS))
    with in_tenant(alpha):
        again = run_all_again(flask_app.registry, "scorecards.judge", work=work, by=OPERATOR)
    drain()

    assert again == Again(tasks=1, companies=1, finished=True)
    assert stored(in_tenant, alpha)[0] == ("scored", "strong", 80, None, 1)
    assert completions(in_tenant, alpha) == 1


def test_judgement_that_comes_twice_counts_once(scored, judge, alpha, in_tenant):
    judge.scores["Stays calm"] = 10
    again = judgement_of(in_tenant, alpha, scored, judge)

    with in_tenant(alpha):
        interview = load_interview(scored.interview)
        first = db.session.scalar(sa.select(Assessment).where(Assessment.position == 0))
        assessments.take_judgement(first, interview, again, turns_of(interview.id))
        assessments.fail_assessment(first.id, "too late")

    assert stored(in_tenant, alpha)[0] == ("scored", "strong", 80, None, 1)


def in_threads(tasks) -> None:
    threads = [threading.Thread(target=runtime.run, args=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)


def test_task_run_twice_at_once_has_its_effect_once(story, judge, due, alpha, in_tenant):
    first = next(iter(judges(due, in_tenant, alpha)))

    in_threads([first, first])

    assert [state for state, *_ in stored(in_tenant, alpha)].count("scored") == 1
    assert len(judge.calls) == 1
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Evidence)).all()) == 1


def test_last_of_many_at_once_completes_the_scoring_once(tell, *, flask_app, judge, due, alpha, in_tenant, cast):
    told = tell()
    with in_tenant(alpha):
        assessments.open_assessments(load_interview(told.interview), members=[cast.ivy.id])
    tasks = judges(due, in_tenant, alpha)
    judge.together = threading.Barrier(len(tasks))

    in_threads(tasks)

    assert [state for state, *_ in stored(in_tenant, alpha)] == ["scored"] * 3
    assert completions(in_tenant, alpha) == 1
    with in_tenant(alpha):
        assert db.session.get_one(Application, told.application).next_thing == "scorecard-due"


def judges(due, in_tenant, alpha) -> list[tuple[str, str]]:
    """The tasks that judge, of all that are due."""
    found = due()
    with in_tenant(alpha):
        names = {str(row.id): row.name for row in db.session.scalars(sa.select(TaskRow))}
    return [task for task in found if names[task[1]] == "scorecards.judge"]


def test_fake_keeps_to_the_port(story, alpha, in_tenant):
    made = judgement_of(in_tenant, alpha, story, FakeJudge())

    assert (made.level, made.score, [q.text for q in made.quotes]) == (
        "solid", 60, ["A patient fell during my night shift in March."],
    )  # fmt: skip


def test_draft_that_still_waits_or_is_there_is_not_asked_for_again(story, judge, drain, alpha, cast, in_tenant):
    def ask_again():
        with in_tenant(alpha):
            first = db.session.scalar(sa.select(Assessment).where(Assessment.position == 0))
            assessments.judge_again(first, load_interview(story.interview), by=actor_of(cast.rita))

    ask_again()
    drain()
    asked, before = len(judge.calls), stored(in_tenant, alpha)
    with pytest.raises(Conflict):
        ask_again()
    drain()

    assert (asked, len(judge.calls), stored(in_tenant, alpha)) == (3, 3, before)


def test_failure_that_comes_after_the_judgement_changes_nothing(scored, alpha, in_tenant):
    before = stored(in_tenant, alpha)
    with in_tenant(alpha):
        first = db.session.scalar(sa.select(Assessment.id).where(Assessment.position == 0))
        assessments.fail_assessment(first, "late")
        assessments.fail_assessment(uuid.UUID(int=7), "of nothing")

    assert stored(in_tenant, alpha) == before


def test_report_that_fails_says_so_and_one_that_is_gone_says_nothing(scored, alpha, cast, in_tenant):
    with in_tenant(alpha):
        report = reports.ask_for_report(scored.interview, by=actor_of(cast.rita)).id
    with in_tenant(alpha):
        reports.fail_report(report, "no fonts")
        reports.fail_report(uuid.UUID(int=7), "of nothing")

    with in_tenant(alpha):
        assert [(one.state, one.problem) for one in db.session.scalars(sa.select(Report))] == [("failed", "no fonts")]
