"""Otto operates the platform, in a house of its own beside both companies."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from app.cli.tenants import OPERATOR
from app.identity import commands as identity
from app.identity.enums import Role
from jobs.ledger import TaskRow
from tenants import provisioning
from tenants.db import db
from tenants.names import OPERATORS
from tests.conftest import PASSWORD, _one_at_a_time

EMPTY = "truncate t_operators.member, t_operators.sign_in_failure, t_operators.audit_entry cascade"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def _house(_installation):
    owners = _installation.extensions["owners"]
    with _one_at_a_time():
        found = provisioning.provision(
            owners.main, owners.main, slug=OPERATORS, name="Assay", hosts=["operators.localhost"], database="main",
            at=datetime(2026, 1, 1, tzinfo=UTC), kind="operators",
        )  # fmt: skip
    _installation.registry._by_host.clear()
    yield found
    with _one_at_a_time():
        provisioning.delete(owners.main, owners.main, found)
    _installation.registry._by_host.clear()


@pytest.fixture
def house(_house, flask_app, in_tenant):
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.execute(sa.text(EMPTY))
    with in_tenant(_house):
        identity.add_member(email="otto@platform.example", name="Otto", role=Role.ADMIN, by=OPERATOR, password=PASSWORD)
    return _house


@pytest.fixture
def otto(house, anyone):
    client = anyone("operators")
    answer = client.post("/sign-in", data={"email": "otto@platform.example", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    return client


@pytest.fixture
def failing(alpha, beta, cast, in_tenant):
    """failing(tenant, name, minutes, problem): a task that failed then; gives its id."""

    def fail(tenant, name, number, problem="Unavailable", **more):
        import uuid

        row = {
            "id": uuid.UUID(int=number), "key": f"{name}:{number}", "name": name, "arguments": {"mail_id": str(uuid.UUID(int=99))},
            "state": "failed", "attempts": 8, "run_at": AT, "created_at": AT, "finished_at": AT.replace(minute=number),
            "problem": problem, "request_id": f"request-{number}",
        }  # fmt: skip
        with in_tenant(tenant):
            db.session.add(TaskRow(**row | more))
        return row["id"]

    return fail


def row_of(tenant, in_tenant, task_id):
    with in_tenant(tenant):
        found = db.session.get_one(TaskRow, task_id)
        return SimpleNamespace(
            **{name: getattr(found, name) for name in ("state", "attempts", "lost", "problem", "finished_at")}
        )
