"""Moving, rejecting, several at once, and taking it back."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.applications.commands import add_note, apply, decide, move, note_resume, reject, undo, withdraw
from app.applications.enums import NextThing, Verdict
from app.applications.models import Application, Decision, Move, Note
from app.audit.models import AuditEntry
from app.candidates.commands import Kept, add_resume, register
from app.identity.commands import actor_of
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.postings.commands import unseat, write_posting
from app.postings.models import Posting, Stage
from app.postings.queries import stages_of
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.app.interviews import stage

HTMX = {"HX-Request": "true"}


@pytest.fixture
def asha(applied):
    return applied("Asha Kulkarni")[0]


def moved(client, application, stage, version=1, **more):
    return client.post(f"/applications/{application}/move", data={"stage": stage, "version": version}, **more)


def test_move_by_a_plain_form_leads_back_and_says_so(browser, job, asha, found):
    rita = browser("rita")
    form = rita.get(f"/applications/{asha}/move?at=board")
    answer = moved(rita, asha, job.stages[2])

    assert "Move Asha Kulkarni to…" in form.text
    assert (answer.status_code, answer.location) == (303, job.board)
    assert "Asha Kulkarni moved to Interview" in rita.get(answer.location).text
    assert found(Application, asha).stage_id == job.stages[2]


def test_move_by_the_board_answers_with_version_and_undo(browser, job, asha, found):
    rita = browser("rita")
    answer = moved(rita, asha, job.stages[1], headers=HTMX)

    assert (answer.status_code, answer.headers["X-Version"]) == (204, "2")
    back = rita.post(answer.headers["X-Undo"], headers=HTMX)
    assert (back.status_code, back.headers["X-Version"]) == (204, "3")
    assert found(Application, asha).stage_id == job.stages[0]


def test_move_of_a_card_that_somebody_moved_first_is_refused_in_words(browser, job, asha, found):
    moved(browser("hugo"), asha, job.stages[1])
    answer = moved(browser("rita"), asha, job.stages[3], headers=HTMX)

    assert answer.status_code == 409
    assert "Someone else changed this first" in answer.headers["HX-Trigger"]
    assert found(Application, asha).stage_id == job.stages[1]


@pytest.mark.parametrize("stage", ["nonsense", str(uuid.UUID(int=7))])
def test_move_to_a_stage_of_nowhere_is_missing(browser, asha, stage):
    assert moved(browser("rita"), asha, stage).status_code == 404


def test_move_without_a_stage_asks_again(browser, asha):
    answer = browser("rita").post(f"/applications/{asha}/move", data={"version": 1})

    assert answer.status_code == 422
    assert "Choose a stage." in answer.text


def test_undo_of_several_is_refused_where_one_moved_on_by_a_slower_clock(alpha, cast, in_tenant, clock_at):
    """Mira's step of the batch stands behind the one that a machine 0.9 s ahead wrote before; Cara's next one does not."""
    begun = clock.now() + timedelta(minutes=1)

    def at(seconds):
        return clock_at(begun + timedelta(seconds=seconds))

    with in_tenant(alpha):
        by, posting = actor_of(cast.rita), stage.opening(cast.rita)
        cara, mira = (stage.applicant(posting, name=name, email=f"{name}@people.example") for name in ("Cara", "Mira"))
        stages = stages_of(posting.id)
        with at(0.9):
            move([mira], stages[1], by=by)
        with at(0.2):
            batch = move([mira, cara], stages[2], by=by)
        with at(0.5):
            move([cara], stages[1], by=by)
        with at(5), pytest.raises(Conflict, match="moved on since"):
            undo(batch, by=by)
        assert [one.stage_id for one in (cara, mira)] == [stages[1].id, stages[2].id]


@pytest.mark.parametrize("name", ["ivy", "rex"])
@pytest.mark.parametrize("act", ["", "/move", "/reject"])
def test_application_is_missing_for_others(browser, asha, name, act):
    client = browser(name)

    assert client.get(f"/applications/{asha}{act}").status_code == 404
    if act:
        assert client.post(f"/applications/{asha}{act}", data={"version": 1}).status_code == 404


def test_hiring_manager_moves_only_in_own_jobs(browser, by_rita, cast, job, asha):
    hugo = browser("hugo")
    assert moved(hugo, asha, job.stages[1]).status_code == 303
    with by_rita() as rita:
        unseat(db.session.get_one(Posting, job.id), cast.hugo.id, by=rita)

    assert moved(hugo, asha, job.stages[2], 2).status_code == 404


def test_undo_brings_back_stage_and_dates(browser, job, asha, found, clock_at):
    before = found(Application, asha)
    with clock_at(clock.now() + timedelta(days=3)):
        rita = browser("rita")
        answer = moved(rita, asha, job.stages[1], headers=HTMX)
        assert found(Application, asha).promised_on > before.promised_on
        rita.post(answer.headers["X-Undo"])
    after = found(Application, asha)

    assert (after.stage_id, after.promised_on) == (before.stage_id, before.promised_on)
    assert abs(after.stage_since - before.stage_since) < timedelta(seconds=1)


def test_undo_after_an_hour_is_refused(browser, job, asha, clock_at):
    answer = moved(browser("rita"), asha, job.stages[1], headers=HTMX)
    with clock_at(clock.now() + timedelta(minutes=61)):
        assert browser("rita").post(answer.headers["X-Undo"], headers=HTMX).status_code == 409


def test_undo_of_what_moved_on_is_refused(browser, job, asha):
    rita = browser("rita")
    first = moved(rita, asha, job.stages[1], headers=HTMX)
    moved(rita, asha, job.stages[2], 2)

    assert rita.post(first.headers["X-Undo"], headers=HTMX).status_code == 409


@pytest.mark.parametrize("name", ["ivy", "rex"])
def test_undo_is_missing_for_others(browser, job, asha, name):
    undo = moved(browser("rita"), asha, job.stages[1], headers=HTMX).headers["X-Undo"]

    assert browser(name).post(undo).status_code == 404


def test_rejection_needs_a_reason_and_keeps_what_was_typed(browser, asha, found):
    answer = browser("rita").post(f"/applications/{asha}/reject", data={"version": 1, "reason": "   "})

    assert answer.status_code == 422
    assert "Tick what is not met, or write the reason." in answer.text
    assert found(Application, asha).state == "active"


def test_rejection_keeps_the_reason_as_a_fact_under_a_name(browser, alpha, in_tenant, asha, found):
    browser("rita").post(
        f"/applications/{asha}/reject",
        data={"version": 1, "criteria": ["Knife skills", "not a criterion"], "reason": "Six months on the line."},
    )
    application = found(Application, asha)
    with in_tenant(alpha):
        step = db.session.scalar(sa.select(Move).where(Move.to_state == "rejected"))
        noted = db.session.scalar(sa.select(AuditEntry).where(AuditEntry.action == "applications.reject"))

    assert (application.state, application.reason) == (
        "rejected",
        "Not met: Knife skills. Six months on the line.",
    )
    assert (step.by_name, noted.actor_name) == ("Rita", "Rita")


def test_rejection_of_an_old_version_is_refused(browser, job, asha, found):
    rita = browser("rita")
    moved(rita, asha, job.stages[4])
    answer = rita.post(f"/applications/{asha}/reject", data={"version": 1, "reason": "Late."})

    assert answer.status_code == 409
    assert found(Application, asha).state == "active"


def asked(html):
    return re.findall('name="application" value="([^"]+)"', html)


def test_several_are_moved_as_one_batch_and_taken_back_as_one(browser, job, applied, found):
    ids = applied("Asha Kulkarni", "Noor Haddad", "Tomas Novak", "Ines Duarte")
    rita = browser("rita")
    question = rita.post(job.bulk, data={"act": "move", "application": ids})
    answer = rita.post(f"{job.bulk}/move", data={"application": asked(question.text), "stage": job.stages[1]})
    page = rita.get(answer.location).text
    undo = re.search(r"/applications/undo/[0-9a-f-]+", page)[0]

    assert "Move 4 candidates to…" in question.text
    assert "Asha Kulkarni, Ines Duarte, Noor Haddad" in question.text
    assert "4 moved to Review" in page
    assert {found(Application, one).stage_id for one in ids} == {job.stages[1]}
    rita.post(undo)
    assert {found(Application, one).stage_id for one in ids} == {job.stages[0]}


def test_several_are_rejected_by_a_person_with_a_reason(browser, job, applied, found):
    ids = applied("Asha Kulkarni", "Noor Haddad")
    rita = browser("rita")
    chosen = asked(rita.post(job.bulk, data={"act": "reject", "application": ids}).text)
    without = rita.post(f"{job.bulk}/reject", data={"application": chosen})
    done = rita.post(f"{job.bulk}/reject", data={"application": chosen, "reason": "The job is filled."})

    assert (without.status_code, done.status_code) == (422, 303)
    assert asked(without.text) == chosen
    assert {(found(Application, one).state, found(Application, one).reason) for one in ids} == {
        ("rejected", "The job is filled.")
    }


def test_several_are_refused_where_one_changed_meanwhile(browser, job, applied, found):
    ids = applied("Asha Kulkarni", "Noor Haddad")
    rita = browser("rita")
    chosen = asked(rita.post(job.bulk, data={"act": "move", "application": ids}).text)
    moved(browser("hugo"), ids[0], job.stages[4])
    answer = rita.post(f"{job.bulk}/move", data={"application": chosen, "stage": job.stages[1]})

    assert answer.status_code == 409
    assert "Asha Kulkarni" in answer.text
    assert found(Application, ids[1]).stage_id == job.stages[0]


def test_several_of_none_asks_to_select(browser, job):
    answer = browser("rita").post(job.bulk, data={"act": "move"})

    assert (answer.status_code, "Select somebody first." in answer.text) == (409, True)


@pytest.mark.parametrize("name", ["ivy", "rex"])
@pytest.mark.parametrize("act", ["", "/move", "/reject"])
def test_several_are_missing_for_others(browser, job, asha, name, act):
    answer = browser(name).post(job.bulk + act, data={"application": [f"{asha}.1"], "reason": "x", "act": "move"})

    assert answer.status_code == 404


def test_several_with_one_from_elsewhere_are_missing(browser, job, asha):
    assert browser("rita").post(job.bulk, data={"application": [asha, uuid.UUID(int=7)]}).status_code == 404
    assert browser("rita").post(job.bulk, data={"application": ["nonsense"]}).status_code == 404


def test_move_announces_itself_to_the_board(alpha, cast, in_tenant, job, asha):
    with in_tenant(alpha):
        move([db.session.get_one(Application, asha)], db.session.get_one(Stage, job.stages[1]), by=actor_of(cast.rita))
        topics = {ping.topic for ping in db.session().info["pings"]}
        names = set(db.session.scalars(sa.select(OutboxRow.name)))

    assert f"posting-{job.id}" in topics
    assert "application.status_changed" in names


@pytest.fixture
def as_it_stands(alpha, in_tenant):
    """All that may be said of an application, to be compared with what is said later."""

    def look(application):
        with in_tenant(alpha):
            tables = (Move, Decision, Note)
            rows = [db.session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables]
            return db.session.get_one(Application, application).version, rows

    return look


def test_move_to_a_stage_of_another_job_is_refused(alpha, cast, in_tenant, asha, as_it_stands):
    before = as_it_stands(asha)
    with in_tenant(alpha):
        other = write_posting(text="Baker", by=cast.rita, actor=actor_of(cast.rita)).stages[0].id

    with pytest.raises(Conflict), in_tenant(alpha):
        move([db.session.get_one(Application, asha)], db.session.get_one(Stage, other), by=actor_of(cast.rita))
    assert as_it_stands(asha) == before


@pytest.mark.parametrize("end", ["hired", "withdrawn"])
def test_move_of_whoever_was_hired_or_withdrew_is_refused(
    browser, alpha, cast, in_tenant, job, asha, as_it_stands, end
):
    with in_tenant(alpha):
        application, rita = db.session.get_one(Application, asha), actor_of(cast.rita)
        if end == "hired":
            decide(application, verdict=Verdict.HIRE, reason="The best of all.", by=rita)
        else:
            withdraw(application, by=SYSTEM)
    before = as_it_stands(asha)

    assert moved(browser("rita"), asha, job.stages[2], before[0]).status_code == 409
    assert as_it_stands(asha) == before


def test_whoever_withdrew_cannot_withdraw_again(alpha, in_tenant, asha, as_it_stands):
    with in_tenant(alpha):
        withdraw(db.session.get_one(Application, asha), by=SYSTEM)
    before = as_it_stands(asha)

    with pytest.raises(Conflict), in_tenant(alpha):
        withdraw(db.session.get_one(Application, asha), by=SYSTEM)
    assert as_it_stands(asha) == before


def test_move_to_where_somebody_stands_is_no_step(browser, job, asha, as_it_stands):
    before = as_it_stands(asha)

    assert moved(browser("rita"), asha, job.stages[0]).status_code == 303
    assert as_it_stands(asha) == before


def test_nothing_but_a_person_rejects_or_decides(alpha, in_tenant, asha, as_it_stands):
    before = as_it_stands(asha)

    with pytest.raises(Conflict), in_tenant(alpha):
        reject([db.session.get_one(Application, asha)], reason="Score below 40.", by=SYSTEM)
    with pytest.raises(Conflict), in_tenant(alpha):
        decide(db.session.get_one(Application, asha), verdict=Verdict.HIRE, reason="Score above 90.", by=SYSTEM)
    assert as_it_stands(asha) == before


def test_verbs_take_no_empty_reason_and_no_empty_note(alpha, cast, in_tenant, asha, as_it_stands):
    """Whatever form or word of the shell calls them."""
    before, rita = as_it_stands(asha), actor_of(cast.rita)

    for act in (
        lambda one: reject([one], reason=" ", by=rita),
        lambda one: decide(one, verdict=Verdict.HOLD, reason="\n", by=rita),
        lambda one: add_note(one, author_id=cast.rita.id, text=" ", by=rita),
    ):
        with pytest.raises(Invalid), in_tenant(alpha):
            act(db.session.get_one(Application, asha))
    assert as_it_stands(asha) == before


def test_note_of_nothing_is_not_kept(browser, asha, as_it_stands):
    before = as_it_stands(asha)

    assert browser("rita").post(f"/applications/{asha}/notes", data={"text": "  "}).status_code == 422
    assert as_it_stands(asha) == before


def test_rejecting_several_passes_over_whoever_is_rejected_already(browser, job, applied, found):
    ids = applied("Asha Kulkarni", "Noor Haddad")
    rita = browser("rita")
    rita.post(f"/applications/{ids[0]}/reject", data={"version": 1, "reason": "First reason."})
    chosen = asked(rita.post(job.bulk, data={"act": "reject", "application": ids}).text)
    rita.post(f"{job.bulk}/reject", data={"application": chosen, "reason": "Second reason."})

    assert [found(Application, one).reason for one in ids] == ["First reason.", "Second reason."]


def test_a_withdrawal_is_the_candidates_own_and_nobody_else_takes_it_back(
    browser, alpha, in_tenant, asha, as_it_stands
):
    with in_tenant(alpha):
        withdraw(db.session.get_one(Application, asha), by=stage.CARA)
    with in_tenant(alpha):
        batch = db.session.scalar(
            sa.select(Move.batch_id).where(Move.application_id == asha, Move.to_state == "withdrawn")
        )
    before, rita = as_it_stands(asha), browser("rita")

    assert "/applications/undo/" not in rita.get(f"/applications/{asha}").text
    assert rita.post(f"/applications/undo/{batch}").status_code == 409
    assert as_it_stands(asha) == before


def test_the_later_step_is_the_later_one_whatever_the_clock_of_its_machine_says(browser, job, asha, found, clock_at):
    """Two processes, the second's clock 0.8 s behind: the first step is not undone past the second, the second is."""
    rita, now = browser("rita"), clock.now()
    with clock_at(now):
        first = moved(rita, asha, job.stages[1], headers=HTMX)
    with clock_at(now - timedelta(milliseconds=800)):
        second = moved(rita, asha, job.stages[2], 2, headers=HTMX)
    with clock_at(now + timedelta(seconds=9)):
        answers = [rita.post(step.headers["X-Undo"], headers=HTMX).status_code for step in (first, second, first)]

    assert [answer == 409 for answer in answers] == [True, False, False]
    assert found(Application, asha).stage_id == job.stages[0]


def test_arrival_is_not_undone(browser, alpha, in_tenant, asha, as_it_stands):
    with in_tenant(alpha):
        batch = db.session.scalar(sa.select(Move.batch_id).where(Move.application_id == asha))
    before = as_it_stands(asha)

    assert browser("rita").post(f"/applications/undo/{batch}").status_code == 409
    assert as_it_stands(asha) == before


def test_card_says_that_a_resume_is_unreadable_until_it_can_be_read(alpha, in_tenant, job, found):
    with in_tenant(alpha):
        noor = register(name="Noor Haddad")
        resume = _resume_of(noor)
        application = apply(db.session.get_one(Posting, job.id), noor, resume=resume, source="upload", by=SYSTEM).id
    said = []
    for readable in (True, False, False, True):
        with in_tenant(alpha):
            note_resume(resume.id, readable=readable)
        said.append(found(Application, application).next_thing)
    with in_tenant(alpha):
        db.session.get_one(Application, application).next_thing = NextThing.TO_DECIDE
        note_resume(resume.id, readable=False)

    assert said == ["", NextThing.RESUME_UNREADABLE, NextThing.RESUME_UNREADABLE, ""]
    assert found(Application, application).next_thing == NextThing.TO_DECIDE


def _resume_of(candidate):
    db.session.flush()
    return add_resume(candidate, Kept(uuid.uuid4(), "resumes/one", 1, "0" * 64), file_name="cv.pdf", by=SYSTEM)
