"""Language and colour scheme: two choices that belong to the browser, so they need no account."""

from flask import Response, request

from app.web import languages
from app.web.pages import inside, see_other

SCHEME = "scheme"
_SCHEMES = ("light", "dark")
_YEAR = 31_536_000


def scheme() -> str | None:
    """The chosen colour scheme; None follows the system."""
    chosen = request.cookies.get(SCHEME)
    return chosen if chosen in _SCHEMES else None


def _remember(response: Response, name: str, value: str | None) -> Response:
    if value is None:
        response.delete_cookie(name, path="/")
    else:
        response.set_cookie(name, value, max_age=_YEAR, path="/", samesite="Lax", secure=request.is_secure)
    return response


def _back() -> Response:
    return see_other(inside(request.form.get("next")))


def choose_language() -> Response:
    chosen = request.form.get("language", "")
    return _remember(_back(), languages.COOKIE, chosen if chosen in languages.LANGUAGES else None)


def choose_scheme() -> Response:
    chosen = request.form.get(SCHEME, "")
    return _remember(_back(), SCHEME, chosen if chosen in _SCHEMES else None)


def here() -> str:
    """This page, for coming back to after a choice; the start where the page answered a form."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return inside(request.headers.get("HX-Current-URL"), request.path)
