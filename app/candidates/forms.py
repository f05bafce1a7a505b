"""What applicants and members type about candidates."""

import uuid
from typing import Any, Self

from flask_babel import format_date, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from app.candidates.access import ApplicationLine
from app.candidates.commands import ALLOWED, LARGEST_RESUME
from app.candidates.queries.alike import Proposal
from app.web.languages import LANGUAGES

INTERVIEWED_IN = ("en", "hi")
LONGEST_EXPERIENCE = 20_000
FIRST, SECOND = "first", "second"


def _stripped(value: str | None) -> str:
    return " ".join((value or "").split())


_address = Email(_("This does not look like an e-mail address. It needs an @, as in name@example.org."))


def refusal(file: FileStorage) -> str | None:
    """Why this file is not taken at all; None where it is. Whether it can be read, its reading says later."""
    name = (file.filename or "").lower()
    if not name.endswith(ALLOWED):
        return str(_("Send a PDF, DOCX or TXT file. This one is something else."))
    file.stream.seek(0, 2)
    size = file.stream.tell()
    file.stream.seek(0)
    if size > LARGEST_RESUME:
        return str(_("This file is larger than 10 MB. Save it smaller, or send it as PDF."))
    return None


class ApplyForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Your name"),
        [DataRequired(_("Write your name.")), Length(max=200, message=_("200 characters at most."))],
        filters=[_stripped],
    )
    email = EmailField(
        _("E-mail"),
        [
            DataRequired(_("Write your e-mail address.")),
            Length(max=254, message=_("254 characters at most.")),
            _address,
        ],
        filters=[lambda value: (value or "").strip()],
    )
    phone = TelField(_("Phone"), [Length(max=40, message=_("40 characters at most."))], filters=[_stripped])
    language = SelectField(
        _("Language of the interview"),
        [InputRequired(_("Choose a language."))],
        choices=[SelectChoice(code, LANGUAGES[code]) for code in INTERVIEWED_IN],
    )
    resume = FileField(_("Your resume"))
    experience = TextAreaField(
        _("If you have no resume, describe your experience"),
        [Length(max=LONGEST_EXPERIENCE, message=_("20,000 characters at most."))],
    )
    consent = BooleanField(
        _("I agree that my details are used for this application."),
        [InputRequired(_("Tick the box if you agree. Without it we may not keep your application."))],
    )

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        good = bool(super().validate(*args, **kwargs))
        problem = self._resume_problem()
        if problem:
            self.resume.errors = [problem]
        elif not good and self.resume.data:
            self.resume.errors = [_("Choose your file again: browsers do not keep files when a page comes back.")]
        return good and not problem

    def _resume_problem(self) -> str | None:
        if self.resume.data:
            return refusal(self.resume.data)
        if not (self.experience.data or "").strip():
            return str(_("Choose your resume, or describe your experience below."))
        return None

    def original(self) -> tuple[str, bytes]:
        """Name and bytes of what is kept as the resume."""
        if self.resume.data:
            return self.resume.data.filename, self.resume.data.read()
        return "experience.txt", self.experience.data.strip().encode()


class SavedSearchForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Name of the search"),
        [DataRequired(_("Give the search a name.")), Length(max=80, message=_("80 characters at most."))],
        filters=[_stripped],
    )


class UploadForm(FlaskForm):  # type: ignore[misc]
    resumes = MultipleFileField(_("Resumes"), [InputRequired(_("Choose a file first."))])


class MergeForm(FlaskForm):  # type: ignore[misc]
    """What two entries say differently, one choice a field; and for a job that both applied for, which one leads."""

    asked: list[str]
    jobs: list[str]

    @classmethod
    def of(cls, proposal: Proposal, differ: list[str], jobs: list[tuple[ApplicationLine, ApplicationLine]]) -> Self:
        fields = {name: _choice(getattr(ContactForm, name, None), proposal, name) for name in differ}
        fields |= {f"job_{further.posting_id.hex}": _leads(further, other) for further, other in jobs}
        made: Self = type("MergeForm", (cls,), fields)()
        made.asked, made.jobs = differ, [f"job_{further.posting_id.hex}" for further, _other in jobs]
        return made

    @property
    def taken(self) -> list[str]:
        """The fields that keep what the newer entry says."""
        return [name for name in self.asked if self[name].data == SECOND]

    @property
    def leading(self) -> list[uuid.UUID]:
        return [uuid.UUID(self[name].data) for name in self.jobs]


def _choice(field: Any, proposal: Proposal, name: str) -> RadioField:
    label = field.args[0] if field else _("Language of the interview")
    said = [getattr(one, name) for one in (proposal.first, proposal.second)]
    shown = [LANGUAGES.get(value, value) if name == "language" else value for value in said]
    choices = [SelectChoice(FIRST, shown[0]), SelectChoice(SECOND, shown[1])]
    return RadioField(label, [InputRequired(_("Choose one."))], choices=choices, default=FIRST)


def _leads(further: ApplicationLine, other: ApplicationLine) -> RadioField:
    choices = [
        SelectChoice(str(line.id), gettext("Of %(day)s, %(stage)s", day=format_date(line.applied_at), stage=line.stage))
        for line in (further, other)
    ]
    return RadioField(further.job, [InputRequired(_("Choose one."))], choices=choices, default=str(further.id))


class ContactForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Name"),
        [DataRequired(_("Write the name.")), Length(max=200, message=_("200 characters at most."))],
        filters=[_stripped],
    )
    email = EmailField(_("E-mail"), [Optional(), _address], filters=[lambda value: (value or "").strip()])
    phone = TelField(_("Phone"), [Length(max=40, message=_("40 characters at most."))], filters=[_stripped])
    place = StringField(_("Place"), [Length(max=160, message=_("160 characters at most."))], filters=[_stripped])
    headline = StringField(_("Now"), [Length(max=200, message=_("200 characters at most."))], filters=[_stripped])
