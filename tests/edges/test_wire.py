"""S-46, S-77, S-79: over the real server, byte by byte where it matters."""

import contextlib
import http.client
import socket
import threading
import time
from types import SimpleNamespace

import pytest
import uvicorn

from app.identity.commands import actor_of, set_active, sign_out_everywhere
from app.identity.models import Member
from app.kernel.events import RIGHTS
from app.postings.commands import seat, unseat
from app.postings.models import Posting
from asgi import Application
from tenants.db import db
from tenants.work import Ping
from tests.app.candidates.test_apply import post, with_file
from tests.chaos.processes import until
from tests.conftest import PASSWORD
from tests.edges.test_files import from_now_on, resident

MOST_SECONDS = 1.0
FLAT = 8 * 1024  # kB, what sends and a worker beside it included
MEGABYTE = b"a" * 1024 * 1024


class Wire:
    """One client of the server at one company's address, cookies kept."""

    def __init__(self, served, tenant="alpha", name=None):
        self.port, self.host, self.cookie = served.port, f"{tenant}.localhost:{served.port}", ""
        if name:
            body = f"email={name}%40{tenant}.example&password={PASSWORD.replace(' ', '+')}"
            answer, _ = self.ask("POST", "/sign-in", body.encode())
            self.cookie = answer.getheader("Set-Cookie").partition(";")[0]

    def connection(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def headers(self, more=None):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return {"Host": self.host, "Cookie": self.cookie} | kind | (more or {})

    def ask(self, method, path, body=None, more=None):
        connection = self.connection()
        connection.request(method, path, body, self.headers(more))
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer, text


class Stream:
    def __init__(self, wire, topic):
        self.connection = wire.connection()
        self.connection.request("GET", f"/events?topic={topic}", headers=wire.headers())
        self.answer = self.connection.getresponse()
        self.status, self.heard, self.ended = self.answer.status, b"", threading.Event()
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        try:
            while part := self.answer.read1(4096):
                self.heard += part
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        self.ended.set()

    def close(self):
        if self.answer.fp is not None and self.connection.sock is not None:
            with contextlib.suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.answer.close()
        self.connection.close()

    def events(self):
        return self.heard.count(b"event: ")

    def waits_for(self, true, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end and not true():
            time.sleep(0.02)
        return true()


@pytest.fixture
def listen():
    """listen(wire, topic): an open stream, what was heard, its status, and whether it ended."""
    streams = []

    def begin(wire, topic):
        streams.append(Stream(wire, topic))
        return streams[-1]

    yield begin
    for stream in streams:
        stream.close()


@pytest.fixture
def job(alpha, cast, in_tenant):
    from app.postings.commands import write_posting

    with in_tenant(alpha):
        return write_posting(text="Welder", by=cast.rita, actor=actor_of(cast.rita)).id


def test_s46_streams_tell_nobody_else(served, listen, job, flask_app, alpha, cast, in_tenant):
    topic = f"posting-{job}"
    wires = {who: Wire(served, *where) for who, where in {
        "anonymous": ("alpha",), "other company": ("beta", "rex"), "other job": ("alpha", "hugo"), "interviewer": ("alpha", "ivy"),
    }.items()}  # fmt: skip
    refused = {who: listen(wire, topic) for who, wire in wires.items()}
    rita = [listen(Wire(served, "alpha", "rita"), topic)]

    def hears():
        """As a browser does, it comes back to a stream that ended: a test before this one may have changed rights."""
        if rita[-1].ended.is_set():
            rita.append(listen(Wire(served, "alpha", "rita"), topic))
        if b"listening" in rita[-1].heard:
            flask_app.extensions["signals"].after_commit("alpha", [Ping(topic, str(job))])
        return rita[-1].events() >= 1

    assert until(hears, seconds=20, every=0.2)
    assert {who: (one.status, one.events()) for who, one in refused.items()} == {
        "anonymous": (404, 0), "other company": (404, 0), "other job": (404, 0), "interviewer": (404, 0),
    }  # fmt: skip
    assert listen(Wire(served, "alpha", "rita"), f"{RIGHTS}{cast.rita.id}").status == 404


@pytest.mark.parametrize("how", ["sign out", "everywhere", "switched off", "unseated"])
def test_s46_after_a_right_is_gone_its_stream_hears_nothing(
    how, served, listen, job, flask_app, alpha, cast, in_tenant
):
    topic = f"posting-{job}"
    with in_tenant(alpha):
        seat(db.session.get_one(Posting, job), db.session.get_one(Member, cast.hugo.id), by=actor_of(cast.rita))
    hugo = Wire(served, "alpha", "hugo")
    stream = listen(hugo, topic)
    assert stream.waits_for(lambda: b"listening" in stream.heard)
    if how == "sign out":
        assert hugo.ask("POST", "/account/sign-out")[0].status == 303
    else:
        with in_tenant(alpha):
            member = db.session.get_one(Member, cast.hugo.id)
            {
                "everywhere": lambda: sign_out_everywhere(member, by=actor_of(cast.ada)),
                "switched off": lambda: set_active(member, active=False, by=actor_of(cast.ada)),
                "unseated": lambda: unseat(db.session.get_one(Posting, job), member.id, by=actor_of(cast.rita)),
            }[how]()

    assert stream.ended.wait(5)
    heard = stream.events()
    flask_app.extensions["signals"].after_commit("alpha", [Ping(topic, str(job))])
    assert listen(hugo, topic).status in {204, 404}
    assert stream.events() == heard


@pytest.fixture
def secure(flask_app, settings):
    """A server of streams that is reached by HTTPS: what stands before it took that off."""
    application = Application(settings.model_copy(update={"scheme": "https"}), flask_app=flask_app)
    with socket.create_server(("127.0.0.1", 0)) as line:
        server = uvicorn.Server(
            uvicorn.Config(
                application, log_level="error", log_config=None, server_header=False, timeout_graceful_shutdown=1
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [line]})
        thread.start()
        assert until(lambda: server.started)
        yield SimpleNamespace(port=line.getsockname()[1])
        application.hub.close()
        server.should_exit = True
        thread.join(10)


def test_s45_streams_say_what_a_browser_may_do(served, secure, listen, job):
    """Opened, refused, and asked for nothing: they are answered beside Flask."""
    for server, strict in ((served, None), (secure, "max-age=31536000; includeSubDomains")):
        opened = listen(Wire(server, "alpha", "rita"), f"posting-{job}").answer
        refused = [Wire(server).ask("GET", f"/events{query}")[0] for query in ("", f"?topic=posting-{job}")]
        assert [answer.status for answer in (opened, *refused)] == [200, 404, 404]
        for answer in (opened, *refused):
            assert answer.getheader("Strict-Transport-Security") == strict
            assert answer.getheader("Content-Security-Policy") == "default-src 'none'; sandbox"
            assert answer.getheader("X-Content-Type-Options") == "nosniff"
            assert answer.getheader("Cache-Control") == "no-store"
            assert answer.getheader("Referrer-Policy") == "no-referrer"
            assert answer.getheader("Server") is None or strict is None


LARGE = {
    "form": ({"Content-Length": str(11 * len(MEGABYTE))}, b"answer="),
    "beyond any file": ({"Content-Length": str(13 * len(MEGABYTE)), "Content-Type": "multipart/form-data; boundary=x"}, b"--x"),
    "a gigabyte": ({"Content-Length": str(1 << 30)}, b"answer="),
    "chunks": ({"Transfer-Encoding": "chunked"}, None),
    "chunks of a said length": ({"Transfer-Encoding": "chunked", "Content-Length": "5"}, None),
}  # fmt: skip


@pytest.mark.parametrize("path", ["/sign-in", "/i/{link}/answer", "/careers/{job}/apply", "/jobs/{job}/resumes"])
@pytest.mark.parametrize("kind", LARGE)
def test_s77_what_is_too_large_is_refused_at_once(kind, path, served, job, edges):
    headers, begin = LARGE[kind]
    path = path.format(link=edges.interviews["started"], job=edges.ids["posting_id"])
    wire = Wire(served, "alpha", "rita")
    before, started = from_now_on(), time.perf_counter()
    with socket.create_connection(("127.0.0.1", served.port), 10) as line:
        said = {**wire.headers(), **headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        line.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + (begin or b""))
        status = answered(line, MEGABYTE if begin else b"100000\r\n" + MEGABYTE + b"\r\n")

    assert (status, time.perf_counter() - started < MOST_SECONDS) == (413, True)
    assert resident("VmHWM") - before < FLAT


def answered(line, part):
    """Sends on and on, as far as the server takes it; the status it answers with."""
    line.settimeout(0.05)
    said = b""
    for _ in range(1024):
        try:
            line.sendall(part)
        except TimeoutError:
            pass
        except OSError:
            break
        try:
            said += line.recv(4096)
        except TimeoutError:
            continue
        except OSError:
            break
        if said:
            break
    try:
        line.settimeout(5)
        said = said or line.recv(4096)
    except OSError:
        pass
    return int(said.split()[1]) if said else 0


@pytest.mark.parametrize("count", [10_001])
def test_s77_too_many_fields_are_refused_at_once(anyone, edges, count):
    body = "&".join(f"a{number}=" for number in range(count))
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="a{number}"\r\n\r\n\r\n' for number in range(count))
    for path in ("/sign-in", f"/i/{edges.interviews['started']}/answer", f"/careers/{edges.ids['posting_id']}/apply"):
        for data, kind in (
            (body, "application/x-www-form-urlencoded"),
            (f"{parts}--x--", "multipart/form-data; boundary=x"),
        ):
            started = time.process_time()
            answer = anyone().post(path, data=data, content_type=kind)
            assert answer.status_code == 413, (path, kind)
            assert time.process_time() - started < MOST_SECONDS


def test_s77_the_largest_file_that_may_come_still_comes(anyone, edges):
    sent = with_file(b"a" * 10 * 1024 * 1024)

    assert post(anyone(), f"/careers/{edges.ids['posting_id']}/apply", sent).status_code == 303


def test_s79_a_forged_host_is_in_no_letter_and_no_link(flask_app, edges, browser, drain, alpha, in_tenant):
    """The company is found by the address; the links in its letters are made of what the registry knows."""
    from app.letters.models import Mail
    from app.letters.queries import opened

    ada = browser("ada")
    forged = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example", "X-Host": "evil.example"}
    shown = ada.post(f"/settings/people/{edges.ids['member_id']}/link", headers=forged, follow_redirects=True)
    ada.post(f"/interviews/{edges.ids['interview_id']}/link", headers=forged)
    port = ada.post(
        f"/settings/people/{edges.ids['member_id']}/link", base_url="http://alpha.localhost:666", follow_redirects=True
    )
    drain()

    assert shown.status_code == 200
    assert "/password/" in shown.text
    for text in (shown.text, port.text):
        assert "evil.example" not in text
        assert ":666" not in text
    with in_tenant(alpha):
        letters = [opened(mail, flask_app.extensions["providers"].vault) for mail in db.session.query(Mail)]
    assert letters != []
    assert [letter for letter in letters if "evil" in str(letter) or ":666" in str(letter)] == []


@pytest.mark.parametrize("host", ["evil.example", "alpha.localhost.evil.example", "localhost", "127.0.0.1"])
def test_s79_a_host_of_nobody_is_answered_by_nobody(anyone, cast, host):
    answer = anyone().post(
        "/sign-in", base_url=f"http://{host}", data={"email": "ada@alpha.example", "password": PASSWORD}
    )

    assert answer.status_code == 404
    assert "Alpha" not in answer.text
