"""What a candidate types. The link in the address is the right to send it, so no cookie is asked for."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from app.interviews.commands.adjustments import LONGEST_WISH
from app.interviews.commands.conduct import LONGEST_ANSWER
from app.interviews.enums import HelpKind

WISHES = {
    HelpKind.MORE_TIME: _("More time"),
    HelpKind.PERSON: _("To speak with a person instead"),
    HelpKind.PHONE: _("A phone call instead"),
    HelpKind.CAPTIONS: _("Captions"),
    HelpKind.SIGN_LANGUAGE: _("Sign language"),
    HelpKind.LANGUAGE: _("Another language"),
    HelpKind.OTHER: _("Something else"),
}


def _plain_lines(text: str | None) -> str:
    """Browsers send line ends as CR LF."""
    return (text or "").replace("\r\n", "\n").replace("\x00", "")


class CandidateForm(FlaskForm):  # type: ignore[misc]
    class Meta:
        csrf = False


class ConsentForm(CandidateForm):
    consent = BooleanField(
        _("I have read this and agree that my answers are kept and read as described."),
        [InputRequired(_("Tick the box to say that you agree. If you would rather not, ask for another way."))],
    )


class AnswerForm(CandidateForm):
    turn = IntegerField(widget=HiddenInput(), validators=[InputRequired()])
    answer = TextAreaField(
        _("Your answer"),
        [
            Length(
                max=LONGEST_ANSWER,
                message=_("This answer is too long: 20,000 characters at most. Nothing is lost; shorten it."),
            )
        ],
        filters=[_plain_lines],
        id="answer-text",
    )


class HelpForm(CandidateForm):
    kind = RadioField(
        _("What would help you?"),
        [InputRequired(_("Choose what would help you."))],
        choices=[SelectChoice(value, label) for value, label in WISHES.items()],
    )
    text = TextAreaField(
        _("Anything we should know"),
        [Length(max=LONGEST_WISH, message=_("Write at most 2,000 characters here."))],
        filters=[_plain_lines],
    )
