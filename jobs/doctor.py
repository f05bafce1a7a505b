"""The doctor's round, with what background work adds to it. bin/words.py runs it without an application."""

from collections.abc import Iterator
from contextlib import closing

import redis

from app.cli.doctor import word
from app.cli.doctor.findings import Finding, well, wrong
from app.settings import Settings
from jobs.queues import connect, unserved


def workers(settings: Settings) -> Iterator[Finding]:
    with closing(connect(settings.redis_url.get_secret_value())) as connection:
        try:
            alone = unserved(connection)
        except redis.ConnectionError:
            yield wrong("workers", "Redis, where they are entered, does not answer.")
            return
    if alone:
        yield wrong("workers", f"No worker listens to {', '.join(alone)}: start python -m jobs worker {alone[0]}.")
    else:
        yield well("workers", "Every queue has a worker.")


doctor = word({"workers": workers})
