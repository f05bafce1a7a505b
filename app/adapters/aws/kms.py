"""The master key in AWS KMS: what wraps never leaves it. Which company's key it is stands in the encryption context."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.kernel.errors import Refused, Unavailable
from app.settings import Settings

CONNECT_SECONDS, READ_SECONDS, TRIES = 2.0, 5.0, 3
NAME = 8
# Nothing that we could mend opens it; whatever else KMS refuses (rights, a key that is switched off) can be mended.
_SHUT = {"InvalidCiphertextException", "IncorrectKeyException", "NotFoundException"}


class KmsMaster:
    """What is wrapped begins with a digest of the key's id, by which a change of KMS_KEY_ID is seen."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.kms_secret_access_key
        self._key = settings.kms_key_id or ""
        self._client: Any = boto3.client(
            "kms",
            endpoint_url=settings.kms_endpoint_url,
            region_name=settings.kms_region,
            aws_access_key_id=settings.kms_access_key_id,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
            ),
        )

    def wrap(self, key: bytes, *, about: str) -> bytes:
        def encrypt() -> Any:
            return self._client.encrypt(KeyId=self._key, Plaintext=key, EncryptionContext=_context(about))

        return self._name() + _asked(encrypt, "CiphertextBlob", about)

    def unwrap(self, wrapped: bytes, *, about: str) -> bytes:
        """By whichever key of ours it was: KMS reads that from the text."""

        def decrypt() -> Any:
            return self._client.decrypt(CiphertextBlob=wrapped[NAME:], EncryptionContext=_context(about))

        return _asked(decrypt, "Plaintext", about)

    def rewrap(self, wrapped: bytes, *, about: str) -> bytes:
        def re_encrypt() -> Any:
            return self._client.re_encrypt(
                CiphertextBlob=wrapped[NAME:],
                SourceEncryptionContext=_context(about),
                DestinationKeyId=self._key,
                DestinationEncryptionContext=_context(about),
            )

        return self._name() + _asked(re_encrypt, "CiphertextBlob", about)

    def is_newest(self, wrapped: bytes) -> bool:
        """KMS rotates what lies under an id by itself, and opens all of it."""
        return wrapped[:NAME] == self._name()

    def _name(self) -> bytes:
        return hashlib.sha256(self._key.encode()).digest()[:NAME]


def _context(about: str) -> dict[str, str]:
    return {"company": about.partition("/")[0], "about": about}


def _asked(call: Callable[[], Any], what: str, about: str) -> bytes:
    with _in_our_words(about):
        found: bytes = call()[what]
        return found


@contextmanager
def _in_our_words(about: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _SHUT:
            raise Refused("unknown-master", f"KMS does not unwrap {about}: {code}") from error
        raise Unavailable(f"KMS: {code}") from error
    except BotoCoreError as error:
        raise Unavailable(f"KMS: {type(error).__name__}") from error
