"""Background work of applications."""

import uuid

from app.applications import commands, queries
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
