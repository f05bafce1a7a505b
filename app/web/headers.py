"""What every answer tells the browser it may do: almost nothing."""

import secrets

from flask import Flask, Response, g

_STRICT = "max-age=31536000; includeSubDomains"
_PERMISSIONS = (
    "accelerometer=(), browsing-topics=(), display-capture=(self), geolocation=(), gyroscope=(), "
    "magnetometer=(), payment=(), usb=(), camera=(self), microphone=(self), fullscreen=(self)"
)
# For bytes of strangers, and for files at all: whatever a browser takes them for, they run nothing and reach nobody.
INERT = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}


def candidate_nonce() -> str:
    """The nonce of the one style block of a candidate page; asking for it also stops the page's referrer.

    A candidate's address holds the key to the interview, so no other page may learn it.
    """
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return str(g.style_nonce)


def allow_form_to(origin: str) -> None:
    """Let this answer's forms lead to `https://host`, as for signing in or paying somewhere else."""
    g.form_targets = (*g.get("form_targets", ()), origin)


def policy() -> str:
    nonce = f" 'nonce-{g.style_nonce}'" if "style_nonce" in g else ""
    targets = "".join(f" {origin}" for origin in g.get("form_targets", ()))
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' data: blob:; "
        "font-src 'self'; connect-src 'self'; media-src 'self' blob:; "
        f"form-action 'self'{targets}; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )


def _apply(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer" if "style_nonce" in g else "same-origin")
    headers.setdefault("Permissions-Policy", _PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store")
    return response


def _strict_transport(response: Response) -> Response:
    response.headers.setdefault("Strict-Transport-Security", _STRICT)
    return response


def install(flask_app: Flask, *, https: bool) -> None:
    flask_app.after_request(_apply)
    if https:
        flask_app.after_request(_strict_transport)


def of_streams(*, https: bool) -> list[tuple[bytes, bytes]]:
    """The same for what is answered beside Flask, as ASGI writes it."""
    told = INERT | {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    told |= {"Strict-Transport-Security": _STRICT} if https else {}
    return [(name.lower().encode(), value.encode()) for name, value in told.items()]
