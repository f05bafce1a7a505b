"""One trace from the click through outbox and relay to the task's end, over the wire; and nobody's words in it."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app import create_app
from app.adapters import tracing
from app.kernel.errors import Refused
from jobs import runtime
from jobs.ledger import TaskRow
from jobs.relay import relay
from tenants.db import db
from tests.app.candidates.test_apply import post, typed
from tests.app.privacy.canaries import Person
from tests.conftest import HostClient, Inline
from tests.fakes.collector import Collector
from tests.jobs.factories import approved_kit

ROOT = Path(__file__).resolve().parents[2]
REQUEST = "trace-me-0123456789"


@pytest.fixture
def collector():
    with Collector().running() as running:
        yield running


@pytest.fixture
def traced(settings, flask_app, collector, monkeypatch):
    """traced(share): an application beside the others', whose traces go to the collector."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = []

    def with_share(share=1.0):
        app = create_app(
            settings.model_copy(
                update={
                    "otel_exporter_otlp_endpoint": collector.url, "otel_traces_sampler_arg": share,
                    "otel_exporter_otlp_headers": SecretStr("x-team=hiring, authorization=Bearer abc"),
                }
            )
        )  # fmt: skip
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        app.test_client_class = HostClient
        runtime.serve(app)
        made.append(app)
        return app

    yield with_share
    tracing.end()
    runtime.serve(flask_app)
    for app in made:
        with app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def drain(app, tenant):
    while True:
        inline = Inline()
        relay(app, tenant, inline)
        if not inline.due:
            return
        for slug, task_id in inline.due:
            runtime.run(slug, str(task_id))


@pytest.fixture
def job(alpha, cast, in_tenant):
    from app.identity.commands import actor_of
    from app.postings.commands import publish

    with in_tenant(alpha):
        posting, _ = approved_kit(cast.rita, dimensions=1)
        publish(posting, by=actor_of(cast.rita))
        return posting.id


def test_one_trace_from_the_click_to_the_tasks_end_and_nobodys_words_in_it(traced, collector, job, alpha, in_tenant):
    app, person = traced(), Person("Spur", "+49 30 901820")
    visitor = app.test_client()
    visitor.environ_base["HTTP_X_REQUEST_ID"] = REQUEST
    resume = (io.BytesIO(person.resume()), f"{person.word('datei')}.txt")
    data = typed(name=person.name, email=person.email, phone=person.phone, resume=resume)
    assert post(visitor, f"/careers/{job}/apply", data).status_code == 303
    drain(app, alpha)
    tracing.end()

    request = next(span for span in collector.spans if span.name.startswith("POST "))
    mine = [span for span in collector.spans if span.trace == request.trace]
    hanging = sorted(
        span.name for span in mine if span.parent == request.id and span.name.split()[0] in {"relay", "task"}
    )
    assert (request.name, request.parent) == ("POST /careers/<uuid:posting_id>/apply", "")
    assert request.said == {
        "http.request.method": "POST", "http.route": "/careers/<uuid:posting_id>/apply", "assay.tenant": "alpha",
        "request_id": REQUEST, "http.response.status_code": 303,
    }  # fmt: skip
    with in_tenant(alpha):
        tasks = {
            str(row.id): row.name
            for row in db.session.scalars(
                sa.select(TaskRow).where(TaskRow.request_id == REQUEST, TaskRow.state == "done")
            )
        }
    assert sorted(tasks.values()) == [
        "applications.confirm",
        "applications.match",
        "applications.match",
        "applications.note_resume",
        "candidates.find_alike",
        "candidates.find_by_meaning",
        "candidates.read_resume",
        "letters.send",
    ]
    assert [name for name in hanging if name.startswith("task ")] == [f"task {name}" for name in sorted(tasks.values())]
    assert {"relay candidate.applied", "relay resume.uploaded", "relay resume.read", "relay mail.written"} <= set(
        hanging
    )
    send = next(span for span in mine if span.name == "task letters.send")
    assert send.said == {
        "assay.tenant": "alpha", "assay.task": next(id_ for id_, name in tasks.items() if name == "letters.send"),
        "assay.attempt": 1, "request_id": REQUEST, "assay.end": "done",
    }  # fmt: skip
    assert {"update task", "update mail"} <= {span.name for span in mine if span.parent == send.id}
    words = (person.mark.lower(), "901820", "visit", "values (", "%(")
    assert [(span.name, word) for span in collector.spans for word in words if word in span.everything.lower()] == []
    assert {header["x-team"] for header in collector.headers} == {"hiring"}
    assert {header["authorization"] for header in collector.headers} == {"Bearer abc"}


def test_links_that_are_keys_and_what_is_asked_for_are_in_no_span(traced, collector, anyone):
    app = traced()
    client = app.test_client()
    assert client.get("/i/0123456789abcdef0123456789abcdef-secret?next=cara@x.example").status_code == 404
    assert client.get("/palette?q=Cara+Canary").status_code == 303
    assert client.get("/no/such/cara-page").status_code == 404
    tracing.end()

    assert {span.name for span in collector.spans if span.parent == ""} == {"GET /i/<token>", "GET /palette"}
    assert [
        span.name for span in collector.spans if "secret" in span.everything or "cara" in span.everything.lower()
    ] == []


def test_what_fails_says_so_and_not_how(traced, collector, alpha, in_tenant, job, monkeypatch):
    app = traced()
    from jobs.definitions import TASKS

    def refuse(_run, **_ids):
        raise Refused("no", "Cara Canary said no")

    known = TASKS["postings.analyse"]
    monkeypatch.setitem(
        TASKS, "postings.analyse", known.__class__(**{**vars(known), "body": refuse, "on_failure": None})
    )
    with in_tenant(alpha):
        from app.kernel import clock
        from app.kernel.ids import new_id

        db.session.add(
            TaskRow(
                id=new_id(),
                key="trace",
                name="postings.analyse",
                arguments={"posting_id": str(job)},
                run_at=clock.now(),
                created_at=clock.now(),
            )
        )
    drain(app, alpha)
    tracing.end()

    failed = next(span for span in collector.spans if span.name == "task postings.analyse")
    assert (failed.failed, failed.said["assay.end"], failed.parent) == (True, "failed", "")
    assert [span for span in collector.spans if "Canary" in span.everything] == []


def test_all_processes_trace_the_same_share(traced, collector, job, alpha, anyone):
    """By the request's id alone: whoever is not traced in the web is not traced by relay and worker."""
    app = traced(0.5)
    client = app.test_client()
    for number in range(40):
        client.environ_base["HTTP_X_REQUEST_ID"] = f"share-{number:04}"
        client.get("/careers")
    tracing.end()
    requests = [span for span in collector.spans if span.parent == ""]

    traced(0.5)
    for number in range(40):
        with tracing.following("task", f"share-{number:04}", {}):
            pass
    tracing.end()
    tasks = [span for span in collector.spans if span.name == "task"]

    assert 5 < len(requests) < 35
    assert {(span.trace, span.id) for span in requests} == {(span.trace, span.parent) for span in tasks}


def test_without_an_address_nothing_is_loaded_and_nothing_is_told(flask_app):
    code = (
        "import sys; from app import create_app; from app.settings import Settings; import jobs.runtime;"
        "create_app(Settings()); print({'app.web.tracing', 'opentelemetry.exporter'} & set(sys.modules))"
    )
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
                   "REDIS_URL": "redis://127.0.0.1:1/0", "DATA_DIR": "/tmp", "MASTER_KEY_FILE": str(key(flask_app))}  # fmt: skip
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)

    assert (said.stdout.strip(), said.returncode) == ("set()", 0), said.stderr
    with tracing.following("task", "request", {}) as span, tracing.request("GET", "request", {}) as other:
        assert (span, other) == (None, None)


def key(flask_app):
    return flask_app.extensions["settings"].key_file


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("SELECT member.id FROM member WHERE lower(member.email) = %(x)s", "select member"),
        ("INSERT INTO outbox (id) VALUES (%(id)s)", "insert outbox"),
        ("UPDATE task SET state=%(state)s", "update task"),
        ("SELECT task.id FROM task FOR UPDATE SKIP LOCKED", "select task"),
        ("select set_config('search_path', %(schema)s, true)", "select"),
        ("WITH found AS (SELECT 1 FROM candidate) SELECT", "with candidate"),
        ("", "statement"),
    ],
)
def test_statements_are_named_by_verb_and_table(statement, said):
    assert tracing.summary(statement) == said
