"""What to ask one person: proposed from their resume, shown with its lines, sealed, logged, and asked by nobody itself."""

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.applications.models import Application
from app.audit.queries import hash_of, outputs_about
from app.candidates.commands import keep_resume, register
from app.candidates.commands.merging import merge, part
from app.candidates.models import Candidate, Merge, Resume
from app.identity.commands import actor_of
from app.interviews.commands import personal
from app.interviews.models import PersonalQuestions
from app.interviews.queries import LATE, kit_of, personal_questions_of
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.ports.analysis import Analysis, KitProposal, ProposedDimension, ProposedQuestion, Salary
from app.privacy.commands import erase
from jobs.ledger import TaskRow
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.app.interviews.test_alike import opened

RESUME = b"""Noor Sheikh
noor@people.example

Work experience
Staff Nurse, Hill Hospice          June 2019 - Present
- Led a team of six nurses on a ward with 24 beds.
- Cut falls on the ward from nine a month to two by hourly rounds.
"""


def its(application_id):
    return personal_questions_of(db.session.get_one(Application, application_id))


@pytest.fixture
def applied(flask_app, alpha, in_tenant, cast, drain, memory):
    """Noor at the nurse's job, whose kit stands; her resume is read and matched."""
    storage = flask_app.extensions["providers"].storage

    def begin():
        with in_tenant(alpha):
            job = opened("Ward nurse", ("How do you hand a patient over to the next shift?",), by=cast.rita)
            job.analysis, job.must_have, job.language = "done", ["wound care"], "en"
            noor = register(name="Noor Sheikh", email="noor@people.example")
            db.session.flush()
            resume = keep_resume(noor, file_name="cv.txt", data=RESUME, storage=storage, by=SYSTEM)
            found = apply(job, noor, resume=resume, source="upload", by=SYSTEM).id, noor.id, job.id
        drain()
        return found

    return memory.recall("personal", begin)


def test_l10_l11_questions_for_one_person_and_matches_are_logged_and_made_again_from_the_log(
    flask_app, browser, applied, drain, alpha, in_tenant, cast
):
    """All that the engine was given is in the row, under the person's key; asked again, it proposes the same."""
    application_id, person, job = applied
    path = f"/applications/{application_id}/questions"
    rita = browser("rita")
    first = rita.get(path).text
    assert rita.post(path).status_code == 303
    waiting = rita.get(path).text
    drain()
    made = rita.get(path).text

    assert ["Nothing is proposed yet" in first, "are being proposed" in waiting] == [True, True]
    with in_tenant(alpha):
        proposed, rows = its(application_id), {row.kind: row for row in outputs_about(application_id)}
        row, kept = rows["questions"], rows["questions"].input
        assert sorted(rows) == ["match", "questions"]
        assert {(one.person_id, one.overseer_id, one.overseer_name) for one in rows.values()} == {
            (person, cast.rita.id, cast.rita.name)
        }
        assert [hash_of(one.input) == one.input_hash for one in rows.values()] == [True, True]
        assert rows["match"].rubric["must_have"] == ["wound care"]
        assert [finding["requirement"] for finding in rows["match"].output["findings"]] == ["wound care"]
        assert (row.output["questions"], row.engine) == (proposed.questions, proposed.engine)
        assert row.rubric == {"Care": "Cares"}
        assert kit_of(job).questions[0].text == kept["kit"]["questions"][0]["text"]
    again = flask_app.extensions["providers"].analyst.propose_questions(
        Analysis(**_frozen(kept["analysis"], Salary)), _kit(kept["kit"]), kept["resume"], kept["text"]
    )
    assert [question.text for question in again] == [question["text"] for question in proposed.questions]
    lines = [question["refers_to"]["text"] for question in proposed.questions if question["refers_to"]]
    assert "- Led a team of six nurses on a ward with 24 beds." in lines
    assert [question["text"] in made.replace("&#34;", '"') for question in proposed.questions] == [True] * len(again)


def _frozen(told, salary):
    listed = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return told | listed | ({"salary": salary(**told["salary"])} if told["salary"] else {})


def _kit(told):
    dimensions = (ProposedDimension(**each | {"anchors": tuple(each["anchors"])}) for each in told["dimensions"])
    questions = (ProposedQuestion(**each | {"dimensions": tuple(each["dimensions"])}) for each in told["questions"])
    return KitProposal(tuple(dimensions), tuple(questions), told["language"])


def test_questions_for_one_person_are_sealed_go_with_them_and_are_for_who_runs_the_job(
    browser, applied, drain, alpha, in_tenant, cast
):
    application_id, person, _job = applied
    path = f"/applications/{application_id}/questions"
    browser("rita").post(path)
    drain()
    with in_tenant(alpha):
        raw = db.session.scalar(sa.text("select questions from personal_questions"))
        kinds = [row.kind for row in outputs_about(application_id)]

    assert b"six nurses" not in bytes(raw)
    others = [browser(who) for who in ("rex", "ivy", "hugo")]
    assert {answer.status_code for one in others for answer in (one.get(path), one.post(path))} == {404}
    with in_tenant(alpha):
        erase(db.session.get_one(Candidate, person), by=actor_of(cast.ada))
    with in_tenant(alpha):
        assert (db.session.get(PersonalQuestions, application_id), outputs_about(application_id)) == (None, [])
    assert set(kinds) == {"match", "questions"}  # matched again where the resume was read before its first match


def test_without_a_resume_there_is_nothing_to_propose_from(browser, alpha, in_tenant, cast):
    with in_tenant(alpha):
        job = opened("Cook", ("What is a roux?",), by=cast.rita)
        cara = register(name="Cara")
        db.session.flush()
        application = apply(job, cara, resume=None, source="upload", by=SYSTEM).id
        db.session.execute(sa.delete(OutboxRow))
    path = f"/applications/{application}/questions"

    rita = browser("rita")
    assert "need an interview kit and a resume" in rita.get(path).text
    assert rita.post(path).status_code == 409
    assert rita.get(f"/applications/{uuid.uuid4()}/questions").status_code == 404


def test_questions_for_one_person_are_asked_for_once_and_anew_when_they_are_late(
    flask_app, browser, applied, drain, clock_at, alpha, in_tenant
):
    """What comes of an older asking changes nothing, and lines are of the resume that was read."""
    application_id, person, _job = applied
    path, rita = f"/applications/{application_id}/questions", browser("rita")

    def asking():
        with in_tenant(alpha):
            return its(application_id).asking_id

    assert [rita.post(path).status_code for _ in range(2)] == [303, 303]
    first, waiting = asking(), rita.get(path).text
    with clock_at(clock.now() + LATE + timedelta(seconds=1)):
        late = rita.get(path).text
        rita.post(path)
    second = asking()
    drain()
    with in_tenant(alpha):
        personal.fail_questions(application_id, first)
        read = db.session.scalars(sa.select(Resume)).one()
        old = personal.take_questions(application_id, first, [], resume=read, engine="older")
        made = its(application_id)
        newer = keep_resume(
            db.session.get_one(Candidate, person), file_name="new.txt", data=b"Noor Sheikh\nCook",
            storage=flask_app.extensions["providers"].storage, by=SYSTEM,
        ).id  # fmt: skip
        assert (old, made.state, made.asking_id == second != first, made.questions != []) == (None, "made", True, True)
        tasks = db.session.scalars(sa.select(TaskRow.arguments).where(TaskRow.name == "interviews.propose_questions"))
        assert sorted(each["asking_id"] for each in tasks) == sorted([str(first), str(second)])
        assert [row.kind for row in outputs_about(application_id)].count("questions") == 1
        used = made.resume_id
    drain()

    assert ["longer than usual" in html for html in (waiting, late)] == [False, True]
    html = rita.get(path).text
    assert (f"/resumes/{used}" in html, f"/resumes/{newer}" in html) == (True, False)


def test_questions_out_of_a_resume_go_with_whose_it_is(browser, applied, drain, alpha, in_tenant, cast, flask_app):
    """Two who stood together for a while: the other's lines leave with them, and go when they are erased."""
    application_id, noor, _job = applied
    rita, storage = actor_of(cast.rita), flask_app.extensions["providers"].storage
    with in_tenant(alpha):
        other = register(name="Nora Sheikh")
        db.session.flush()
        keep_resume(other, file_name="other.txt", data=RESUME.replace(b"Noor", b"Nora"), storage=storage, by=rita)
        together, nora = merge(db.session.get_one(Candidate, noor), other, by=rita).id, other.id
    drain()
    browser("rita").post(f"/applications/{application_id}/questions")
    drain()

    with in_tenant(alpha):
        made, logged = its(application_id), [row for row in outputs_about(application_id) if row.kind == "questions"]
        assert (made.state, made.person_id, [row.person_id for row in logged]) == ("made", nora, [nora])
        part(db.session.get_one(Merge, together), by=rita)
        assert its(application_id) is None
    with in_tenant(alpha):
        erase(db.session.get_one(Candidate, nora), by=actor_of(cast.ada))
    with in_tenant(alpha):
        assert db.session.get(PersonalQuestions, application_id) is None
        assert {row.person_id for row in outputs_about(application_id)} == {noor}
