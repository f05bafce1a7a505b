"""flask database prepare"""

from flask import current_app
from flask.cli import AppGroup

from app.cli.output import say
from tenants import provisioning
from tenants.owner import Owners

words = AppGroup("database", help="Make databases ready.")


def make_ready() -> None:
    """Every database that the settings name: login role, shared tables, rights. Safe to repeat."""
    owners: Owners = current_app.extensions["owners"]
    newest, *older = current_app.extensions["settings"].login_passwords()
    for name in owners.names():
        provisioning.prepare(owners.of(name), login_password=newest, older=older)


@words.command("prepare")
def prepare() -> None:
    """Create what an empty database lacks, migrate what is there."""
    make_ready()
    say({"databases": current_app.extensions["owners"].names(), "ready": True})
