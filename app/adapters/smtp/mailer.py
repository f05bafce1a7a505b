"""Mail by SMTP (RFC 5321), one connection a letter: a worker sends a few a second at most."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from app.kernel import clock
from app.kernel.errors import Refused, Unavailable
from app.ports.mail import OutgoingMail

SECONDS = 15
PERMANENT = 500


class SmtpMailer:
    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    def send(self, mail: OutgoingMail) -> None:
        message = as_message(mail)
        with _translating(), self._connection() as connection:
            connection.send_message(message)

    def greet(self) -> None:
        """Get in and say goodbye; raises what sending would."""
        with _translating(), self._connection() as connection:
            connection.noop()

    def _connection(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "localhost", self._url.port
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=context)
        else:
            connection = smtplib.SMTP(host, port or 25, timeout=SECONDS)
            if self._url.scheme == "smtp+starttls":
                connection.starttls(context=ssl.create_default_context())
        if self._url.username:
            connection.login(unquote(self._url.username), unquote(self._url.password or ""))
        return connection


@contextmanager
def _translating() -> Iterator[None]:
    """What went wrong, in our words."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise _translated(code, "the address was refused") from error
    except smtplib.SMTPResponseException as error:
        raise _translated(error.smtp_code, str(error.smtp_error)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Unavailable(f"mail server: {error}", after=timedelta(seconds=30)) from error


def as_message(mail: OutgoingMail) -> EmailMessage:
    """Both texts in one message. Header values cannot break out: EmailMessage refuses line ends in them."""
    message = EmailMessage()
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(clock.now())
    message["From"] = mail.sender
    message["To"] = Address(display_name=" ".join(mail.to_name.split()), addr_spec=mail.to_address)
    message["Subject"] = " ".join(mail.subject.split())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _translated(code: int, reason: str) -> Unavailable | Refused:
    if code >= PERMANENT:
        return Refused("address", f"{code} {reason}")
    return Unavailable(f"mail server: {code} {reason}", after=timedelta(minutes=2))
