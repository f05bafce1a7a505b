"""What every benchmark needs: servers of its own, one company, a web process, and figures about it."""

import contextlib
import fcntl
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app import create_app
from app.adapters.local.services import Services
from app.cli.database import make_ready
from app.cli.tenants import found_company
from app.identity.commands import sign_in
from app.identity.gate import COOKIE_FIELD
from app.identity.queries import member_by_email
from app.settings import Settings
from tenants import provisioning
from tenants.registry import TenantRecord
from tenants.resolver import TenantFlask
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

ROOT = Path(__file__).resolve().parent.parent
HOST = "bench.localhost"
ADMIN = "ada@bench.example"
PASSWORD = "a benchmark's password"


@dataclass(frozen=True)
class House:
    flask_app: TenantFlask
    tenant: TenantRecord
    cookie: str

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        with self.flask_app.app_context(), tenant_scope(self.tenant), unit_of_work():
            yield


@contextlib.contextmanager
def house() -> Iterator[House]:
    """PostgreSQL and Redis of the benchmarks' own (with durability, as in life), and an empty company."""
    with (ROOT / "var" / "bench.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # two at once would measure each other
        yield from _house()


def _house() -> Iterator[House]:
    services = Services(ROOT / "var" / "bench-services")
    addresses = services.start()
    os.environ |= {
        "DATABASE_URL": addresses.database_url, "REDIS_URL": addresses.redis_url, "LOG_LEVEL": "ERROR",
        "DATA_DIR": str(ROOT / "var" / "bench"), "PYTHONPATH": str(ROOT), "ENVIRONMENT": "test",
    }  # fmt: skip
    try:
        flask_app = create_app(Settings())
        with flask_app.app_context():
            make_ready()
            owner = flask_app.extensions["owners"].main
            known = flask_app.registry.by_slug("bench")
            if known:
                provisioning.delete(owner, owner, known)
            tenant, token = found_company(slug="bench", name="Bench", hosts=[HOST], admin_email=ADMIN, admin_name="Ada")
            yield House(flask_app, tenant, _signed_in(flask_app, tenant, token))
    finally:
        services.stop()


def _signed_in(flask_app: TenantFlask, tenant: TenantRecord, token: str) -> str:
    """A browser's cookie, as the sign-in page would set it."""
    from app.identity.commands import set_password

    with tenant_scope(tenant), unit_of_work():
        set_password(token, PASSWORD)
        assert member_by_email(ADMIN)
        session = sign_in(email=ADMIN, password=PASSWORD, place="bench", agent="bench")
    serializer = flask_app.session_interface.get_signing_serializer(flask_app)
    return f"{flask_app.config['SESSION_COOKIE_NAME']}={serializer.dumps({COOKIE_FIELD: session})}"


@contextlib.contextmanager
def web(port: int) -> Iterator[int]:
    """asgi.py as the Procfile runs it; its process id."""
    process = subprocess.Popen([sys.executable, "asgi.py"], cwd=ROOT, env=os.environ | {"PORT": str(port)})
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                break
            time.sleep(0.05)
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def many_files(number: int = 16_384) -> None:
    """Each stream is an open file on both sides."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, most), most))


def pss_kib(pid: int) -> int:
    """Proportional memory of a process: shared pages count by their share."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:"))


def processor_seconds(pid: int) -> float:
    """What a process has used of the processor so far, which a busy machine doesn't change much."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
