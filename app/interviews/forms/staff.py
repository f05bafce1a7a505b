"""What members choose when they invite, extend, help."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, ValidationError

from app.kernel import clock

LONGEST = timedelta(days=90)
DAYS = (0, 1, 3, 7, 14)
FACTORS = {
    "1.0": _("No extra time"),
    "1.5": _("One and a half times"),
    "2.0": _("Twice"),
    "3.0": _("Three times"),
    "10.0": _("Ten times"),
}


def end_of(day: date, zone: str) -> datetime:
    """The last minute of a day, where the company is."""
    return datetime.combine(day, time(23, 59), ZoneInfo(zone))


class InviteForm(FlaskForm):  # type: ignore[misc]
    deadline = DateField(_("Open until the end of"), [InputRequired(_("Choose the last day."))])

    def validate_deadline(self, field: Any) -> None:
        today = clock.today()
        if field.data is None or field.data < today:
            raise ValidationError(gettext("Choose a day that is still to come."))
        if field.data > today + LONGEST:
            raise ValidationError(gettext("Choose a day within the next 90 days."))


class ExtendForm(FlaskForm):  # type: ignore[misc]
    days = SelectField(
        _("More days"),
        coerce=int,
        choices=[SelectChoice(0, _("None")), *(SelectChoice(n, f"+{n}") for n in DAYS if n)],
        default=3,
    )
    factor = SelectField(
        _("Time for each limited question"), choices=[SelectChoice(value, words) for value, words in FACTORS.items()]
    )
