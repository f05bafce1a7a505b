"""flask questions propose --posting FILE --resume FILE"""

from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from app.cli.output import problem, say
from app.kernel import clock

words = AppGroup("questions", help="Propose questions.")


@words.command("propose")
@click.option("--posting", required=True, help="The text of a job.")
@click.option("--resume", required=True, help="A resume in PDF, DOCX or text.")
@click.option("--language", help="Of the questions; the posting's by default.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help='The day that "present" means; today by default.')
def propose(posting: str, resume: str, language: str | None, as_of: datetime | None) -> None:
    """What to ask this person for this job, each question with the line of the resume that it refers to."""
    from app.adapters.local.proposing import UnusableError, propose_for_files

    models = current_app.extensions["settings"].models_dir
    day = as_of.date() if as_of else clock.today()
    try:
        say(propose_for_files(posting, resume, models_dir=models, as_of=day, language=language))
    except UnusableError as why:
        say({"posting": posting, "resume": resume} | problem(why.code, str(why)))
