"""Whoever looks at backups from afar is back soon and never takes silence for a backup."""

import socket
import time
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY

from app.adapters.s3 import bucket as buckets
from app.adapters.s3.bucket import Patience
from app.cli.backup.target import Target
from app.cli.doctor import house as doctor
from app.kernel.errors import Unavailable
from jobs import metrics
from jobs.backups import KINDS, Watch
from tenants.db import db

pytestmark = pytest.mark.xdist_group("aws")


@pytest.mark.parametrize(
    "change", [{"backup_bucket": "assay-nobodys"}, {"s3_endpoint_url": "no address"}, {"s3_secret_access_key": None}]
)
def test_backups_that_were_never_seen_are_as_old_as_can_be_and_the_log_is_looked_at(flask_app, kept_in, monkeypatch, change):  # fmt: skip
    """So the alerts for old ones speak, though the scheduler started while the bucket was away or its settings wrong."""
    metrics.BACKUPS.clear()
    watch, asked = Watch(flask_app), list[str]()
    with flask_app.app_context():
        engine = db.engine
    listener = lambda *told: asked.append(told[2])  # noqa: E731
    sa.event.listen(engine, "before_cursor_execute", listener)
    try:
        monkeypatch.setitem(flask_app.extensions, "settings", kept_in.model_copy(update=change))
        watch.look()
    finally:
        sa.event.remove(engine, "before_cursor_execute", listener)
    never = ages()
    monkeypatch.setitem(flask_app.extensions, "settings", kept_in)
    at = datetime(2026, 11, 22, tzinfo=UTC)
    Target.of(kept_in).note("run", **{kind: at.isoformat() for kind in KINDS})
    seeing = Watch(flask_app)
    seeing.look()
    monkeypatch.setattr(seeing, "_target", Target.of(kept_in.model_copy(update={"backup_bucket": "assay-nobodys"})))
    seeing.look()

    assert (never, ages()) == (dict.fromkeys(KINDS, 0.0), dict.fromkeys(KINDS, at.timestamp()))
    assert any("pg_stat_archiver" in each for each in asked)


def test_who_only_glances_at_a_bucket_that_hangs_is_back_within_seconds(flask_app, kept_in, monkeypatch):
    """The scheduler plans every company's work beside it; a base backup may wait for minutes."""
    monkeypatch.setattr(buckets, "GLANCE", Patience(0.3, 0.3, buckets.GLANCE.tries))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = kept_in.model_copy(update={"s3_endpoint_url": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        monkeypatch.setitem(flask_app.extensions, "settings", hangs)
        started = time.monotonic()
        Watch(flask_app).look()
        with pytest.raises(Unavailable):
            list(doctor.backups(hangs))
        took = time.monotonic() - started

    assert (buckets.GLANCE.tries, took < 3) == (1, True)


def ages():
    return {kind: REGISTRY.get_sample_value("assay_backup_timestamp_seconds", {"kind": kind}) for kind in KINDS}
