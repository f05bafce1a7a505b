"""What holds after any fault, in every company: asked of the database when all that waited has been done."""

import uuid
from collections import Counter

import sqlalchemy as sa

from app.interviews.models import Interview, Turn
from app.letters.models import Mail
from app.scorecards.models import Assessment, Evidence
from jobs.ledger import TaskRow
from jobs.queues import QUEUES
from jobs.reactions import REACTIONS
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.chaos.processes import until


def settle(nursery, in_tenant, *tenants, seconds=60):
    """Whoever still runs is killed; a relay and a worker of each queue do what is left. Nothing is violated then."""
    nursery.kill_all()
    for name in ("relay", *QUEUES):
        nursery.start(name)
    until(lambda: not any(waits(in_tenant, tenant) for tenant in tenants), seconds=seconds, every=0.2)
    nursery.kill_all()
    assert violated(in_tenant, *tenants) == []


def violated(in_tenant, *tenants):
    """Each breach in words."""
    found = []
    for tenant in tenants:
        with in_tenant(tenant):
            for check in (_facts, _tasks, _answers, _scores, _letters):
                found += [f"{tenant.slug}: {check.__name__[1:]}: {each}" for each in check()]
    return found


def waits(in_tenant, tenant):
    """Whether a fact is not relayed, or a task not done."""
    with in_tenant(tenant):
        return _some(OutboxRow.relayed_at.is_(None)) or _some(TaskRow.state.in_(["waiting", "running"]))


def _some(condition):
    return db.session.scalar(sa.select(sa.exists().where(condition)))


def _facts():
    """Each was relayed, and each of its reactions is in the ledger once; nothing is there that no fact asked for."""
    facts = db.session.execute(sa.select(OutboxRow.id, OutboxRow.name, OutboxRow.relayed_at)).all()
    wanted = {f"{task}:{fact.id}" for fact in facts for task, _ in REACTIONS.get(fact.name, ())}
    keys = Counter(db.session.scalars(sa.select(TaskRow.key)))
    yield from (f"{fact.name} {fact.id} was not relayed" for fact in facts if fact.relayed_at is None)
    yield from (f"no task {key}" for key in sorted(wanted - set(keys)))
    yield from (f"{key} {times} times" for key, times in keys.items() if times > 1)
    yield from (f"{key} for no such fact" for key in keys if _fact_of(key) and key not in wanted)


def _fact_of(key):
    """The fact that a task's key names; None for what the timetable or a test wrote."""
    try:
        return uuid.UUID(key.partition(":")[2])
    except ValueError:
        return None


def _tasks():
    left = sa.or_(TaskRow.state.not_in(["done", "failed"]), TaskRow.lease.is_not(None), TaskRow.finished_at.is_(None))
    for row in db.session.execute(sa.select(TaskRow.name, TaskRow.state, TaskRow.lease, TaskRow.problem).where(left)):
        yield f"{row.name} is {row.state}, held by {row.lease}: {row.problem}"


def _answers():
    """Turns count from one; what was asked before the last one has ended; nothing is asked once all is sent."""
    turns = sa.select(Turn.interview_id, Turn.number, Turn.state, Interview.state.label("whole")).join(
        Interview, Interview.id == Turn.interview_id
    )
    asked = {}
    for turn in db.session.execute(turns.order_by(Turn.interview_id, Turn.number)):
        asked.setdefault(turn.interview_id, []).append(turn)
    for interview, them in asked.items():
        numbers = [turn.number for turn in them]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{interview} has turns {numbers}"
        still = [turn.number for turn in them if turn.state == "asked"]
        if still not in ([], numbers[-1:]) or (still and them[0].whole == "submitted"):
            yield f"{interview}, {them[0].whole}, still asks {still} of {numbers}"


def _scores():
    """One for each dimension of an interview's plan; one that is scored has its quotes, one that failed says why.

    A quote stands in what its turn answered.
    """
    drafts = sa.select(Interview.id, Interview.plan, sa.func.array_agg(sa.cast(Assessment.dimension_id, sa.Text)))
    for interview, plan, had in db.session.execute(drafts.join(Assessment).group_by(Interview.id)):
        planned = sorted(dimension["id"] for dimension in plan["dimensions"])
        if sorted(had) != planned:
            yield f"{interview} has drafts of {sorted(had)}, its plan {planned}"
    kept = sa.select(sa.func.count()).where(Evidence.assessment_id == Assessment.id).scalar_subquery()
    columns = (Assessment.id, Assessment.state, Assessment.level, Assessment.quotes, Assessment.problem)
    for one in db.session.execute(sa.select(*columns, kept.label("kept"))):
        if one.kept != one.quotes or (one.level is not None and not one.kept):
            yield f"{one.id}, {one.level}, says {one.quotes} quotes and has {one.kept}"
        if one.state == "failed" and not one.problem:
            yield f"{one.id} failed and says nothing of why"
    said = sa.select(Evidence.assessment_id, Evidence.text, Turn.answer, Turn.interview_id == Assessment.interview_id)
    for draft, text, answer, own in db.session.execute(said.join(Turn).join(Assessment)):
        if not own or not text or text not in (answer or ""):
            yield f"{draft} quotes what its turn does not say"
    waiting = sa.select(Assessment.interview_id).where(Assessment.state == "waiting")
    yield from (f"a draft of {interview} waits for ever" for interview in db.session.scalars(waiting))
    completed = sa.select(OutboxRow.data["interview_id"].astext).where(OutboxRow.name == "scoring.completed")
    told = Counter(db.session.scalars(completed))
    yield from (f"{interview} was called complete {times} times" for interview, times in told.items() if times > 1)


def _letters():
    """Each was written once, and sent by one task; what is sent says when."""
    keys = Counter(db.session.scalars(sa.select(Mail.key)))
    yield from (f"{key} was written {times} times" for key, times in keys.items() if times > 1)
    wrong = sa.or_(Mail.state == "waiting", (Mail.state == "sent") != Mail.sent_at.is_not(None))
    for letter, state in db.session.execute(sa.select(Mail.id, Mail.state).where(wrong)):
        yield f"{letter} is {state}"
    written = sa.select(OutboxRow.data["mail_id"].astext).where(OutboxRow.name == "mail.written")
    tasks = db.session.scalars(sa.select(TaskRow.arguments["mail_id"].astext).where(TaskRow.name == "letters.send"))
    if sorted(tasks) != sorted(db.session.scalars(written)):
        yield "letters and the tasks that send them differ"
