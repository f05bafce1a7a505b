"""L-55: where a company's rows have to stay, and what refuses to take them elsewhere.

The company has a name that no other test gives: roles belong to the whole PostgreSQL, and a run has several processes.
"""

import json

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.cli.doctor import database as doctor
from app.operations import queries
from tenants import registry
from tenants.db import db
from tenants.registry import Tenant

pytestmark = pytest.mark.xdist_group("companies")  # roles belong to the whole PostgreSQL: two must not found it at once
REGIONS = {"main": "eu", "two": "in"}


@pytest.fixture
def placed(flask_app, settings, monkeypatch):
    """An installation whose databases are in two regions."""
    monkeypatch.setattr(registry, "SECONDS_REMEMBERED", 0)
    flask_app.extensions["settings"] = settings.model_copy(update={"regions": REGIONS})
    yield flask_app
    flask_app.extensions["settings"] = settings
    word(flask_app, "tenants", "delete", "delta", "--yes")


def word(flask_app, *words):
    said = flask_app.test_cli_runner().invoke(args=words)
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return json.loads(said.stdout.splitlines()[-1])


def create(flask_app, *more):
    return word(
        flask_app, "tenants", "create", "delta", "--name", "Delta", "--host", "delta.localhost",
        "--admin-email", "d@delta.example", *more,
    )  # fmt: skip


def at_home(flask_app):
    with flask_app.extensions["owners"].main.connect() as owner:
        return [(found.ok, found.says) for found in doctor._at_home(owner, flask_app.extensions["settings"].regions)]


def where(flask_app):
    found = flask_app.registry.by_slug("delta")
    return found and (found.database, found.region, found.state)


@pytest.mark.slow
def test_l55_a_company_stays_in_its_region_unless_somebody_says_otherwise(placed, cast, in_tenant):
    elsewhere = create(placed, "--region", "in")
    assert (elsewhere["error"]["code"], where(placed), at_home(placed)) == ("other-region", None, [])
    assert elsewhere["error"]["message"] == ("main is in eu, and the company has to stay in in (databases there: two).")
    assert create(placed, "--region", "eu")["state"] == "active"

    refused = word(placed, "tenants", "move", "delta", "--to", "two")
    assert (refused["error"]["code"], where(placed)) == ("other-region", ("main", "eu", "active"))
    assert at_home(placed) == [(True, "Companies that have to stay in a region: 1, all of them there.")]

    moved = word(placed, "tenants", "move", "delta", "--to", "two", "--leave-region", "--drop-old")
    assert (moved["from"], moved["database"], where(placed)) == ("main", "two", ("two", "in", "active"))
    with in_tenant(placed.registry.by_slug("delta")):
        last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert (last.action, last.actor_kind, last.data) == (
            "tenants.leave_region",
            "operator",
            {"left": "eu", "now": "in"},
        )
    with placed.app_context():
        listed, _ = queries.companies(placed.extensions["registry"])
    assert [(each.slug, each.database, each.region) for each in listed] == [
        ("alpha", "main", None), ("beta", "main", None), ("delta", "two", "in"),
    ]  # fmt: skip
    back = word(placed, "tenants", "move", "delta", "--to", "main")
    assert (back["error"]["code"], where(placed)) == ("other-region", ("two", "in", "active"))


def test_who_is_not_at_home_is_named(placed, cast):
    create(placed)
    assert (where(placed), at_home(placed)) == (("main", None, "active"), [])
    with placed.extensions["owners"].main.begin() as owner:
        owner.execute(sa.update(Tenant).where(Tenant.slug == "delta").values(region="in"))

    assert at_home(placed) == [(False, "Not in a database of their region, by REGIONS: delta.")]
