"""What members type about a kit."""

import uuid
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from app.interviews.models import Dimension, Kit, Question

TOPICS = {
    "age": _("age"), "family": _("family"), "marital-status": _("marital status"), "pregnancy": _("pregnancy"),
    "health": _("health"), "disability": _("disability"), "religion": _("religion"), "origin": _("origin"),
    "pay-history": _("earlier pay"), "sexual-orientation": _("sexual orientation"), "politics": _("political views"),
    "union": _("union membership"), "military-service": _("military service"), "criminal-record": _("criminal record"),
}  # fmt: skip
LONG = Length(max=600, message=_("600 characters at most."))


def _stripped(value: str | None) -> str:
    return (value or "").strip()


class DimensionForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Criterion"),
        [DataRequired(_("Give the criterion a name.")), Length(max=80, message=_("80 characters at most."))],
        filters=[_stripped],
    )
    description = TextAreaField(_("What it means"), [LONG], filters=[_stripped])
    weight = IntegerField(
        _("Weight, of 100"),
        [InputRequired(_("Give the criterion a weight.")), NumberRange(0, 100, _("Between 0 and 100."))],
    )
    missing = TextAreaField(_("Missing"), [LONG], filters=[_stripped])
    partial = TextAreaField(_("Partial"), [LONG], filters=[_stripped])
    solid = TextAreaField(_("Solid"), [LONG], filters=[_stripped])
    strong = TextAreaField(_("Strong"), [LONG], filters=[_stripped])

    def levels(self) -> list[Any]:
        return [self.missing, self.partial, self.solid, self.strong]

    def changes(self) -> dict[str, Any]:
        return {
            "name": self.name.data, "description": self.description.data, "weight": self.weight.data,
            "anchors": [level.data for level in self.levels()],
        }  # fmt: skip


def form_of_dimension(dimension: Dimension) -> DimensionForm:
    missing, partial, solid, strong = dimension.anchors
    return DimensionForm(
        formdata=None, prefix=f"{dimension.id}-", name=dimension.name, description=dimension.description,
        weight=dimension.weight, missing=missing, partial=partial, solid=solid, strong=strong,
    )  # fmt: skip


class QuestionForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(_("Question"), [DataRequired(_("Write the question.")), LONG], filters=[_stripped])
    minutes = IntegerField(
        _("Minutes"), [InputRequired(_("Say how many minutes it takes.")), NumberRange(1, 60, _("Between 1 and 60."))]
    )
    limited = BooleanField(_("The time is a limit: when it ends, the answer is saved and the next question comes."))
    shows = TextAreaField(_("What a good answer shows"), [LONG], filters=[_stripped])
    dimensions = SelectMultipleField(
        _("Criteria it asks for"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def changes(self) -> dict[str, Any]:
        return {
            "text": self.text.data, "minutes": self.minutes.data, "limited": self.limited.data,
            "shows": self.shows.data, "dimension_ids": [uuid.UUID(chosen) for chosen in self.dimensions.data],
        }  # fmt: skip


def form_of_question(kit: Kit, question: Question) -> QuestionForm:
    form = QuestionForm(
        formdata=None, prefix=f"{question.id}-", text=question.text, minutes=question.minutes,
        limited=question.limited, shows=question.shows, dimensions=[str(known) for known in question.dimension_ids],
    )  # fmt: skip
    return offering(form, kit)


def offering(form: QuestionForm, kit: Kit) -> QuestionForm:
    """With the kit's criteria to choose from."""
    ordered = sorted(kit.dimensions, key=lambda dimension: dimension.position)
    form.dimensions.choices = [SelectChoice(str(d.id), d.name or str(_("Criterion without a name"))) for d in ordered]
    return form
