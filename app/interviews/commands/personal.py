"""What to ask one person: asked for by a member, proposed by an engine, read by people; no interview takes it over."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.dialects.postgresql import insert

from app.applications.models import Application
from app.audit import commands as audit
from app.candidates.queries import newest_read_of
from app.interviews.events import QuestionsAsked, QuestionsProposed
from app.interviews.models import PersonalQuestions
from app.interviews.queries import kit_of
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.sentences import sentence
from app.ports.analysis import ProposedQuestion
from tenants.db import db


def ask_for_questions(application: Application, *, by: Actor) -> None:
    """Raises Conflict without a kit or a resume that could be read."""
    if kit_of(application.posting_id) is None or newest_read_of(application.candidate_id) is None:
        raise Conflict(sentence("Questions for one person need an interview kit and a resume that could be read."))
    values = {"state": "waiting", "asked_by": by.id, "asked_at": clock.now()}
    row = {"application_id": application.id, "person_id": application.person_id} | values
    statement = insert(PersonalQuestions).values(row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["application_id"], set_=values))
    audit.note("interviews.ask_for_questions", by=by, target=("application", application.id))
    record(QuestionsAsked(application.id))


def take_questions(
    application_id: uuid.UUID, questions: Sequence[ProposedQuestion], *, engine: str
) -> PersonalQuestions:
    taken = db.session.get_one(PersonalQuestions, application_id)
    taken.questions = [asdict(question) for question in questions]
    taken.state, taken.engine = "made", engine
    record(QuestionsProposed(application_id))
    return taken


def fail_questions(application_id: uuid.UUID) -> None:
    found = db.session.get(PersonalQuestions, application_id)
    if found is not None:
        found.state = "failed"
        record(QuestionsProposed(application_id))
