"""What questions mean: asked of workers when somebody looks for their like, and kept beside them."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.interviews.events import LikesAsked
from app.interviews.models import Question, QuestionMeaning
from app.kernel.events import record
from app.ports.bank import Placed
from tenants.db import db


def ask_for_likes(posting_id: uuid.UUID) -> None:
    record(LikesAsked(posting_id))


def take_places(placed: Sequence[tuple[uuid.UUID, str, Placed | None]], *, engine: str) -> None:
    """Each with the words that were looked at; whatever has other words meanwhile, or none, is left out."""
    ids = [question_id for question_id, _text, _placed in placed]
    texts = sa.select(Question.id, Question.text).where(Question.id.in_(ids)).order_by(Question.id)
    now = {row.id: row.text for row in db.session.execute(texts.with_for_update(read=True))}
    rows = [
        {
            "question_id": question_id, "engine": engine, "meaning": found.meaning if found else None,
            "bank": [asdict(near) for near in found.bank] if found else [],
        }
        for question_id, text, found in placed if now.get(question_id) == text
    ]  # fmt: skip
    if rows:
        statement = insert(QuestionMeaning).values(rows)
        said = {name: statement.excluded[name] for name in ("engine", "meaning", "bank")}
        db.session.execute(statement.on_conflict_do_update(index_elements=["question_id"], set_=said))
