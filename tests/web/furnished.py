"""A Flask object furnished by app.web alone, with routes that try out what it offers."""

from datetime import timedelta

from flask import Flask, abort, request

from app import web
from app.kernel import errors
from app.web import headers, pages
from app.web.navigation import NavItem, register

RAISED = {
    "not-found": errors.NotFound,
    "not-allowed": errors.NotAllowed,
    "invalid": lambda: errors.Invalid({"name": "Enter a name."}),
    "conflict": lambda: errors.Conflict("Rita moved Cara to Offer a minute ago."),
    "unavailable": lambda: errors.Unavailable("mail", after=timedelta(seconds=90)),
    "refused": lambda: errors.Refused("bounced"),
    "broken": lambda: RuntimeError("a secret of the machine"),
}


def _raise(kind):
    error = RAISED[kind]()
    raise error


def _abort(status):
    abort(status)


def _post():
    pages.toast("Saved <b>it</b>", undo_url="/undo")
    pages.focus_to("#name")
    return pages.page("patterns/show.html", "pattern_fragment", **web.patterns._context())


def _move(card):
    moves.append((card, request.form["stage"], request.form["version"]))
    if moves.refuse:
        raise errors.Conflict("Rita moved this candidate first.")
    return "", 204, {"X-Version": str(int(request.form["version"]) + 1)}


class Moves(list):
    refuse = False


moves = Moves()
drafts = []


def _draft():
    drafts.append((request.form["text"], int(request.form["revision"])))
    return ("", 409) if request.form["text"] == "stale" else ("", 204)


def _go_on():
    pages.toast("The job is closed.")
    return pages.see_other("/-/patterns")


def furnished(**options):
    flask_app = Flask("flask", static_folder=None)
    flask_app.testing = True
    flask_app.secret_key = "only for tests"
    web.install(flask_app, member_name=lambda: "Rita Rao", with_patterns=True, **options)
    add = flask_app.add_url_rule
    add("/raise/<kind>", "raise", _raise, methods=["GET", "POST"])
    add("/abort/<int:status>", "abort", _abort)
    add("/said", "said", _post, methods=["GET", "POST"])
    add("/go-on", "go-on", _go_on, methods=["GET", "POST"])
    add("/-/patterns/move/<card>", "move", _move, methods=["POST"])
    add("/-/patterns/draft", "draft", _draft, methods=["POST"])
    add("/plain", "plain", lambda: "plain")
    add("/elsewhere", "elsewhere", lambda: headers.allow_form_to("https://login.example") or "plain")
    ways = [("work", "Work", "layout-dashboard"), ("jobs", "Jobs", "briefcase"), ("people", "Candidates", "users")]
    for order, (key, label, icon) in enumerate(ways):
        add(f"/{key}", f"{key}.index", lambda: "")
        register(flask_app, NavItem(key, label, icon, f"{key}.index", order, count=lambda: 3))
    return flask_app
