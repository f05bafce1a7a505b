"""The log is read by people: whatever the product notes, it says in words."""

import ast
from pathlib import Path

import pytest
from flask_babel import force_locale

from app.applications.enums import Verdict
from app.audit.models import AuditEntry
from app.audit.routes import wording
from app.postings.enums import LEGAL_MOVES

CALLS = [
    node
    for folder in ("app", "jobs", "tenants")
    for file in Path(folder).rglob("*.py")
    if "story" not in file.parts  # marks of the demo, for itself
    for node in ast.walk(ast.parse(file.read_text()))
    if isinstance(node, ast.Call)
    and getattr(node.func, "attr", "") == "note"
    and any(k.arg == "target" for k in node.keywords)
]
ACTIONS = sorted({call.args[0].value for call in CALLS if isinstance(call.args[0], ast.Constant)})
STATES = sorted({f"postings.{state}" for moves in LEGAL_MOVES.values() for state in moves})


@pytest.fixture(autouse=True)
def page(flask_app):
    with flask_app.test_request_context(), force_locale("en"):
        yield


def entry(action, kind="member", **data):
    return AuditEntry(action=action, target_kind=kind, target_id="1", data=data)


def test_the_calls_are_found():
    assert len(ACTIONS) > 50
    assert {ast.unparse(call.args[0]) for call in CALLS if not isinstance(call.args[0], ast.Constant)} == {
        "f'postings.{state}'"
    }


@pytest.mark.parametrize("action", [*ACTIONS, *STATES])
def test_every_action_has_words(action):
    told = {"applications.decide": {"verdict": "hire"}, "identity.set_active": {"active": True}}.get(action, {})

    assert str(wording.what(entry(action, **told))) != action


def test_what_was_decided_and_who_was_let_in_is_told():
    decided = {str(wording.what(entry("applications.decide", verdict=str(verdict)))) for verdict in Verdict}
    let_in = {str(wording.what(entry("identity.set_active", active=active))) for active in (True, False)}

    assert decided == {"Decided: goes on", "Decided: on hold", "Decided: rejected", "Decided: hired"}
    assert let_in == {"Let a member in again", "Locked a member out"}


def test_every_kind_of_target_has_words():
    literal = [
        k.value.elts[0] for call in CALLS for k in call.keywords if k.arg == "target" and isinstance(k.value, ast.Tuple)
    ]

    assert {each.value for each in literal} - wording.ON.keys() == set()


def test_what_a_newer_version_noted_stands_as_it_is():
    assert wording.what(entry("moons.land")) == "moons.land"
    assert wording.on_what(entry("moons.land", kind="moon")) == "moon"
