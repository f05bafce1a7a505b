"""Background work of applications."""

import uuid

from app.applications import commands, queries
from app.candidates.queries import resume
from jobs.definitions import task
from jobs.run import Run
from tenants.site import site_url


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
