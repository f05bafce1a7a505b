"""Real PostgreSQL, real Redis, two companies in every test, and no way out to the network."""

import fcntl
import os
import shutil
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
import sqlalchemy as sa
from _pytest.nodeid import coerce_node_id
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from pydantic import SecretStr

from app import create_app
from app.adapters.local.services import Services, _Redis
from app.adapters.redis.signals import NUDGES
from app.cli.tenants import OPERATOR
from app.identity import commands as identity
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel import clock
from app.settings import Settings
from app.workspace.commands import open_workspace
from jobs import runtime
from jobs.queues import connect
from jobs.relay import relay
from tenants import provisioning, registry
from tenants.registry import TenantRecord
from tenants.resolver import TenantFlask
from tenants.scope import tenant_scope
from tenants.work import unit_of_work
from tests.memory import Memory

# A machine that is busy makes examples slowly; that says nothing about the product.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")
ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct horse battery"
PGBOUNCER_PORT = os.environ.get("TEST_PGBOUNCER_PORT")
BETAS_DATABASE = os.environ.get("TEST_BETAS_DATABASE", "main")  # tests/isolation/test_pgbouncer.py has it in "two"
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def _only_loopback(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"a test wanted to reach {address[0]}")


sys.addaudithook(_only_loopback)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one `xdist_group` stay together: pytest 9.2 reads ids elsewhere than pytest-xdist 3.8 writes the group.

    See https://github.com/pytest-dev/pytest-xdist/issues/1386; with its next version this may go.
    """
    for item in items:
        if "@" in vars(item).get("_nodeid", ""):
            item._id = coerce_node_id(item._nodeid)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two databases of this run's own in a shared PostgreSQL without durability, and a Redis of its own."""
    owner = (
        os.environ.get("TEST_DATABASE_URL") or Services(ROOT / "var" / "test-services", fast=True).start().database_url
    )
    name, second = f"assay_test_{os.getpid()}", f"assay_test_two_{os.getpid()}"
    plain = owner.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(plain, autocommit=True) as connection:
        _drop_leftovers(connection)
        connection.execute(f"create database {name}")
        connection.execute(f"create database {second}")
    folder = tmp_path_factory.mktemp("redis")
    redis = _Redis(folder, "test", fast=True)
    port = _free_port()
    redis_url = redis.start(port, _free_port)
    data = tmp_path_factory.mktemp("data")
    (data / "models").symlink_to(_models())
    key = data / "master.key"
    key.write_text("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
    made = Settings(
        database_url=SecretStr(owner.rpartition("/")[0] + f"/{name}"),
        databases={"two": SecretStr(owner.rpartition("/")[0] + f"/{second}")}, redis_url=SecretStr(redis_url), data_dir=data,
        master_key_file=key, environment="test", mailbox_page=True, log_level="ERROR", anthropic_api_key=None,
    )  # fmt: skip
    os.environ["REDIS_KEEPS_NO_FILE"] = "true"  # for the processes that tests start as in production
    yield _through_pgbouncer(made) if PGBOUNCER_PORT else made
    redis.stop()
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)")
        connection.execute(f"drop database if exists {second} with (force)")


def _through_pgbouncer(settings: Settings) -> Settings:
    """Web and workers by PgBouncer, which tests/isolation/test_pgbouncer.py started; the owner comes directly."""
    direct = urlsplit(settings.login_url(settings.database_url.get_secret_value()))
    there = direct._replace(netloc=f"{direct.netloc.rpartition(':')[0]}:{PGBOUNCER_PORT}")
    return settings.model_copy(update={"app_database_url": SecretStr(there.geturl())})


def _models() -> Path:
    models = ROOT / "var" / "models"
    models.mkdir(parents=True, exist_ok=True)
    return models


def _drop_leftovers(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    rows = connection.execute("select datname from pg_database where datname like 'assay_test_%'").fetchall()
    for (name,) in rows:
        if not Path(f"/proc/{str(name).rpartition('_')[2]}").exists():
            connection.execute(f"drop database if exists {name} with (force)")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def _installation(settings: Settings) -> Iterator[TenantFlask]:
    """One application, two provisioned companies."""
    flask_app = create_app(settings)
    flask_app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    identity._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    identity._nobodys_hash.cache_clear()
    owners = flask_app.extensions["owners"]
    with _one_at_a_time(), flask_app.app_context():
        for name in owners.names():
            provisioning.prepare(owners.of(name), login_password=settings.login_password())
        for slug, database in (("alpha", "main"), ("beta", BETAS_DATABASE)):
            provisioning.provision(
                owners.main, owners.of(database), slug=slug, name=slug.title(), hosts=[f"{slug}.localhost"],
                database=database, at=datetime(2026, 1, 1, tzinfo=UTC),
            )  # fmt: skip
    runtime.serve(flask_app)
    registry.SECONDS_REMEMBERED = 600  # so that counting statements doesn't depend on how fast the machine is
    yield flask_app
    with flask_app.app_context():
        from tenants.db import db

        for engine in db.engines.values():
            engine.dispose()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Roles belong to the whole PostgreSQL: runs side by side must not create them in the same instant."""
    with (ROOT / "var" / "provisioning.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def memory(_installation: TenantFlask) -> Iterator[Memory]:
    """memory.recall("name", tell): what `tell` writes and returns, told once and then put back."""
    owners = _installation.extensions["owners"]
    with closing(Memory({"t_alpha": owners.main, "t_beta": owners.of(BETAS_DATABASE)})) as made:
        yield made


@pytest.fixture
def flask_app(_installation: TenantFlask, memory: Memory) -> Iterator[TenantFlask]:
    """The application with both companies empty but for their cast."""
    yield _installation
    memory.forget(sa.update(_tenant_table()).values(state="active"))
    _installation.registry._by_host.clear()


def _tenant_table() -> sa.Table:
    from tenants.registry import Tenant

    table = Tenant.__table__
    assert isinstance(table, sa.Table)
    return table


@pytest.fixture
def alpha(flask_app: TenantFlask) -> TenantRecord:
    found = flask_app.registry.by_slug("alpha")
    assert found is not None
    return found


@pytest.fixture
def beta(flask_app: TenantFlask) -> TenantRecord:
    found = flask_app.registry.by_slug("beta")
    assert found is not None
    return found


InTenant = Callable[[TenantRecord], AbstractContextManager[None]]


@pytest.fixture
def in_tenant(flask_app: TenantFlask) -> InTenant:
    @contextmanager
    def enter(tenant: TenantRecord) -> Iterator[None]:
        with flask_app.app_context(), tenant_scope(tenant), unit_of_work():
            yield

    return enter


@dataclass(frozen=True)
class Cast:
    """Ada administers, Rita recruits, Hugo hires, Ivy interviews at alpha; Rex recruits at beta."""

    ada: Member
    rita: Member
    hugo: Member
    ivy: Member
    rex: Member


@pytest.fixture
def cast(alpha: TenantRecord, beta: TenantRecord, in_tenant: InTenant, memory: Memory) -> Cast:
    found = memory.recall("cast", lambda: _engage(alpha, beta, in_tenant))
    assert isinstance(found, Cast)
    return found


def _engage(alpha: TenantRecord, beta: TenantRecord, in_tenant: InTenant) -> Cast:
    people: dict[str, Member] = {}
    for tenant, roles in (
        (alpha, {"ada": Role.ADMIN, "rita": Role.RECRUITER, "hugo": Role.HIRING_MANAGER, "ivy": Role.INTERVIEWER}),
        (beta, {"rex": Role.RECRUITER}),
    ):
        with in_tenant(tenant):
            open_workspace(name=tenant.name, by=OPERATOR)
            for name, role in roles.items():
                people[name] = identity.add_member(
                    email=f"{name}@{tenant.slug}.example", name=name.title(), role=role, by=OPERATOR, password=PASSWORD
                )
    return Cast(**people)


class HostClient(FlaskClient):
    """A client that stays at one company's address."""

    host = "alpha.localhost"

    def open(self, *args: object, **kwargs: object):
        if not any(key in kwargs for key in ("base_url", "environ_base")):
            kwargs["base_url"] = f"http://{self.host}"
        return super().open(*args, **kwargs)


@pytest.fixture
def anyone(flask_app: TenantFlask, cast: Cast) -> Callable[..., HostClient]:
    def client(tenant: str = "alpha") -> HostClient:
        flask_app.test_client_class = HostClient
        made = flask_app.test_client()
        assert isinstance(made, HostClient)
        made.host = f"{tenant}.localhost"
        return made

    return client


@pytest.fixture
def browser(anyone: Callable[..., HostClient], cast: Cast) -> Callable[[str], HostClient]:
    """browser("rita"): a client of that member's company, signed in."""

    def signed_in(name: str) -> HostClient:
        tenant = "beta" if name == "rex" else "alpha"
        client = anyone(tenant)
        answer = client.post("/sign-in", data={"email": f"{name}@{tenant}.example", "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return signed_in


class Inline:
    """A signaller that keeps what is due, for `drain` to run in this process."""

    def __init__(self) -> None:
        self.due: list[tuple[str, uuid.UUID]] = []

    def signal(self, _queue: str, *, tenant: str, task_id: uuid.UUID, attempt: int, limit: int) -> None:
        self.due.append((tenant, task_id))


@pytest.fixture
def drain(flask_app: TenantFlask, alpha: TenantRecord, beta: TenantRecord, memory: Memory) -> Callable[[], int]:
    """Relay and run what is due in both companies until nothing is left; says how many tasks ran."""

    def until_nothing_is_left() -> int:
        ran = 0
        while True:
            inline = Inline()
            for tenant in (alpha, beta):
                if memory.has(tenant.schema, "outbox", "relayed_at is null") or memory.has(
                    tenant.schema, "task", "state in ('waiting', 'running')"
                ):
                    relay(flask_app, tenant, inline)
            if not inline.due:
                return ran
            for slug, task_id in inline.due:
                runtime.run(slug, str(task_id))
                ran += 1

    return until_nothing_is_left


@pytest.fixture
def clock_at() -> Callable[[datetime], AbstractContextManager[None]]:
    return clock.set_to


class Served:
    """The application on a real port, streams included, for a real browser."""

    def __init__(self, url_of: Callable[[str], str], port: int) -> None:
        self.url, self.port = url_of, port


@pytest.fixture
def served(flask_app: TenantFlask, settings: Settings, cast: Cast) -> Iterator[Served]:
    """served.url("alpha") + path: the ASGI application in a thread, with a worker of all queues beside it."""
    import uvicorn

    from asgi import Application

    application = Application(settings, flask_app=flask_app)
    port = _free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            application, host="127.0.0.1", port=port, log_level="error", log_config=None, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    over = threading.Event()
    worker = threading.Thread(target=_work_until, args=(flask_app, settings, over), daemon=True)
    worker.start()
    while not server.started:
        over.wait(0.02)
    yield Served(lambda tenant: f"http://{tenant}.localhost:{port}", port)
    application.hub.close()
    over.set()
    server.should_exit = True
    thread.join(10)
    worker.join(30)


def _work_until(flask_app: TenantFlask, settings: Settings, over: threading.Event) -> None:
    """Relay and tasks of both companies, as processes would do them: woken by nudges, and sweeping besides."""
    with closing(connect(settings.redis_url.get_secret_value())) as redis:
        while not over.is_set():
            redis.brpop([NUDGES], timeout=0.5)
            redis.delete(NUDGES)
            for slug in ("alpha", "beta"):
                _relay_and_work(flask_app, slug)


def _relay_and_work(flask_app: TenantFlask, slug: str) -> None:
    tenant = flask_app.registry.by_slug(slug)
    if tenant is None or tenant.state != "active":
        return
    inline = Inline()
    relay(flask_app, tenant, inline)
    for due_slug, task_id in inline.due:
        runtime.run(due_slug, str(task_id))


CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def chromium_path() -> str:
    """Debian's, or whichever CHROMIUM names. Without a window it takes two thirds of the time."""
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    return os.environ.get("CHROMIUM") or next(found for name in names if (found := shutil.which(name)))


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A real Chromium; what a test expects may come as late as on a busy machine."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
