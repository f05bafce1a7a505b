"""S-52 to S-56: files made to do harm, through the real reader with its confined child, and out again."""

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.adapters.local.reading import COPIES, LocalReader
from app.candidates.commands import keep_resume
from app.candidates.models import Candidate
from app.identity.commands import actor_of
from app.ports.reading import Unreadable
from tenants.db import db
from tests.chaos.processes import until
from tests.edges import hostile, overtaken
from tests.edges.conftest import SECRET, untouched
from tests.sizes import FULL

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def reader():
    """Warm: what is measured is the file, not the first loading of libraries."""
    found = LocalReader()
    for name, data in (("cv.pdf", hostile.PDF), ("cv.docx", hostile.DOCX), ("cv.txt", hostile.TEXT)):
        assert "Nadia" in found.document(data, name=name).text or name == "cv.docx"
    return found


def read(reader, data, name):
    """What came of it: a code, or the text."""
    try:
        return reader.document(data, name=name)
    except Unreadable as why:
        return why.code


def resident(line="VmRSS"):
    """In kB; of VmHWM the most since `from_now_on`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith(line))


def from_now_on():
    """What is resident now. The most that ever was is counted anew."""
    Path("/proc/self/clear_refs").write_text("5")
    return resident()


def test_s52_a_file_that_is_something_else_is_refused(reader):
    cases = list(hostile.renamed())
    accepted = [what for what, name, data in cases if read(reader, data, name) != "not-what-it-says"]

    assert accepted == []
    assert len(cases) >= 40


def test_s52_what_a_person_sends_is_taken(reader):
    """The other side: none of the three is refused for what it is not."""
    texts = {"cv.txt": b"MZ Sharma\nEngineer", "CV.TXT": "Ana <ana@x.example>\n".encode("utf-16"), "cv": hostile.TEXT}
    for name, data in texts.items():
        assert reader.document(data, name=name).kind == "txt"
    assert reader.document(b"\r\n\xef\xbb\xbf" + hostile.PDF, name="Ana.PDF").kind == "pdf"
    assert reader.document(hostile.DOCX, name="a.b.docx").kind == "docx"


def test_s53_bombs_are_refused_within_a_second_and_in_little_memory(reader):
    slow, wrong = {}, {}
    for what, data in hostile.bombs():
        before, started = from_now_on(), time.perf_counter()
        code = read(reader, data, "cv.docx")
        took = time.perf_counter() - started
        if code not in {"bomb", "broken", "too-large"}:
            wrong[what] = code
        if took > 1:
            slow[what] = took
        assert resident("VmHWM") - before <= 50 * 1024, what

    assert (wrong, slow) == ({}, {})
    assert read(reader, hostile.TEXT, "cv.txt").kind == "txt"


def test_s54_hostile_files_reach_nothing_and_end_soon(reader, home, canary):
    """No call, no file, no process left, and the next file reads as ever."""
    cases = [("cv.pdf", *one) for one in hostile.harmful_pdfs(home.host, canary)]
    cases += [("cv.docx", *one) for one in hostile.harmful_documents(home.host, canary)]
    slow = {}
    for name, what, data in cases[:: 1 if FULL else 3]:
        started = time.perf_counter()
        found = read(reader, data, name)
        if (took := time.perf_counter() - started) > 30:
            slow[what] = took
        assert SECRET not in str(found), what

    assert len(cases) >= 50
    assert (home.calls, slow, children()) == (0, {}, [])
    assert untouched(canary)
    assert reader.document(hostile.PDF, name="cv.pdf").text == "Nadia Petrova engineer"


def children():
    """Processes that the warm one still has."""
    pid = COPIES._process.pid
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.fixture
def neighbour():
    """Another process of the same user: its id."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def standing(pid):
    """What somebody else can change about it."""
    alive = Path(f"/proc/{pid}/status").read_text().splitlines()[2]
    rest = (os.getpriority(os.PRIO_PROCESS, pid), os.sched_getaffinity(pid), os.sched_getscheduler(pid))
    return alive, rest, os.getpgid(pid), os.getsid(pid), resource.prlimit(pid, resource.RLIMIT_NOFILE)


@pytest.mark.parametrize(("layers", "refusal"), [("all", "EPERM"), ("filter", "EPERM"), ("limits", "EMFILE")])
def test_s54_an_overtaken_child_opens_no_file_and_reaches_nothing(
    layers, refusal, settings, home, canary, neighbour, tmp_path
):
    """Whoever runs his own code in it, by Python or by the kernel's calls: each of the two layers keeps files alone."""
    settings.master_key()
    key = str(settings.master_key_file)
    with contextlib.suppress(OSError):  # not every file system keeps marks
        os.setxattr(canary, "user.mark", b"x")
    until(lambda: "S (" in standing(neighbour)[0])
    before, beside = (Path(canary).stat(), os.listxattr(canary)), standing(neighbour)
    done = subprocess.run(
        [sys.executable, overtaken.__file__, layers, canary, key, str(tmp_path), str(home.port), str(neighbour)],
        cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    told = json.loads(done.stdout)
    said = told["said"]

    assert (told["before"], told["environment"], told["left"]) == ("done", {}, [0, 1, 2])
    assert told["opened"] > 3
    if layers == "all":
        assert (said.pop("more descriptors"), said.pop("memory")) == ("ValueError", "MemoryError")
    assert said == dict.fromkeys(said, refusal)
    assert len(said) >= (600 if layers == "all" else 10)
    assert home.calls == 0
    assert untouched(canary)
    assert (Path(canary).stat(), os.listxattr(canary)) == before
    assert standing(neighbour) == beside
    assert [file.name for file in tmp_path.iterdir()] == ["canary.txt"]


def test_s54_what_a_file_lacks_was_there_before(reader):
    """The machine's own fonts are in PDFs that bring none, and letters of any alphabet in pictures: no copy opens them."""
    shown = [
        reader.document(hostile.PDF.replace(b"Helvetica", name), name="cv.pdf") for name in (b"DejaVu", b"Nobodys")
    ]
    assert shown[0].text == shown[1].text == "Nadia Petrova engineer"
    assert shown[0].pages[0].image != shown[1].pages[0].image
    written = [
        reader.document(text.encode("utf-16"), name="cv.txt") for text in ("\u0928\u092e", "\U000f0000\U000f0001")
    ]
    assert written[0].pages[0].image != written[1].pages[0].image


class Overtaken(LocalReader):
    """A child that a file took over says what it likes."""

    def __init__(self, said):
        super().__init__()
        self.said = said

    def _answer(self, kind, data):
        return 0, self.said


@pytest.mark.parametrize(
    "said",
    [
        b"", b"\xff", b"null", b"[]", b'"pages"', b'{"pages": 1}', b'{"pages": [1]}', b'{"pages": [{"words": []}]}', b"[" * 99_999,
        b'{"pages": [{"width": NaN, "height": 1, "image": null, "words": []}]}',
        b'{"pages": [{"width": 1, "height": 1, "image": "%", "words": [[1]]}]}',
    ],
)  # fmt: skip
def test_s54_whatever_an_overtaken_child_says_is_a_broken_file(said):
    with pytest.raises(Unreadable) as refused:
        Overtaken(said).document(hostile.TEXT, name="cv.txt")
    assert refused.value.code == "broken"


def test_s54_what_an_overtaken_child_says_can_be_kept():
    word = b'["a\\u0000b\\ud800", 0, 0, 9, 9, 9, "x", false, null]'
    said = b'{"pages": [{"width": 9, "height": 9, "image": null, "words": [%s]}]}' % word
    assert Overtaken(said).document(hostile.TEXT, name="cv.txt").text == "ab?"


def test_s55_entities_fetch_nothing_and_read_nothing(reader, home, canary):
    told = {}
    for what, data in hostile.entities(home.host, canary):
        found = read(reader, data, "cv.docx")
        assert SECRET not in str(found), what
        told[what] = found if isinstance(found, str) else found.text

    assert home.calls == 0
    assert untouched(canary)
    refused = {what for what, found in told.items() if found == "broken"}
    assert {what for what in told if "not read" in what or "inclusion" in what} >= set(told) - refused
    assert {"inclusion in utf-8", "file in what is not read"} <= set(told) - refused
    assert len(told) >= 24


STRANGE = {
    "cv.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
    "cv.html": b"<!doctype html><script>alert(1)</script><img src=x onerror=alert(1)>",
    "cv.pdf": hostile.PDF.replace(b"/Root", b"/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>/Root"),
    'x".html\r\nContent-Type: text/html\r\n\r\n<script>': b"<script>alert(1)</script>",
    "../../etc/passwd": b"x",
    "наталья.html": b"<script>alert(1)</script>",
}


@pytest.fixture
def kept(alpha, cast, in_tenant, flask_app):
    """Originals as they would lie there had nobody looked at them: {name: address}."""
    storage, found = flask_app.extensions["providers"].storage, {}
    with in_tenant(alpha):
        from app.candidates.commands import register

        candidate = register(name="Cara")
        db.session.flush()
        for name, data in STRANGE.items():
            made = keep_resume(
                db.session.get_one(Candidate, candidate.id),
                file_name=name,
                data=data,
                storage=storage,
                by=actor_of(cast.rita),
            )
            found[name] = f"/resumes/{made.id}/original"
    return found


def test_s56_originals_are_served_inert(kept, browser):
    rita = browser("rita")
    for name, address in kept.items():
        answer = rita.get(address)
        headers = answer.headers
        assert answer.data == STRANGE[name]
        assert headers["Content-Type"] == "application/octet-stream"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert headers["Content-Disposition"].startswith('attachment; filename="')
        assert headers["Content-Disposition"].count('"') == 2
        assert not set("\r\n/\\<>") & set(headers["Content-Disposition"].replace("UTF-8''", ""))


@pytest.mark.browser
def test_s56_a_browser_saves_them_and_runs_nothing(kept, served, chromium):
    from tests.conftest import PASSWORD

    context = chromium.new_context(base_url=served.url("alpha"), accept_downloads=True)
    page, told = context.new_page(), []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.goto("/sign-in")
    page.fill("[name=email]", "rita@alpha.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    for address in kept.values():
        with page.expect_download() as saved, contextlib.suppress(Exception):
            page.goto(address)
        assert saved.value.path().read_bytes() in STRANGE.values()
    page.set_content("".join(f'<iframe src="{served.url("alpha")}{address}"></iframe>' for address in kept.values()))
    page.wait_for_timeout(300)
    context.close()

    assert told == []
