"""Identifiers. UUIDv7 (RFC 9562, 5.7): ordered by time, so that indexes grow at their end."""

import hashlib
import secrets
import uuid

from app.kernel import clock


def new_id() -> uuid.UUID:
    milliseconds = int(clock.now().timestamp() * 1000)
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def new_token() -> str:
    """256 random bits, fit for an address. Whoever stores it stores its digest."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> bytes:
    """Tokens are random, so a plain SHA-256 keeps them."""
    return hashlib.sha256(token.encode()).digest()
