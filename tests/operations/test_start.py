"""In production no process starts on a Redis that throws signals away or keeps no file (R-09)."""

import os
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
import redis
from pydantic import SecretStr

from app.adapters.local.services import _Redis
from app.adapters.redis.durability import FORGETTING, durability, refusal
from app.adapters.redis.durability import evicting as evicting_words

PROCESSES = ("asgi.py", "-m jobs relay")


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


def on(settings, url, environment="production", **more):
    return settings.model_copy(update={"redis_url": SecretStr(url), "environment": environment} | more)


@pytest.mark.parametrize(
    ("words", "policy"), [*((words, "allkeys-lru") for words in PROCESSES), (PROCESSES[1], "noeviction")]
)
def test_r09_no_process_starts_and_each_says_why_in_one_sentence(settings, evicting, words, policy):
    """On one that evicts, and on one that keeps no file."""
    with redis.Redis.from_url(evicting) as client:
        client.config_set("maxmemory-policy", policy)
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": evicting, "ENVIRONMENT": "production",
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        "PORT": str(free_port()), "REDIS_KEEPS_NO_FILE": "false",
    }  # fmt: skip
    ended = subprocess.run(
        [sys.executable, *words.split()], env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [refusal(on(settings, evicting))]
    assert ended.stderr.strip() == (FORGETTING if policy == "noeviction" else evicting_words(policy))
    assert "maxmemory-policy noeviction" in evicting_words("allkeys-lru")


def test_elsewhere_it_is_nobodys_business(settings, evicting):
    assert refusal(on(settings, evicting, environment="staging")) is None


def test_r09_a_redis_without_its_file_is_a_reason_unless_somebody_says_otherwise(settings, evicting):
    with redis.Redis.from_url(evicting) as client:
        client.config_set("maxmemory-policy", "noeviction")
        assert refusal(on(settings, evicting)) == FORGETTING
        assert refusal(on(settings, evicting, redis_keeps_no_file=True)) is None
        client.config_set("appendonly", "yes")
        assert refusal(on(settings, evicting)) is None
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert refusal(on(settings, evicting, redis_keeps_no_file=True)) == evicting_words("allkeys-lru")


def test_a_redis_that_is_away_is_no_reason(settings):
    assert refusal(on(settings, f"redis://127.0.0.1:{free_port()}/0")) is None


@pytest.mark.parametrize("appends", [True, False])
def test_the_file_that_redis_keeps_is_seen(evicting, appends):
    with redis.Redis.from_url(evicting) as client:
        client.config_set("appendonly", "yes" if appends else "no")

        assert durability(client).appends is appends


def test_behind_a_proxy_people_type_one_port_and_the_process_listens_at_another(settings):
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        "SCHEME": "https", "PORT": "443", "LISTEN_PORT": str(port),
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "asgi.py"], env=environment)
    try:
        assert answered(f"http://127.0.0.1:{port}/health", process) == 200
    finally:
        ended(process)
    behind = settings.model_copy(update={"scheme": "https", "port": 443, "listen_port": port})
    assert behind.url_for_host("alpha.example", "/x") == "https://alpha.example/x"


@pytest.mark.parametrize("words", ["relay", "worker low"])
def test_a_process_without_pages_answers_machines_where_it_is_told_to(settings, words):
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": settings.database_url.get_secret_value(), "REDIS_URL": settings.redis_url.get_secret_value(),
        "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
        "METRICS_PORT": str(port), "METRICS_TOKEN": "to-count",
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-m", "jobs", *words.split()], env=environment)
    try:
        assert answered(f"http://127.0.0.1:{port}/health", process) == 200
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Authorization": "Bearer to-count"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            told = answer.read().decode()
    finally:
        ended(process)
    assert 'assay_task_seconds_count{end="failed",task="letters.send"} 0.0' in told
    assert ('assay_queue_tasks{queue="scoring"}' in told) is (words == "relay")


def ended(process):
    """Told again where it was told in the middle of its start, as a supervisor does."""
    for _ in range(10):
        process.terminate()
        try:
            return process.wait(3)
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    return process.wait()


def answered(url, process):
    """The status, once somebody listens."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status
        except OSError:
            time.sleep(0.1)
    return None
