"""A database that is away is told from one that refuses a statement: the first lets all of its companies wait."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from jobs.outages import Outages, away
from tests.chaos.processes import free_port


def error_of(url, *statements):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with pytest.raises(OperationalError) as raised, engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return raised.value


def test_a_statement_that_took_too_long_says_nothing_of_the_database(settings):
    outages = Outages()
    slow = error_of(
        settings.login_url(settings.database_url.get_secret_value()), "set statement_timeout = 20", "select pg_sleep(5)"
    )
    outages.note("main", slow)
    outages.note("two", slow)

    assert (away(slow), outages.of("main"), outages.of("two")) == (False, False, False)


def test_one_that_nobody_answers_for_is_away(settings):
    outages, url = Outages(), sa.make_url(settings.login_url(settings.database_url.get_secret_value()))
    gone = error_of(url.set(port=free_port()), "select 1")
    outages.note("two", gone)

    assert (away(gone), outages.of("two"), outages.of("three")) == (True, True, False)
    with pytest.raises(OperationalError):
        outages.note("main", gone)
