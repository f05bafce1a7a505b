"""What bin/demo does once the packages are there: servers, tables, the story, and then the Procfile's processes."""

import argparse
import contextlib
import fcntl
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
sys.path[:0] = [str(ROOT), str(ROOT / "bin")]

from runner import Runner, forked, lines_of  # noqa: E402 -- the path has to be set first

from app.adapters.local import archiving  # noqa: E402
from app.adapters.local.programs import ServicesError  # noqa: E402
from app.adapters.local.services import Services  # noqa: E402
from jobs.story.companies import PASSWORD, Company, all_companies  # noqa: E402

LEAST_FREE = 400 * 1024 * 1024
FULL = 20 * 1024 * 1024
TOLD_FROM, TOLD_TO = 25, 92


class Sorry(SystemExit):
    """Ends with one sentence for the person at the terminal, and exit code 1."""

    def __init__(self, sentence: str) -> None:
        print(f"\n{sentence}", file=sys.stderr, flush=True)
        super().__init__(1)


def say(percent: float, text: str) -> None:
    print(f"[{percent:3.0f} %] {text}", flush=True)


def main() -> None:
    words = argparse.ArgumentParser(prog="bin/demo", description="Assay with two companies in it.")
    words.add_argument("--reset", action="store_true", help="delete what the demo has under var/ and start over")
    asked = words.parse_args()
    port = _port()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, _stop)
    VAR.mkdir(exist_ok=True)
    with _only_copy():
        if asked.reset:
            reset()
        _refuse_taken(port)
        _refuse_full()
        with _servers():
            _serve(port)


def _stop(*_: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise SystemExit(130)


def _port() -> int:
    given = os.environ.get("PORT", "8000")
    if not given.isdigit() or not 0 < int(given) < 2**16:
        raise Sorry(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


@contextlib.contextmanager
def _only_copy() -> Iterator[None]:
    with (VAR / "demo.lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise Sorry(
                f"bin/demo is running here already (process {handle.read().strip()}). Stop that one first."
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def reset() -> None:
    """Everything that the embedded servers and the local storage hold; nothing outside var/ but PostgreSQL's files."""
    say(10, "Deleting what the demo had")
    if os.environ.get("DATABASE_URL"):
        return
    Services(VAR / "services").forget()
    for name in ("files", "logs", "rehearsals"):
        shutil.rmtree(_data() / name, ignore_errors=True)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("BIND", "127.0.0.1"), port))
        except PermissionError:
            raise Sorry(f"Port {port} may not be opened by this user. Choose another: PORT=8080 bin/demo") from None
        except OSError:
            raise Sorry(
                f"Port {port} is taken by another program. Stop it, or choose another: PORT={port + 80} bin/demo"
            ) from None


def _refuse_full() -> None:
    free = shutil.disk_usage(VAR).free
    if free < LEAST_FREE:
        raise Sorry(f"The disk is full: {free >> 20} MB are free at {VAR}, and the demo needs {LEAST_FREE >> 20} MB.")


def _data() -> Path:
    return Path(os.environ.get("DATA_DIR") or VAR).resolve()


@contextlib.contextmanager
def _servers() -> Iterator[None]:
    """PostgreSQL and Redis of our own, unless both addresses are given; what processes share is imported meanwhile."""
    given = os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")
    archive, waits = archiving.place(os.environ)
    services = Services(VAR / "services", archive=archive, archive_waits=waits)
    if given:
        say(12, "Using the PostgreSQL and Redis that DATABASE_URL and REDIS_URL name")
        _import_what_is_shared()
        yield
        return
    say(12, "Starting PostgreSQL and Redis")
    try:
        _started(services)
        yield
    finally:
        services.stop()
        print("Stopped. The data stays; start again with bin/demo.", flush=True)


def _started(services: Services) -> None:
    problems: list[Exception] = []

    def start() -> None:
        try:
            addresses = services.start()
            os.environ.setdefault("DATABASE_URL", addresses.database_url)
            os.environ.setdefault("REDIS_URL", addresses.redis_url)
        except (ServicesError, OSError) as problem:
            problems.append(problem)

    thread = threading.Thread(target=start)
    thread.start()
    _import_what_is_shared()
    thread.join()
    if problems:
        _refuse_full()
        raise Sorry(str(problems[0]))


def _import_what_is_shared() -> None:
    """Forked children begin where this leaves off. Nothing here opens a connection or starts a thread."""
    import a2wsgi  # noqa: F401
    import uvicorn  # noqa: F401

    import app.factory
    import app.site  # noqa: F401
    import jobs.relay
    import jobs.timetable
    import jobs.worker  # noqa: F401


def _serve(port: int) -> None:
    os.environ |= {"PORT": str(port), "DATA_DIR": str(_data()), "MAILBOX_PAGE": "1", "PYTHONPATH": str(ROOT)}
    os.environ.setdefault("ENVIRONMENT", "demo")
    say(18, "Preparing tables")
    companies = [company for company in all_companies() if company.slug not in _prepared()]
    if companies:
        _tell(companies)
    say(TOLD_TO + 2, "Starting the processes of the Procfile")
    runner = Runner(
        lines_of(ROOT / "Procfile"), folder=ROOT, logs=VAR / "logs", say=lambda text: print(text, flush=True)
    )
    runner.run(_when_ready(port, lambda: _greet(port)))


def _prepared() -> list[str]:
    """Shared tables, each company's schema; says which companies' stories are told. In a child: no connection stays."""
    from jobs.story.__main__ import prepare

    code, said = _in_child(prepare, log=VAR / "logs" / "prepare.log")
    if code:
        raise _failure("The tables could not be prepared", VAR / "logs" / "prepare.log")
    told: list[str] = json.loads(said)
    return told


def _in_child(body: Callable[[], None], *, log: Path) -> tuple[int, str]:
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"")
    reading, writing = os.pipe()
    pid = forked(body, log=log, output=writing)
    os.close(writing)
    with os.fdopen(reading) as handle:
        said = handle.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said


def _tell(companies: list[Company]) -> None:
    """Each company by a process of its own; their progress is one."""
    from jobs.story.__main__ import tell_one

    pids: dict[int, Company] = {}
    shares = {company.slug: 0.0 for company in companies}
    with selectors.DefaultSelector() as selector:
        for company in companies:
            reading, writing = os.pipe()
            log = VAR / "logs" / f"story-{company.slug}.log"
            log.write_bytes(b"")
            pids[forked(lambda slug=company.slug: tell_one(slug), log=log, output=writing)] = company  # type: ignore[misc]
            os.close(writing)
            selector.register(os.fdopen(reading), selectors.EVENT_READ, company)
        while selector.get_map():
            for key, _ in selector.select():
                line = _line(key.fileobj)
                if not line:
                    selector.unregister(key.fileobj)
                    continue
                _show(line, key.data, shares)
    for pid, company in pids.items():
        if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
            raise _failure(f"The data of {company.name} could not be made", VAR / "logs" / f"story-{company.slug}.log")


def _line(handle: IO[str] | int | object) -> str:
    return handle.readline()  # type: ignore[union-attr]


def _show(line: str, company: Company, shares: dict[str, float]) -> None:
    percent, _, text = line.strip().partition(" ")
    shares[company.slug] = float(percent)
    share = sum(shares.values()) / len(shares) / 100
    say(TOLD_FROM + (TOLD_TO - TOLD_FROM) * share, f"{company.name}: {text}")


def _failure(what: str, log: Path) -> Sorry:
    if shutil.disk_usage(VAR).free < FULL:
        return Sorry(f"{what}: the disk is full. Make room, then run bin/demo again.")
    lines = log.read_text(errors="replace").strip().splitlines()
    return Sorry(f"{what}: {lines[-1][:300] if lines else 'no reason was given'} ({log} has the rest)")


def _when_ready(port: int, then: Callable[[], None]) -> Callable[[], None]:
    waiting, asked_at = [True], [0.0]

    def look() -> None:
        if waiting and time.monotonic() - asked_at[0] > 0.2:  # noqa: PLR2004 -- five times a second
            asked_at[0] = time.monotonic()
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=0.5):
                waiting.clear()
                then()

    return look


def _greet(port: int) -> None:
    say(100, "Ready")
    for company in all_companies():
        print(f"\n  {company.name}: http://{company.host}:{port}   careers page: http://{company.host}:{port}/careers")
        for member in company.members:
            print(f"    {member.role.replace('_', ' '):15} {member.email}")
    print(
        f"\n  Everybody's password: {PASSWORD}\n  Letters: /mailbox at each address. Ctrl-C stops everything.",
        flush=True,
    )


if __name__ == "__main__":
    main()
