"""What the layouts ask of every page, whoever wrote it."""

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, g
from flask_babel import get_locale

from app.web import headers, languages, navigation, preferences, theme
from app.web.branding import Branding

# No eval, no inline style, no page copies in browser storage; 422 is a form that came back.
HTMX_CONFIG = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "attributesToSettle": ["class"],
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "selfRequestsOnly": True,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "422", "swap": True},
            {"code": "[45]..", "swap": False, "error": True},
        ],
    }
)


def _language() -> str:
    return str(get_locale() or "en")


def _begun() -> int:
    """When this page began to be made, in milliseconds as Redis counts them: its stream tells what came since."""
    begun: float = g.get("page_begun", time.time())
    return round(begun * 1000)


def install(flask_app: Flask, *, branding_of: Callable[[], Branding], member_name: Callable[[], str | None]) -> None:
    def branding() -> Branding:
        if "branding" not in g:
            g.branding = branding_of()
        found: Branding = g.branding
        return found

    names: dict[str, Any] = {
        "branding": branding,
        "member_name": member_name,
        "navigation": navigation.links,
        "page_language": _language,
        "languages": lambda: languages.LANGUAGES,
        "color_scheme": preferences.scheme,
        "page_address": preferences.here,
        "candidate_nonce": headers.candidate_nonce,
        "accent_css": theme.accent_css,
        "accent_url": theme.accent_url,
        "htmx_config": HTMX_CONFIG,
        "page_begun": _begun,
    }
    flask_app.jinja_env.globals.update(names)

    @flask_app.before_request
    def begin() -> None:
        g.page_begun = time.time()

    @flask_app.context_processor
    def components() -> dict[str, Any]:
        # Not an import of the layout: a fragment is rendered without its layout and needs them too.
        template = flask_app.jinja_env.get_template("components/ui.html")
        return {"ui": template.make_module() if flask_app.debug else template.module}
