"""The staff's main ways; each slice adds its own, nobody lists them twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import Flask, current_app, g, request, url_for

_KEY = "assay-navigation"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One way in the rail. `label` is a lazy_gettext; `count` and `shown` are asked at each page."""

    key: str
    label: object
    icon: str
    endpoint: str
    order: int = 100
    foot: bool = False
    on_phone: bool = True
    shown: Callable[[], bool] = lambda: True
    count: Callable[[], int] = lambda: 0


@dataclass(frozen=True, slots=True)
class NavLink:
    key: str
    label: str
    icon: str
    url: str
    count: int
    current: bool
    foot: bool
    on_phone: bool


def register(flask_app: Flask, *items: NavItem) -> None:
    known: list[NavItem] = flask_app.extensions.setdefault(_KEY, [])
    known.extend(replace(item) for item in items)
    known.sort(key=lambda item: (item.order, item.key))


def _is_here(url: str) -> bool:
    """The page itself, or one below it; several slices may serve what lies below one address."""
    return request.path == url or (url != "/" and request.path.startswith(f"{url}/"))


def links() -> Sequence[NavLink]:
    """Asked for twice by a page (rail and phone), worked out once."""
    if "navigation" not in g:
        items: list[NavItem] = current_app.extensions.get(_KEY, [])
        serves = current_app.extensions.get("serves", lambda _endpoint: True)
        shown = [(item, url_for(item.endpoint)) for item in items if serves(item.endpoint) and item.shown()]
        # Where one way lies below another, only the lower one is the current.
        here = max((url for _, url in shown if _is_here(url)), key=len, default=None)
        g.navigation = [_link(item, url, current=url == here) for item, url in shown]
    known: Sequence[NavLink] = g.navigation
    return known


def _link(item: NavItem, url: str, *, current: bool) -> NavLink:
    return NavLink(
        key=item.key,
        label=str(item.label),
        icon=item.icon,
        url=url,
        count=item.count(),
        current=current,
        foot=item.foot,
        on_phone=item.on_phone,
    )
