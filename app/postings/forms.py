"""What members type about openings."""

import json
from decimal import Decimal
from typing import Any, get_args

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from app.ports.analysis import PayUnit, Remote, Seniority
from app.postings.commands import LONGEST_TEXT
from app.postings.models import Posting
from app.web.fields import NumberField

_PAY = [
    Optional(), NumberRange(0, message=_("Not less than 0.")),
    NumberRange(max=10**12, message=_("This is more than can be kept.")),
]  # fmt: skip
NOT_SAID = SelectChoice("", _("Not said"))
SENIORITIES = {
    "intern": _("Intern"), "junior": _("Junior"), "mid": _("Mid-level"), "senior": _("Senior"), "lead": _("Lead"),
    "executive": _("Executive"),
}  # fmt: skip
REMOTE = {"onsite": _("On site"), "hybrid": _("Hybrid"), "remote": _("Remote")}
UNITS = {
    "hour": _("per hour"), "day": _("per day"), "week": _("per week"), "month": _("per month"), "year": _("per year"),
}  # fmt: skip


def _choices(names: dict[str, Any], values: tuple[str, ...]) -> list[SelectChoice]:
    return [SelectChoice(value, names[value]) for value in values]


def _stripped(value: str | None) -> str:
    return " ".join((value or "").split())


class WritingForm(FlaskForm):  # type: ignore[misc]
    title = StringField(_("Title"), [Length(max=160, message=_("160 characters at most."))], filters=[_stripped])
    text = TextAreaField(
        _("Text of the job"),
        [
            DataRequired(_("Paste or write the text of the job.")),
            Length(max=LONGEST_TEXT, message=_("The text is too long: 40,000 characters at most.")),
        ],
    )


class TextForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _("Text of the job"),
        [
            DataRequired(_("Paste or write the text of the job.")),
            Length(max=LONGEST_TEXT, message=_("The text is too long: 40,000 characters at most.")),
        ],
    )


class DetailsForm(FlaskForm):  # type: ignore[misc]
    """What stands in the head of a job. Pay is four fields here and one in the database.

    `seen` is what the page showed when it was opened: who saves changes what they changed, and nothing that an engine
    or somebody else wrote since.
    """

    seen = HiddenField()
    title = StringField(
        _("Title"),
        [DataRequired(_("Give the job a title.")), Length(max=160, message=_("160 characters at most."))],
        filters=[_stripped],
    )
    seniority = SelectField(_("Seniority"), choices=[NOT_SAID, *_choices(SENIORITIES, get_args(Seniority))])
    years_min = NumberField(
        _("Years of experience"), [Optional(), NumberRange(0, 60, _("Between 0 and 60 years."))], places=None
    )
    place = StringField(_("Place"), [Length(max=160, message=_("160 characters at most."))], filters=[_stripped])
    remote = SelectField(_("Where people work"), choices=[NOT_SAID, *_choices(REMOTE, get_args(Remote))])
    pay_min = NumberField(_("Pay from"), _PAY, places=None)
    pay_max = NumberField(_("Pay up to"), _PAY, places=None)
    currency = StringField(
        _("Currency"),
        [Optional(), Regexp(r"^[A-Z]{3}$", message=_("Three letters, such as INR or EUR."))],
        filters=[lambda value: (value or "").strip().upper()],
    )
    unit = SelectField(_("Paid"), choices=_choices(UNITS, get_args(PayUnit)))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        good = super().validate(*args, **kwargs)
        low, high = self.pay_min.data, self.pay_max.data
        if low is not None and high is not None and high < low:
            self.pay_max.errors = [*self.pay_max.errors, _("This is less than the pay it starts from.")]
        if (low is not None or high is not None) and not self.currency.data and not self.currency.errors:
            self.currency.errors = [_("Say in which currency.")]
        return bool(good) and not self.pay_max.errors and not self.currency.errors

    def changes(self) -> dict[str, Any]:
        """As `edit_posting` takes them; all where the page does not say what it showed."""
        seen, now = _mapping(self.seen.data), json.loads(self.as_json())
        return {key: value for key, value in self._written().items() if key not in seen or seen[key] != now[key]}

    def as_json(self) -> str:
        return json.dumps(self._written(), default=float)

    def _written(self) -> dict[str, Any]:
        return {
            "title": self.title.data, "seniority": self.seniority.data or None, "place": self.place.data or None,
            "remote": self.remote.data or None, "years_min": self.years_min.data, "salary": self._salary(),
        }  # fmt: skip

    def _salary(self) -> dict[str, Any] | None:
        low, high = self.pay_min.data, self.pay_max.data
        if low is None and high is None:
            return None
        return {"min": _plain(low), "max": _plain(high), "currency": self.currency.data, "unit": self.unit.data}


def _mapping(text: str | None) -> dict[str, Any]:
    """Nothing where it is none, whoever wrote it."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)


def details_of(posting: Posting) -> DetailsForm:
    """The form filled with what is known; only for showing, never for what came in."""
    pay = posting.salary or {}
    form = DetailsForm(
        formdata=None, title=posting.title, seniority=posting.seniority or "", years_min=_tidy(posting.years_min),
        place=posting.place, remote=posting.remote or "", pay_min=_tidy(pay.get("min")), pay_max=_tidy(pay.get("max")),
        currency=pay.get("currency", ""), unit=pay.get("unit", "year"),
    )  # fmt: skip
    form.seen.data = form.as_json()
    return form


def _tidy(amount: float | Decimal | None) -> Decimal | None:
    """Without zeros that say nothing: 3.0 years are 3."""
    if amount is None:
        return None
    exact = Decimal(str(amount))
    return exact.to_integral_value() if exact == exact.to_integral_value() else exact.normalize()


class SkillForm(FlaskForm):  # type: ignore[misc]
    skill = StringField(
        _("Add a skill"),
        [DataRequired(_("Type a skill.")), Length(max=80, message=_("80 characters at most."))],
        filters=[_stripped],
    )


class StageForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Name"),
        [DataRequired(_("Give the stage a name.")), Length(max=60, message=_("60 characters at most."))],
        filters=[_stripped],
    )
    reply_days = IntegerField(
        _("Reply within (days)"),
        [InputRequired(_("Say within how many days people hear from you.")),
         NumberRange(1, 90, _("Between 1 and 90 days."))],
    )  # fmt: skip


class SeatForm(FlaskForm):  # type: ignore[misc]
    member = SelectField(_("Add a person"), [InputRequired(_("Choose a person."))])
