"""An installation of its own, whose PostgreSQL may be backed up, killed and lost."""

import json
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app import create_app
from app.adapters.local.services import Services
from app.cli.backup.target import Target
from app.cli.database import make_ready
from app.cli.tenants import found_company
from app.identity.models import Member
from app.kernel import clock
from app.settings import Settings
from app.web import health
from bench.restore import plain
from tenants import exporting, moving, registry
from tenants.db import db
from tenants.scope import tenant_scope
from tenants.work import unit_of_work
from tests.chaos.processes import until
from tests.isolation.test_canaries import one_of_everything
from tests.sizes import FULL

ARCHIVE_SECONDS = 1  # for sixty
VOLUMES = {"services/postgres": 3_000 if FULL else 700, "services/redis": 24, "data/files": 16, "data/keys": 8}
KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


def once_past(moment):
    """What is done next is done after it: a restore to that moment has none of it."""
    assert until(lambda: clock.now() > moment, seconds=60, every=0.02)


class Installation:
    """Two companies, alpha and beta, with one of everything each."""

    def __init__(self, folder, settings):
        self.folder, self.settings = folder, settings
        self.target = Target.at(settings.backup_dir)
        self.flask_app = create_app(settings)
        self.flask_app.config.update(TESTING=True)

    def company(self, slug):
        return self.flask_app.registry.by_slug(slug)

    @contextmanager
    def at(self, slug):
        with self.flask_app.app_context(), tenant_scope(self.company(slug)), unit_of_work():
            yield

    def word(self, *words, code=0):
        result = self.flask_app.test_cli_runner().invoke(args=["backup", *words])
        assert result.exit_code == code, result.output
        return json.loads(result.stdout.splitlines()[-1])

    def furnish(self, slug, name):
        with self.at(slug):
            return one_of_everything(self.flask_app, db.session.scalars(sa.select(Member)).first(), name)[0]

    def found_both(self):
        """Those that are not there, which a test may have deleted."""
        for slug in ("alpha", "beta"):
            if self.company(slug) is None:
                with self.flask_app.app_context():
                    found_company(
                        slug=slug, name=slug.title(), hosts=[f"{slug}.localhost"], admin_email=f"ada@{slug}.example",
                        admin_name="Ada",
                    )  # fmt: skip
                self.furnish(slug, f"Cara {slug}")

    def everything(self, slug):
        """All rows of a company, as it sees them."""
        with self.at(slug):
            return {table: sorted(exporting.rows(table)) for table in exporting.tables()}

    def files(self, slug):
        place = self.settings.data_dir / "files" / slug
        return {f.relative_to(place).as_posix(): f.read_bytes() for f in place.rglob("*") if f.is_file()}

    def close(self):
        with self.flask_app.app_context():
            for engine in db.engines.values():
                engine.dispose()


@contextmanager
def volumes(folder):
    """A small file system of its own for each of them, where this user may mount one; else plain folders."""
    mounted = []
    for name, megabytes in VOLUMES.items():
        place = folder / name
        place.mkdir(parents=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "assay-test", str(place)]
        if subprocess.run(words, capture_output=True, check=False).returncode == 0:
            mounted.append(place)
    try:
        yield mounted
    finally:
        for place in mounted:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def opened():
    folder = Path(tempfile.mkdtemp(prefix="assay-backup-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        with volumes(folder) as mounted, _opened(folder) as made:
            made.volumes = mounted
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(folder):
    logs = folder / "backups" / "wal" / "main"
    services = Services(folder / "services", archive=logs, archive_seconds=ARCHIVE_SECONDS)
    try:
        addresses = services.start()
        data = folder / "data"
        data.mkdir(exist_ok=True)
        (data / "master.key").write_text(KEY)
        (data / "master.key").chmod(0o600)
        settings = Settings(
            database_url=SecretStr(addresses.database_url), redis_url=SecretStr(addresses.redis_url), data_dir=data,
            backup_dir=folder / "backups", environment="test", log_level="ERROR", mailbox_page=True,
            anthropic_api_key=None, app_database_url=None, databases={}, master_key_file=data / "master.key",
        )  # fmt: skip
        made = Installation(folder, settings)
        made.services = services
        with psycopg.connect(plain(addresses.database_url), autocommit=True) as owner:  # its volume is small
            owner.execute("alter system set max_wal_size = '160MB'")
            owner.execute("select pg_reload_conf()")
        with made.flask_app.app_context():
            make_ready()
        made.found_both()
        yield made
        made.close()
    finally:
        services.forget()


@pytest.fixture(scope="session")
def installation(_installation):
    """Beside the application of all other tests, whose connections stay the ones that are counted."""
    with ExitStack() as stack:
        made = stack.enter_context(opened())
        with _installation.app_context():
            health.watch_pools(db.engines, most=30)
        yield made


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(registry, "SECONDS_REMEMBERED", 0.1)
    monkeypatch.setattr(moving, "GRACE_SECONDS", 0.1)
