"""Background work of privacy: the end of what lies outside of the database."""

import uuid

from flask import current_app

from app.adapters.local import rehearsals
from app.privacy import commands, queries
from jobs.definitions import task
from jobs.run import Run


@task("privacy.destroy", queue="default", limit=300, attempts=20)
def destroy(run: Run, *, erasure_id: uuid.UUID) -> None:
    with run.reading():
        erasure = queries.erasure(erasure_id)
    files = commands.destroy(erasure, shelf=run.providers.shelf, storage=run.providers.storage)
    files += rehearsals.forget(run.providers.settings.data_dir, erasure.ids)
    run.providers.keyring.forget(erasure.person)
    pings = current_app.extensions["signals"].forget_ids(erasure.ids)
    with run.completing():
        commands.finish(queries.erasure(erasure_id), files=files, pings=pings)
