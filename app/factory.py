"""The only file that knows every room."""

from typing import Any

import sqlalchemy as sa
import structlog
from flask import Response, g
from psycopg.errors import DiskFull
from sqlalchemy import event
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError

import app.tables  # noqa: F401 -- the mapper wants every table before the first query
from app import cli, logs
from app.adapters import counting, tracing
from app.adapters.columns import Columns
from app.adapters.postgres import by_any_password, login_urls, owner_urls, replica_urls
from app.adapters.redis.board import RedisBoard
from app.adapters.redis.signals import Signals
from app.adapters.registry import Providers
from app.settings import CookieKeys, Settings
from app.web.sessions import Sessions
from tenants.db import CONNECT_ARGS, db
from tenants.owner import Owners
from tenants.registry import Registry
from tenants.replicas import Replicas
from tenants.resolver import MovingError, TenantFlask
from tenants.scope import tenant_or_none

POOL = {
    "pool_size": 10, "max_overflow": 20, "pool_recycle": 900, "pool_pre_ping": False, "hide_parameters": True,
    "connect_args": CONNECT_ARGS,
}  # fmt: skip
REPLICA_POOL = POOL | {
    "pool_size": 5, "max_overflow": 5, "pool_timeout": 2,
    "connect_args": CONNECT_ARGS
    | {"connect_timeout": 2, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2}
    | {"tcp_user_timeout": 9000},
}  # fmt: skip
log = structlog.get_logger()


def build(settings: Settings) -> TenantFlask:
    logs.configure(settings)
    cookie_keys = CookieKeys(settings)
    flask_app = TenantFlask("app", static_folder=None)
    logins: dict[str, Any] = dict(login_urls(settings))
    flask_app.config.update(
        SECRET_KEY=list(cookie_keys)[-1],
        SECRET_KEY_FALLBACKS=cookie_keys,
        WTF_CSRF_SECRET_KEY=cookie_keys,
        SQLALCHEMY_DATABASE_URI=logins.pop("main"),
        SQLALCHEMY_BINDS={name: POOL | {"url": url} for name, url in logins.items()},
        SQLALCHEMY_ENGINE_OPTIONS=POOL,
        SESSION_COOKIE_NAME="assay",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_REFRESH_EACH_REQUEST=False,  # fragments race: a late one must not bring an old cookie back
        SESSION_COOKIE_SECURE=settings.scheme == "https",
    )  # fmt: skip
    flask_app.session_interface = Sessions()
    db.init_app(flask_app)
    providers = Providers(settings)
    signals = Signals(settings.redis_url.get_secret_value())
    flask_app.extensions.update(
        settings=settings,
        providers=providers,
        sealer=Columns(providers),
        owners=Owners(owner_urls(settings)),
        signals=signals,
        after_commit=signals.after_commit,
        work_board=RedisBoard(signals.client),
    )
    replicas = _replicas(settings)
    flask_app.extensions["replicas"] = replicas
    with flask_app.app_context():
        for engine in (*db.engines.values(), *replicas.engines.values()):
            event.listen(engine, "do_connect", by_any_password(settings))
        flask_app.registry = Registry(db.engines[None])
    flask_app.extensions["registry"] = flask_app.registry
    flask_app.without_tenant = set()
    flask_app.extensions["serves"] = flask_app.serves
    _pages(flask_app, settings)
    if tracing.begin(settings):
        _trace(flask_app)
    flask_app.before_request(flask_app.refuse_closed)
    flask_app.register_error_handler(MovingError, _moving)
    flask_app.register_error_handler(StaleDataError, _changed_meanwhile)
    flask_app.register_error_handler(DataError, _no_such_number)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        flask_app.register_error_handler(kind, _database_away)
    cli.install(flask_app)
    return flask_app


def _replicas(settings: Settings) -> Replicas:
    """For reports: few connections, and short patience."""
    engines = {name: sa.create_engine(url, **REPLICA_POOL) for name, url in replica_urls(settings).items()}
    for name in engines:
        counting.expect_reports(name)
    return Replicas(engines, settings.replica_seconds_behind, counting.report, counting.replica_behind)


def _changed_meanwhile(_error: StaleDataError) -> Response:
    """Two people saved the same thing in the same instant: the second is told so, as with any conflict."""
    from app.web.errors import answer_conflict

    return answer_conflict()


def _moving(_error: MovingError) -> Response:
    from app.web.errors import answer_moving

    return answer_moving()


def _no_such_number(_error: DataError) -> Response:
    """A number too large for its column names nothing that there is."""
    from app.web.errors import answer_missing

    return answer_missing()


def _database_away(error: OperationalError | InterfaceError | PoolTimeoutError) -> Response:
    """It was killed, starts, is full, or holds a lock too long. The first line names no row and no value."""
    from app.web.errors import answer_unavailable

    cause = getattr(error, "orig", None) or error
    g.database_away = True
    full = isinstance(cause, DiskFull)
    return answer_unavailable(full=full, reason=f"{type(cause).__name__}: {next(iter(str(cause).splitlines()), '')}")


def _trace(flask_app: TenantFlask) -> None:
    from app.web import tracing as requests

    requests.install(flask_app, tenant_of=lambda: found.slug if (found := tenant_or_none()) else "")
    with flask_app.app_context():
        for engine in (*db.engines.values(), *flask_app.extensions["replicas"].engines.values()):
            tracing.watch(engine)


def _pages(flask_app: TenantFlask, settings: Settings) -> None:
    """Pages and their routes, where the web's packages and templates are."""
    from app import site

    site.install(flask_app, settings)
