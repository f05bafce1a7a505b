"""S-47, S-60, S-70, S-80: what we give away, by an address, a PDF, a log, an error."""

import base64
import json
import logging
import math
import re
import secrets
import uuid
from importlib.metadata import version

import pytest
import structlog
from rq.logutils import setup_loghandlers

from app import logs
from app.adapters.local.printing import LocalPrinter
from app.interviews.access import interview_by_link
from app.kernel.errors import NotFound, Refused
from app.kernel.ids import new_token
from asgi import configured
from tests.app.scorecards.paper import text_of
from tests.edges.conftest import SECRET, heard, untouched, visits
from tests.sizes import sized


def test_s47_a_candidates_link_is_not_to_be_guessed(edges, alpha, in_tenant):
    """256 bits of the system's random source; a million guesses (some by default), near misses among them, find nothing."""
    drawn = {new_token() for _ in range(1_000)}
    assert {len(base64.urlsafe_b64decode(token + "=")) * 8 for token in drawn} == {256}
    assert len(drawn) == 1_000
    letters = "".join(drawn)
    shares = [letters.count(letter) / len(letters) for letter in set(letters)]
    assert -sum(share * math.log2(share) for share in shares) > 5.98

    known, hits = edges.interviews["started"], 0
    with in_tenant(alpha):
        assert interview_by_link(known) is not None
        for number in range(sized(1_000_000, 300)):
            near = known[: number % 43] + secrets.token_urlsafe(32)[number % 43 :]
            guess = new_token() if number % 2 or near == known else near
            try:
                interview_by_link(guess)
            except NotFound:
                continue
            hits += 1
    assert hits == 0


def payloads(canary, host):
    file, web = f"file://{canary}", f"http://{host}/x"
    yield from (f'<img src="{file}">', f'<img srcset="{web} 2x">', f'<img src="data:text/plain,{SECRET[:0]}">')
    yield from (
        f'<link rel="attachment" href="{file}">',
        f'<a rel="attachment" href="{file}">x</a>',
        f'<link rel="stylesheet" href="{web}">',
    )
    yield from (
        f'<style>@import "{web}";</style>',
        f"<style>@import url({file});</style>",
        f'<p style="background: url({web})">x</p>',
    )
    yield from (f"<style>@font-face {{ font-family: x; src: url({file}) }} p {{ font-family: x }}</style><p>x</p>",)
    yield from (
        f"<style>p::before {{ content: url({file}) }}</style><p>x</p>",
        f"<style>li {{ list-style-image: url({web}) }}</style><ul><li>x</ul>",
    )
    yield from (
        f'<svg><image href="{file}"/></svg>',
        f'<svg><use href="{web}#a"/></svg>',
        f'<object data="{file}"></object>',
        f'<embed src="{web}">',
    )
    yield from (
        f'<iframe src="{file}"></iframe>',
        f'<meta http-equiv="refresh" content="0;url={web}">',
        f'<base href="{file}"><img src="canary.txt">',
    )
    yield from (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{file}">]><p>&e;</p>',
        f'<script src="{web}"></script><script>fetch("{web}")</script>',
    )
    yield from (
        f'<link rel="icon" href="{web}">',
        f'<p style="border-image: url({file})">x</p>',
        f'<xmp><img src="{file}"></xmp>',
    )


def printed_or_refused(html):
    try:
        return LocalPrinter().pdf(html)
    except Refused as refused:
        return LocalPrinter().pdf(f"<p>{refused.code}</p>")


def test_s60_a_printed_page_fetches_nothing(home, canary):
    """Somebody listens where the pages would have their parts from; this process asks for no connection and no name."""
    cases, reached = list(payloads(canary, home.host)), []
    with heard() as (connections, names):
        for html in cases:
            printed = printed_or_refused(f"<p>Here.</p>{html}")
            if SECRET.encode() in printed or SECRET in text_of(printed) or b"/EmbeddedFile" in printed:
                reached.append(html)

    assert (home.calls, connections, names) == (0, [], [])
    assert untouched(canary)
    assert reached == []
    assert len(cases) >= 20
    assert int(version("weasyprint").partition(".")[0]) >= 70


WORDS = ["a\r\nb", 'x\n{"event": "forged"}', "\x1b[2J\x1b[31mred", "\x08\x7f", "a\x00b", "\\n\\r"]


@pytest.fixture
def lines(settings, capfd):
    """lines(): what was logged since, each line read as JSON; it has no character that a terminal obeys."""
    before = structlog.get_config()
    logs.configure(settings.model_copy(update={"log_level": "INFO"}))

    def read():
        said = capfd.readouterr().err
        assert not set("\r\x1b\x00\x08") & set(said)
        return [json.loads(line) for line in said.removesuffix("\n").split("\n")]

    yield read
    structlog.configure(**before)


@pytest.mark.parametrize("words", WORDS)
def test_s70_whatever_is_logged_is_one_line(lines, words):
    structlog.get_logger().info("said", words=words)
    structlog.get_logger().info(words)
    told = lines()

    assert [line["level"] for line in told] == ["info", "info"]
    assert told[1]["event"] == words


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("name", ["uvicorn.error", "rq.worker", "flask.app", "somebody.elses"])
def test_s70_whatever_libraries_log_is_one_line_with_its_trace(lines, settings, name, words):
    """By the logging of Python, as the server and the workers set it up."""
    configured(settings, None)
    setup_loghandlers("WARNING", name="rq.worker")
    logger = logging.getLogger(name)
    logger.warning("%s", words, stack_info=True)
    try:
        failing(ValueError(words))()
    except ValueError as error:
        logger.exception(error)  # noqa: TRY401 -- what is tried
    unfit = f"%(lacking)s {words}"
    logger.warning(unfit, {"other": 1})
    logger.warning(Mute())
    told = lines()

    assert [(line["logger"], line["level"], line["event"]) for line in told] == [
        (name, "warning", words), (name, "error", words),
        (name, "warning", unfit), (name, "warning", "Mute"),
    ]  # fmt: skip
    assert "Stack (most recent call last)" in told[0]["exception"]
    assert told[1]["exception"].startswith("Traceback (most recent call last)")
    assert told[1]["exception"].endswith(f"ValueError: {words}")


class Mute(Exception):
    def __str__(self):
        raise RuntimeError


class Broken(Exception):
    def __str__(self):
        return f"psycopg.errors.UndefinedColumn: SELECT {SECRET} FROM t_alpha.member /srv/app/tenants/db.py:21 SQLAlchemy 2.0.58"


TOLD = re.compile(
    rf"{SECRET}|Traceback|psycopg|sqlalchemy|SELECT|t_alpha|\.py\b|Broken|[Ww]erkzeug|Flask|Python/|\b\d+\.\d+\.\d+\b"
)


def failing(fault):
    def fail(**_):
        raise fault

    return fail


@pytest.fixture
def answering(flask_app):
    flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    yield flask_app
    flask_app.config["PROPAGATE_EXCEPTIONS"] = None


def test_s80_an_error_tells_its_reference_and_nothing_else(answering, edges, visitor, monkeypatch):
    """Every view breaks in its turn, for a member, a guest and an operator, as page, toast and JSON."""
    tried = 0
    faults = [
        Broken(),
        KeyError(SECRET),
        RecursionError(SECRET),
        UnicodeDecodeError("utf-8", b"x", 0, 1, SECRET),
        MemoryError(SECRET),
    ]
    for number, visit in enumerate(visits(answering, edges, methods=("GET", "POST"), operators=True)):
        if visit.path.startswith(("/health", "/ready", "/metrics")):
            continue

        monkeypatch.setitem(answering.view_functions, visit.endpoint, failing(faults[number % len(faults)]))
        headers = ({}, {"HX-Request": "true"}, {"Accept": "application/json"})[number % 3] if not visit.guest else {}
        answer = visitor(visit).open(visit.path, method=visit.method, headers=headers)
        assert answer.status_code == 500, visit
        assert not TOLD.search(answer.text), (visit, TOLD.search(answer.text))
        assert not TOLD.search(re.sub(r"max-age=\S+", "", str(answer.headers))), visit
        reference = answer.headers["X-Request-ID"]
        assert uuid.UUID(reference)
        assert reference in answer.text, visit
        if not headers:
            assert re.search(r'<a [^>]*href="|<button', answer.text), visit
        tried += 1

    assert tried >= 50
