"""Background work of applications."""

import uuid
from dataclasses import asdict

from app.applications import commands, queries
from app.candidates.queries import resume, resume_as_read
from app.ports.matching import Requirements, track_of
from jobs import oversight
from jobs.definitions import task
from jobs.run import Run
from tenants.site import site_url

NOTHING = Requirements((), (), None)


@task("applications.confirm", queue="mail", attempts=8)
def confirm(run: Run, *, application_id: uuid.UUID) -> None:
    """Tell the candidate that the application is here. A rehearsal, and whoever gave no address, gets no letter."""
    with run.completing():
        application = queries.application(application_id)
        if application.source == "careers" and application.candidate.email:
            commands.confirm(application, site=site_url(), vault=run.providers.vault)


@task("applications.note_resume", queue="default", attempts=5)
def note_resume(run: Run, *, resume_id: uuid.UUID) -> None:
    with run.completing():
        commands.note_resume(resume_id, readable=resume(resume_id).state == "read")


@task("applications.match", queue="low", limit=60, attempts=3)
def match(run: Run, *, application_id: uuid.UUID) -> None:
    """Nothing to do without a resume that could be read, or for a job that asks for nothing."""
    with run.reading():
        application = queries.application(application_id)
        requirements = queries.requirements_of(application.posting)
        read = resume_as_read(application.resume_id)[0] if application.resume_id else None
    if read is None or not read.document or requirements == NOTHING:
        with run.completing():
            return
    track = track_of(read.document, read.text or "")
    found = run.providers.matcher.match(requirements, track)
    with run.completing():
        application = queries.application(application_id)
        commands.take_match(application, read, requirements, found, engine=run.providers.matcher.engine)
        oversight.note(
            "match", subject=application_id, person=read.person_id, engine=run.providers.matcher.engine,
            version="matching-1", given={"requirements": asdict(requirements), "track": asdict(track)},
            made={"findings": [asdict(each) for each in found]}, posting=application.posting_id,
            rubric=asdict(requirements),
        )  # fmt: skip


@task("applications.match_posting", queue="low", attempts=5)
def match_posting(run: Run, *, posting_id: uuid.UUID) -> None:
    with run.completing():
        commands.ask_for_matches(posting_id)
