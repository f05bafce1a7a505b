"""The staff's main ways; each slice adds its own, nobody lists them twice."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask import Flask, current_app, request, url_for

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


def _is_here(item: NavItem) -> bool:
    return (request.endpoint or "").partition(".")[0] == item.endpoint.partition(".")[0]


def links() -> Sequence[NavLink]:
    items: list[NavItem] = current_app.extensions.get(_KEY, [])
    return [
        NavLink(
            key=item.key,
            label=str(item.label),
            icon=item.icon,
            url=url_for(item.endpoint),
            count=item.count(),
            current=_is_here(item),
            foot=item.foot,
            on_phone=item.on_phone,
        )
        for item in items
        if item.shown()
    ]
