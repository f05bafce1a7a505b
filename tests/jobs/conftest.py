from contextlib import closing

import pytest

from jobs.queues import connect


@pytest.fixture
def redis(settings):
    """Empty."""
    with closing(connect(settings.redis_url.get_secret_value())) as client:
        client.flushall()
        yield client
