"""flask answers score FILE.jsonl"""

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.output import problem, say

words = AppGroup("answers", help="Judge single answers.")
FIELDS = ("id", "question", "reference", "answer")


@words.command("score")
@click.argument("file")
def score(file: str) -> None:
    """A line {id, question, reference?, answer} in, a line {id, score, quotes, reason, engine} out."""
    from app.adapters.local.judging import LocalJudge

    try:
        lines = Path(file).read_text("utf-8-sig").split("\n")  # JSON may hold what else ends a line
    except OSError as error:
        say({"id": None} | problem("missing", f"{file}: {error.strerror}"))
        return
    except UnicodeDecodeError:
        say({"id": None} | problem("encoding", f"{file} is not UTF-8."))
        return
    judge = LocalJudge(current_app.extensions["settings"].models_dir)
    for number, line in enumerate(lines, start=1):
        if line.strip():
            say(_scored(judge, line, number))


def _scored(judge: Any, line: str, number: int) -> dict[str, Any]:
    try:
        asked = json.loads(line)
        whole = _is_unicode(asked)
    except (ValueError, RecursionError):
        return {"id": None} | problem("not-json", f"Line {number} is not JSON.")
    if not isinstance(asked, dict):
        return {"id": None} | problem("not-an-object", f"Line {number} is not a JSON object.")
    if not whole:
        return {"id": None} | problem("encoding", f"Line {number} escapes half a character.")
    bad = [name for name in ("question", "answer") if not isinstance(asked.get(name), str)]
    if bad or not isinstance(asked.get("reference"), str | None):
        named = ", ".join(bad or ["reference"])
        return {"id": asked.get("id")} | problem("bad-field", f"Line {number}: {named} must be text.")
    result: dict[str, Any] = judge.score_answer(
        asked.get("id"), asked["question"], asked.get("reference"), asked["answer"]
    )
    return result


def _is_unicode(asked: Any) -> bool:
    """JSON may escape one half of a pair of surrogates, which is no text that could be read or written."""
    try:
        json.dumps(asked, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
