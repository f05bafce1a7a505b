"""Background work of openings."""

import uuid

from app.postings import commands, queries
from jobs import oversight
from jobs.definitions import task
from jobs.run import Run
from tenants.db import db


def _failed(problem: str, *, posting_id: uuid.UUID) -> None:
    commands.fail_analysis(queries.posting(posting_id), problem)


@task("postings.analyse", queue="default", limit=120, attempts=3, on_failure=_failed)
def analyse(run: Run, *, posting_id: uuid.UUID) -> None:
    with run.reading():
        text = queries.posting(posting_id).text
    analysis = run.providers.analyst.analyse(text)
    with run.completing():
        commands.take_analysis(queries.posting(posting_id), analysis, engine=run.providers.analyst.engine)
        db.session.flush()
        oversight.note(
            "analysis", subject=posting_id, person=None, engine=run.providers.analyst.engine, version="postings-1",
            given={"text": text}, made=analysis, posting=posting_id,
        )  # fmt: skip


@task("postings.find_by_meaning", queue="low", limit=60, attempts=3)
def find_by_meaning(run: Run, *, posting_id: uuid.UUID) -> None:
    """What the job is about: its title, what it asks for, what is done there."""
    with run.reading():
        text = queries.told_by(queries.posting(posting_id))
    meaning = run.providers.meaning
    vector = meaning.of([text])[0] if meaning.knows(text) else None
    with run.completing():
        commands.take_meaning(queries.posting(posting_id), vector)
