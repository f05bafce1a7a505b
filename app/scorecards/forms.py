"""What people type about an interview: their scorecard, the decision, whom to ask."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.applications.enums import Verdict
from app.identity.models import Member
from app.interviews.models import Interview, Turn
from app.ports.judging import literal_quote
from app.scorecards.commands.scorecards import RatingDraft
from app.scorecards.enums import Level, Overall
from app.scorecards.models import Rating, Scorecard
from app.scorecards.queries import pins_of

NOT_ENOUGH: Final = "none"
LONGEST_NOTE: Final = 5000
LEVELS: Final = (
    SelectChoice(Level.MISSING, _("Missing")),
    SelectChoice(Level.PARTIAL, _("Partial")),
    SelectChoice(Level.SOLID, _("Solid")),
    SelectChoice(Level.STRONG, _("Strong")),
    SelectChoice(NOT_ENOUGH, _("Not enough evidence")),
)
VERDICTS: Final = (
    SelectChoice(Overall.STRONG_NO, _("Strong no")),
    SelectChoice(Overall.NO, _("No")),
    SelectChoice(Overall.YES, _("Yes")),
    SelectChoice(Overall.STRONG_YES, _("Strong yes")),
)
DECISIONS: Final = (
    SelectChoice(Verdict.ADVANCE, _("Advance")),
    SelectChoice(Verdict.HOLD, _("Hold")),
    SelectChoice(Verdict.REJECT, _("Reject")),
    SelectChoice(Verdict.HIRE, _("Hire")),
)


class PinsField(Field):  # type: ignore[misc]
    """Each value is "dimension|turn|words": the dimension's place in the plan, the turn's number."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = [pin for value in valuelist if (pin := _pin(value))]


def _pin(value: str) -> tuple[int, int, str] | None:
    dimension, _first, rest = value.partition("|")
    turn, _second, words = rest.partition("|")
    if dimension.isdecimal() and turn.isdecimal() and words.strip():
        return int(dimension), int(turn), words
    return None


class ScorecardForm(FlaskForm):  # type: ignore[misc]
    """Of one interview: `made_for` adds a level, a note and a way to type a quote for each dimension of its plan."""

    names: Sequence[str] = ()
    version = HiddenField()
    pin = PinsField(default=list)
    verdict = RadioField(
        _("What do you recommend?"), [InputRequired(_("Say what you recommend."))], choices=list(VERDICTS)
    )
    note = TextAreaField(_("Anything else"), [Optional(), Length(max=LONGEST_NOTE)])

    def level(self, number: int) -> RadioField:
        return self[f"level_{number}"]

    def typed_quote(self, number: int) -> tuple[int, str] | None:
        words, turn = self[f"quote_{number}"].data or "", str(self[f"turn_{number}"].data or "")
        return (int(turn), words.strip()) if words.strip() and turn.isdecimal() else None

    def drafts(
        self, dimension_ids: Sequence[uuid.UUID], *, typed: bool, without: str = ""
    ) -> dict[uuid.UUID, RatingDraft]:
        """`typed` takes the quotes written by hand too; `without` is a pin to leave out."""
        dropped = _pin(without)
        return {
            dimension_id: self._draft(number, typed=typed, dropped=dropped)
            for number, dimension_id in enumerate(dimension_ids)
        }

    def overall(self) -> Overall | None:
        return Overall(self.verdict.data) if self.verdict.data in set(Overall) else None

    def _draft(self, number: int, *, typed: bool, dropped: tuple[int, int, str] | None) -> RatingDraft:
        chosen = self.level(number).data
        pins = [(turn, words) for at, turn, words in self.pin.data if at == number and (at, turn, words) != dropped]
        by_hand = self.typed_quote(number) if typed else None
        return RatingDraft(
            rated=chosen == NOT_ENOUGH or chosen in set(Level),
            level=Level(chosen) if chosen in set(Level) else None,
            note=(self[f"note_{number}"].data or "")[:LONGEST_NOTE],
            pins=(*pins, *([by_hand] if by_hand else [])),
        )

    def refuse_older(self, scorecard: Scorecard) -> bool:
        """A form that was opened before the draft was last kept; says whether this one goes on from there.

        A refused form carries the newer version, so sending it once more is a choice, not an accident.
        """
        if self.version.data == str(scorecard.version):
            return True
        said = gettext(
            "This scorecard was changed in another window after you opened this page. What you see is from this"
            " page, and nothing of it is saved yet. Save it again to keep it instead of the other."
        )
        self.version.errors = [said]
        self.version.data = str(scorecard.version)
        return False

    def refuse_strange_quotes(self, turns: Sequence[Turn]) -> bool:
        """A quote typed by hand must stand in the answer; says whether all of them do."""
        answers = {turn.number: turn.answer or "" for turn in turns}
        for number in range(len(self.names)):
            typed = self.typed_quote(number)
            if typed and not literal_quote(typed[1], answers.get(typed[0], "")):
                said = gettext("These words are not in that answer. Copy them from the transcript, letter by letter.")
                self[f"quote_{number}"].errors = [*self[f"quote_{number}"].errors, said]
        return not any(self[f"quote_{number}"].errors for number in range(len(self.names)))


def made_for(interview: Interview, turns: Sequence[Turn]) -> type[ScorecardForm]:
    """The form's class for the plan of one interview."""
    names = [dimension["name"] for dimension in interview.plan["dimensions"]]
    answered = sorted((turn.question, turn.number, turn) for turn in turns if (turn.answer or "").strip())
    places = [SelectChoice(str(number), _place(turn)) for _question, number, turn in answered]
    fields: dict[str, Any] = {"names": names}
    for number, name in enumerate(names):
        said = gettext("Rate “%(name)s”, or choose “Not enough evidence”.", name=name)
        fields[f"level_{number}"] = RadioField(name, [InputRequired(said)], choices=list(LEVELS))
        fields[f"note_{number}"] = TextAreaField(_("Note"), [Optional(), Length(max=LONGEST_NOTE)])
        fields[f"turn_{number}"] = SelectField(_("Answer"), choices=places, validate_choice=False)
        fields[f"quote_{number}"] = TextAreaField(_("Words from that answer"), [Optional()])
    return type("ScorecardOfInterview", (ScorecardForm,), fields)


def _place(turn: Turn) -> str:
    if turn.follow_up:
        return str(gettext("Question %(number)s, follow-up", number=turn.question + 1))
    return str(gettext("Question %(number)s", number=turn.question + 1))


def filled(form: type[ScorecardForm], interview: Interview, scorecard: Scorecard, turns: list[Turn]) -> ScorecardForm:
    """As its author left it."""
    ratings = {str(rating.dimension_id): rating for rating in scorecard.ratings}
    data: dict[str, Any] = {
        "version": scorecard.version,
        "verdict": scorecard.verdict,
        "note": scorecard.note,
        "pin": [],
    }
    for number, dimension in enumerate(interview.plan["dimensions"]):
        rating = ratings.get(dimension["id"])
        if rating is not None:
            data |= {f"level_{number}": _chosen(rating), f"note_{number}": rating.note}
            data["pin"] += [(number, turn, words) for turn, words in pins_of(rating, turns)]
    return form(formdata=None, data=data)


def _chosen(rating: Rating) -> str | None:
    return (rating.level or NOT_ENOUGH) if rating.rated else None


class DecisionForm(FlaskForm):  # type: ignore[misc]
    version = HiddenField()
    verdict = RadioField(_("Decision"), [InputRequired(_("Choose what you decide."))], choices=list(DECISIONS))
    reason = TextAreaField(
        _("Reason"),
        [
            InputRequired(_("Write the reason for your decision, in a sentence or two.")),
            Length(max=LONGEST_NOTE, message=_("Shorten it to 5,000 characters.")),
        ],
        description=_("A fact about the job's criteria. The candidate can ask for it."),
    )


class AskForm(FlaskForm):  # type: ignore[misc]
    member = SelectField(_("Colleague"), [InputRequired(_("Choose a colleague."))])


def ask_form(people: Sequence[Member], *, me: Member) -> AskForm:
    form = AskForm()
    form.member.choices = [SelectChoice(str(member.id), _called(member, me)) for member in people]
    return form


def _called(member: Member, me: Member) -> str:
    return gettext("%(name)s (you)", name=member.name) if member.id == me.id else member.name
