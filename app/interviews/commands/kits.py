"""The kit: proposed by an engine, edited and approved by a person, frozen into each interview's plan."""

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.audit import commands as audit
from app.interviews.enums import KitState
from app.interviews.events import KitApproved, KitAsked, KitProposed
from app.interviews.models import Dimension, Kit, Question, QuestionMeaning
from app.interviews.queries import kit_of
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.analysis import KitProposal
from app.postings.models import Posting
from tenants.db import db

ALL_WEIGHTS = 100
MOST_QUESTIONS = 12  # what fits into one sitting
MOST_DIMENSIONS = 6


def ask_for_kit(posting: Posting, *, by: Actor) -> None:
    audit.note("interviews.ask_for_kit", by=by, target=("posting", posting.id))
    record(KitAsked(posting.id))


def take_proposal(posting_id: uuid.UUID, proposal: KitProposal, *, engine: str, language: str) -> Kit:
    """Store a proposed kit. An approved one is never replaced by a machine."""
    kit = db.session.scalar(sa.select(Kit).where(Kit.posting_id == posting_id))
    if kit is not None and kit.state == KitState.APPROVED:
        return kit
    if kit is not None:
        db.session.execute(sa.delete(Kit).where(Kit.id == kit.id))
        db.session.expunge(kit)
    kit = Kit(id=new_id(), posting_id=posting_id, state=KitState.PROPOSED, engine=engine, language=language)
    kit.dimensions = [
        Dimension(
            id=new_id(), position=number, name=proposed.name, description=proposed.description,
            weight=proposed.weight, anchors=list(proposed.anchors),
        )
        for number, proposed in enumerate(proposal.dimensions)
    ]  # fmt: skip
    ids = {dimension.name: dimension.id for dimension in kit.dimensions}
    kit.questions = [
        Question(
            id=new_id(), position=number, text=proposed.text, minutes=proposed.minutes, limited=False,
            kind=proposed.kind, shows=proposed.shows, dimension_ids=[ids[name] for name in proposed.dimensions],
        )
        for number, proposed in enumerate(proposal.questions)
    ]  # fmt: skip
    db.session.add(kit)
    record(KitProposed(posting_id))
    return kit


def fail_proposal(posting_id: uuid.UUID) -> None:
    known = db.session.scalar(sa.select(Kit).where(Kit.posting_id == posting_id))
    if known is None:
        db.session.add(Kit(id=new_id(), posting_id=posting_id, state=KitState.FAILED))
    record(KitProposed(posting_id))


def start_by_hand(posting: Posting, *, by: Actor) -> Kit:
    """An empty kit to write oneself; the one that is there, if there is one."""
    kit = kit_of(posting.id)
    if kit is None:
        kit = Kit(id=new_id(), posting_id=posting.id, state=KitState.PROPOSED, language=posting.language)
        kit.dimensions, kit.questions = [], []
        db.session.add(kit)
        db.session.flush()
    _changed(kit, by=by, what="kit.start")
    return kit


def edit_question(kit: Kit, question: Question, *, by: Actor, **changes: Any) -> None:
    _edit(kit, question, changes, by=by)


def edit_dimension(kit: Kit, dimension: Dimension, *, by: Actor, **changes: Any) -> None:
    _edit(kit, dimension, changes, by=by)


def add_question(
    kit: Kit, *, text: str, minutes: int, dimension_ids: Sequence[uuid.UUID], by: Actor, kind: str = "experience",
    shows: str = "",
) -> Question:  # fmt: skip
    """At the end. Raises Conflict when no more fit."""
    _lock(kit)
    if len(kit.questions) >= MOST_QUESTIONS:
        raise Conflict(
            sentence(
                "This kit has %(count)s questions, and %(most)s is the most that fits: remove one to add another.",
                count=len(kit.questions), most=MOST_QUESTIONS,
            )
        )  # fmt: skip
    question = Question(
        id=new_id(), kit_id=kit.id, position=max((q.position for q in kit.questions), default=-1) + 1, text=text,
        minutes=minutes, limited=False, kind=kind, shows=shows, dimension_ids=list(dimension_ids),
    )  # fmt: skip
    kit.questions.append(question)
    _changed(kit, by=by, what="question.add")
    return question


def remove_question(kit: Kit, question: Question, *, by: Actor) -> None:
    kit.questions.remove(question)
    _changed(kit, by=by, what="question.remove")


def add_dimension(kit: Kit, *, name: str, weight: int, by: Actor) -> Dimension:
    """A criterion without its words yet; `problems_of` says which are missing. Raises Conflict when no more fit."""
    _lock(kit)
    if len(kit.dimensions) >= MOST_DIMENSIONS:
        raise Conflict(
            sentence(
                "This kit has %(count)s criteria, and %(most)s is the most that fits: remove one to add another.",
                count=len(kit.dimensions), most=MOST_DIMENSIONS,
            )
        )  # fmt: skip
    position = max((d.position for d in kit.dimensions), default=-1) + 1
    dimension = Dimension(
        id=new_id(), kit_id=kit.id, position=position, name=name, description="", weight=weight,
        anchors=["", "", "", ""],
    )  # fmt: skip
    kit.dimensions.append(dimension)
    _changed(kit, by=by, what="dimension.add")
    return dimension


def remove_dimension(kit: Kit, dimension: Dimension, *, by: Actor) -> None:
    """Its questions stay, and no longer ask for it."""
    for question in kit.questions:
        question.dimension_ids = [known for known in question.dimension_ids if known != dimension.id]
    kit.dimensions.remove(dimension)
    _changed(kit, by=by, what="dimension.remove")


def shift(kit: Kit, row: Question | Dimension, step: int, *, by: Actor) -> None:
    """One place up (-1) or down (1) among its kind."""
    rows: list[Any] = sorted(
        kit.questions if isinstance(row, Question) else kit.dimensions, key=lambda known: known.position
    )
    here = rows.index(row)
    rows.insert(min(max(here + step, 0), len(rows) - 1), rows.pop(here))
    for position, known in enumerate(rows):
        known.position = position
    _changed(kit, by=by, what=f"{type(row).__name__.lower()}.shift")


def approve(kit: Kit, *, by: Actor) -> None:
    """A person takes responsibility for the questions and the rubric. Raises Invalid with all that is missing."""
    if by.kind != "member":
        raise Conflict("only a person approves a kit")
    _refuse_incomplete(kit)
    kit.state, kit.approved_by, kit.approved_at = KitState.APPROVED, by.id, clock.now()
    audit.note("interviews.approve_kit", by=by, target=("kit", kit.id))
    record(KitApproved(kit.posting_id))


def _refuse_incomplete(kit: Kit) -> None:
    if problems := problems_of(kit):
        raise Invalid(problems)


def problems_of(kit: Kit) -> dict[str, str]:
    """All that stands between a kit and its approval: "questions", "weights", "dimensions", or a row's id."""
    problems: dict[str, str] = {}
    if not 1 <= len(kit.questions) <= MOST_QUESTIONS:
        problems["questions"] = sentence("A kit has 1 to 12 questions.")
    if not 1 <= len(kit.dimensions) <= MOST_DIMENSIONS:
        problems["criteria"] = sentence("A kit has 1 to 6 criteria.")
    elif total_weight(kit) != ALL_WEIGHTS:
        problems["weights"] = sentence(
            "The weights add up to %(total)s. They must add up to 100.", total=total_weight(kit)
        )
    if unasked := [dimension.name for dimension in kit.dimensions if not questions_for(kit, dimension)]:
        problems["dimensions"] = sentence(
            "No question asks for: %(names)s. Add one that does.", names=", ".join(unasked)
        )
    rows: list[Dimension | Question] = [*kit.dimensions, *kit.questions]
    problems |= {str(row.id): said for row in rows if (said := _missing_in(row))}
    return problems


def _missing_in(row: Dimension | Question) -> str | None:
    if isinstance(row, Question):
        return None if row.text.strip() else sentence("A question has no text.")
    if not row.name.strip():
        return sentence("A criterion has no name.")
    if not all(anchor.strip() for anchor in row.anchors):
        return sentence("%(name)s: describe all four levels.", name=row.name)
    return None


def total_weight(kit: Kit) -> int:
    return sum(dimension.weight for dimension in kit.dimensions)


def questions_for(kit: Kit, dimension: Dimension) -> list[int]:
    """The numbers, from 1, of the questions that ask for it."""
    ordered = sorted(kit.questions, key=lambda question: question.position)
    return [number for number, question in enumerate(ordered, 1) if dimension.id in question.dimension_ids]


def plan_of(kit: Kit) -> dict[str, Any]:
    """The kit as plain data, for an interview to keep."""
    return {
        "kit_id": str(kit.id),
        "kit_version": kit.version,
        "language": kit.language,
        "questions": [
            {
                "id": str(q.id), "text": q.text, "minutes": q.minutes, "limited": q.limited, "kind": q.kind,
                "shows": q.shows, "dimensions": [str(d) for d in q.dimension_ids],
            }
            for q in sorted(kit.questions, key=lambda q: q.position)
        ],
        "dimensions": [
            {
                "id": str(d.id), "name": d.name, "description": d.description, "weight": d.weight,
                "anchors": list(d.anchors),
            }
            for d in sorted(kit.dimensions, key=lambda d: d.position)
        ],
    }  # fmt: skip


def _lock(kit: Kit) -> None:
    """For this transaction alone, with its rows as they are now. Raises Conflict when another took its place."""
    db.session.flush()
    locked = sa.select(Kit).options(selectinload(Kit.dimensions), selectinload(Kit.questions)).where(Kit.id == kit.id)
    as_it_is = {"populate_existing": True}
    if db.session.scalar(locked.with_for_update(of=Kit), execution_options=as_it_is) is None:
        raise Conflict


def _edit(kit: Kit, row: Question | Dimension, changes: dict[str, Any], *, by: Actor) -> None:
    changed = {key: value for key, value in changes.items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    if isinstance(row, Question) and "text" in changed:
        db.session.execute(sa.delete(QuestionMeaning).where(QuestionMeaning.question_id == row.id))
    if changed:
        _changed(kit, by=by, what=f"{type(row).__name__.lower()}.edit")


def _changed(kit: Kit, *, by: Actor, what: str) -> None:
    """Whatever is changed after approval must be approved again; interviews under way keep their plan."""
    kit.state, kit.approved_by, kit.approved_at = KitState.PROPOSED, None, None
    audit.note("interviews.edit_kit", by=by, target=("kit", kit.id), what=what)
    record(KitProposed(kit.posting_id))
