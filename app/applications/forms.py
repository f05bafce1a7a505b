"""What staff choose and write about applications, and the filters that live in an address."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectMultipleField, TextAreaField, ValidationError, widgets
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.applications.enums import ApplicationState, NextThing
from app.applications.queries import EVERY_STATE, FIRST_PAGE, LATE, Filter, Place
from app.postings.models import Posting, Stage

STATES = (*ApplicationState, EVERY_STATE)
THINGS = (*(thing for thing in NextThing if thing), LATE)


def filter_of(address: Mapping[str, str]) -> Filter:
    """Whatever an address says, as far as it makes sense."""
    thing, state = address.get("thing", ""), address.get("state", "")
    return Filter(
        q=" ".join(address.get("q", "").replace("\0", "").split())[:200],
        thing=thing if thing in THINGS else "",
        stage=id_of(address.get("stage", "")),
        state=state if state in STATES else ApplicationState.ACTIVE,
    )


def place_of(address: Mapping[str, str]) -> Place | None:
    """Where a page of a list begins: "<moment>~<id>"."""
    moment, _tilde, identifier = address.get("after", "").partition("~")
    found = id_of(identifier)
    try:
        since = datetime.fromisoformat(moment.replace(" ", "+"))
    except ValueError:
        return None
    return Place(since, found) if found and since.tzinfo else None


def written(place: Place | None) -> str | None:
    return f"{place.since.isoformat()}~{place.id}" if place else None


def shown_of(address: Mapping[str, str]) -> int:
    """How many cards of a column the browser shows already."""
    shown = address.get("shown", "")
    return max(FIRST_PAGE, int(shown)) if shown.isdecimal() and len(shown) < 6 else FIRST_PAGE  # noqa: PLR2004


def id_of(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


class _Versioned(FlaskForm):  # type: ignore[misc]
    version = HiddenField()

    @property
    def expected_version(self) -> int:
        """A form that names none is taken for an old one: versions begin with 1."""
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004


class MoveForm(_Versioned):
    stage = RadioField(_("Stage"), [InputRequired(_("Choose a stage."))], validate_choice=False)

    def offer(self, stages: list[Stage]) -> "MoveForm":
        self.stage.choices = [SelectChoice(str(stage.id), stage.name) for stage in stages]
        return self

    @property
    def chosen(self) -> uuid.UUID:
        """A stage that isn't one looks missing like any other."""
        return id_of(self.stage.data) or uuid.UUID(int=0)


class RejectForm(_Versioned):
    """The reason is kept as a fact about the job's criteria: the candidate can ask for it."""

    criteria = SelectMultipleField(
        _("Which must-haves are not met?"),
        [Optional()],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
        validate_choice=False,
    )
    reason = TextAreaField(
        _("Reason"),
        [Length(max=2000, message=_("Use at most 2,000 characters."))],
        description=_("A fact about the job’s criteria, in a sentence. The candidate can ask for it."),
    )

    def offer(self, posting: Posting) -> "RejectForm":
        self.criteria.choices = [SelectChoice(criterion, criterion) for criterion in posting.must_have]
        self.known = set(posting.must_have)
        return self

    def validate_reason(self, field: Field) -> None:
        if not self.written_reason:
            raise ValidationError(gettext("Tick what is not met, or write the reason."))
        _ = field

    @property
    def written_reason(self) -> str:
        unmet = [criterion for criterion in self.criteria.data or [] if criterion in self.known]
        told = gettext("Not met: %(criteria)s.", criteria=", ".join(unmet)) if unmet else ""
        return " ".join(part for part in (told, (self.reason.data or "").strip()) if part)


class NoteForm(FlaskForm):  # type: ignore[misc]
    text = TextAreaField(
        _("New note"),
        [
            InputRequired(_("Write the note first.")),
            Length(max=10_000, message=_("Use at most 10,000 characters.")),
        ],
    )
