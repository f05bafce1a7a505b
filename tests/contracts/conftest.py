"""One server that speaks S3 and KMS for all of these tests; each has buckets and keys of its own there."""

import pytest

from tests.fakes.aws import aws


@pytest.fixture(scope="session")
def address():
    with aws() as found:
        yield found
