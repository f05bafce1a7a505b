"""What one company's database, or its schema, cannot do keeps nobody else's background work waiting."""

from contextlib import closing

import pytest
import sqlalchemy as sa

from app.candidates.commands import register
from app.candidates.models import clear_table
from app.kernel import clock
from app.kernel.ids import new_id
from jobs import metrics, timetable
from jobs.ledger import TaskRow
from jobs.refilling import Refilling
from jobs.relay import Relay
from tenants.db import CONNECT_ARGS, db
from tenants.registry import Tenant
from tests.conftest import _free_port
from tests.jobs.factories import some_key


@pytest.fixture
def alphas_database_is_away(flask_app, alpha):
    """Alpha lives in database two, at which nobody answers."""
    owner = flask_app.extensions["owners"].main
    living_in = sa.update(Tenant).where(Tenant.slug == "alpha")
    away = sa.create_engine(f"postgresql+psycopg://nobody@127.0.0.1:{_free_port()}/two", connect_args=CONNECT_ARGS)
    with flask_app.app_context():
        there, db.engines["two"] = db.engines["two"], away
    with owner.begin() as connection:
        connection.execute(living_in.values(database="two"))
    yield
    with owner.begin() as connection:
        connection.execute(living_in.values(database="main"))
    with flask_app.app_context():
        db.engines["two"] = there
    away.dispose()


@pytest.fixture
def lacking(flask_app, beta, cast, in_tenant):
    """Beta's Bea, who is missing in lists since a crash emptied the table."""
    with in_tenant(beta):
        register(name="Bea")
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("truncate t_beta.candidate_clear")


def found_in(tenant, in_tenant):
    with in_tenant(tenant):
        return db.session.scalars(sa.select(clear_table.c.name)).all()


def planned(tenant, in_tenant):
    with in_tenant(tenant):
        return db.session.scalar(sa.select(sa.func.count()).select_from(TaskRow))


@pytest.mark.usefixtures("alphas_database_is_away")
def test_the_relay_serves_companies_whose_database_is_there(flask_app, settings, redis, beta, in_tenant):
    with in_tenant(beta):
        now = clock.now()
        db.session.add(TaskRow(id=new_id(), key=some_key(), name="interviews.remind", arguments={}, run_at=now, created_at=now))  # fmt: skip
    process = Relay(flask_app, settings.redis_url.get_secret_value())
    with closing(process.redis):
        process._relay({"alpha", "beta"})

    with in_tenant(beta):
        assert db.session.scalars(sa.select(TaskRow.signalled_at)).one() is not None


@pytest.mark.usefixtures("alphas_database_is_away")
def test_the_scheduler_plans_for_companies_whose_database_is_there(flask_app, beta, cast, in_tenant):
    timetable.plan_all(flask_app, metrics.Pulse(patience=1))

    assert planned(beta, in_tenant) == len(timetable.TIMETABLE)


@pytest.mark.usefixtures("alphas_database_is_away", "lacking")
def test_lists_are_filled_again_where_the_database_is_there(flask_app, beta, in_tenant):
    Refilling(flask_app).look()

    assert found_in(beta, in_tenant) == ["Bea"]


@pytest.mark.usefixtures("lacking")
def test_a_company_that_cannot_be_filled_keeps_no_other_waiting_and_is_tried_again(flask_app, alpha, beta, in_tenant):
    with in_tenant(alpha):
        register(name="Cara")
    owner, refilling = flask_app.extensions["owners"].main, Refilling(flask_app)
    with owner.begin() as connection:
        connection.exec_driver_sql("truncate t_alpha.candidate_clear")
        connection.exec_driver_sql("alter table t_alpha.candidate_clear rename to hidden")
    try:
        refilling.look()
        found = found_in(beta, in_tenant)
    finally:
        with owner.begin() as connection:
            connection.exec_driver_sql("alter table t_alpha.hidden rename to candidate_clear")
    refilling.look()

    assert (found, found_in(alpha, in_tenant)) == (["Bea"], ["Cara"])
