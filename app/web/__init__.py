"""The room of pages: `install` furnishes a Flask object, and knows neither tenants nor slices."""

from collections.abc import Callable
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined

from app.web import (
    assets,
    compress,
    errors,
    filters,
    headers,
    languages,
    layouts,
    origins,
    pages,
    patterns,
    preferences,
    request_ids,
    sizes,
    theme,
)
from app.web.branding import Branding
from app.web.guests import Guest
from app.web.requests import CleanRequest

_ROOT = Path(__file__).parents[2]
csrf = CSRFProtect()


def install(
    flask_app: Flask,
    *,
    locale_of: Callable[[], str] = languages.asked_for,
    zone_of: Callable[[], str] = lambda: "UTC",
    branding_of: Callable[[], Branding] = Branding,
    member_name: Callable[[], str | None] = lambda: None,
    guest_of: Callable[[], Guest | None] = lambda: None,
    https: bool = False,
    with_patterns: bool = False,
) -> None:
    """Everything a page needs. Call it before routes are added and before `jinja_env` was used.

    `locale_of`, `zone_of`, `branding_of` and `member_name` are asked once per page, within its request; `guest_of` when
    something went wrong: whether its page is for somebody without an account.
    """
    flask_app.template_folder = str(_ROOT / "templates")
    flask_app.request_class = CleanRequest
    _templates(flask_app)
    request_ids.install(flask_app)
    headers.install(flask_app, https=https)
    pages.install(flask_app)
    compress.install(flask_app)
    sizes.install(flask_app)
    origins.install(flask_app)
    _forms(flask_app)
    languages.install(flask_app, locale_of=locale_of, zone_of=zone_of, catalogues=str(_ROOT / "translations"))
    filters.install(flask_app)
    assets.install(flask_app)
    layouts.install(flask_app, branding_of=branding_of, member_name=member_name)
    errors.install(flask_app, guest_of=guest_of)
    _routes(flask_app)
    if with_patterns:
        patterns.install(flask_app)


def _templates(flask_app: Flask) -> None:
    flask_app.jinja_options = {
        **flask_app.jinja_options,
        "undefined": StrictUndefined,
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }


def _forms(flask_app: Flask) -> None:
    # A token lives as long as its session: whoever writes for an hour must still be able to send.
    flask_app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    # Candidate pages send no referrer; the token and SameSite cookies carry the check.
    flask_app.config.setdefault("WTF_CSRF_SSL_STRICT", False)
    csrf.init_app(flask_app)


def _routes(flask_app: Flask) -> None:
    add = flask_app.add_url_rule
    add("/theme/<name>.css", "web.theme", theme.serve)
    add("/-/language", "web.language", preferences.choose_language, methods=["POST"])
    add("/-/scheme", "web.scheme", preferences.choose_scheme, methods=["POST"])
