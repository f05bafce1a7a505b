"""In production no process starts on a Redis that throws signals away (R-09)."""

import os
import socket
import subprocess
import sys

import pytest
import redis
from pydantic import SecretStr

from app.adapters.local.services import _Redis
from app.adapters.redis.durability import durability, refusal

PROCESSES = ("asgi.py", "-m jobs worker low", "-m jobs relay", "-m jobs scheduler")


@pytest.fixture
def evicting(tmp_path):
    """The address of a Redis that evicts, and keeps no file."""
    server = _Redis(tmp_path, "test", fast=True)
    url = server.start(free_port(), free_port)
    with redis.Redis.from_url(url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
    yield url
    server.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def on(settings, url, environment="production"):
    return settings.model_copy(update={"redis_url": SecretStr(url), "environment": environment})


@pytest.mark.parametrize("words", PROCESSES)
def test_no_process_starts_and_each_says_why_in_one_sentence(settings, evicting, words):
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": evicting, "ENVIRONMENT": "production",
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        "PORT": str(free_port()),
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, *words.split()], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [refusal(on(settings, evicting))]
    assert "maxmemory-policy noeviction" in ended.stderr


def test_elsewhere_it_is_nobodys_business(settings, evicting):
    assert refusal(on(settings, evicting, environment="staging")) is None


def test_a_redis_that_keeps_everything_is_no_reason(settings):
    assert refusal(on(settings, settings.redis_url.get_secret_value())) is None


def test_a_redis_that_is_away_is_no_reason(settings):
    assert refusal(on(settings, f"redis://127.0.0.1:{free_port()}/0")) is None


@pytest.mark.parametrize("appends", [True, False])
def test_the_file_that_redis_keeps_is_seen(evicting, appends):
    with redis.Redis.from_url(evicting) as client:
        client.config_set("appendonly", "yes" if appends else "no")

        assert durability(client).appends is appends
