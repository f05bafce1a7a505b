"""The addresses of databases, as the owner and as the login role of web and workers."""

from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import URL, make_url

from app.settings import Settings

LOGIN = "assay_login"


def owner_urls(settings: Settings) -> dict[str, str]:
    """By the registry's name for the database."""
    urls = {"main": settings.database_url} | settings.databases
    return {name: _psycopg(url.get_secret_value()).render_as_string(hide_password=False) for name, url in urls.items()}


def login_urls(settings: Settings) -> dict[str, URL]:
    urls = {name: _psycopg(settings.login_url(url)) for name, url in owner_urls(settings).items()}
    if settings.app_database_url:
        urls["main"] = _psycopg(settings.app_database_url.get_secret_value())
    return urls


def replica_urls(settings: Settings) -> dict[str, URL]:
    """As the login role, for reports alone."""
    given = {name: url.get_secret_value() for name, url in settings.database_replicas.items()}
    return {name: _psycopg(settings.login_url(url)) for name, url in given.items()}


def by_any_password(settings: Settings) -> Callable[..., Any]:
    """While the master key is rotated, the login role may have the password of the newest or of an older version.

    Asked anew at each new connection, so that no process has to be started again.
    """
    ours = set(settings.login_passwords())

    def connect(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> Any:
        if parameters.get("user") != LOGIN or parameters.get("password") not in ours:
            return None
        *newer, oldest = settings.login_passwords()
        for password in newer:
            try:
                return psycopg.connect(**parameters | {"password": password})
            except psycopg.OperationalError as error:
                if "password authentication failed" not in str(error):
                    raise
        return psycopg.connect(**parameters | {"password": oldest})

    return connect


def _psycopg(url: str) -> URL:
    """Whatever the usual spelling (postgres://, postgresql://), the driver is psycopg 3."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
