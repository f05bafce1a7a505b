"""A folder and a bucket that backups lie in."""

import pytest

from app.adapters.local.folder import FolderStore
from app.adapters.s3.backups import BucketStore
from app.adapters.s3.bucket import Bucket, Patience
from tests.contracts.backups.words import KEYS
from tests.fakes.aws import new_bucket, signed_in


@pytest.fixture
def kept_in(settings, address, tmp_path):
    """Settings of backups in a bucket of their own."""
    own = {"backup_bucket": new_bucket(address), "backup_dir": tmp_path / "room", "s3_prefix": "prod/"}
    return settings.model_copy(update=own | signed_in(address))


@pytest.fixture
def bucket(kept_in):
    return Bucket(kept_in, kept_in.backup_bucket, Patience(1.0, 2.0, 2))


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "backups")
    return BucketStore(request.getfixturevalue("bucket"), lambda: KEYS)
