"""The doctor says what is wrong in sentences, gives away no secret, and changes nothing."""

import base64
import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from click.testing import CliRunner
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.cli.backup.target import Target
from app.cli.doctor import house
from app.kernel import clock
from jobs.doctor import doctor
from jobs.queues import QUEUES, connect, queue_of
from tenants.scope import bound
from tests.operations.told import ROOT

SECRET = "geheim-4711"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def redis_url(settings):
    """Keeps a file while a test runs, and nothing afterwards."""
    url = settings.redis_url.get_secret_value()
    with redis.Redis.from_url(url) as client:
        client.flushall()
        client.config_set("appendonly", "yes")
        yield url
        client.config_set("appendonly", "no")
        client.config_set("maxmemory-policy", "noeviction")
        client.flushall()


@pytest.fixture
def working(redis_url):
    """working(*queues): living workers, as Redis sees them."""
    with closing(connect(redis_url)) as connection, ExitStack() as opened:

        def enter(*queues):
            for name in queues:
                worker = SimpleWorker([queue_of(name, connection)], connection=connection, serializer=JSONSerializer)
                worker.register_birth()
                opened.callback(worker.register_death)

        yield enter


@pytest.fixture
def mail_url():
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


@pytest.fixture
def installation(flask_app, settings, redis_url, mail_url, tmp_path):
    """The environment of one that lacks nothing but workers."""
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_bytes(base64.b64encode(settings.master_key()))
    backups = tmp_path / "backups"
    backups.mkdir()
    Target.at(backups).note("verify", good=(clock.now() - timedelta(hours=20)).isoformat())
    return {
        "BACKUP_DIR": str(backups),
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": redis_url, "SMTP_URL": mail_url,
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(key), "ENVIRONMENT": "production",
    }  # fmt: skip


def examined(environment):
    result = CliRunner().invoke(doctor, env=environment)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert all(set(line) == {"check", "ok", "says"} for line in lines)
    assert result.exit_code == (0 if all(line["ok"] for line in lines) else 1)
    return {line["check"]: (line["ok"], line["says"]) for line in lines}


def wrongs(environment):
    return {check: says for check, (ok, says) in examined(environment).items() if not ok}


def test_nothing_is_wrong_with_what_lacks_nothing(installation, working):
    working(*QUEUES)

    found = examined(installation)

    assert {check: says for check, (ok, says) in found.items() if not ok} == {}
    assert set(found) == {
        "database", "owner", "clock", "shared tables", "companies", "login role", "redis", "redis memory", "redis file",
        "master key", "data folder", "mail", "scanner", "models", "workers",
        "backups", "age of the master key", "age of companies' keys",
    }  # fmt: skip
    assert found["companies"][1].startswith("All 2 are at the newest revision")


def test_a_queue_without_a_worker_is_named(installation, working):
    working(*[queue for queue in QUEUES if queue not in {"scoring", "mail"}])

    assert wrongs(installation) == {
        "workers": "No worker listens to scoring, mail: start python -m jobs worker scoring."
    }


def test_a_worker_that_ended_is_not_counted(installation, working, redis_url):
    working(*QUEUES)
    with redis.Redis.from_url(redis_url) as client:
        for key in client.keys("rq:worker:*"):
            client.delete(key)  # what its expiry does, two minutes after the last beat

    assert set(wrongs(installation)) == {"workers"}


@contextmanager
def revision(flask_app, schema, value):
    owner = flask_app.extensions["owners"].main
    with owner.begin() as connection:
        before = connection.exec_driver_sql(f"select version_num from {schema}.alembic_version").scalar()
        connection.exec_driver_sql(f"update {schema}.alembic_version set version_num = '{value}'")
    yield before
    with owner.begin() as connection:
        connection.exec_driver_sql(f"update {schema}.alembic_version set version_num = '{before}'")


def test_a_company_whose_schema_is_behind_is_named(flask_app, installation, working):
    working(*QUEUES)
    with revision(flask_app, "t_beta", "0000") as newest:
        found = wrongs(installation)

    assert found == {"companies": f"1 of 2 are not at {newest}: beta (0000). Run tenants migrate."}


def test_shared_tables_that_are_behind(flask_app, installation):
    with revision(flask_app, "shared", "0000") as newest:
        found = wrongs(installation)["shared tables"]

    assert found == f"They are at 0000, not at {newest}: run database prepare."


@pytest.fixture
def poor_owner(flask_app, installation):
    """The address of a role that may do nothing."""
    owner = flask_app.extensions["owners"].main
    with owner.begin() as connection:
        connection.exec_driver_sql(f"create role doctor_poor login password '{SECRET}'")
    yield owner.url.set(username="doctor_poor", password=SECRET).render_as_string(hide_password=False)
    with owner.begin() as connection:
        connection.exec_driver_sql("drop role doctor_poor")


def test_an_owner_who_may_not_create_roles(installation, poor_owner):
    assert wrongs(installation | {"DATABASE_URL": poor_owner})["owner"].startswith("The owner may not create roles")


def test_a_login_role_with_rights_of_its_own(installation):
    found = wrongs(installation | {"APP_DATABASE_URL": installation["DATABASE_URL"]})["login role"]

    assert "is a superuser" in found
    assert "may create in a schema" in found


def test_clocks_that_disagree(installation):
    with clock.set_to(clock.now() + timedelta(seconds=30)):
        assert wrongs(installation)["clock"].startswith("The database's clock is 30 s off")
    with clock.set_to(clock.now() + timedelta(seconds=1)):
        assert "clock" not in wrongs(installation)


def test_a_redis_that_evicts_and_keeps_no_file(installation, redis_url):
    with redis.Redis.from_url(redis_url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
    found = wrongs(installation)

    assert "allkeys-lru" in found["redis memory"]
    assert "appendonly yes" in found["redis file"]


@pytest.mark.parametrize(
    ("change", "check", "says"),
    [
        ({"DATABASE_URL": f"postgresql://owner:{SECRET}@127.0.0.1:1/none"}, "database", "It does not answer"),
        ({"APP_DATABASE_URL": f"postgresql://login:{SECRET}@127.0.0.1:1/none"}, "login role", "It does not get in"),
        ({"DATABASE_URL": f"not an address {SECRET}"}, "database", "This could not be looked at"),
        ({"REDIS_URL": f"redis://:{SECRET}@127.0.0.1:1/0"}, "redis", "It does not answer"),
        ({"REDIS_URL": f"nothing-{SECRET}"}, "redis", "This could not be looked at"),
        ({"SMTP_URL": f"smtp://me:{SECRET}@127.0.0.1:1"}, "mail", "No letter can leave"),
        ({"SMTP_URL": ""}, "mail", "SMTP_URL is not set"),
        ({"CLAMD_ADDRESS": "127.0.0.1:1"}, "scanner", "nobody scans: clamd: "),
        ({"MASTER_KEY_FILE": "/nowhere/key"}, "master key", "There is none at /nowhere/key"),
        ({"DATA_DIR": "/dev/null"}, "data folder", "Nothing can be written to /dev/null"),
        ({"PORT": "eighty"}, "settings", "PORT: "),
        ({"DATABASES": f"{{{SECRET}"}, "settings", "databases"),
    ],
)
def test_what_is_away_or_wrong_is_said_without_its_secret(installation, change, check, says):
    result = CliRunner().invoke(doctor, env=installation | change)

    assert says in wrongs(installation | change)[check]
    assert SECRET not in result.output


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"?", 0o600, "is not base64"),
        (b"YWJj", 0o600, "has 3 bytes, not 32"),
        (None, 0o644, "Others on this machine can read"),
    ],
)
def test_a_master_key_that_is_none_or_lies_open(installation, tmp_path, content, mode, says):
    file = tmp_path / "key"
    file.write_bytes(content or file.read_bytes())
    file.chmod(mode)

    assert says in wrongs(installation)["master key"]


def test_s74_keys_of_more_than_ninety_days_are_named(installation, flask_app, alpha, beta):
    """Until they are rotated; where it is no production, it is said and nothing is wrong."""
    ring, file = flask_app.extensions["providers"].keyring, Path(installation["MASTER_KEY_FILE"])
    of_companies, of_master = "age of companies' keys", "age of the master key"
    with bound(beta):
        ring.add_company_key()
    with bound(alpha):
        with clock.set_to(clock.now() - timedelta(days=91, hours=1)):
            ring.add_company_key()
        long_ago = (clock.now() - timedelta(days=92, hours=1)).timestamp()
        os.utime(file, (long_ago, long_ago))
        old, elsewhere = wrongs(installation), examined(installation | {"ENVIRONMENT": "test"})
        ring.add_company_key()
        file.touch()
    renewed = examined(installation)

    assert old[of_companies].startswith("Older than 90 days: alpha (91 days). Run keys rotate company.")
    assert old[of_master] == "Older than 90 days: the master key (92 days). Run keys rotate master."
    assert (elsewhere[of_companies], elsewhere[of_master]) == ((True, old[of_companies]), (True, old[of_master]))
    assert renewed[of_master] == (True, "None is known to be older than 90 days.")
    assert renewed[of_companies][1].startswith("None is known to be older than 90 days.")


def test_looking_makes_no_key_and_leaves_no_file(installation, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    environment = {name: value for name, value in installation.items() if name != "MASTER_KEY_FILE"}

    assert {"master key", "login role"} <= set(wrongs(environment | {"DATA_DIR": str(folder)}))
    assert list(folder.iterdir()) == []


def test_backups_that_are_old_or_were_never_taken(installation, tmp_path):
    Target.at(tmp_path / "backups").note("verify", good=(clock.now() - timedelta(hours=49)).isoformat())
    without = {name: value for name, value in installation.items() if name != "BACKUP_DIR"}

    assert wrongs(installation)["backups"] == "The last one that was verified is 49 hours old."
    assert "was ever verified" in wrongs(installation | {"BACKUP_DIR": str(tmp_path)})["backups"]
    assert "BACKUP_DIR and BACKUP_BUCKET are unset" in wrongs(without)["backups"]
    assert "backups" not in wrongs(without | {"ENVIRONMENT": "demo"})


def test_a_disk_that_is_nearly_full(installation, monkeypatch):
    monkeypatch.setattr(house, "LEAST_FREE_BYTES", 1 << 60)

    assert wrongs(installation)["data folder"].startswith("Only ")


def test_without_a_mail_server_it_depends_on_who_waits_for_letters(installation):
    environment = {name: value for name, value in installation.items() if name != "SMTP_URL"}

    assert "nobody gets them" in wrongs(environment)["mail"]
    assert "mail" not in wrongs(environment | {"ENVIRONMENT": "demo"})


def test_the_word_speaks_where_no_application_starts(installation):
    environment = {"PATH": os.environ["PATH"]} | installation | {"MASTER_KEY_FILE": "/nowhere/key"}
    said = subprocess.run(
        [sys.executable, str(ROOT / "bin/words.py"), "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert said.returncode == 1
    assert {"check": "database", "ok": True}.items() <= json.loads(said.stdout.splitlines()[0]).items()
    assert "Traceback" not in said.stderr
