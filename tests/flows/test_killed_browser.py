"""A candidate's browser dies while they type: what they had typed is there again when they come back by their link."""

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Error as PlaywrightError

from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.sizes import FULL, sized

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LOST_SECONDS = 5.0
WORD_SECONDS = 0.1
PHONE = {"width": 360, "height": 740}


def opened(chromium, profile):
    """The browser with what it keeps on this phone; it starts anew as after a kill."""
    return chromium.browser_type.launch_persistent_context(
        profile, executable_path=chromium_path(), args=CHROMIUM_FLAGS, viewport=PHONE, locale="en-GB"
    )


def processes_of(profile, *, renderers):
    """Of the browser with this profile; with `renderers` those of its pages alone."""
    lines, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                lines[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace")
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = {pid for pid, line in lines.items() if f"--user-data-dir={profile}" in line}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return [pid for pid in found if not renderers or "--type=renderer" in lines[pid]]


def kill(pids):
    assert pids
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def typed_until(page, end, first):
    """When each word was typed, by its number."""
    typed = {}
    while time.monotonic() < end:
        number = first + len(typed)
        page.keyboard.insert_text(f"w{number} ")
        typed[number] = time.monotonic()
        time.sleep(WORD_SECONDS)
    return typed


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("page", marks=pytest.mark.skipif(not FULL, reason="a browser that dies loses more: bin/chaos")),
        "browser",
    ],
)
def test_r28_a_killed_browser_loses_five_seconds_of_typing_at_most(chromium, link, tmp_path, what):
    chance, lost = random.Random(28), []
    context = opened(chromium, tmp_path)
    page = context.new_page()
    page.goto(link)
    page.get_by_label("I have read this").check()
    page.get_by_role("button", name="Start the interview").click()
    known = 0
    for _ in range(sized(100, 1)):
        page.get_by_label("Your answer").focus()
        page.keyboard.press("Control+End")
        typed = typed_until(page, time.monotonic() + chance.uniform(0.5 if FULL else 7, 10), known)
        killed = time.monotonic()
        kill(processes_of(tmp_path, renderers=what == "page"))
        if what == "page":
            page.close()
        else:
            with suppress(PlaywrightError):
                context.close()
            context = opened(chromium, tmp_path)
        page = context.new_page()
        page.goto(link)
        there = page.get_by_label("Your answer").input_value().split()
        known = int(there[-1][1:]) + 1 if there else 0
        assert there == [f"w{number}" for number in range(known)]
        missing = [at for number, at in typed.items() if number >= known]
        lost.append(killed - min(missing) if missing else 0.0)
    context.close()
    assert max(lost) <= LOST_SECONDS, sorted(lost)
