"""/-/patterns: each component in each state, where looks are reviewed and tested."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, request
from wtforms import (
    BooleanField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
    widgets,
)
from wtforms.fields import SelectChoice

from app.kernel import clock
from app.web.pages import page


class _Example(Form):  # type: ignore[misc]  # wtforms carries no types
    name = StringField("Full name", [validators.InputRequired("Enter your full name.")])
    email = StringField(
        "Email address",
        [validators.InputRequired("Enter an email address."), validators.Length(max=80)],
        description="We write to it when your application moves.",
    )
    years = IntegerField("Years of experience", [validators.Optional()])
    place = SelectField("Place", choices=[SelectChoice("pune", "Pune"), SelectChoice("remote", "Remote in India")])
    note = TextAreaField("Anything else we should know", [validators.Optional()], description="Two lines are enough.")
    mode = RadioField(
        "How would you like to answer?",
        [validators.InputRequired("Choose one.")],
        choices=[
            SelectChoice("speak", "Speak"),
            SelectChoice("type", "Type"),
            SelectChoice("person", "Talk to a person"),
        ],
    )
    tools = SelectMultipleField(
        "Tools you have used",
        [validators.Optional()],
        choices=[SelectChoice("pg", "PostgreSQL"), SelectChoice("kafka", "Kafka"), SelectChoice("k8s", "Kubernetes")],
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    agree = BooleanField("Keep my details for a year", [validators.Optional()])
    resume = FileField("Résumé", [validators.Optional()], description="PDF, Word or text, up to 10 MB.")


def _context() -> dict[str, Any]:
    wrong = _Example(data={"email": "farida@", "mode": None})
    wrong.validate()
    wrong.email.errors = ["Enter an email address like name@example.com."]
    now = clock.now()
    return {
        "fresh": _Example(data={"name": "Farida Shaikh", "mode": "speak"}, prefix="fresh-"),
        "wrong": wrong,
        "now": now,
        "ends": now + timedelta(minutes=25),
        "yesterday": now - timedelta(hours=26),
    }


def show() -> Response:
    return page("patterns/show.html", "pattern_fragment", **_context())


def show_board() -> Response:
    return page("patterns/board.html", with_panel="panel" in request.args)


def show_candidate() -> Response:
    return page("patterns/candidate.html", **_context())


def show_report() -> Response:
    return page("patterns/report.html", **_context())


def install(flask_app: Flask) -> None:
    """For those who build and demonstrate; a customer's installation doesn't have these pages."""
    add = flask_app.add_url_rule
    add("/-/patterns", "web.patterns", show)
    add("/-/patterns/board", "web.patterns_board", show_board)
    add("/-/patterns/candidate", "web.patterns_candidate", show_candidate)
    add("/-/patterns/report", "web.patterns_report", show_report)
