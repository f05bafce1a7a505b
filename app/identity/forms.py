"""What members type to come in, and admins to let others in."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Length

from app.identity.enums import Role

ROLES = {
    Role.ADMIN: _("Company admin: everything, settings included"),
    Role.RECRUITER: _("Recruiter: all jobs and candidates"),
    Role.HIRING_MANAGER: _("Hiring manager: own jobs"),
    Role.INTERVIEWER: _("Interviewer: own interviews"),
}


class SignInForm(FlaskForm):  # type: ignore[misc]
    email = EmailField(_("E-mail"), [InputRequired(_("Type your e-mail address."))])
    password = PasswordField(_("Password"), [InputRequired(_("Type your password."))])
    next = HiddenField()


class PasswordForm(FlaskForm):  # type: ignore[misc]
    password = PasswordField(
        _("New password"),
        [InputRequired(_("Type a password.")), Length(min=10, message=_("Use at least 10 characters."))],
    )


class MemberForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_("Name"), [InputRequired(_("Type a name.")), Length(max=120)])
    email = EmailField(
        _("E-mail"), [InputRequired(_("Type an e-mail address.")), Email(_("This is not an e-mail address."))]
    )
    role = SelectField(_("Role"), choices=[SelectChoice(role.value, label) for role, label in ROLES.items()])
