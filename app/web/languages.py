"""The languages of the pages, each by its own name in its own script."""

from collections.abc import Callable, Mapping
from typing import Any

from babel import Locale
from flask import Flask, g, request
from flask_babel import Babel, get_translations, gettext

from app.kernel.sentences import Sentence

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "hi": "हिन्दी",
    "mr": "मराठी",
    "ta": "தமிழ்",
    "bn": "বাংলা",
}
COOKIE = "language"
# Dates and numbers are written as in India; the digits stay Latin.
_FORMATS = {code: Locale(code, "IN") for code in LANGUAGES}


def asked_for() -> str:
    """What this browser chose on a page, or else says it reads."""
    chosen = request.cookies.get(COOKIE, "")
    read = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
    return chosen if chosen in LANGUAGES else next((tag for tag in read if tag in LANGUAGES), "en")


def formats(language: str) -> Locale:
    return _FORMATS.get(language, _FORMATS["en"])


def translated(words: str) -> str:
    """A Sentence in the language of the page; other words, which a route said itself, as they are."""
    return gettext(words.template, **words.values) if isinstance(words, Sentence) else words


def install(flask_app: Flask, *, locale_of: Callable[[], str], zone_of: Callable[[], str], catalogues: str) -> None:
    def known() -> str:
        language = locale_of()
        return language if language in LANGUAGES else "en"

    Babel(
        flask_app,
        default_translation_directories=catalogues,
        locale_selector=known,
        timezone_selector=zone_of,
    )
    flask_app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue().ugettext(text),
        lambda one, many, number: _catalogue().ungettext(one, many, number),
        newstyle=True,
    )


def _catalogue() -> Any:
    """Of this page, looked up once: flask_babel asks for context and locale again at each sentence."""
    if (found := g.get("catalogue")) is None:
        found = g.catalogue = get_translations()
    return found
