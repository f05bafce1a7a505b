"""flask postings analyse FILE…"""

import click
from flask.cli import AppGroup

from app.cli.output import say

words = AppGroup("postings", help="Read the texts of jobs.")


@words.command("analyse")
@click.argument("files", nargs=-1, required=True)
def analyse(files: tuple[str, ...]) -> None:
    """What a job asks for, one line a file."""
    from app.adapters.local.analysis import analyse_file

    for file in files:
        say(analyse_file(file))
