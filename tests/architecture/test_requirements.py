"""docs/requirements.md names tests that are there, and each row one that carries its number."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/requirements.md").read_text()
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", TEXT)


def functions_of(file):
    return {node.name for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_test_named_is_there():
    assert [
        (path, name) for path, name in NAMED if not (ROOT / path).exists() or name not in functions_of(ROOT / path)
    ] == []
    assert len(NAMED) >= 30


def test_every_row_has_a_test_of_its_number():
    lines = [line.split("|")[1:3] for line in TEXT.splitlines() if re.match(r"\| [SRL]-\d\d", line)]

    assert [row for row, named in lines if f"test_{row[1]}{row[3:5]}_".lower() not in named.lower()] == []
