"""flask keys seal"""

import click
from flask.cli import AppGroup

from app.cli.output import say
from app.cli.sealing import seal_all
from app.cli.tenants import registry

words = AppGroup("keys", help="Keys of companies and persons.")


@words.command("seal")
@click.option("--tenant", "slug", help="One company; all by default.")
def seal(slug: str | None) -> None:
    """Seal what an older installation left clear or under older keys; one line a company. Safe to repeat."""
    for tenant in registry().all("active", "suspended"):
        if slug in {None, tenant.slug}:
            say({"slug": tenant.slug} | seal_all(tenant))
