"""A crowd of companies, each with its canary, and a web process with a pool that is much too small for them."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import jsonify, request

from tenants import provisioning
from tenants.db import CONNECT_ARGS, db
from tests.conftest import _one_at_a_time
from tests.sizes import sized

CROWD = sized(20, 6)
AT = datetime(2026, 1, 1, tzinfo=UTC)


def canary_of(slug):
    return f"canary-{slug}"


@pytest.fixture(scope="module")
def crowd(_installation):
    """Each one's name is its canary."""
    owners = _installation.extensions["owners"]
    slugs = [f"crowd-{number:02}" for number in range(CROWD)]
    with _one_at_a_time():
        found = [
            provisioning.provision(
                owners.main,
                owners.main,
                slug=slug,
                name=canary_of(slug),
                hosts=[f"{slug}.localhost"],
                database="main",
                at=AT,
            )
            for slug in slugs
        ]
        with owners.main.begin() as owner:
            for each in found:
                into = f"insert into {each.schema}.workspace (id, name, created_at) values (1, :name, now())"
                owner.execute(sa.text(into), {"name": canary_of(each.slug)})
    yield found
    with _one_at_a_time():
        for each in found:
            provisioning.delete(owners.main, owners.main, each)


@contextmanager
def small_pool(flask_app):
    """The same web process over two connections."""
    with flask_app.app_context():
        before = db.engines[None]
        small = sa.create_engine(before.url, pool_size=2, max_overflow=0, pool_timeout=60, connect_args=CONNECT_ARGS)
        db.engines[None] = flask_app.registry._engine = small
    try:
        yield
    finally:
        small.dispose()
        with flask_app.app_context():
            db.engines[None] = flask_app.registry._engine = before


@contextmanager
def instead_of(flask_app, endpoint, view):
    """A view of the tests at an address that is there: rules cannot be taken back, and are walked by other tests."""
    before = flask_app.view_functions[endpoint]
    flask_app.view_functions[endpoint] = lambda **values: view() if "kind" in request.args else before(**values)
    try:
        yield
    finally:
        flask_app.view_functions[endpoint] = before


def who_am_i():
    """What a request sees of itself, asked of the database."""
    names = db.session.scalars(sa.text("select name from workspace")).all()
    role, path = db.session.execute(sa.text("select current_user, current_setting('search_path')")).one()
    return jsonify(canaries=names, role=role, path=path)
