"""The disk of the database is lost; somebody who was signed in comes back to a page. bin/bench restore has it at size."""

import shutil
import time

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.adapters.local.services import Services
from app.identity.commands import set_password, sign_in, write_password_link
from app.identity.gate import COOKIE_FIELD
from app.identity.models import Member
from app.kernel.actor import SYSTEM
from bench.restore import Writer, first_page, killed, plain, streaming
from tenants.db import db
from tests.backup.conftest import ARCHIVE_SECONDS
from tests.sizes import FULL

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("backup"),
    pytest.mark.skipif(
        not FULL, reason="half a minute of starting PostgreSQL: bin/chaos R-33 and bin/bench restore run it"
    ),
]
WORDS = "correct horse battery"


@pytest.fixture
def primary(installation):
    """Its disk is back when the test is over."""
    data = installation.folder / "services" / "postgres" / "pg"
    yield installation
    data.with_name("lost").rename(data)
    installation.services.start()
    installation.close()


def signed_in(installation):
    with installation.at("alpha"):
        ada = db.session.scalars(sa.select(Member)).first()
        set_password(write_password_link(ada, by=SYSTEM), WORDS)
        session = sign_in(email=ada.email, password=WORDS, place="here", agent="test")
    flask_app = installation.flask_app
    sealed = flask_app.session_interface.get_signing_serializer(flask_app).dumps({COOKIE_FIELD: session})
    return f"assay={sealed}"


def restored(installation, name):
    """Where the new database answers, and the files lie."""
    to = installation.folder / name
    installation.word("restore", "--to", str(to))
    url = Services(to / "services").start().database_url
    return installation.settings.model_copy(update={"database_url": SecretStr(url), "data_dir": to})


def test_r33_r34_a_lost_disk_costs_seconds_and_somebody_signed_in_is_back_on_a_page(primary):
    settings, cookie = primary.settings, signed_in(primary)
    url, stream = plain(settings.database_url.get_secret_value()), primary.target.room / "stream" / "main"
    data = primary.folder / "services" / "postgres" / "pg"
    with streaming(settings, meanwhile=lambda: primary.word("run")), Writer(url) as writer:
        time.sleep(3.5 * ARCHIVE_SECONDS)
        killed(data)
    data.rename(data.with_name("lost"))
    began = time.monotonic()

    by_stream = restored(primary, "by-stream")
    status = first_page(by_stream, cookie, "alpha.localhost")
    until_page = time.monotonic() - began
    with_stream = writer.lost(plain(by_stream.database_url.get_secret_value()))
    shutil.rmtree(stream)
    without = writer.lost(plain(restored(primary, "by-archive").database_url.get_secret_value()))
    for name in ("by-stream", "by-archive"):
        Services(primary.folder / name / "services").forget()

    assert len(writer.acknowledged) > 20 * ARCHIVE_SECONDS
    assert (status, until_page < 45) == (200, True)  # a twentieth of fifteen minutes
    assert with_stream[1] <= 5 / 20
    assert 0 < without[1] <= ARCHIVE_SECONDS + 1
