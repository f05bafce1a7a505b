"""A form counts only where our own page sent it, by what the browser says of the sender.

Beside the token in forms: candidates' links need none, and other companies' pages lie on the same site as ours.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask, Response, request

from app.web import errors

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN: Final = frozenset({"same-origin", "none"})


def _from_here() -> bool:
    """Browsers since 2023 say it in Sec-Fetch-Site; an older one, or one without TLS, names the origin.

    An origin of "null" is what a page without referrer says, a candidate's among them: then the token alone decides.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    if site is not None:
        return site in _OWN
    return origin == "null" or _host(origin) == _host(f"//{request.host}")


def _host(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _refuse_others() -> Response | None:
    if request.method in _SAFE or _from_here():
        return None
    return errors.answer_from_elsewhere()


def install(flask_app: Flask) -> None:
    flask_app.before_request(_refuse_others)
