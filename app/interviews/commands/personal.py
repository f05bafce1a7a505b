"""What to ask one person: asked for by a member, proposed by an engine, read by people; no interview takes it over."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.applications.models import Application
from app.audit import commands as audit
from app.candidates.models import Resume
from app.candidates.queries import newest_read_of
from app.interviews.events import QuestionsAsked, QuestionsProposed
from app.interviews.models import PersonalQuestions
from app.interviews.queries import LATE, kit_of
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.analysis import ProposedQuestion
from tenants.db import db


def ask_for_questions(application: Application, *, by: Actor) -> None:
    """Once, while it is waited for and not late. Raises Conflict without a kit or a resume that could be read."""
    if kit_of(application.posting_id) is None or newest_read_of(application.candidate_id) is None:
        raise Conflict(sentence("Questions for one person need an interview kit and a resume that could be read."))
    now, asking_id = clock.now(), new_id()
    values = {"state": "waiting", "asking_id": asking_id, "asked_by": by.id, "asked_at": now}
    row = {"application_id": application.id, "person_id": application.person_id} | values
    over = sa.or_(PersonalQuestions.state != "waiting", PersonalQuestions.asked_at < now - LATE)
    statement = insert(PersonalQuestions).values(row)
    statement = statement.on_conflict_do_update(index_elements=["application_id"], set_=values, where=over)
    if db.session.scalar(statement.returning(PersonalQuestions.asking_id)) != asking_id:
        return
    audit.note("interviews.ask_for_questions", by=by, target=("application", application.id))
    record(QuestionsAsked(application.id, asking_id))


def take_questions(
    application_id: uuid.UUID, asking_id: uuid.UUID, questions: Sequence[ProposedQuestion], *, resume: Resume,
    engine: str,
) -> PersonalQuestions | None:  # fmt: skip
    """None where somebody has asked anew since.

    They go with whose resume it is: of two who stand together, either may be erased.
    """
    asked = _asked(application_id, asking_id)
    if asked is None:
        return None
    taken = asked if asked.person_id == resume.person_id else _under_another_key(asked, resume.person_id)
    taken.questions = [asdict(question) for question in questions]
    taken.state, taken.engine, taken.resume_id = "made", engine, resume.id
    record(QuestionsProposed(application_id))
    return taken


def _under_another_key(asked: PersonalQuestions, person: uuid.UUID) -> PersonalQuestions:
    """A row is one person's as long as it is there, so another takes its place."""
    instead = PersonalQuestions(
        application_id=asked.application_id, person_id=person, asking_id=asked.asking_id, asked_by=asked.asked_by,
        asked_at=asked.asked_at,
    )  # fmt: skip
    db.session.delete(asked)
    db.session.flush()
    db.session.add(instead)
    return instead


def fail_questions(application_id: uuid.UUID, asking_id: uuid.UUID) -> None:
    found = _asked(application_id, asking_id)
    if found is not None:
        found.state = "failed"
        record(QuestionsProposed(application_id))


def _asked(application_id: uuid.UUID, asking_id: uuid.UUID) -> PersonalQuestions | None:
    its = PersonalQuestions.application_id == application_id, PersonalQuestions.asking_id == asking_id
    return db.session.scalar(sa.select(PersonalQuestions).where(*its).with_for_update())
