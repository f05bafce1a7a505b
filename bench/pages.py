"""Board, candidate and scorecard pages with 10,000 candidates in one job, against a bare Flask page.

    bin/bench pages [--candidates 10000] [--requests 300]

The bare page runs the same statements, in one transaction, by psycopg, and returns the row count; it is served as the
product is (uvicorn, a2wsgi), by a process of its own. One client asks both by turns, over connections it keeps, and
takes gzip as a browser does. `statements` is how many SQL statements a page runs in a job of 100 and in the large one.
"""

import argparse
import concurrent.futures
import contextlib
import http.client
import json
import multiprocessing
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from app.applications.models import Application
from app.identity.commands import actor_of
from app.identity.queries import member_by_email
from app.postings.commands import publish, write_posting
from bench.house import ADMIN, HOST, House, free_port, house, percentile, web
from tenants.db import db
from tenants.sealed import seal_some, sealed_columns, tables_of_persons

SMALL = 100
WARM = 20
MOST_RATIO, GOAL_MS, MOST_STATEMENTS = 3.0, 200.0, 12
TEXT = "Nurse\n\nWe look for a nurse with two years of experience.\n\nMust have\n- Patient care\n- Infection control\n"
Statement = tuple[str, Any]

PEOPLE = """
with named as (
  select gen_random_uuid() as id, n,
         (array['Asha','Rehan','Lakshmi','Thomas','Noor','Elena','Marek','Chinwe'])[1 + n % 8] || ' ' ||
         (array['Kulkarni','Qureshi','Okafor','Nowak','Duarte','Byrne','Tanaka'])[1 + n % 7] as name
  from generate_series(1, :number) n
), people as (
  insert into candidate (id, created_at)
  select id, now() - n * interval '7 minutes' from named
  returning id, created_at
), clear as (
  insert into candidate_clear (id, name, email, phone, headline, place, found_by)
  select id, name, lower(replace(name, ' ', '.')) || n || '@example.org', '+44 117 496 0000',
         'Nurse, Ward ' || n % 40, 'Leeds',
         name || ' nurse leeds ' || repeat('patient care infection control shift handover ' || n % 97 || ' ', 25)
  from named
)
insert into application
  (id, posting_id, person_id, candidate_id, stage_id, source, applied_at, stage_since, promised_on, next_thing)
select gen_random_uuid(), :posting, people.id, people.id, stage.id, 'careers', people.created_at, people.created_at,
       people.created_at::date + 10,
       case when stage.position = 2 then (array['invited','in-interview','to-decide','overdue'])[1 + n % 4] else '' end
from (select *, row_number() over () as n from people) people
join stage on stage.posting_id = :posting and stage.position = n % 5
"""
MOVES = """
insert into move (id, person_id, batch_id, application_id, to_stage_id, to_state, by_name, at)
select gen_random_uuid(), candidate_id, gen_random_uuid(), id, stage_id, 'active',
       '\\x00'::bytea || convert_to('Ada', 'UTF8'), applied_at
from application where posting_id = :posting
"""
INTERVIEWS = """
insert into interview
  (id, person_id, application_id, plan, state, language, deadline, invited_at, started_at, submitted_at)
select gen_random_uuid(), application.candidate_id, application.id, cast(:plan as jsonb), 'submitted', 'en', now(),
       stage_since, stage_since, now()
from application join stage on stage.id = stage_id where application.posting_id = :posting and position = 3
"""
TURNS = """
insert into turn (id, person_id, interview_id, number, question, text, state, asked_at, answer, answered_at)
select gen_random_uuid(), interview.person_id, interview.id, q + 1, q,
       '\\x00'::bytea || convert_to('What did you do when a shift was short of people?', 'UTF8'), 'answered',
       now(),
       '\\x00'::bytea || convert_to(
         repeat('First I looked at who was least stable, then I called the bed manager and wrote it down. ', 6),
         'UTF8'), now()
from interview join application on application.id = application_id, generate_series(0, 5) q
where posting_id = :posting
"""
ASSESSMENTS = """
insert into assessment (id, person_id, interview_id, dimension_id, position, state, not_scored, engine, asked_at)
select gen_random_uuid(), interview.person_id, interview.id, (d ->> 'id')::uuid, o, 'not_scored', 'nothing-said',
       'bench', now()
from interview join application on application.id = application_id,
     jsonb_array_elements(plan -> 'dimensions') with ordinality as dimension(d, o)
where posting_id = :posting
"""
SCORECARDS = """
insert into scorecard (id, person_id, interview_id, member_id, asked_at)
select gen_random_uuid(), interview.person_id, interview.id, :member, now()
from interview join application on application.id = application_id where posting_id = :posting
"""


@dataclass(frozen=True)
class Job:
    posting: uuid.UUID
    application: uuid.UUID
    interview: uuid.UUID

    def pages(self) -> dict[str, str]:
        return {
            "board": f"/jobs/{self.posting}/board",
            "candidate": f"/applications/{self.application}",
            "scorecard": f"/interviews/{self.interview}/scorecard",
        }


def plan() -> str:
    """An interview of six questions on four dimensions."""
    names = ["Patient safety", "Working together", "Documentation", "Calm under pressure"]
    anchors = [
        "Says nothing of it.",
        "Names it.",
        "Tells what was done.",
        "Tells what was done, why, and what came of it.",
    ]
    dimensions = [
        {"id": str(uuid.uuid4()), "name": name, "description": name, "weight": 25, "anchors": anchors} for name in names
    ]
    questions = [
        {
            "id": str(uuid.uuid4()), "text": "What did you do when a shift was short of people?", "minutes": 4,
            "limited": False, "kind": "behavioural", "shows": "", "dimensions": [dimensions[n % 4]["id"]],
        }
        for n in range(6)
    ]  # fmt: skip
    return json.dumps({"kit_id": str(uuid.uuid4()), "kit_version": 1, "questions": questions, "dimensions": dimensions})


def filled_job(home: House, number: int) -> Job:
    """A job with `number` candidates; a fifth of them interviewed, with a scorecard asked of the member who looks."""
    with home.working():
        member = member_by_email(ADMIN)
        assert member
        posting = write_posting(text=TEXT, by=member, actor=actor_of(member))
        publish(posting, by=actor_of(member))
        posting_id, values = posting.id, {"posting": posting.id, "number": number, "member": member.id, "plan": plan()}
    owner = home.flask_app.extensions["owners"].main
    with owner.begin() as connection:
        connection.exec_driver_sql(f"set local search_path to {home.tenant.schema}")
        for statement in (PEOPLE, MOVES, INTERVIEWS, TURNS, ASSESSMENTS, SCORECARDS):
            connection.execute(sa.text(statement), values)
        application, interview = connection.execute(
            sa.text(
                "select application.id, interview.id from application join interview on application_id = application.id"
                " where posting_id = :posting order by stage_since limit 1 offset 7"
            ),
            values,
        ).one()
    _seal(home, application)
    return Job(posting_id, application, interview)


def _seal(home: House, application: uuid.UUID) -> None:
    """The words of the person whose pages are asked, as the product would have; others' are never read."""
    with home.working():
        whose = db.session.get_one(Application, application).candidate_id
        for table in tables_of_persons():
            if sealed_columns(table):
                seal_some(table, whose=whose)


def settled(home: House) -> None:
    """What autovacuum does within minutes of such an import."""
    tables = ", ".join(
        f"{home.tenant.schema}.{name}"
        for name in ("candidate", "candidate_clear", "application", "move", "interview", "turn")
    )
    with home.flask_app.extensions["owners"].main.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(f"vacuum (analyze) {tables}")


def statements_of(home: House, path: str) -> list[Statement]:
    """Every statement of one request with its parameters: the shortest of three, since the registry is remembered.

    In a thread of its own: within the application context that is open here, a request would find its session.
    """
    with concurrent.futures.ThreadPoolExecutor(1) as alone:
        return min((alone.submit(_listened_to, home, path).result() for _ in range(3)), key=len)


def _listened_to(home: House, path: str) -> list[Statement]:
    said: list[Statement] = []
    with home.flask_app.app_context():
        engine = db.engines[None]

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        said.append((statement, parameters))

    client = home.flask_app.test_client()
    client.set_cookie(*home.cookie.split("=", 1), domain=HOST)
    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = client.get(path, base_url=f"http://{HOST}")
        assert answer.status_code == 200, (path, answer.status_code)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return said


def bare(port: int, url: str, pages: dict[str, list[Statement]]) -> None:
    """The floor: Flask, psycopg, the same statements, and the number of rows they gave."""
    import psycopg
    import uvicorn
    from a2wsgi import WSGIMiddleware
    from flask import Flask

    flask_app, mine = Flask("bare"), threading.local()

    @flask_app.get("/<page>")
    def rows(page: str) -> str:
        if not hasattr(mine, "connection"):
            mine.connection = psycopg.connect(url, prepare_threshold=None)
        found = 0
        with mine.connection.transaction(), mine.connection.cursor() as cursor:
            for statement, parameters in pages[page]:
                cursor.execute(statement, parameters)
                found += len(cursor.fetchall()) if cursor.description else 0
        return str(found)

    uvicorn.run(
        WSGIMiddleware(flask_app, workers=8), host="127.0.0.1", port=port, loop="uvloop", log_level="error",
        access_log=False,
    )  # fmt: skip


@contextlib.contextmanager
def floor(home: House, pages: dict[str, list[Statement]]) -> Iterator[int]:
    with home.flask_app.app_context():
        url = db.engines[None].url.set(drivername="postgresql").render_as_string(hide_password=False)
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=bare, args=(port, url, pages), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.terminate()
        process.join(10)


class Client:
    """One kept connection."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = headers

    def milliseconds(self, path: str) -> float:
        began = time.perf_counter()
        self.connection.request("GET", path, headers=self.headers)
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return (time.perf_counter() - began) * 1000


def patiently(port: int) -> None:
    for _ in range(400):
        with contextlib.suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
            return
        time.sleep(0.05)


def measured(ours: Client, theirs: Client, path: str, page: str, requests: int) -> tuple[list[float], list[float]]:
    """By turns, each first every second time, so that both meet the same machine."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(requests + WARM):
        pair = [(0, ours, path), (1, theirs, f"/{page}")]
        for which, client, address in pair if number % 2 else reversed(pair):
            spent = client.milliseconds(address)
            if number >= WARM:
                took[which].append(spent)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=10_000)
    parser.add_argument("--requests", type=int, default=300)
    chosen = parser.parse_args()
    with house() as home:
        small, large = filled_job(home, SMALL), filled_job(home, chosen.candidates)
        settled(home)
        few = {page: len(statements_of(home, path)) for page, path in small.pages().items()}
        pages = {page: statements_of(home, path) for page, path in large.pages().items()}
        port = free_port()
        with web(port), floor(home, pages) as bare_port:
            patiently(bare_port)
            browser = {"Cookie": home.cookie, "Host": f"{HOST}:{port}", "Accept-Encoding": "gzip"}
            ours, theirs = Client(port, browser), Client(bare_port, {})
            print(f"{chosen.candidates:,} candidates, {chosen.requests} requests each, by turns; milliseconds")
            print("page       p50   p95   bare p50   p95   p95 ratio   statements at 100 / large   goal")
            for page, path in large.pages().items():
                mine, base = measured(ours, theirs, path, page, chosen.requests)
                report(page, mine, base, few[page], len(pages[page]))


def report(page: str, mine: list[float], base: list[float], few: int, many: int) -> None:
    p50, p95, base50, base95 = (percentile(v, s) for v in (mine, base) for s in (0.5, 0.95))
    met = p95 <= MOST_RATIO * base95 and p95 < GOAL_MS and few == many <= MOST_STATEMENTS
    print(
        f"{page:9} {p50:5.1f} {p95:5.1f}   {base50:8.1f} {base95:5.1f}   {p95 / base95:9.2f}   {few:17} / {many:<5}"
        f"   {'met' if met else 'missed'}"
    )


if __name__ == "__main__":
    main()
