"""Runs the lines of a Procfile and keeps them running: bin/dev python bin/runner.py [PROCFILE]

`python …` lines are forked from this process once it has imported what they all share: they start in a tenth of a
second instead of seconds, and share that memory. Nothing outlives this process, however it ends.
"""

import contextlib
import ctypes
import os
import runpy
import shlex
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
PATIENCE_SECONDS = 8.0
QUICK_SECONDS = 3.0
LONGEST_PAUSE = 0.8
TELLING = 3
LOOK_EVERY = 0.05
Say = Callable[[str], None]


@dataclass
class Child:
    name: str
    command: str
    pid: int = 0
    started: float = 0.0
    quick_ends: int = 0
    due: float = 0.0


def lines_of(procfile: Path) -> list[Child]:
    pairs = (line.partition(":") for line in procfile.read_text().splitlines() if ":" in line and line[0] != "#")
    return [Child(name.strip(), command.strip()) for name, _, command in pairs]


class Runner:
    """Starts children in the given folder, each with a log of its own; starts again whichever ends."""

    def __init__(self, children: list[Child], *, folder: Path, logs: Path, say: Say) -> None:
        self.children, self.folder, self.logs, self.say = children, folder, logs, say
        self.over = False
        logs.mkdir(parents=True, exist_ok=True)

    def start(self) -> None:
        for child in self.children:
            (self.logs / f"{child.name}.log").write_bytes(b"")
            self._begin(child)

    def tend(self) -> None:
        """Look once: begin anew what has ended. A child that ends at once waits a little longer each time."""
        now = time.monotonic()
        for child in self.children:
            if child.pid and _has_ended(child.pid):
                child.pid = 0
                child.quick_ends = child.quick_ends + 1 if now - child.started < QUICK_SECONDS else 0
                child.due = now + min(0.05 * 2**child.quick_ends, LONGEST_PAUSE) if child.quick_ends else now
                if child.quick_ends == TELLING:
                    self.say(f"{child.name} keeps ending: {self.last_word(child)}")
            if not child.pid and now >= child.due:
                self._begin(child)

    def run(self, while_running: Callable[[], None] = lambda: None) -> None:
        """Until SIGINT, SIGTERM or SIGHUP; then stop all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        try:
            self.start()
            while not self.over:
                self.tend()
                while_running()
                time.sleep(LOOK_EVERY)
        finally:
            self.stop()

    def stop(self) -> None:
        """SIGTERM to each group of processes; SIGKILL to what is there eight seconds later."""
        end = time.monotonic() + PATIENCE_SECONDS
        _tell_groups(self.children, signal.SIGTERM)
        while any(child.pid for child in self.children) and time.monotonic() < end:
            for child in self.children:
                if child.pid and _has_ended(child.pid):
                    _tell_groups([child], signal.SIGKILL)  # what it may have left behind
                    child.pid = 0
            time.sleep(0.02)
        _tell_groups(self.children, signal.SIGKILL)
        for child in self.children:
            if child.pid:
                os.waitpid(child.pid, 0)
                child.pid = 0

    def last_word(self, child: Child) -> str:
        lines = (self.logs / f"{child.name}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1][-300:] if lines else "it said nothing"

    def _told_to_stop(self, *_: object) -> None:
        self.over = True

    def _begin(self, child: Child) -> None:
        child.started = time.monotonic()
        child.pid = forked(lambda: self._become(child), log=self.logs / f"{child.name}.log")

    def _become(self, child: Child) -> None:
        os.chdir(self.folder)
        ctypes.CDLL(None).prctl(PR_SET_NAME, child.name.encode())
        words = shlex.split(child.command)
        if words[0] != "python":
            os.execvp(words[0], words)  # noqa: S606 -- the Procfile's own words
        if words[1] == "-m":
            sys.argv = words[2:]
            runpy.run_module(words[2], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words[1:]
            runpy.run_path(words[1], run_name="__main__")


def forked(body: Callable[[], None], *, log: Path | None = None, output: int | None = None) -> int:
    """A child in a group of its own that dies with us; its exit status is that of `body`."""
    parent = os.getpid()
    if pid := os.fork():
        return pid
    status = 1
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        _as_a_new_process(log, output)
        body()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 -- it ends here, and says so in its log
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _as_a_new_process(log: Path | None, output: int | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if log:
        handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(handle, 1)
        os.dup2(handle, 2)
    if output is not None:
        os.dup2(output, 1)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid


def _tell_groups(children: list[Child], number: signal.Signals) -> None:
    for child in children:
        if child.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, number)


def main() -> None:
    procfile = Path(sys.argv[1] if len(sys.argv) > 1 else "Procfile").resolve()
    folder = procfile.parent
    logs = Path(os.environ.get("DATA_DIR", folder / "var")) / "logs"
    runner = Runner(lines_of(procfile), folder=folder, logs=logs, say=lambda text: print(text, file=sys.stderr))
    runner.run()


if __name__ == "__main__":
    main()
