"""S-42, S-43, S-44, S-78: what people write is words, in every place where it is shown or asked for."""

import ast
import re
import time
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app.kernel import clock
from app.scorecards.models import Scorecard
from tenants.db import db
from tenants.sealed import sealed_columns
from tests.conftest import PASSWORD
from tests.edges.conftest import fingerprint, visits
from tests.memory import TABLES
from tests.sizes import sized

ROOT = Path(__file__).resolve().parents[2]
# One text that breaks out of whatever it stands in: an element, an attribute, a script, a style, a remark, a template.
BREAKOUT = "zq'\"`>--></script></style></title></textarea></noscript></template><zq-tag id=COLUMN onzq=1 hx-get=/zq>{{7*7}}${7*7}<%= 7*7 %>"
TAGS = ("script", "img", "svg", "iframe", "body", "input", "details", "video", "object", "math")
PAYLOADS = (
    *(f"<{tag} src=x onerror=alert(1) onload=alert(1) ontoggle=alert(1) autofocus onfocus=alert(1)>" for tag in TAGS),
    *(f"{out}<script>alert(1)</script>" for out in ("", "'>", '">', "`>", "-->", "]]>", "</script>", "</style>", "</title>", "</textarea>")),
    *(f"{quote} {event}=alert(1) x={quote}" for quote in ("'", '"', "`", "") for event in ("onmouseover", "onfocus", "onanimationstart")),
    *(f"{scheme}:alert(1)" for scheme in ("javascript", "JaVaScRiPt", "java\tscript", "&#106;avascript", "data:text/html,<script>", "vbscript", " javascript")),
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>", "<a href=javascript:alert(1)>x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>", "<base href=//evil.example>", "<meta http-equiv=refresh content='0;//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example'</style>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "{{constructor.constructor('alert(1)')()}}", "{{7*7}}", "{% raw %}", "${alert(1)}", "\u2028alert(1)\u2029", "<<script>alert(1)//<</script>",
    "<img src='x' onerror='alert(1)'", "\x1b[2J<script>alert(1)</script>", "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "＜script＞alert(1)＜/script＞", "%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)&lt;/script&gt;", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
)  # fmt: skip
HX = (
    *(f'<div {name}="/zq" hx-trigger="load">' for name in ("hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch", "data-hx-get")),
    *(f"x\" {name}='/zq" for name in ("hx-get", "hx-on:load", "hx-vals", "hx-headers", "hx-include", "hx-ext", "sse-connect", "hx-target")),
    "<div hx-ext='sse' sse-connect='/zq'>", "<form hx-boost=true action=/zq>", "<template hx-get=/zq>", "HX-Redirect: /zq",
    "x\r\nHX-Redirect: /zq", '{"toast":{"items":[]}}',
)  # fmt: skip


class Elements(HTMLParser):
    """What a browser would make of it: elements that are not ours, and attributes that run something."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.wrong, self.inside = [], []

    def handle_starttag(self, tag, attrs):
        self.inside.append(tag)
        for name, value in attrs:
            said = re.sub(r"[\s\0]", "", value or "").lower()
            foreign = name in {"href", "src", "action", "formaction", "hx-get", "hx-post"} and re.match(
                r"(java|vb)script:|data:text|//", said
            )
            if name.startswith("on") or name in {"style", "srcdoc", "hx-on", "hx-vars"} or "zq" in name or foreign:
                self.wrong.append((tag, name, value))
            if name.startswith(("hx-", "sse-", "data-hx")) and "/zq" in (value or ""):
                self.wrong.append((tag, name, value))
        if (
            "zq" in tag
            or tag in {"iframe", "object", "embed", "base", "math", "animate"}
            or (tag == "script" and not _ours(dict(attrs)))
        ):
            self.wrong.append((tag, attrs))
        if tag == "meta" and "http-equiv" in dict(attrs):
            self.wrong.append((tag, attrs))


def _ours(attrs):
    return attrs.get("src", "").startswith("/static/") or attrs.get("type") == "application/ld+json"


def wrong_in(html):
    parser = Elements()
    parser.feed(html)
    parser.close()
    return parser.wrong


@pytest.fixture
def pages(flask_app, edges, browser, visitor, alpha, in_tenant):
    """pages(): {address: answer} of every page as the admin, or as the guest it is for; what an engine and others say
    of an interview as somebody who has rated it.
    """
    author = browser("ivy")

    def show(**headers):
        for visit in visits(flask_app, edges, operators=True):
            yield visit.path, visitor(visit).get(visit.path, headers=headers)
            if visit.endpoint.startswith("scorecards."):
                yield f"{visit.path} to be rated", author.get(visit.path, headers=headers)
        with in_tenant(alpha):
            db.session.execute(sa.update(Scorecard).values(state="submitted", submitted_at=clock.now()))
        for visit in visits(flask_app, edges):
            if visit.endpoint.startswith("scorecards."):
                yield f"{visit.path} rated", author.get(visit.path, headers=headers)

    return show


# Sealed, and on no page as it stands there: an index, a cache, what merging puts back, a file, places of words.
UNSEEN = {
    "candidate_search.words", "llm_result.result", "candidate_merge.before", "candidate_merge.after",
    "ai_output.input", "resume_page.words",
}  # fmt: skip


def test_s42_what_stands_in_any_column_runs_on_no_page(pages, write_everywhere):
    """One text that breaks out of everything, in all columns at once, sealed ones too, on every page."""
    marked = write_everywhere(BREAKOUT)
    sealed = {f"{table.name}.{column.name}" for table in TABLES for column in sealed_columns(table)}
    found, shown, read = {}, 0, set()
    for path, answer in pages():
        if answer.mimetype != "text/html":
            continue
        shown += "zq-tag" in answer.text
        read |= set(re.findall(r"zq-tag id=([\w.]+)", answer.text))
        if wrong := wrong_in(answer.text):
            found[path] = wrong[:3]

    assert found == {}
    assert shown >= 20
    assert sealed - marked == {"candidate_search.words", "llm_result.result"}
    assert sealed - read <= UNSEEN
    assert len(marked) >= 60


def sinks(visitor, flask_app, edges, payload, *, operators=True):
    """Every form that there is, with the payload in each of its fields, and what came back."""
    names = field_names()
    for visit in visits(flask_app, edges, methods=("POST",), operators=operators):
        if visit.endpoint.startswith(("account.", "members.switch")):
            continue
        yield (
            visit,
            visitor(visit).post(
                visit.path,
                data=dict.fromkeys(names, payload),
                headers={
                    "User-Agent": payload.encode("ascii", "ignore")
                    .decode()[:200]
                    .translate(dict.fromkeys(range(32), " "))
                },
            ),
        )


@cache
def field_names():
    """Of every form class in the product, and those that routes read by themselves."""
    found = set()
    for file in (ROOT / "app").rglob("*.py"):
        text = file.read_text()
        found |= set(re.findall(r"^    (\w+) = \w*Field\(", text, re.MULTILINE))
        found |= set(re.findall(r"request\.(?:form|args|values)(?:\.get|\.getlist)?[\[(]\"(\w+)\"", text))
    return sorted(found)


def test_s42_what_is_typed_into_any_form_runs_on_no_page(flask_app, edges, visitor, pages):
    """60 payloads through every form (a few of them by default), then every page again."""
    wrong = []
    assert len(PAYLOADS) >= 60
    assert len(field_names()) >= 50
    for payload in PAYLOADS[:: max(1, len(PAYLOADS) // sized(60, 1))]:
        for visit, answer in sinks(visitor, flask_app, edges, payload):
            assert answer.status_code < 500, (visit, payload)
            if answer.mimetype == "text/html" and (found := wrong_in(answer.text)):
                wrong.append((visit.path, payload, found[:2]))
        for path, answer in pages():
            if answer.mimetype == "text/html" and (found := wrong_in(answer.text)):
                wrong.append((path, payload, found[:2]))

    assert wrong == []


def test_s42_what_stands_in_an_address_runs_on_no_page(flask_app, edges, visitor):
    wrong = []
    for payload in PAYLOADS[:: max(1, len(PAYLOADS) // sized(60, 1))]:
        for visit in visits(flask_app, edges, operators=True):
            query = dict.fromkeys(field_names(), payload)
            answer = visitor(visit).get(visit.path, query_string=query)
            assert answer.status_code < 500, (visit, payload)
            if answer.mimetype == "text/html" and (found := wrong_in(answer.text)):
                wrong.append((visit.path, payload, found[:2]))

    assert wrong == []


def test_s43_words_fire_no_request_of_htmx(flask_app, edges, visitor, pages, write_everywhere):
    """In every field, on every page, and in no header that HTMX obeys."""
    wrong = []
    assert len(HX) >= 20
    write_everywhere(" ".join(HX).replace("\r\n", " "))
    for path, answer in pages():
        if answer.mimetype == "text/html" and (found := wrong_in(answer.text)):
            wrong.append((path, found[:2]))
    for payload in HX[:: max(1, len(HX) // sized(20, 1))]:
        for visit, answer in sinks(visitor, flask_app, edges, payload):
            obeyed = {name: value for name, value in answer.headers if name.startswith("HX-") or name == "Location"}
            wrong += [
                (visit.path, name, value)
                for name, value in obeyed.items()
                if "/zq" in value.replace("%2Fzq", "") and name != "HX-Trigger"
            ]

    assert wrong == []


ALLOWED = {"app/letters/queries.py", "app/web/assets.py", "app/postings/routes/wording.py"}


def test_s44_markup_is_made_in_three_places_alone():
    """Each of them escapes what it is given; `|safe` is in no template (tests/architecture/test_templates.py)."""
    used = set()
    for file in (*(ROOT / "app").rglob("*.py"), *(ROOT / "tenants").rglob("*.py"), *(ROOT / "jobs").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            called = (
                getattr(node, "id", getattr(node, "attr", "")) if isinstance(node, ast.Name | ast.Attribute) else ""
            )
            if called in {"Markup", "render_template_string", "do_mark_safe", "mark_safe"}:
                used.add(str(file.relative_to(ROOT)))
    unsafe = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "templates").rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape|\bMarkup\b", p.read_text())
    ]

    assert used <= ALLOWED
    assert unsafe == []


SQL = (
    "' OR (SELECT 1 FROM pg_sleep(3)) IS NULL; --", "' OR '1'='1", "'; DROP TABLE member; --", "1; SELECT pg_sleep(3)", "') UNION SELECT NULL--", "1 OR 1=1", "\\'; --", "%' AND 1=0 UNION SELECT 1--",
    "id; UPDATE workspace SET name='zq'", "(SELECT 1 FROM pg_sleep(3))", "created_at DESC; --", "{\"a\": \"b\"}'::jsonb--", "$$; DROP SCHEMA t_alpha; $$",
    "name) FROM member; --", "%s", "%(id)s", ":id", "{0}", "__class__", "%%%%", "_%_%_", "'\"", "0x27", "%00'", "a" * 5_000, "-1", "9" * 30, "NaN", "1e999",
)  # fmt: skip


SLEEP = 3.0  # what the words would have a request wait


def timed(sent):
    """Each with the seconds that it took."""
    while True:
        started = time.monotonic()
        if (one := next(sent, None)) is None:
            return
        yield *one, time.monotonic() - started


def test_s78_what_is_asked_for_is_never_sql(flask_app, edges, visitor):
    """Every parameter and field; nothing breaks, nothing sleeps, nothing is asked of PostgreSQL that has the words in it."""
    statements, slow = [], set()
    with flask_app.app_context():
        engine = db.engines[None]
    hear = lambda _c, _cursor, statement, *_: statements.append(statement)  # noqa: E731
    sa.event.listen(engine, "before_cursor_execute", hear)
    before = fingerprint(flask_app)
    try:
        for words in SQL[:: max(1, len(SQL) // sized(28, 1))]:
            for visit in visits(flask_app, edges, operators=True):
                started = time.monotonic()
                answer = visitor(visit).get(visit.path, query_string=dict.fromkeys(field_names(), words))
                assert answer.status_code < 500, (visit, words)
                slow |= {visit.path} if time.monotonic() - started >= SLEEP else set()
        assert {name for name, digest in fingerprint(flask_app).items() if digest != before[name]} <= {
            ("t_alpha", "audit_entry"), ("t_alpha", "outbox"),  # what was taken, and what workers were asked
        }  # fmt: skip
        for words in SQL[:: max(1, len(SQL) // sized(28, 1))]:
            for visit, answer, took in timed(sinks(visitor, flask_app, edges, words)):
                assert answer.status_code < 500, (visit, words)
                slow |= {visit.path} if took >= SLEEP else set()
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)

    assert slow == set()
    assert len(statements) > 500
    assert [said for said in statements if any(words in said for words in SQL if len(words) > 6)] == []


@pytest.mark.browser
def test_s42_s43_in_a_browser_nothing_that_was_written_runs_or_asks(
    flask_app, edges, served, chromium, write_everywhere
):
    """And no page breaks its policy (S-41): all columns marked, an answer of a candidate among them, and everybody's
    pages opened in Chromium, which shows no dialog and asks for nothing that is not ours.
    """
    run = (
        "<img src=/zq onerror=alert(1)>\"><script>alert(1)</script><svg onload=alert(1)>' onfocus=alert(1) autofocus x='"
        "<div hx-get=/zq hx-trigger=load></div><div hx-ext=sse sse-connect=/zq></div>\" hx-get=/zq hx-trigger='load' x=\""
    )
    assert "turn.answer" in write_everywhere(run)
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("update t_alpha.member set email = replace(email, %(run)s, '')", {"run": run})
    context, said, asked = chromium.new_context(base_url=served.url("alpha")), [], []
    page = context.new_page()
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: said.append(message.text) if "Content Security" in message.text else None)
    page.on("request", lambda request: asked.append(urlsplit(request.url)))
    sign_in(page)
    seen, shown = set(), set()
    for visit in visits(flask_app, edges):
        if visit.endpoint in seen or visit.endpoint.startswith(
            ("resumes.original", "resumes.picture", "scorecards.pdf", "outputs.download", "web.")
        ):
            continue
        if visit.endpoint != "interview.show":
            seen.add(visit.endpoint)
        page.goto(visit.path, wait_until="load")
        if run in page.inner_text("body"):
            shown.add(visit.endpoint)
    context.close()

    assert said == []
    assert [
        url for url in asked if url.path == "/zq" or (url.scheme != "data" and url.hostname != "alpha.localhost")
    ] == []
    assert len(seen) >= 30
    assert shown >= {"interviews_staff.show"}
    assert len(asked) > len(seen)


def sign_in(page):
    page.goto("/sign-in")
    page.fill("[name=email]", "ada@alpha.example")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
