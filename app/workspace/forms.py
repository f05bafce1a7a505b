"""What a company chooses for itself."""

import re
from zoneinfo import available_timezones

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import EmailField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional, ValidationError

from app.web.languages import LANGUAGES

COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
JURISDICTIONS = ("EU", "IN", "UK", "US", "US-NY", "US-IL", "US-CO", "CA-ON")


class SettingsForm(FlaskForm):  # type: ignore[misc]
    name = StringField(_("Name of the company"), [InputRequired(_("Type the company's name.")), Length(max=120)])
    accent = StringField(_("Colour, as #rrggbb"), [InputRequired(_("Type a colour."))])
    locale = SelectField(_("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    zone = StringField(_("Time zone"), [InputRequired(_("Type a time zone, such as Europe/Vienna."))])
    jurisdiction = SelectField(_("Law that applies"), choices=[SelectChoice(code, code) for code in JURISDICTIONS])
    contact_name = StringField(_("Name that candidates can turn to"), [Optional(), Length(max=120)])
    contact_email = EmailField(
        _("E-mail that candidates can write to"),
        [Optional(), Email(_("This is not an e-mail address."))],
    )
    reply_days = IntegerField(
        _("Days until candidates hear from you"), [NumberRange(1, 90, _("Choose between 1 and 90 days."))]
    )

    def validate_accent(self, field: StringField) -> None:
        if not COLOUR.fullmatch(field.data or ""):
            raise ValidationError(gettext("Type the colour as # and six digits or letters a to f."))

    def validate_zone(self, field: StringField) -> None:
        if field.data not in available_timezones():
            raise ValidationError(gettext("There is no such time zone. Europe/Vienna and Asia/Kolkata are examples."))
