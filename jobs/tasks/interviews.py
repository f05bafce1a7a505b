"""Background work of interviews: kits, follow-ups, deadlines."""

import uuid
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from app.applications.queries import application
from app.candidates.models import Resume
from app.candidates.queries import newest_read_of, resume_as_read
from app.interviews import queries
from app.interviews.commands import alike, conduct, invitations, kits, personal
from app.interviews.queries.alike import without_meaning
from app.kernel import clock
from app.kernel.errors import NotFound
from app.ports.analysis import Analysis, KitProposal, Salary
from app.postings.models import Posting
from app.postings.queries import posting
from jobs import oversight
from jobs.definitions import task
from jobs.run import Run

PLACED_AT_ONCE = 512
PLACING_SECONDS = 300  # those and the bank's own, which an installation's first has to make: 80 s each when it is slow


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


def _questions_failed(_problem: str, *, application_id: uuid.UUID, asking_id: uuid.UUID) -> None:
    personal.fail_questions(application_id, asking_id)


@task("interviews.propose_questions", queue="default", limit=60, attempts=3, on_failure=_questions_failed)
def propose_questions(run: Run, *, application_id: uuid.UUID, asking_id: uuid.UUID) -> None:
    """What to ask one person beside the kit, out of the newest resume that could be read.

    Somebody may have asked anew meanwhile: then this is thrown away, and nothing is noted of what nobody sees.
    """
    with run.reading():
        given = _given_for(application_id)
    analyst = run.providers.analyst
    resume = given.resume.document or {}
    questions = analyst.propose_questions(given.analysis, given.kit, resume, given.resume.text or "")
    with run.completing():
        taken = personal.take_questions(
            application_id, asking_id, questions, resume=given.resume, engine=analyst.engine
        )
        if taken is None:
            return
        oversight.note(
            "questions", subject=application_id, person=taken.person_id, engine=analyst.engine, version="tailored-1",
            given={
                "analysis": asdict(given.analysis), "kit": asdict(given.kit), "resume": resume,
                "text": given.resume.text,
            },
            made={"questions": [asdict(question) for question in questions]}, posting=given.posting_id,
            rubric={dimension.name: dimension.description for dimension in given.kit.dimensions},
        )  # fmt: skip


@dataclass(frozen=True)
class _Given:
    posting_id: uuid.UUID
    analysis: Analysis
    kit: KitProposal
    resume: Resume


def _given_for(application_id: uuid.UUID) -> _Given:
    found = application(application_id)
    kit, newest = queries.kit_of(found.posting_id), newest_read_of(found.candidate_id)
    if kit is None or newest is None:
        raise NotFound("kit or resume")
    resume, _pages = resume_as_read(newest)
    return _Given(found.posting_id, _analysis_of(found.posting), queries.as_proposal(kit), resume)


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


@task("interviews.understand", queue="default", limit=PLACING_SECONDS, attempts=3)
def understand(run: Run, *, posting_id: uuid.UUID) -> None:
    """What the questions of one kit mean: a member waits, but no candidate may wait behind it.

    Whoever looks after it failed asks anew. Proposing a kit makes the bank's vectors, too, so they are there mostly.
    """
    _place(run, posting_id, others=False)


@task("interviews.find_by_meaning", queue="low", limit=PLACING_SECONDS, attempts=3)
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
