"""What a request may weigh: said before anything of it is read, so that a large one costs neither time nor memory."""

from collections.abc import MutableMapping
from typing import Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

MOST_BYTES = 12 * 1024 * 1024  # a file of 10 MB, and the form around it
MOST_TYPED = 512 * 1024  # a form without files: 40,000 letters of Devanagari, each of nine bytes
_REFUSAL: Final = "assay.refusal"
_OF_A_BODY: Final = {b"content-length", b"transfer-encoding", b"expect"}


def most_of(mimetype: str) -> int:
    return MOST_BYTES if mimetype == "multipart/form-data" else MOST_TYPED


def refused(scope: MutableMapping[str, Any], refusal: Exception) -> MutableMapping[str, Any]:
    """The same request without its body, which is answered by this error's page, and hung up on."""
    headers = [pair for pair in scope["headers"] if pair[0] not in _OF_A_BODY]
    return {**scope, "headers": headers, _REFUSAL: refusal}


def _refusal() -> Exception | None:
    """What was found of a body before it came to Flask."""
    found: Exception | None = request.environ.get("asgi.scope", {}).get(_REFUSAL)
    return found


def _refuse() -> None:
    """A body of unsaid length is none that a browser sends; it may be endless."""
    if refusal := _refusal():
        raise refusal
    if "Transfer-Encoding" in request.headers or (request.content_length or 0) > most_of(request.mimetype):
        raise RequestEntityTooLarge


def _hang_up(response: Response) -> Response:
    """What is still on its way is not waited for."""
    if response.status_code == RequestEntityTooLarge.code or _refusal():
        response.headers["Connection"] = "close"
    return response


def install(flask_app: Flask) -> None:
    flask_app.config.setdefault("MAX_CONTENT_LENGTH", MOST_BYTES)
    flask_app.before_request(_refuse)
    flask_app.after_request(_hang_up)
