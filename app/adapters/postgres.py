"""The addresses of databases, as the owner and as the login role of web and workers."""

from sqlalchemy import URL, make_url

from app.settings import Settings


def owner_urls(settings: Settings) -> dict[str, str]:
    """By the registry's name for the database."""
    urls = {"main": settings.database_url} | settings.databases
    return {name: _psycopg(url.get_secret_value()).render_as_string(hide_password=False) for name, url in urls.items()}


def login_urls(settings: Settings) -> dict[str, URL]:
    urls = {name: _psycopg(settings.login_url(url)) for name, url in owner_urls(settings).items()}
    if settings.app_database_url:
        urls["main"] = _psycopg(settings.app_database_url.get_secret_value())
    return urls


def _psycopg(url: str) -> URL:
    """Whatever the usual spelling (postgres://, postgresql://), the driver is psycopg 3."""
    return make_url(url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql+psycopg")
