"""Background work of letters: sending."""

import uuid

from app.letters import commands, queries
from jobs.definitions import task
from jobs.run import Run


def _failed(problem: str, *, mail_id: uuid.UUID) -> None:
    commands.mark_failed(queries.mail(mail_id), problem)


@task("letters.send", queue="mail", limit=60, attempts=8, on_failure=_failed)
def send(run: Run, *, mail_id: uuid.UUID) -> None:
    with run.reading():
        mail = queries.mail(mail_id)
        sent = mail.state == "sent"  # by another task, while this one stood among the failed
        outgoing = commands.to_send(mail, sender=run.providers.settings.mail_from, vault=run.providers.vault)
    if not sent:
        run.providers.mailer.send(outgoing)
    with run.completing():
        commands.mark_sent(queries.mail(mail_id))
