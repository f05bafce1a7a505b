"""What a request may weigh: said before anything of it is read, so that a large one costs neither time nor memory."""

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

MOST_BYTES = 12 * 1024 * 1024  # a file of 10 MB, and the form around it
MOST_TYPED = 512 * 1024  # a form without files: 40,000 letters of Devanagari, each of nine bytes


def most_of(mimetype: str) -> int:
    return MOST_BYTES if mimetype == "multipart/form-data" else MOST_TYPED


def _refuse_large() -> None:
    """A body of unsaid length is none that a browser sends; it may be endless."""
    if "Transfer-Encoding" in request.headers or (request.content_length or 0) > most_of(request.mimetype):
        raise RequestEntityTooLarge


def _hang_up(response: Response) -> Response:
    """What is still on its way is not waited for."""
    if response.status_code == RequestEntityTooLarge.code:
        response.headers["Connection"] = "close"
    return response


def install(flask_app: Flask) -> None:
    flask_app.config.setdefault("MAX_CONTENT_LENGTH", MOST_BYTES)
    flask_app.before_request(_refuse_large)
    flask_app.after_request(_hang_up)
