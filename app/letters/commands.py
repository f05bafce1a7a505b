"""Writing letters, and sending them."""

import json
import uuid

from app.audit import commands as audit
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.letters import queries
from app.letters.enums import LetterKind
from app.letters.events import MailSettled, MailWritten
from app.letters.models import Mail
from app.ports.mail import OutgoingMail
from app.ports.vault import Vault
from tenants.db import db


def write(
    kind: LetterKind,
    *,
    to_name: str,
    to_address: str,
    language: str,
    facts: dict[str, str],
    vault: Vault,
    key: str,
    about_id: uuid.UUID | None = None,
    person: uuid.UUID | None = None,
) -> Mail:
    """Write the intention to send; a task sends it after the commit. One `key`, one letter: the second is an error.

    `person` is the candidate whom it is about, whoever reads it.
    """
    words = queries.wording(kind, language, facts)
    mail_id = new_id()
    texts = json.dumps({"text": words.text, "html": words.html}).encode()
    sealed = vault.seal(texts, about=f"mail/{mail_id}", person=person)
    mail = Mail(
        id=mail_id, person_id=person, key=key, kind=kind, to_name=to_name, to_address=to_address, subject=words.subject,
        sealed=sealed, about_id=about_id, created_at=clock.now(), state="waiting",
    )  # fmt: skip
    db.session.add(mail)
    record(MailWritten(mail_id))
    return mail


def to_send(mail: Mail, *, sender: str, vault: Vault) -> OutgoingMail:
    """The same row gives the same Message-ID, so that a letter sent twice is seen as one by the mail program."""
    texts = queries.opened(mail, vault)
    domain = sender.rpartition("@")[2]
    return OutgoingMail(
        f"<{mail.id}@{domain}>",
        sender,
        mail.to_name,
        mail.to_address,
        mail.subject,
        texts["text"],
        texts["html"],
    )


def mark_sent(mail: Mail) -> None:
    mail.state, mail.sent_at, mail.problem = "sent", clock.now(), None
    record(MailSettled(mail.id))


def mark_failed(mail: Mail, problem: str) -> None:
    mail.state, mail.problem = "failed", problem
    record(MailSettled(mail.id))


def send_again(mail: Mail, *, by: Actor) -> None:
    """Once more, after it failed for good: the address or the server may work now."""
    if mail.state != "failed":
        raise Conflict(sentence("This letter did not fail. Load the page again to see where it is."))
    mail.state, mail.problem = "waiting", None
    audit.note("letters.send_again", by=by, target=("mail", mail.id))
    record(MailWritten(mail.id))
