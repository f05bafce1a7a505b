"""The operators' pages: all companies' work, nobody's words; operators alone, at their own address alone."""

import json
import re
import uuid
from decimal import Decimal
from html.parser import HTMLParser

import pytest
import sqlalchemy as sa
from rq.serializers import JSONSerializer

from app.adapters.redis.board import BOARD
from app.audit.models import AuditEntry
from app.audit.queries import first_broken_link
from app.billing.models import LlmUsage
from app.operations import queries
from app.operations.queries import Place, shown
from app.workspace.models import Workspace
from jobs.ledger import TaskRow
from jobs.metrics import Pulse
from jobs.queues import QUEUES, Signaller, connect, queue_of, signal_id
from jobs.relay import Relay
from jobs.relay import relay as make_tasks
from jobs.timetable import plan_all
from jobs.worker import Worker
from tenants.db import db
from tests.app.operations.conftest import AT, row_of
from tests.architecture.test_walk import path_of, rules
from tests.conftest import Inline
from tests.web.axe import overflow, violations

pytestmark = pytest.mark.xdist_group("operators")
PAGES = ["/operations", "/operations/failed", "/operations/companies", "/operations/models", "/operations/log"]


class _Cells(HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self._cell = [], None

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self._cell = ""

    def handle_endtag(self, tag):
        if tag == "td":
            self.rows[-1].append(" ".join(self._cell.split()))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data + " "


def table(answer):
    cells = _Cells()
    cells.feed(answer.text)
    return [row for row in cells.rows if row]


@pytest.fixture
def relay(flask_app, settings):
    """A relay that has swept both companies once, and told."""
    redis = connect(settings.redis_url.get_secret_value())
    redis.flushall()
    made = Relay(flask_app, settings.redis_url.get_secret_value())
    yield made
    redis.flushall()
    redis.close()
    made.redis.close()


def sweep(relay):
    relay._relay(set(), swept={"alpha", "beta"})
    relay.teller._told_at = float("-inf")
    relay.teller.tell()


def test_an_operator_comes_in_by_a_link_that_the_shell_prints(house, flask_app, anyone):
    """And sets a password by it, once; removed, they are out at once."""
    runner = flask_app.test_cli_runner()
    said = json.loads(runner.invoke(args=["operators", "add", "ona@platform.example"]).stdout)
    assert said["address"] == "http://operators.localhost:8000/"
    path = said["password_link"].removeprefix("http://operators.localhost:8000")
    client = anyone("operators")

    assert client.post(path, data={"password": "a sentence is fine"}).status_code == 303
    assert client.post(path, data={"password": "a second sentence"}).status_code == 404
    data = {"email": "ona@platform.example", "password": "a sentence is fine"}
    assert client.post("/sign-in", data=data).status_code == 303
    assert (client.get("/").status_code, client.get("/").location) == (303, "/operations")
    assert client.get("/operations").status_code == 200
    assert json.loads(runner.invoke(args=["operators", "list"]).stdout) == [
        {"email": "ona@platform.example", "name": "ona", "active": True},
        {"email": "otto@platform.example", "name": "Otto", "active": True},
    ]
    runner.invoke(args=["operators", "remove", "ona@platform.example"])
    assert client.get("/operations").status_code == 303
    assert client.post("/sign-in", data=data).status_code == 422
    assert "error" in json.loads(runner.invoke(args=["operators", "remove", "ira@platform.example"]).stdout)


def test_an_operators_tries_are_slowed_as_a_members_are(house, anyone):
    client = anyone("operators")
    data = {"email": "otto@platform.example", "password": "wrong"}

    assert [client.post("/sign-in", data=data).status_code for _ in range(6)] == [422] * 5 + [429]


def test_companies_do_not_have_the_operators_pages(otto, flask_app, browser, anyone):
    for rule, method in rules(flask_app, named={"operations"}):
        for client in (browser("ada"), browser("rita"), browser("rex"), anyone()):
            assert client.open(rule.rule, method=method).status_code == 404, (method, rule.rule)


def test_members_do_not_come_in_at_the_operators_address(otto, house, browser, anyone):
    client = anyone("operators")
    assert (
        client.post("/sign-in", data={"email": "ada@alpha.example", "password": "correct horse battery"}).status_code
        == 422
    )
    client.set_cookie(
        "assay", browser("ada").get_cookie("assay", domain="alpha.localhost").value, domain="operators.localhost"
    )
    for path in PAGES:
        assert (client.get(path).status_code, client.get(path).location.partition("?")[0]) == (303, "/sign-in")
    there = anyone("alpha")
    there.set_cookie("assay", otto.get_cookie("assay", domain="operators.localhost").value, domain="alpha.localhost")
    assert there.get("/candidates").status_code == 303


def test_operators_have_no_companys_page(otto, flask_app):
    """Every address of the URL map that is not theirs is missing at their host, for them as for anybody."""
    theirs, walked = {"operations", "identity", "account", "web", "static"}, 0
    for rule, method in rules(flask_app, without=theirs):
        path = path_of(rule, dict.fromkeys(rule.arguments, uuid.uuid4())) or rule.rule
        if path != "/":
            assert otto.open(path, method=method).status_code == 404, (method, rule.rule)
            walked += 1
    assert walked >= 80
    ways = re.findall(r'<nav class="ways".*?</nav>', otto.get("/operations").text, re.DOTALL)[0]
    assert re.findall(r'<a href="([^"]+)"', ways) == PAGES


def test_the_operators_house_is_a_wall_like_any_companys(house, flask_app, in_tenant, alpha):
    """Its role reads no company's table, and no company's role reads its; nothing of companies is planned in it."""
    for tenant, table in ((house, "t_alpha.member"), (alpha, "t_operators.member")):
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), in_tenant(tenant):
            db.session.execute(sa.text(f"select id from {table}"))
    plan_all(flask_app, Pulse(patience=1))
    with in_tenant(house):
        assert db.session.scalars(sa.select(TaskRow)).all() == []
    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(TaskRow)).all()) >= 2


def test_queues_and_workers_are_shown_as_the_relay_told_them(otto, relay, alpha, beta, in_tenant, failing, clock_at):
    waits = failing(alpha, "letters.send", 1, state="waiting", finished_at=None)
    failing(beta, "letters.send", 2, state="waiting", finished_at=None)
    redis = relay.redis
    worker = Worker([queue_of("mail", redis)], connection=redis, name="mail-1", serializer=JSONSerializer)
    worker.register_birth()
    with clock_at(AT.replace(minute=5)):
        sweep(relay)
        Signaller(redis).signal("mail", tenant="alpha", task_id=waits, attempt=1, limit=60)
        worker.prepare_execution(worker.queues[0].fetch_job(signal_id("alpha", waits, 1)))
        relay.teller._told_at = float("-inf")
        relay.teller.tell()
        answer = otto.get("/operations")

    rows = table(answer)
    assert [row for row in rows if row[0] in QUEUES] == [
        [name, "2", "300 s", "1"] if name == "mail" else [name, "0", "0 s", "0"] for name in QUEUES
    ]
    assert [[row[0], row[1], row[3]] for row in rows if row[0] == "mail-1"] == [
        ["mail-1", "mail", f"alpha: letters.send {waits}"]
    ]
    assert "No relay has been heard" not in answer.text
    worker.register_death()


def test_a_silent_relay_is_said(otto, relay, clock_at):
    assert "No relay has been heard" in otto.get("/operations").text
    with clock_at(AT):
        sweep(relay)
    with clock_at(AT.replace(minute=2)):
        assert "The relay has said nothing since" in otto.get("/operations").text
    relay.redis.set(BOARD, "", ex=1)
    assert "No relay has been heard" in otto.get("/operations").text


def test_failed_tasks_of_all_companies_with_ids_and_masked_errors(otto, alpha, beta, failing):
    first = failing(alpha, "letters.send", 1, "550 <cara.canary@people.example>: no such user 'Cara Canary'")
    second = failing(alpha, "scorecards.judge", 2, "Unavailable")
    third = failing(beta, "letters.send", 3, "call +49 30 901820 first")
    failing(beta, "letters.send", 4, state="done", problem=None)

    rows = table(otto.get("/operations/failed"))

    assert [(row[0], row[1], row[3], row[4], row[5]) for row in rows] == [
        ("Alpha", f"scorecards.judge {second}", "8", "Unavailable", "request-2"),
        ("Alpha", f"letters.send {first}", "8", "550 <[email]>: no such user […]", "request-1"),
        ("Beta", f"letters.send {third}", "8", "call [phone] first", "request-3"),
    ]


def test_one_is_run_again_and_both_logs_tell_who(otto, house, relay, alpha, beta, in_tenant, failing):
    one, other = failing(alpha, "letters.send", 1), failing(beta, "letters.send", 2)
    sweep(relay)

    answer = otto.post("/operations/failed/again", data={"company": "alpha", "task": str(one)})

    assert (answer.status_code, answer.location) == (303, "/operations/failed")
    again, still = row_of(alpha, in_tenant, one), row_of(beta, in_tenant, other)
    assert (again.state, again.attempts, again.problem, again.finished_at) == ("waiting", 0, None, None)
    assert still.state == "failed"
    for tenant, data in ((alpha, {"tasks": 1}), (house, {"company": "alpha"})):
        with in_tenant(tenant):
            entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
            assert (entry.actor_kind, entry.actor_name, entry.action, entry.target_id, entry.data) == (
                "operator", "Otto", "operations.run_again", str(one), data,
            )  # fmt: skip
            assert first_broken_link() is None
    assert otto.post("/operations/failed/again", data={"company": "alpha", "task": str(one)}).status_code == 409
    for company, task in (
        ("beta", one),
        ("nobody", one),
        ("operators", one),
        ("alpha", "none"),
        ("alpha", uuid.uuid4()),
    ):
        assert otto.post("/operations/failed/again", data={"company": company, "task": str(task)}).status_code in {
            404,
            409,
        }
    assert row_of(beta, in_tenant, other).state == "failed"
    assert table(otto.get("/operations/log"))[0][1:] == [
        "Otto",
        "Had failed work run again",
        f"Work in the background {one}",
    ]


def test_all_of_a_kind_are_run_again_in_every_company(otto, house, relay, alpha, beta, in_tenant, failing):
    same = [
        (alpha, failing(alpha, "letters.send", 1)),
        (alpha, failing(alpha, "letters.send", 2)),
        (beta, failing(beta, "letters.send", 3)),
    ]
    other = failing(beta, "scorecards.judge", 4)
    sweep(relay)

    assert otto.post("/operations/failed/all-again", data={"name": "letters.send"}).status_code == 303

    assert [row_of(tenant, in_tenant, task).state for tenant, task in same] == ["waiting"] * 3
    assert row_of(beta, in_tenant, other).state == "failed"
    assert "3 tasks wait to be run again." in otto.get("/operations/failed").text
    told = {}
    for tenant in (alpha, beta, house):
        with in_tenant(tenant):
            entry = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number.desc())).first()
            told[tenant.slug] = (entry.action, entry.data)
    assert told == {
        "alpha": ("operations.run_again", {"tasks": 2}), "beta": ("operations.run_again", {"tasks": 1}),
        "operators": ("operations.run_all_again", {"tasks": 3, "companies": 2}),
    }  # fmt: skip


def test_nothing_is_run_again_that_no_release_knows_or_no_relay_would_take(otto, relay, alpha, in_tenant, failing):
    old, good = failing(alpha, "letters.fax", 1), failing(alpha, "letters.send", 2)

    def ask(task):
        return otto.post("/operations/failed/again", data={"company": "alpha", "task": str(task)}).status_code

    assert ask(good) == 409
    sweep(relay)
    assert (ask(old), otto.post("/operations/failed/all-again", data={"name": "letters.fax"}).status_code) == (409, 404)
    assert [row_of(alpha, in_tenant, task).state for task in (old, good)] == ["failed", "failed"]


@pytest.mark.parametrize("state", ["failed", "sent"])
def test_what_is_run_again_has_its_effect_once(state, otto, relay, alpha, cast, in_tenant, flask_app, drain):
    """A letter that failed goes out; one that somebody has sent again meanwhile does not go twice."""
    from app.letters import commands as letters
    from app.letters.enums import LetterKind
    from app.letters.models import Mail

    with in_tenant(alpha):
        mail = letters.write(
            LetterKind.PASSWORD_LINK, to_name="Ivy", to_address="ivy@alpha.example", language="en", key="again",
            facts={"name": "Ivy", "company": "Alpha", "link": "http://x"}, vault=flask_app.extensions["providers"].vault,
        )  # fmt: skip
    drain()
    with in_tenant(alpha):
        row = db.session.scalars(sa.select(TaskRow).where(TaskRow.name == "letters.send")).one()
        row.state, row.problem, row.attempts, row.finished_at = "failed", "Refused", 8, AT
        db.session.get_one(Mail, mail.id).state = state
        before = db.session.get_one(Mail, mail.id).sent_at
    sweep(relay)
    assert otto.post("/operations/failed/again", data={"company": "alpha", "task": str(row.id)}).status_code == 303
    relay.redis.flushall()
    drain()

    with in_tenant(alpha):
        after = db.session.get_one(Mail, mail.id)
        assert (after.state, row_of(alpha, in_tenant, row.id).state) == ("sent", "done")
        assert (after.sent_at > before) is True


def test_a_long_list_goes_on_where_it_ended(otto, alpha, beta, failing, monkeypatch):
    ids = [
        str(failing(tenant, "letters.send", number))
        for tenant, number in ((alpha, 1), (alpha, 2), (alpha, 3), (beta, 4), (beta, 5))
    ]
    monkeypatch.setattr(queries, "ROWS", 2)
    seen, path = [], "/operations/failed"
    while path:
        answer = otto.get(path)
        seen.append([row[1].split()[1] for row in table(answer)])
        further = re.search(r'<p class="pager"><a[^>]*href="([^"]+)"', answer.text)
        path = further and further[1].replace("&amp;", "&")

    assert seen == [[ids[2], ids[1]], [ids[0], ids[4]], [ids[3]]]


def test_a_list_ends_when_its_time_is_over_and_names_what_could_not_be_read(flask_app, otto, alpha, beta, failing):
    failing(alpha, "letters.send", 1)
    failing(beta, "letters.send", 2)
    registry = flask_app.extensions["registry"]
    with flask_app.app_context():
        first = queries.failed(registry, Place(), seconds=-1)
        second = queries.failed(registry, first.further, seconds=-1)
        third = queries.failed(registry, second.further, seconds=-1)
    assert [[row.tenant for row in found.rows] for found in (first, second, third)] == [["alpha"], ["beta"], []]
    assert (first.further, second.further, third.further) == (Place("alpha"), Place("beta"), None)

    with flask_app.extensions["owners"].main.begin() as owner:
        owner.execute(sa.text("revoke select on t_alpha.task from t_alpha"))
    try:
        answer = otto.get("/operations/failed")
    finally:
        with flask_app.extensions["owners"].main.begin() as owner:
            owner.execute(sa.text("grant select on t_alpha.task to t_alpha"))
    assert "These companies could not be read: alpha." in answer.text
    assert [row[0] for row in table(answer)] == ["Beta"]


def test_companies_with_address_state_revision_and_size(otto, flask_app, alpha, beta, monkeypatch):
    from tenants import migrate, provisioning

    provisioning.set_state(flask_app.extensions["owners"].main, "beta", "suspended")
    head = migrate.head("tenant")
    with flask_app.extensions["owners"].main.connect() as owner:
        sizes = dict(
            owner.execute(
                sa.text(
                    "select schemaname, pg_size_pretty(0::bigint) from pg_tables where schemaname in ('t_alpha', 't_beta')"
                )
            ).all()
        )
    assert sorted(sizes) == ["t_alpha", "t_beta"]

    rows = table(otto.get("/operations/companies"))
    assert [row[:5] for row in rows] == [
        ["Alpha alpha", "alpha.localhost", "active", "main", head],
        ["Beta beta", "beta.localhost", "suspended", "main", head],
    ]
    assert [bool(re.fullmatch(r"[\d.]+ (KiB|MiB)", row[5])) for row in rows] == [True, True]

    monkeypatch.setattr(queries, "ROWS", 1)
    first = otto.get("/operations/companies")
    assert [row[0] for row in table(first)] == ["Alpha alpha"]
    assert [row[0] for row in table(otto.get("/operations/companies?after=alpha"))] == ["Beta beta"]
    assert 'href="/operations/companies?after=alpha"' in first.text


def test_what_language_models_cost_each_company(otto, alpha, beta, in_tenant, clock_at, monkeypatch):
    """Of this month; whoever asked none is not listed."""
    assert "No language model was asked this month" in otto.get("/operations/models").text
    used = {"calls": 30, "hits": 10, "tokens_in": 900, "tokens_out": 100, "cost_usd": Decimal("1.5")}
    for tenant, month in ((alpha, AT.date().replace(day=1)), (beta, AT.date().replace(month=10, day=1))):
        with in_tenant(tenant):
            db.session.add(LlmUsage(month=month, engine="fake/1", purpose="judge", **used))
            db.session.add(LlmUsage(month=month, engine="fake/2", purpose="judge", **used))
            db.session.get_one(Workspace, 1).limits = {"llm_dollars": "12"}
    with clock_at(AT):
        now = table(otto.get("/operations/models"))

    assert now == [["Alpha alpha", "60", "20 (25 %)", "2000", "3.00", "25 %"]]
    with clock_at(AT):
        monkeypatch.setattr(queries, "ROWS", 1)
        first = otto.get("/operations/models")
        last = otto.get("/operations/models?after=alpha")
    assert 'href="/operations/models?after=alpha"' in first.text
    assert table(last) == []


def test_forms_from_elsewhere_or_without_a_token_run_nothing_again(otto, flask_app, relay, alpha, in_tenant, failing):
    task = failing(alpha, "letters.send", 1)
    sweep(relay)
    asked = [
        ("/operations/failed/again", {"company": "alpha", "task": str(task)}),
        ("/operations/failed/all-again", {"name": "letters.send"}),
    ]
    elsewhere = [
        otto.post(path, data=data, headers={"Sec-Fetch-Site": "same-site"}).status_code for path, data in asked
    ]
    flask_app.config["WTF_CSRF_ENABLED"] = True
    try:
        without = [otto.post(path, data=data).status_code for path, data in asked]
    finally:
        flask_app.config["WTF_CSRF_ENABLED"] = False

    assert (elsewhere, without) == ([403, 403], [403, 403])
    assert row_of(alpha, in_tenant, task).state == "failed"


def test_what_an_error_quotes_is_left_out():
    assert shown("could not parse 'Cara Canary' at \"Lübeck\" (row 3)") == "could not parse […] at […] (row 3)"
    assert shown(None) == ""
    assert shown("x" * 300) == "x" * 200 + "…"


def test_nothing_that_a_candidate_is_or_said_is_on_the_operators_pages(
    otto, relay, alpha, cast, in_tenant, flask_app, drain
):
    """Tasks of a whole journey fail with errors that quote; every page is looked at."""
    from tests.jobs.factories import approved_kit, submitted_interview

    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=2)
        submitted_interview(cast.rita, posting, kit, name="Cara Canary")
    waiting = Inline()
    make_tasks(flask_app, alpha, waiting)
    assert len(waiting.due) >= 2
    with in_tenant(alpha):
        for row in db.session.scalars(sa.select(TaskRow)):
            row.state, row.finished_at, row.problem = (
                "failed",
                AT,
                "ValueError: 'Cara Canary' cara.canary@people.example",
            )
    sweep(relay)
    pages = [otto.get(path).text for path in PAGES]

    assert len(table(otto.get("/operations/failed"))) == len(waiting.due)
    assert [page for page in pages if "canary" in page.lower()] == []


@pytest.mark.browser
def test_the_pages_are_accessible_in_a_browser_and_work_without_a_script(
    served, chromium, house, relay, alpha, in_tenant, failing
):
    task = failing(alpha, "letters.send", 1, "a very long error " * 20)
    sweep(relay)
    context = chromium.new_context(base_url=served.url("operators"), java_script_enabled=False)
    window = context.new_page()
    window.goto("/sign-in")
    window.fill("#email", "otto@platform.example")
    window.fill("#password", "correct horse battery")
    window.click("main button[type=submit]")
    assert window.url == served.url("operators") + "/operations"
    window.goto("/operations/failed")
    window.get_by_role("button", name="Run again: letters.send of Alpha").click()
    assert "The task waits to be run again." in window.content()
    assert row_of(alpha, in_tenant, task).attempts < 8
    failing(alpha, "letters.send", 2, "a very long error " * 20)
    cookies = context.cookies()
    context.close()
    with_scripts = chromium.new_context(
        base_url=served.url("operators"), viewport={"width": 1280, "height": 800}, reduced_motion="reduce"
    )
    with_scripts.add_cookies(cookies)
    window, said = with_scripts.new_page(), []
    window.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    for path in PAGES:
        window.set_viewport_size({"width": 1280, "height": 800})
        window.goto(path)
        assert (path, violations(window), overflow(window)) == (path, [], 0)
        window.set_viewport_size({"width": 360, "height": 800})
        assert (path, overflow(window)) == (path, 0)
    assert said == []
    with_scripts.close()
