"""Pages and their fragments, and the three things that ride along: toasts, focus, the next address."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request, session
from flask import redirect as flask_redirect
from jinja2_fragments.flask import render_block

_KEPT = "_toasts"
_MOST_KEPT = 3  # they wait in a cookie, and a browser drops one of four kilobytes, with whoever is signed in by it


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    undo: str | None = None


def is_htmx() -> bool:
    """HTMX asks for a part; going back in history asks for the whole page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-History-Restore-Request") != "true"


def wanted_fragment(fragments: tuple[str, ...]) -> str | None:
    target = request.headers.get("HX-Target")
    return target if is_htmx() and target in fragments else None


def page(
    template: str,
    *fragments: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response:
    """The page, or the block that HTMX asks for; a block is named as the id of its root element."""
    fragment = wanted_fragment(fragments)
    html = render_block(template, fragment, **context) if fragment else render_template(template, **context)
    response = make_response(html, status)
    response.headers.extend(dict(headers or {}))
    response.vary.add("HX-Request")
    return response


def form_page(template: str, *fragments: str, form: object, **context: Any) -> Response:
    """The same page with what was typed and what is wrong with it."""
    return page(template, *fragments, status=422, form=form, **context)


def see_other(url: str) -> Response:
    """Go on to `url`: 303 for a plain browser; HTMX is told to load it as a page."""
    if not is_htmx():
        response = flask_redirect(url, 303)
        response.vary.add("HX-Request")
        return make_response(response)
    return Response(status=204, headers={"HX-Redirect": url, "Vary": "HX-Request"})


def toast(message: str, undo_url: str | None = None) -> None:
    """Say what was done, once: with this answer to HTMX, or on the next whole page."""
    g.setdefault("toasts", []).append(Toast(message, undo_url))


def focus_to(selector: str) -> None:
    """Where the keyboard goes after HTMX put the fragment in its place."""
    g.focus_to = selector


def take_toasts() -> list[Toast]:
    """For layouts: what waits to be said, from here and from the request before."""
    kept = [Toast(**item) for item in session.pop(_KEPT, [])] if _KEPT in session else []
    return [*kept, *g.pop("toasts", [])]


def inside(url: str | None, otherwise: str = "/") -> str:
    """`url` if it is a path of this site, so that nobody is led away by a link."""
    safe = url and url.isprintable() and url.startswith("/") and not url.startswith(("//", "/\\"))
    return url if safe and url else otherwise


def _events() -> dict[str, str]:
    events = {}
    if toasts := g.pop("toasts", []):
        events["HX-Trigger"] = json.dumps({"toast": {"items": [asdict(item) for item in toasts]}})
    if selector := g.pop("focus_to", None):
        events["HX-Trigger-After-Settle"] = json.dumps({"focus-to": selector})
    return events


def _send_along(response: Response) -> Response:
    goes_on = "HX-Redirect" in response.headers or "HX-Location" in response.headers
    if is_htmx() and not goes_on:
        for name, value in _events().items():
            response.headers.setdefault(name, value)
    elif toasts := g.pop("toasts", []):
        session[_KEPT] = [*session.get(_KEPT, []), *(asdict(item) for item in toasts)][-_MOST_KEPT:]
    return response


def install(flask_app: Flask) -> None:
    flask_app.after_request(_send_along)
    flask_app.jinja_env.globals["take_toasts"] = take_toasts
