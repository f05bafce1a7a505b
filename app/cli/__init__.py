"""The `flask …` words. All of them write JSON on stdout, one line per input, and log on stderr."""

from flask import Flask

from app.cli import (
    answers,
    audit,
    backup,
    candidates,
    database,
    files,
    interviews,
    keys,
    operators,
    postings,
    questions,
    resumes,
    tenants,
)


def install(flask_app: Flask) -> None:
    for group in (
        answers.words,
        audit.words,
        backup.words,
        candidates.words,
        database.words,
        files.words,
        interviews.words,
        keys.words,
        operators.words,
        postings.words,
        questions.words,
        resumes.words,
        tenants.words,
    ):
        flask_app.cli.add_command(group)
