"""Isolation once more with PgBouncer in transaction mode between: one server connection serves one company after the other."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from app.adapters.local.programs import unprivileged
from app.adapters.local.services import _free_port
from tests.conftest import PGBOUNCER_PORT
from tests.sizes import FULL

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
CONNECTIONS = 3
TESTS = (
    [
        "tests/tenants",
        "tests/isolation",
        "tests/architecture/test_walk.py",
        "tests/edges/test_served.py",
        "tests/jobs/test_fairness.py",
    ]
    if FULL
    else ["tests/tenants/test_isolation.py", "tests/isolation/test_pool.py", "tests/isolation/test_attacker.py"]
)
pytestmark = [
    pytest.mark.xdist_group("isolation"),
    pytest.mark.slow,
    pytest.mark.skipif(bool(PGBOUNCER_PORT), reason="these tests run through PgBouncer already"),
    pytest.mark.skipif(PROGRAM is None, reason="no PgBouncer here: apt-get install pgbouncer, as bin/setup --dev does"),
]


@pytest.fixture(scope="module")
def pgbouncer(settings):
    """Its port, its settings as Debian's would be, and few connections to the server."""
    server = urlsplit(settings.database_url.get_secret_value())
    port, user = _free_port(), unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
    (folder / "users").write_text(f'"assay_login" "{settings.login_password()}"\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host={server.hostname} port={server.port}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder}/users\nlogfile = {folder}/log\n"
        f"pool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\nmax_client_conn = 200\n"
        "stats_users = assay_login\n"
    )
    if user:
        for each in (folder, *folder.iterdir()):
            os.chown(each, user.pw_uid, user.pw_gid)
    process = subprocess.Popen(
        [PROGRAM, "-q", str(folder / "ini")], cwd="/", user=user.pw_uid if user else None,
        group=user.pw_gid if user else None, extra_groups=[] if user else None,
    )  # fmt: skip
    yield port, folder / "log"
    process.terminate()
    process.wait(20)
    shutil.rmtree(folder)


def shown(settings, port, what):
    """What its own console says."""
    url = f"postgresql://assay_login:{settings.login_password()}@127.0.0.1:{port}/pgbouncer"
    end = time.monotonic() + 10
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as console:
                cursor = psycopg.ClientCursor(console)
                names = [column.name for column in cursor.execute(f"show {what}").description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)


def test_s03_isolation_holds_through_pgbouncer_in_transaction_mode(settings, pgbouncer):
    port, log = pgbouncer
    assert {row["key"]: row["value"] for row in shown(settings, port, "config")}["pool_mode"] == "transaction"
    child = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT, env=os.environ | {"TEST_PGBOUNCER_PORT": str(port)}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert child.returncode == 0, child.stdout[-6000:] + log.read_text()[-1000:]
    assert int(re.search(r"(\d+) passed", child.stdout)[1]) >= 100
    stats = [row for row in shown(settings, port, "stats") if row["database"].startswith("assay_test_")]
    assert sum(row["total_xact_count"] for row in stats) >= 1000


@pytest.mark.skipif(not FULL, reason="two minutes: bin/chaos S-01 runs it")
def test_s01_s08_s10_s11_isolation_holds_with_the_companies_in_two_databases(settings):
    """Beta in the second one; nobody's name in one of them is anybody's in the other."""
    tests = [
        "tests/architecture/test_walk.py",
        "tests/isolation/test_spoofing.py",
        "tests/isolation/test_canaries.py",
        "tests/edges/test_served.py",
    ]
    child = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT, env=os.environ | {"TEST_BETAS_DATABASE": "two"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert child.returncode == 0, child.stdout[-6000:]
    assert int(re.search(r"(\d+) passed", child.stdout)[1]) >= 60
