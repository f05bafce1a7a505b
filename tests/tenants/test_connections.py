"""What a connection does for many companies: nothing of one is left for the next, and it isn't kept for ever."""

import pytest
import sqlalchemy as sa

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.ids import new_id
from tenants import db as tenants_db
from tenants.db import db
from tenants.outbox import OutboxRow
from tenants.provisioning import LOGIN
from tenants.scope import tenant_scope
from tenants.work import unit_of_work
from tests.conftest import PGBOUNCER_PORT

own = pytest.mark.skipif(bool(PGBOUNCER_PORT), reason="between PgBouncer and PostgreSQL, connections are PgBouncer's")


@pytest.fixture
def backend(flask_app):
    """The PostgreSQL process that a transaction of a company got."""

    def of(tenant):
        with flask_app.app_context(), tenant_scope(tenant), unit_of_work():
            return db.session.scalar(sa.select(sa.func.pg_backend_pid()))

    with flask_app.app_context():
        db.engines[None].dispose()
    return of


@own
def test_a_connection_ends_when_it_has_worked_for_many_companies(alpha, beta, backend, monkeypatch):
    monkeypatch.setattr(tenants_db, "MOST_COMPANIES", 1)
    first, again, other = backend(alpha), backend(alpha), backend(beta)

    assert (first, first) == (again, other)
    assert backend(beta) != first


@pytest.fixture
def waiting_for_the_disk(flask_app):
    """As in life; the tests' server waits for no disk."""
    with flask_app.app_context():
        owner, pool = flask_app.extensions["owners"].main, db.engines[None]
        for word in ("set synchronous_commit = 'on'", "reset synchronous_commit"):
            with owner.begin() as connection:
                connection.exec_driver_sql(f"alter role {LOGIN} {word}")
            pool.dispose()
            if word.startswith("set"):
                yield


@own
def test_what_does_not_wait_for_the_disk_leaves_no_trace_of_it(flask_app, alpha, cast, waiting_for_the_disk):
    """Said by the transaction, and by nothing that comes after it on the same connection."""
    said = sa.select(sa.func.current_setting("synchronous_commit"))
    with flask_app.app_context(), tenant_scope(alpha):
        with unit_of_work(durable=False):
            forgettable = db.session.scalar(said)
            db.session.add(OutboxRow(id=new_id(), name="tests.kept", data={}, occurred_at=clock.now()))
        with unit_of_work():
            after = db.session.scalar(said)
            kept = db.session.scalar(sa.select(sa.func.count()).where(OutboxRow.name == "tests.kept"))
        with pytest.raises(ZeroDivisionError), unit_of_work(durable=False):
            raise ZeroDivisionError
        with unit_of_work():
            after_an_error = db.session.scalar(said)

    assert (forgettable, after, after_an_error, kept) == ("off", "on", "on", 1)


def test_a_connection_that_died_cuts_no_answer_that_is_on_its_way(flask_app, alpha):
    with flask_app.app_context(), tenant_scope(alpha):
        _kill(flask_app, db.session.scalar(sa.text("select pg_backend_pid()")))
        assert len(db.session.registry.registry) == 1

    assert len(db.session.registry.registry) == 0


@own
def test_where_the_page_of_an_error_fails_itself_that_is_answered(flask_app, alpha, cast, anyone, monkeypatch):
    """Its connection went between the two: come back in a moment, and no bare error."""
    monkeypatch.setitem(flask_app.config, "PROPAGATE_EXCEPTIONS", False)
    with flask_app.app_context():
        pool = db.engines[None].pool

    def missing(token):
        db.session.execute(sa.text("select 1"))
        armed.append(True)
        raise NotFound(token)

    def killed(connection, _record):
        if armed:
            armed.clear()
            _kill(flask_app, connection.info.backend_pid)

    armed = []
    monkeypatch.setitem(flask_app.view_functions, "interview.show", missing)
    sa.event.listen(pool, "checkin", killed)
    try:
        answer = anyone("alpha").get("/i/nobody")
    finally:
        sa.event.remove(pool, "checkin", killed)

    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")


def _kill(flask_app, backend):
    with flask_app.extensions["owners"].main.connect() as owner:
        assert owner.scalar(sa.text("select pg_terminate_backend(:pid, 5000)"), {"pid": backend})
