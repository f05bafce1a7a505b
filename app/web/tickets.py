"""A stream that ends because its process does leaves a ticket, with which its browser comes back as if it had stayed.

Asking Flask anew takes milliseconds of processor time, and after a deploy thousands ask in the same second. The
ticket stands behind the id of what was heard last, so a browser brings it along by itself. It is good for a minute, at
the same address, with the same cookies, for the same topics; whether a right changed meanwhile is for who takes it to
find out.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

GOOD_SECONDS = 60


@dataclass(frozen=True)
class Asker:
    """What a browser says of itself: the address that it asks, and all its cookies."""

    host: bytes
    cookies: bytes

    def digest(self) -> str:
        return hashlib.sha256(self.host + b"\n" + self.cookies).hexdigest()


class Tickets:
    """`keys` of cookies, the newest last; read anew each time, so that a rotation needs no restart."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = keys

    def issue(self, asker: Asker, allowed: dict[str, Any]) -> str:
        return self._serializer().dumps([asker.digest(), allowed])

    def redeem(self, ticket: str, asker: Asker, topics: list[str]) -> dict[str, Any] | None:
        """What was allowed; None for whatever is not this browser's own ticket for these topics, or too old."""
        try:
            whose, allowed = self._serializer().loads(ticket, max_age=GOOD_SECONDS)
        except BadSignature:
            return None
        found: dict[str, Any] = allowed
        return found if whose == asker.digest() and found["topics"] == topics else None

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            list(self._keys), salt="stream", signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
        )
