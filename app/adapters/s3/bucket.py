"""One bucket of any provider that speaks S3: time limits, retries, and its troubles in our words. Signs no address."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.kernel.errors import Full, Refused, Unavailable
from app.settings import Settings

# An upload waits for it with its transaction open (docs/adr/0008).
CONNECT_SECONDS, READ_SECONDS, TRIES = 2.0, 8.0, 2
MOST_AT_ONCE = 1000  # what one call deletes
_MISSING = {"404", "NoSuchKey", "NotFound"}
_CHANGED = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409", *_MISSING}
_FULL = {"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage", "507"}


class Changed(Exception):
    """It is not what it was, or there is something already: nothing was written."""


class _Whatever:
    """What is there does not matter."""


WHATEVER = _Whatever()


@dataclass(frozen=True)
class Entry:
    """`tag` changes with the content."""

    name: str
    size: int
    tag: str
    at: datetime


class Bucket:
    """Names are below the prefix; who calls says nothing of it."""

    def __init__(self, settings: Settings, name: str) -> None:
        secret = settings.s3_secret_access_key
        self._name, self._prefix = name, settings.s3_prefix
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=settings.s3_access_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
                s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
                # others than AWS know no checksums of their own; what is sealed is checked when it is opened
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                max_pool_connections=32,
            ),
        )

    def put(self, name: str, content: bytes, *, over: "str | _Whatever | None" = WHATEVER) -> None:
        """Where `over` is the tag of what is there (None: nothing). Raises Changed where it is not."""
        only: dict[str, str] = {}
        if over is None:
            only = {"IfNoneMatch": "*"}
        elif isinstance(over, str):
            only = {"IfMatch": over}
        with _in_our_words(name, writing=True):
            self._client.put_object(Bucket=self._name, Key=self._prefix + name, Body=content, **only)

    def get(self, name: str, *, first: int | None = None) -> bytes:
        """All of it, or its first bytes. Raises Refused("missing")."""
        part = {"Range": f"bytes=0-{first - 1}"} if first else {}
        with _in_our_words(name):
            found = self._client.get_object(Bucket=self._name, Key=self._prefix + name, **part)
            content: bytes = found["Body"].read()
            return content

    def get_with_tag(self, name: str) -> tuple[bytes, str]:
        with _in_our_words(name):
            found = self._client.get_object(Bucket=self._name, Key=self._prefix + name)
            return found["Body"].read(), found["ETag"]

    def delete(self, *names: str) -> None:
        for start in range(0, len(names), MOST_AT_ONCE):
            keys = [{"Key": self._prefix + name} for name in names[start : start + MOST_AT_ONCE]]
            with _in_our_words(names[start]):
                done = self._client.delete_objects(Bucket=self._name, Delete={"Objects": keys, "Quiet": True})
            if left := done.get("Errors"):
                raise Unavailable(f"storage: {len(left)} were not deleted: {left[0].get('Code')}")

    def entries(self, below: str = "") -> Iterator[Entry]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=self._prefix + below)
        with _in_our_words(below):
            for page in pages:
                for found in page.get("Contents", ()):
                    name = found["Key"].removeprefix(self._prefix)
                    yield Entry(name, found["Size"], found["ETag"].strip('"'), found["LastModified"])

    def reach(self) -> None:
        """Raises Unavailable or Refused where it could not be used."""
        with _in_our_words(self._name):
            self._client.head_bucket(Bucket=self._name)

    def versioning(self) -> str | None:
        """Whether what is deleted stays as an older version: "Enabled", "Suspended" (it was), or None."""
        with _in_our_words(self._name):
            status: str | None = self._client.get_bucket_versioning(Bucket=self._name).get("Status")
            return status


@contextmanager
def _in_our_words(name: str, *, writing: bool = False) -> Iterator[None]:
    """A wrong password or a bucket that is gone can be mended, so it is Unavailable: tasks try again."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if writing and code in _CHANGED:
            raise Changed(name) from error
        if code in _MISSING:
            raise Refused("missing", name) from error
        raise (Full if code in _FULL else Unavailable)(f"storage: {code}") from error
    except BotoCoreError as error:
        raise Unavailable(f"storage: {type(error).__name__}") from error
