"""What applicants and members type about candidates."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional

from app.candidates.commands import ALLOWED, LARGEST_RESUME
from app.web.languages import LANGUAGES

INTERVIEWED_IN = ("en", "hi")
LONGEST_EXPERIENCE = 20_000


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


class UploadForm(FlaskForm):  # type: ignore[misc]
    resumes = MultipleFileField(_("Resumes"))


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
