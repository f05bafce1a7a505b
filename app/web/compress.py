"""Pages travel zipped: a candidate's phone may be on a slow line.

The zip header carries a file name of random length, so that the size of an answer tells nobody about the
secrets in it.
"""

import gzip
import io
import secrets

from flask import Flask, Response, request

_WORTH = 1024
_TYPES = ("text/html", "application/json")
_LEVEL = 5


def zipped(body: bytes) -> bytes:
    out = io.BytesIO()
    padding = "a" * (1 + secrets.randbelow(100))
    with gzip.GzipFile(padding, "wb", _LEVEL, out, mtime=0) as stream:
        stream.write(body)
    return out.getvalue()


def _apply(response: Response) -> Response:
    fit = (
        response.mimetype in _TYPES
        and not response.is_streamed
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and (response.content_length or 0) > _WORTH
    )
    if fit:
        response.vary.add("Accept-Encoding")
    if fit and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(zipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def install(flask_app: Flask) -> None:
    flask_app.after_request(_apply)
