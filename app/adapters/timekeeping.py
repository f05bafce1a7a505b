"""All processes go by the database's clock: leases, links and deadlines must not depend on which machine wrote them."""

import threading
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import Flask

from app.kernel import clock
from tenants.db import db

EVERY_SECONDS = 30.0
NOISE = timedelta(seconds=1)  # a busy machine measures this much wrongly
log = structlog.get_logger()


def adjust(engine: sa.Engine) -> timedelta:
    """Go by the database's clock where ours is off. Says by how much; raises what the driver raises."""
    with engine.connect() as connection:
        connection.exec_driver_sql("select 1")  # connecting is not measured
        before = clock.machine()
        theirs: datetime = connection.exec_driver_sql("select clock_timestamp()").scalar_one()
        after = clock.machine()
    ahead = before + (after - before) / 2 - theirs
    if abs(ahead) < NOISE + (after - before):
        clock.correct(timedelta(0))
        return timedelta(0)
    log.warning("clock_is_off", seconds=round(ahead.total_seconds(), 1))
    clock.correct(ahead)
    return ahead


def keep(flask_app: Flask) -> None:
    """Once now, if the database answers, and then twice a minute in a thread. After any fork: it opens a connection."""
    with flask_app.app_context():
        engine = db.engines[None]
    _try(engine)
    threading.Thread(target=_keep, args=(engine,), daemon=True, name="clock").start()


def _keep(engine: sa.Engine) -> None:
    while not threading.Event().wait(EVERY_SECONDS):
        _try(engine)


def _try(engine: sa.Engine) -> None:
    try:
        adjust(engine)
    except sa.exc.SQLAlchemyError:
        log.warning("clock_not_compared")
