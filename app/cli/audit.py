"""flask audit outputs --tenant SLUG"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

import click
from flask.cli import AppGroup

from app.audit import commands
from app.audit.models import KINDS
from app.audit.queries import as_line, newest_outputs
from app.cli.output import problem, say
from app.cli.tenants import OPERATOR, registry
from tenants.names import is_slug
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("audit", help="The logs of a company.")
AT_ONCE = 200


@words.command("outputs")
@click.option("--tenant", "slug", required=True, help="The company.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="Only these; all by default.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Nothing older than this day, in UTC.")
def outputs(slug: str, kinds: tuple[str, ...], since: datetime | None) -> None:
    """What engines made, the newest first, one entry a line."""
    tenant = registry().by_slug(slug) if is_slug(slug) else None
    if tenant is None or tenant.state not in {"active", "suspended"}:
        say({"slug": slug} | problem("unknown", "There is no such company."))
        return
    with tenant_scope(tenant):
        with unit_of_work():
            commands.note("audit.print_outputs", by=OPERATOR, target=("ai_output", ",".join(kinds) or "all"))
        for line in _lines(kinds, since.replace(tzinfo=UTC) if since else None):
            say(line)


def _lines(kinds: Collection[str], since: datetime | None) -> Iterator[dict[str, Any]]:
    last = None
    while True:
        with unit_of_work():
            rows = newest_outputs(kinds, before=last, limit=AT_ONCE, words=True)
            lines = [as_line(row) for row in rows if since is None or row.at >= since]
            last = rows[-1].id if rows else None
        yield from lines
        if len(lines) < AT_ONCE:
            return
