"""Mail that goes nowhere: without a mail server a letter is "sent" when it can be read on the mailbox page."""

from app.ports.mail import OutgoingMail


class MailboxMailer:
    def send(self, mail: OutgoingMail) -> None:
        """The letter lies in its row already; there is nothing left to do."""
