"""Every scanner keeps the same promises: our small server always, ClamAV's own where it is installed."""

import os
import socket
import time

import pytest
from pydantic import ValidationError

from app.adapters.clamav.clamd import Clamd, verdict
from app.kernel.errors import Refused, Unavailable
from app.settings import Settings
from tests.fakes import clamd as clamds


@pytest.fixture(scope="module")
def fake():
    with clamds.clamd() as server:
        yield server


@pytest.fixture(scope="module", params=["fake", "real"])
def address(request, tmp_path_factory):
    if request.param == "fake":
        yield request.getfixturevalue("fake").address
        return
    if clamds.PROGRAM is None:
        pytest.skip("ClamAV's clamd is not installed")
    with clamds.real_clamd(tmp_path_factory.mktemp("clamd")) as found:
        yield found


@pytest.fixture
def ordered(fake):
    def order(word):
        fake.order = word
        return Clamd(fake.address, seconds=0.4)

    yield order
    fake.order = "ok"


@pytest.mark.parametrize("file", clamds.INFECTED.values(), ids=clamds.INFECTED)
def test_s57_eicar_is_found_wherever_it_lies(address, file):
    assert "eicar" in Clamd(address).found_in(file).lower()


@pytest.mark.parametrize("file", [b"", b"Cara Diaz\nNurse", b"\0" * 700_000], ids=["empty", "words", "long"])
def test_nothing_is_found_where_nothing_is(address, file):
    assert Clamd(address).found_in(file) is None


def test_who_answers_says_its_version(address):
    assert Clamd(address).greet().startswith("ClamAV ")


@pytest.mark.parametrize("order", ["slow", "mute", "broken"])
def test_what_is_no_verdict_is_not_a_good_one(ordered, order):
    scanner, started = ordered(order), time.monotonic()

    with pytest.raises(Unavailable):
        scanner.found_in(b"x" * 300_000)

    assert time.monotonic() - started < 1.2


def test_a_file_that_is_too_large_for_it_is_refused(ordered):
    with pytest.raises(Refused, match="StreamMaxLength"):
        ordered("small").found_in(b"x")


def test_one_that_is_away_is_said_to_be(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"127.0.0.1:{probe.getsockname()[1]}"

    for address in (away, f"tcp:{away}", f"tcp://{away}", f"unix:{tmp_path}/none"):
        with pytest.raises(Unavailable, match="clamd: "):
            Clamd(address).found_in(b"x")


@pytest.mark.parametrize("answer", ["", "OK", "stream: OKAY", "stream: X FOUND stream: OK", "x: OK", "stream:  FOUND"])
def test_an_answer_that_nobody_knows_lets_nothing_through(answer):
    with pytest.raises(Unavailable):
        verdict(answer)


@pytest.mark.parametrize("said", ["clamav", "unix:", "/run/clamd", "clamav:port", "http://clamav:3310", "tcp:///:1"])
def test_an_address_that_is_none_is_refused_at_the_start(settings, said):
    with pytest.raises(ValidationError, match="clamd_address"):
        Settings.model_validate(settings.model_dump() | {"clamd_address": said})


@pytest.mark.parametrize("said", ["clamav:3310", "tcp:clamav:3310", "tcp://clamav:3310", "unix:/run/clamd.ctl"])
def test_an_address_is_a_path_or_a_host_and_port(settings, said):
    assert Settings.model_validate(settings.model_dump() | {"clamd_address": said}).clamd_address == said


def test_what_is_set_to_nothing_is_not_set(monkeypatch):
    empty = ("CLAMD_ADDRESS", "SMTP_URL", "METRICS_PORT", "MASTER_KEY_FILE", "DATABASES", "PORT")
    for name in os.environ.keys() & {field.upper() for field in Settings.model_fields}:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/assay")
    monkeypatch.setenv("REDIS_URL", "redis://there")
    unset = Settings().model_dump()
    for name in empty:
        monkeypatch.setenv(name, "")

    assert Settings().model_dump() == unset
    monkeypatch.setenv("REDIS_URL", "")
    with pytest.raises(ValidationError, match="redis_url"):
        Settings()
