"""Background work of interviews: kits, follow-ups, deadlines."""

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from app.interviews import queries
from app.interviews.commands import alike, conduct, invitations, kits
from app.interviews.queries.alike import without_meaning
from app.kernel import clock
from app.ports.analysis import Analysis, Salary
from app.postings.models import Posting
from app.postings.queries import posting
from jobs import oversight
from jobs.definitions import task
from jobs.run import Run

PLACED_AT_ONCE = 512


def _kit_failed(_problem: str, *, posting_id: uuid.UUID) -> None:
    kits.fail_proposal(posting_id)


@task("interviews.propose_kit", queue="default", limit=120, attempts=3, on_failure=_kit_failed)
def propose_kit(run: Run, *, posting_id: uuid.UUID) -> None:
    with run.reading():
        found = posting(posting_id)
        analysis, text, language = _analysis_of(found), found.text, found.language
    analyst = run.providers.analyst
    proposal = analyst.propose_kit(analysis, text, language=language)
    with run.completing():
        kits.take_proposal(posting_id, proposal, engine=analyst.engine, language=proposal.language)
        oversight.note(
            "kit", subject=posting_id, person=None, engine=analyst.engine, version="kit-1", posting=posting_id,
            given={"analysis": asdict(analysis), "text": text, "language": language}, made=proposal,
        )  # fmt: skip


def _analysis_of(found: Posting) -> Analysis:
    """As people have edited it since, which counts more than what the engine read."""
    values: dict[str, Any] = {"seniority": found.seniority, "remote": found.remote}
    years = found.years_min
    return Analysis(
        title=found.title, must_have=tuple(found.must_have), nice_to_have=tuple(found.nice_to_have),
        years_min=float(years) if isinstance(years, Decimal) else None, location=found.place,
        salary=Salary(**found.salary) if found.salary else None, responsibilities=tuple(found.responsibilities),
        language=found.language, **values,
    )  # fmt: skip


@task("interviews.follow_up", queue="asking", limit=10, attempts=2)
def follow_up(run: Run, *, turn_id: uuid.UUID) -> None:
    """A person is waiting: whoever comes later than a second finds it settled."""
    with run.reading():
        turn = queries.turn(turn_id)
        interview = queries.interview(turn.interview_id)
        shows = interview.plan["questions"][turn.question]["shows"]
        waiting, question, answer = turn.follow_up_state, turn.text, turn.answer or ""
        language = interview.asked_in or interview.language
        posting_id = interview.application.posting_id
    text = None
    if waiting == "waiting":
        text = run.providers.asker.follow_up(question, answer, shows=shows, language=language)
    with run.completing():
        locked = conduct.lock(interview.id)
        conduct.settle_follow_up(locked, queries.turn(turn_id), text)
        if waiting == "waiting":
            oversight.note(
                "follow-up", subject=turn_id, person=locked.person_id, engine=run.providers.asker.engine,
                version="following-1", posting=posting_id, made={"text": text},
                given={"question": question, "answer": answer, "shows": shows, "language": language},
            )  # fmt: skip


@task("interviews.understand", queue="asking", limit=20, attempts=3)
def understand(run: Run, *, posting_id: uuid.UUID) -> None:
    """What the questions of one kit mean: a person waits for it."""
    _place(run, posting_id, others=False)


@task("interviews.find_by_meaning", queue="low", limit=60, attempts=3)
def find_by_meaning(run: Run, *, posting_id: uuid.UUID) -> None:
    """What the questions of all other kits mean, as far as nobody has looked at them yet."""
    _place(run, posting_id, others=True)


def _place(run: Run, posting_id: uuid.UUID, *, others: bool) -> None:
    bank = run.providers.bank
    with run.reading():
        asked = without_meaning(posting_id, bank.engine, others=others, most=PLACED_AT_ONCE)
    placed = bank.place([text for _id, text in asked])
    with run.completing():
        found = [(row_id, text, place) for (row_id, text), place in zip(asked, placed, strict=True)]
        alike.take_places(found, engine=bank.engine)
        if len(asked) == PLACED_AT_ONCE:
            alike.ask_for_likes(posting_id)


@task("interviews.close_overdue", queue="low")
def close_overdue(run: Run) -> None:
    with run.completing():
        for interview in queries.overdue(clock.now()):
            invitations.expire(interview)


@task("interviews.remind", queue="low")
def remind(run: Run) -> None:
    with run.completing():
        for interview in queries.to_remind(clock.now()):
            invitations.remind(interview, interview.application, vault=run.providers.vault)
