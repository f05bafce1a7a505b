import pytest

from tests.chaos.processes import Nursery


@pytest.fixture(scope="session")
def _nursery(settings):
    opened = Nursery(settings)
    yield opened
    opened.close()


@pytest.fixture
def nursery(_nursery):
    """The product's processes; whatever still runs at the end is killed."""
    yield _nursery
    _nursery.kill_all()
