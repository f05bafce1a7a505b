"""What processes count, who may read it, and that nobody can be recognised in it."""

import urllib.error
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from pydantic import SecretStr

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import TOOL
from app.kernel import clock
from app.kernel.errors import Refused, Unavailable
from app.kernel.ids import new_id
from app.ports.reading import Unreadable
from app.web import health
from app.web.health import watch_pools
from jobs import metrics, runtime, timetable
from jobs import relay as relays
from jobs.backlog import Backlog, Waiting
from jobs.definitions import TASKS, TaskDefinition
from jobs.ledger import TaskRow
from jobs.machines import answer_machines
from jobs.relay import Relay, relay
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.conftest import Inline
from tests.fakes.llm_server import LlmServer
from tests.jobs.factories import approved_kit, submitted_interview
from tests.operations import told

NAME = "tests.counted"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


def of(collector, name, **labels):
    registry = CollectorRegistry()
    registry.register(collector)
    return registry.get_sample_value(name, labels)


def test_every_metric_is_documented_and_every_documented_one_is_there():
    assert {name for name in told.documented() if name.startswith("assay_")} == told.existing()


def test_a_stranger_makes_up_no_labels(browser):
    before = REGISTRY.get_sample_value
    client = browser("rita")
    for method in ("BREW", "X" * 40):
        client.open("/", method=method)

    told_methods = {s.labels["method"] for f in REGISTRY.collect() if f.name == "assay_page_seconds" for s in f.samples}
    assert before("assay_page_seconds_count", {"endpoint": "none", "method": "BREW"}) is None
    assert told_methods <= {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"}


def test_what_candidates_meet_in_their_interviews_is_counted_apart(anyone):
    def counts():
        return [value("assay_interview_answers_total", end=end) for end in ("answered", "failed")]

    before = counts()
    client = anyone()
    assert client.get("/i/0123456789abcdef0123456789abcdef-secret").status_code == 404  # said in words, so an answer
    client.get("/sign-in")
    health.count("interview.show", "GET", 503, None)
    health.count("applications.board", "GET", 503, None)

    assert [after - was for after, was in zip(counts(), before, strict=True)] == [1, 1]


def test_connections_that_are_held_are_counted(flask_app):
    more = set()
    with flask_app.app_context():
        watch_pools(db.engines, most=30)  # an app that an earlier test made may be the one that is watched
        db.engines[None].dispose()  # as an earlier test may have done: it has another pool now
        for _ in range(5):  # what an earlier test left running may give one back in between
            idle = value("assay_database_pool_in_use", database="main")
            with db.engines[None].connect():
                more.add(value("assay_database_pool_in_use", database="main") - idle)

    assert (max(more), value("assay_database_pool_size", database="main")) == (1, 30)


@pytest.fixture
def task_of():
    def register(body, **kwargs):
        TASKS[NAME] = TaskDefinition(NAME, body, "scoring", 10, 3, None, **kwargs)

    yield register
    TASKS.pop(NAME, None)


def plan(**values):
    row = TaskRow(
        id=new_id(), key=str(new_id()), name=NAME, arguments={}, run_at=clock.now(), created_at=clock.now(), **values
    )
    db.session.add(row)
    return row


def done(run, **_):
    with run.completing():
        pass


def raising(error):
    def body(_run, **_):
        raise error

    return body


def robbed(run, **_):
    db.session.execute(sa.update(TaskRow).where(TaskRow.id == run.task_id).values(lease=new_id()))
    db.session.commit()
    done(run)


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (done, "done"),
        (raising(Unavailable("away")), "put_off"),
        (raising(Refused("no")), "failed"),
        (robbed, "lease_lost"),
    ],
)
def test_a_task_is_counted_by_how_it_ends(alpha, cast, in_tenant, task_of, body, end):
    task_of(body)
    with in_tenant(alpha):
        row = plan()
    before = {each: value("assay_task_seconds_count", task=NAME, end=each) for each in metrics.ENDS}

    runtime.run("alpha", str(row.id))

    after = {each: value("assay_task_seconds_count", task=NAME, end=each) for each in metrics.ENDS}
    assert {each for each in metrics.ENDS if after[each] > before[each]} == {end}


def test_counts_begin_at_zero_so_that_the_first_failure_is_a_rise():
    metrics.expect(["scorecards.judge"])

    assert (
        REGISTRY.get_sample_value("assay_task_seconds_count", {"task": "scorecards.judge", "end": "failed"}) is not None
    )
    assert REGISTRY.get_sample_value("assay_facts_total", {"fact": "interview.completed"}) is not None


def test_the_backlog_sums_over_companies_and_names_none(flask_app, alpha, beta, cast, in_tenant, task_of, clock_at):
    task_of(done)
    for tenant, tasks, at in ((alpha, 2, NOW), (beta, 1, NOW - timedelta(seconds=50))):
        with clock_at(at), in_tenant(tenant):
            for _ in range(tasks):
                plan()
    backlog = Backlog()
    with clock_at(NOW + timedelta(seconds=10)):
        for tenant in (alpha, beta):
            relay(flask_app, tenant, Inline(), backlog)
        found = [of(backlog, f"assay_queue_{name}", queue="scoring") for name in ("tasks", "oldest_seconds")]
        backlog.keep_only(["alpha"])
        without_beta = [of(backlog, f"assay_queue_{name}", queue="scoring") for name in ("tasks", "oldest_seconds")]

    assert (found, without_beta) == ([3, 60], [2, 10])
    assert of(backlog, "assay_queue_tasks", queue="asking") == 0


def test_tasks_that_are_not_due_do_not_wait(flask_app, alpha, cast, in_tenant, task_of):
    task_of(done)
    with in_tenant(alpha):
        plan().run_at = clock.now() + timedelta(hours=1)
    backlog = Backlog()
    relay(flask_app, alpha, Inline(), backlog)

    assert of(backlog, "assay_queue_tasks", queue="scoring") == 0


def test_the_oldest_of_several_counts():
    assert Waiting(2, NOW).with_more(3, NOW - timedelta(1)) == Waiting(5, NOW - timedelta(1))


@pytest.fixture
def stuck_fact(alpha, in_tenant, cast):
    """A fact whose reaction asks for a field that it doesn't have."""
    with clock.set_to(NOW), in_tenant(alpha):
        db.session.add(OutboxRow(id=new_id(), name="mail.written", data={}, occurred_at=clock.now()))


def test_the_outbox_lags_as_long_as_its_oldest_fact_cannot_be_relayed(flask_app, alpha, stuck_fact, clock_at):
    backlog = Backlog()
    with clock_at(NOW + timedelta(seconds=70)):
        with pytest.raises(KeyError):
            relay(flask_app, alpha, Inline(), backlog)
        lag = of(backlog, "assay_outbox_lag_seconds")
    with flask_app.extensions["owners"].main.begin() as connection:
        connection.exec_driver_sql("delete from t_alpha.outbox where name = 'mail.written'")
    relay(flask_app, alpha, Inline(), backlog)

    assert (lag, of(backlog, "assay_outbox_lag_seconds")) == (70, 0)


def test_a_company_that_cannot_be_relayed_keeps_no_other_waiting(
    flask_app, settings, alpha, beta, in_tenant, task_of, stuck_fact
):
    task_of(done)
    with in_tenant(beta):
        plan()
    before = value("assay_stumbles_total", process="relay")
    process = Relay(flask_app, settings.redis_url.get_secret_value())
    with closing(process.redis):
        process._relay({"alpha", "beta"})

    assert value("assay_stumbles_total", process="relay") == before + 1
    assert of(process.backlog, "assay_queue_tasks", queue="scoring") == 1


def test_a_company_that_cannot_be_planned_keeps_no_other_waiting(flask_app, alpha, beta, cast, in_tenant, monkeypatch):
    really = timetable.plan

    def broken(flask_app, tenant, now):
        if tenant.slug == "alpha":
            raise LookupError("a table is missing")
        really(flask_app, tenant, now)

    monkeypatch.setattr(timetable, "plan", broken)
    before = value("assay_stumbles_total", process="scheduler")
    timetable.plan_all(flask_app, metrics.Pulse(patience=1))

    with in_tenant(beta):
        planned = db.session.scalar(sa.select(sa.func.count()).select_from(TaskRow))
    assert (value("assay_stumbles_total", process="scheduler") - before, planned) == (1, len(timetable.TIMETABLE))
    assert value("assay_scheduler_beat_timestamp_seconds") > 0


def test_lost_leases_and_facts_are_counted(flask_app, alpha, cast, in_tenant, task_of):
    task_of(done)
    with in_tenant(alpha):
        plan(state="running", lease=new_id(), lease_until=clock.now() - timedelta(seconds=1))
        db.session.add(
            OutboxRow(id=new_id(), name="posting.changed", data={"posting_id": str(new_id())}, occurred_at=clock.now())
        )
    before = value("assay_leases_lost_total"), value("assay_facts_total", fact="posting.changed")
    relay(flask_app, alpha, Inline())
    after = value("assay_leases_lost_total"), value("assay_facts_total", fact="posting.changed")

    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]


def test_a_task_that_ends_its_workers_is_counted_when_it_is_failed(flask_app, alpha, cast, in_tenant, task_of):
    task_of(done)
    with in_tenant(alpha):
        plan(state="running", lease=new_id(), lease_until=clock.now() - timedelta(seconds=1), lost=relays.MOST_LOST - 1)
    before = value("assay_leases_lost_total"), value("assay_poisonous_tasks_total", task=NAME)
    relay(flask_app, alpha, Inline())
    after = value("assay_leases_lost_total"), value("assay_poisonous_tasks_total", task=NAME)

    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]


@pytest.mark.parametrize(("code", "counted"), [("locked", "locked"), ("Cara Canary 555", "other")])
def test_what_a_file_makes_its_reader_say_is_no_label(code, counted):
    before = value("assay_readings_total", end=counted)
    metrics.reading_ended(Unreadable(code).code)

    assert value("assay_readings_total", end=counted) == before + 1
    assert REGISTRY.get_sample_value("assay_readings_total", {"end": "Cara Canary 555"}) is None


ENGINE = "anthropic/claude-sonnet-4-5-counted"


@pytest.mark.parametrize(
    ("order", "end", "error"),
    [
        ("ok", "answered", None),
        ("cut-tool", "answered", Refused),
        ("500", "unavailable", Unavailable),
        ("401", "refused", Refused),
    ],
)
def test_a_call_to_a_language_model_is_counted_with_its_cost(order, end, error):
    def ask(client):
        prompt = "Turn 1\n<answer-1>\nI did.\n</answer-1>"
        if error is None:
            return client.ask("You judge.", prompt, TOOL)
        with pytest.raises(error):
            client.ask("You judge.", prompt, TOOL)
        return None

    def counts():
        calls = {
            each: value("assay_llm_seconds_count", engine=ENGINE, end=each)
            for each in ("answered", "unavailable", "refused")
        }
        tokens = [value("assay_llm_tokens_total", engine=ENGINE, direction=each) for each in ("in", "out")]
        return calls, tokens, value("assay_llm_cost_dollars_total", engine=ENGINE)

    with LlmServer().running() as server:
        server.orders = [order]
        client = MessagesClient("key", ENGINE.removeprefix("anthropic/"), server.url, timeout=5, max_retries=0)
        with closing(client):
            before = counts()
            ask(client)
    after = counts()

    paid = end == "answered"
    assert {each for each in after[0] if after[0][each] > before[0][each]} == {end}
    assert [b - a for a, b in zip(before[1], after[1], strict=True)] == ([900, 120] if paid else [0, 0])
    assert Decimal(after[2] - before[2]).quantize(Decimal("0.0001")) == (Decimal("0.0045") if paid else 0)


@pytest.fixture
def answering(settings):
    """answering(alive, known): the address of a process without pages."""
    servers = []

    def start(*, alive, known="to-count"):
        own = settings.model_copy(update={"metrics_port": 0, "metrics_token": SecretStr(known) if known else None})
        servers.append(answer_machines(own, alive))
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def got(url, token=""):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_processes_without_pages_answer_who_has_the_token(answering):
    url = answering(alive=lambda: True)

    assert [got(f"{url}{path}", token)[0] for path, token in (
        ("/health", ""), ("/metrics", ""), ("/metrics", "wrong"), ("/metrics", "to-count"), ("/anything", "to-count"),
    )] == [200, 404, 404, 200, 404]  # fmt: skip
    assert b"assay_task_seconds" in got(f"{url}/metrics", "to-count")[1]


def test_without_a_token_there_is_health_and_nothing_else(answering):
    url = answering(alive=lambda: True, known=None)

    assert [got(url + path)[0] for path in ("/health", "/metrics")] == [200, 404]


def test_a_loop_that_stands_still_is_not_healthy(answering):
    assert got(answering(alive=metrics.Pulse(patience=0).alive) + "/health")[0] == 503
    assert got(answering(alive=metrics.Pulse(patience=60).alive) + "/health")[0] == 200


def test_without_a_port_nothing_listens(settings):
    assert answer_machines(settings, lambda: True) is None


def test_nobody_can_be_recognised_in_what_is_counted(flask_app, alpha, cast, in_tenant, drain, browser):
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=3)
        submitted_interview(
            cast.rita, posting, kit, name="Cara Canary", said="My secret word is zanzibar, I changed it."
        )
        names = [posting.title, str(posting.id), "rita@alpha.example"]
    drain()
    browser("rita").get("/candidates?q=canary")
    backlog = Backlog()
    relays.relay(flask_app, alpha, Inline(), backlog)
    registry = CollectorRegistry()
    registry.register(backlog)
    everything = (generate_latest() + generate_latest(registry)).decode().lower()

    assert [word for word in [*names, "alpha", "canary", "zanzibar", "rita"] if word.lower() in everything] == []
