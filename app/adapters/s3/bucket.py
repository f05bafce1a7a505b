"""One bucket of any provider that speaks S3: time limits, retries, and its troubles in our words. Signs no address."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
PART_BYTES = 64 << 20  # of an object written piece by piece: 10,000 of them at most
_REDIRECTS = {301, 302, 307}
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


@dataclass(frozen=True)
class Patience:
    """How long for a connection, how long for an answer, how often."""

    connect: float
    read: float
    tries: int


NOBODY_WAITS = Patience(10.0, 60.0, 5)
GLANCE = Patience(2.0, 5.0, 1)  # the next look comes soon


class Bucket:
    """Names are below the prefix; who calls says nothing of it. Raises Unavailable where settings make no client."""

    def __init__(self, settings: Settings, name: str, patience: Patience | None = None) -> None:
        secret = settings.s3_secret_access_key
        patience = patience or Patience(CONNECT_SECONDS, READ_SECONDS, TRIES)
        self.tries = patience.tries
        self._name, self._prefix = name, settings.s3_prefix
        with _in_our_words(name):
            self._client: Any = boto3.client(
                "s3",
                endpoint_url=settings.s3_endpoint_url,
                region_name=settings.s3_region,
                aws_access_key_id=settings.s3_access_key_id,
                aws_secret_access_key=secret.get_secret_value() if secret else None,
                config=Config(
                    connect_timeout=patience.connect,
                    read_timeout=patience.read,
                    retries={"total_max_attempts": patience.tries, "mode": "standard"},
                    s3={"addressing_style": "path" if settings.s3_endpoint_url else "auto"},
                    # others than AWS know no checksums of their own; what is sealed is checked when it is opened
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    max_pool_connections=32,
                ),
            )
            self._client.meta.events.register_first("needs-retry.s3", _led_on)

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

    def reading(self, name: str) -> "Reading":
        """All of it, as it comes; where the line breaks, it is asked for from there on."""
        return Reading(self, name)

    def asked(self, name: str, *, first: int, tag: str | None) -> tuple[Any, int, str]:
        """What comes from that byte on, how much there is in all, and its tag."""
        only: dict[str, str] = {"IfMatch": tag} if tag else {}
        with _in_our_words(name):
            found = self._client.get_object(
                Bucket=self._name, Key=self._prefix + name, **({"Range": f"bytes={first}-"} if first else {}), **only
            )
        return found["Body"], first + int(found["ContentLength"]), found["ETag"]

    @contextmanager
    def writing(self, name: str) -> "Iterator[Parts]":
        """What is written becomes the object when the block ends well; else nothing of it stays."""
        where = {"Bucket": self._name, "Key": self._prefix + name}
        with _in_our_words(name):
            parts = Parts(self._client, where | {"UploadId": self._client.create_multipart_upload(**where)["UploadId"]})
        try:
            with _in_our_words(name):
                yield parts
                parts.finish()
        except BaseException:
            with suppress(Unavailable, Refused), _in_our_words(name):
                self._client.abort_multipart_upload(**parts.where)
            raise

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

    def children(self, below: str) -> list[str]:
        """Right below it, names and what would be folders."""
        wanted = {"Bucket": self._name, "Prefix": self._prefix + below, "Delimiter": "/"}
        with _in_our_words(below):
            pages = list(self._client.get_paginator("list_objects_v2").paginate(**wanted))
        found = [each["Key"] for page in pages for each in page.get("Contents", ())]
        found += [each["Prefix"].rstrip("/") for page in pages for each in page.get("CommonPrefixes", ())]
        return [name.removeprefix(self._prefix) for name in found]

    def reach(self) -> None:
        """Raises Unavailable or Refused where it could not be used."""
        with _in_our_words(self._name):
            self._client.head_bucket(Bucket=self._name)

    def versioning(self) -> str | None:
        """Whether what is deleted stays as an older version: "Enabled", "Suspended" (it was), or None."""
        with _in_our_words(self._name):
            status: str | None = self._client.get_bucket_versioning(Bucket=self._name).get("Status")
            return status


class Reading(io.RawIOBase):
    def __init__(self, bucket: Bucket, name: str) -> None:
        self._bucket, self._name, self._at = bucket, name, 0
        self._body = None  # closed in any case, even if nothing comes
        self._body, self._size, self._tag = bucket.asked(name, first=0, tag=None)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._drop()
        super().close()

    def readinto(self, into: Any) -> int:
        for left in reversed(range(self._bucket.tries)):
            try:
                return self._read(into)
            except BotoCoreError as error:
                self._drop()
                if not left:
                    raise Unavailable(f"storage: {type(error).__name__}") from error
        raise Unavailable("storage: never asked")

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
        self._body = None

    def _read(self, into: Any) -> int:
        if self._at == self._size:
            return 0
        if self._body is None:
            self._body, self._size, self._tag = self._bucket.asked(self._name, first=self._at, tag=self._tag)
        given = self._body.read(len(into))
        into[: len(given)] = given
        self._at += len(given)
        return len(given)


class Parts:
    """An object written piece by piece, each sent when there is enough of it."""

    def __init__(self, client: Any, where: dict[str, str]) -> None:
        self._client, self.where = client, where
        self._held, self._sent = bytearray(), list[dict[str, Any]]()

    def write(self, content: bytes) -> int:
        self._held += content
        while len(self._held) >= PART_BYTES:
            self._send(bytes(self._held[:PART_BYTES]))
            del self._held[:PART_BYTES]
        return len(content)

    def finish(self) -> None:
        self._send(bytes(self._held))
        self._client.complete_multipart_upload(**self.where, MultipartUpload={"Parts": self._sent})

    def _send(self, part: bytes) -> None:
        number = len(self._sent) + 1
        done = self._client.upload_part(**self.where, PartNumber=number, Body=part)
        self._sent.append({"PartNumber": number, "ETag": done["ETag"]})


def _led_on(response: Any, **_: Any) -> None:
    """S3 says with a redirect which region its bucket is in. Where nobody says that, boto3 asks for it without end."""
    if response is None:
        return
    said = response[1]
    region = said.get("Error", {}).get("Region") or said["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region")
    if response[0].status_code in _REDIRECTS and not region:
        raise Unavailable(f"storage: {response[0].status_code}, S3_ENDPOINT_URL leads elsewhere")


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
