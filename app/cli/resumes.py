"""flask resumes parse FILE…"""

from datetime import datetime

import click
from flask.cli import AppGroup

from app.cli.output import say
from app.kernel import clock

words = AppGroup("resumes", help="Read resumes.")


@words.command("parse")
@click.argument("files", nargs=-1, required=True)
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help='The day that "present" means; today by default.')
def parse(files: tuple[str, ...], as_of: datetime | None) -> None:
    """One JSON Resume 1.2.1 document a line, in the order of the files."""
    from app.adapters.local.reading import parse_file

    day = as_of.date() if as_of else clock.today()
    for file in files:
        say(parse_file(file, as_of=day))
