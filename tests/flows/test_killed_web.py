"""kill -9 of the web process in the middle of an interview: it goes on where it was (issue: Done when 4)."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.interviews.commands import conduct, invitations
from app.interviews.models import Turn
from app.kernel.ids import new_token, token_digest
from tenants.db import db
from tests.jobs.factories import approved_kit

TYPED = "I had just begun to write this"


def serve(settings, port):
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        "PORT": str(port),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "asgi.py"], env=environment)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return process
        except OSError:
            assert process.poll() is None
            time.sleep(0.02)


def ask(port, path, data=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": f"alpha.localhost:{port}"})
    if data is not None:
        request.data = urllib.parse.urlencode(data).encode()
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


@pytest.fixture
def token(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=2)
        application = apply(posting, register(name="Cara"), resume=None, source="upload", by=actor_of(cast.rita))
        interview = invitations.open_interview(application, kit, by=actor_of(cast.rita))
        token = new_token()
        interview.link_hash = token_digest(token)
        conduct.begin(interview, consented_to={}, by=actor_of(cast.rita))
    return token


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_killed_web_process_loses_nothing_that_was_typed(settings, alpha, in_tenant, token):
    port = free_port()
    process = serve(settings, port)
    try:
        ask(port, f"/i/{token}/draft?turn=1", {"answer": TYPED, "revision": "1"})
        process.send_signal(signal.SIGKILL)
        process.wait()
        process = serve(settings, port)
        started = time.monotonic()
        page = ask(port, f"/i/{token}")
        took = time.monotonic() - started
    finally:
        process.kill()
        process.wait()

    assert TYPED in page
    assert "Tell us about a system that you changed." in page
    assert took < 2
    with in_tenant(alpha):
        assert [(t.number, t.state, t.draft) for t in db.session.scalars(sa.select(Turn))] == [(1, "asked", TYPED)]
