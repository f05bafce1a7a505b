"""A click comes back before its page does: what a browser shows is expected, not looked at once."""

import ast

from tests.conftest import ROOT

AT_ONCE = {"is_visible", "is_hidden", "is_checked", "is_enabled", "is_disabled", "input_value"}


def looked_at_once(source):
    return [
        call.lineno
        for statement in ast.walk(ast.parse(source))
        if isinstance(statement, ast.Assert)
        for call in ast.walk(statement.test)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in AT_ONCE
    ]


def test_what_a_browser_shows_is_waited_for():
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for line in looked_at_once(path.read_text())
    }
    assert found == set()
    assert looked_at_once("assert not page.locator('q').is_visible()\nexpect(page).to_have_url('/')") == [1]
