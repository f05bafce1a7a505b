"""The product's own processes, on real PostgreSQL and Redis, started quickly and killed."""

import contextlib
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import urllib3
from pydantic import SecretStr

from tests.conftest import PASSWORD

PATIENCE_SECONDS = 300


class Nursery:
    """Starts processes quickly, and kills them."""

    def __init__(self, settings):
        environment = os.environ | {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "REDIS_URL": settings.redis_url.get_secret_value(),
            "DATA_DIR": str(settings.data_dir), "MASTER_KEY_FILE": str(settings.master_key_file), "LOG_LEVEL": "ERROR",
            "ENVIRONMENT": "test", "SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else "",
        }  # fmt: skip
        for name in ("anthropic_api_key", "anthropic_base_url", "llm_samples", "llm_calls_per_minute"):
            value = getattr(settings, name)
            if value is not None:
                environment[name.upper()] = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if not settings.smtp_url:
            environment.pop("SMTP_URL")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"],
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pids = []

    def start(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.pids.append(int(self.process.stdout.readline()))
        return self.pids[-1]

    def web(self, port):
        """Returns once it answers."""
        pid = self.start("web", str(port))
        until(lambda: answers(port), seconds=30)
        return pid

    def kill(self, pid, number=signal.SIGKILL):
        """What ended by itself (a worker without Redis) is killed already."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        self.pids.remove(pid)

    def kill_group(self, pid):
        """With all that it started, in one stroke, as a machine takes a container's processes."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        self.pids.remove(pid)

    def kill_all(self):
        for pid in list(self.pids):
            self.kill(pid)

    def close(self):
        self.kill_all()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def until(true, *, seconds=PATIENCE_SECONDS, every=0.05):
    """Whether it came true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(every)
    return False


def alive(pid):
    """A process that nobody has asked about since it ended is gone as well."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


class Person:
    """A member of a company at a port of the web process, over real HTTP, with a cookie and its form token."""

    def __init__(self, port, name, company="alpha"):
        self.port, self.company, self.cookies = port, company, {}
        page = self.ask("GET", "/sign-in")[1]
        sent = {"csrf_token": _token(page), "email": f"{name}@{company}.example", "password": PASSWORD}
        status, _ = self.ask("POST", "/sign-in", sent)
        assert status == 303, status
        self.token = _token(self.ask("GET", "/jobs")[1])

    def ask(self, method, path, data=None, *, file=None, timeout=10):
        """(status, body); (0, "") where no answer came. `file` is (field, name, content), as from a form of files."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {
            "Host": f"{self.company}.localhost:{self.port}",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
        }
        body = None
        if file is not None:
            body, headers["Content-Type"] = urllib3.encode_multipart_formdata({**data, file[0]: file[1:]})
        elif data is not None:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(data)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()

    def post(self, path, data, *, file=None):
        return self.ask("POST", path, {"csrf_token": self.token} | data, file=file)[0]


def _token(page):
    found = re.search(r'name="csrf_token" value="([^"]+)"|"X-CSRFToken": "([^"]+)"', page)
    return found[1] or found[2]
