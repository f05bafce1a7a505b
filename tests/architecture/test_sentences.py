"""What commands and access say to a person is a sentence that the catalogue knows."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYING = {"Conflict", "Invalid", "NotAllowed"}
FLOORS = ("commands", "access", "queries", "models", "gate")


def tree_of(path):
    return ast.parse(path.read_text())


def called(node):
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def heart():
    """Modules that must not know flask_babel."""
    found = [path for name in FLOORS for at in (f"*/{name}.py", f"*/{name}/*.py") for path in ROOT.glob(f"app/{at}")]
    return sorted([*found, *ROOT.glob("app/ports/*.py"), *ROOT.glob("app/kernel/*.py")])


def unsaid(node):
    """Literals below this node that stand in no `sentence(...)`."""
    if called(node) == "sentence":
        return
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from unsaid(child)


def text_of(literal):
    parts = literal.values if isinstance(literal, ast.JoinedStr) else [literal]
    return "".join(part.value if isinstance(part, ast.Constant) else "X" for part in parts)


def plain_sentences(tree):
    """What an error says with a capital letter; and whatever else reads as a sentence, so that a detour counts too."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    raised = {id(literal) for node in ast.walk(tree) if called(node) in SAYING for literal in unsaid(node)}
    for literal in unsaid(tree):
        text = text_of(literal)
        is_sentence = " " in text and text.endswith((".", "!", "?"))
        if id(literal) not in docstrings and text[:1].isupper() and (id(literal) in raised or is_sentence):
            yield text


def test_commands_and_access_say_nothing_to_a_person_in_english_only():
    found = {str(path.relative_to(ROOT)): list(plain_sentences(tree_of(path))) for path in heart()}

    assert {path: texts for path, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "source",
    [
        'raise Conflict("Too late.")',
        'raise Conflict("Too late")',
        'raise Conflict(f"{name} is late")',
        'raise Invalid({"name": "Write the name."})',
        'problems["name"] = "Write the name."',
    ],
)
def test_an_english_sentence_is_found(source):
    assert len(list(plain_sentences(ast.parse(source)))) == 1


@pytest.mark.parametrize(
    "source",
    [
        'raise Conflict("a level without evidence")',
        'raise Conflict(sentence("Too late."))',
        'raise Invalid({"name": sentence("Write %(what)s.", what="Name")})',
        'def f():\n    """Says why."""',
    ],
)
def test_what_is_said_well_is_let_through(source):
    assert list(plain_sentences(ast.parse(source))) == []


def readable(call):
    """Whether the catalogue finds its words, and they are whole sentences."""
    words = call.args[0].value if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) else ""
    return words.endswith((".", "!", "?")) and (words[0].isupper() or words.startswith("%("))


def test_the_catalogue_can_read_every_sentence():
    trees = {str(path.relative_to(ROOT)): tree_of(path) for path in sorted(ROOT.glob("app/**/*.py"))}
    calls = [(path, node) for path, tree in trees.items() for node in ast.walk(tree) if called(node) == "sentence"]

    assert calls
    assert [(path, call.lineno) for path, call in calls if not readable(call)] == []
