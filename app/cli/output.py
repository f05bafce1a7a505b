"""How words answer: UTF-8 JSON lines."""

import json
from typing import Any

import click


def say(answer: Any) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False, default=str))


def problem(code: str, message: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": message}}
