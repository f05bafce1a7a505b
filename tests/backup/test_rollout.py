"""A new release while people work: schemas that a killed migration left behind, and processes that are replaced."""

import copy
import os
import random
import signal
import threading
import time
import uuid
from collections import Counter, deque
from contextlib import ExitStack, contextmanager, suppress

import psycopg
import pytest
import sqlalchemy as sa

from app.adapters.postgres import owner_urls
from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of, set_password, write_password_link
from app.identity.models import Member
from app.interviews.queries import kit_of
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.postings.models import Posting
from app.postings.queries import stages_of
from app.scorecards.models import Assessment
from bench.restore import plain
from jobs.definitions import TASKS
from jobs.ledger import TaskRow
from tenants import migrate, provisioning
from tenants.db import db
from tenants.owner import Owners
from tenants.registry import Host, Registry, Tenant
from tests.chaos.processes import Nursery, Person, alive, free_port, until
from tests.conftest import PASSWORD
from tests.jobs.factories import approved_kit, submitted_interview
from tests.sizes import sized

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("backup")]
BEFORE = "0005"
HEARD_SECONDS = 0.5  # until no request is on its way to a process that was taken out; five in deploy/kubernetes


def _columns(owner, schemas):
    found = owner.execute(
        "select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull from pg_attribute a"
        " join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace"
        " where n.nspname = any(%s) and a.attnum > 0 and not a.attisdropped order by 1, 2, 3, 4",
        (schemas,),
    )
    told = {}
    for schema, *column in found:
        told.setdefault(schema, []).append(tuple(column))
    return {schema: tuple(columns) for schema, columns in told.items()}


@pytest.fixture
def behind(installation):
    """Companies whose schemas are of an older release."""
    owners = Owners(owner_urls(installation.settings))
    slugs = [f"old-{number:03}" for number in range(sized(200, 8))]
    for slug in slugs:
        schema = f"t_{slug.replace('-', '_')}"
        with owners.main.begin() as owner:
            owner.exec_driver_sql(f"create role {schema} login")
            owner.exec_driver_sql(f"grant {schema} to {provisioning.LOGIN} with inherit false, set true")
            owner.exec_driver_sql(f"create schema {schema}")
            migrate.upgrade("tenant", owner, schema=schema, to=BEFORE)
            provisioning.grant(owner, schema)
            owner.exec_driver_sql(f"insert into {schema}.workspace (id, name, created_at) values (1, '{slug}', now())")
            row = {"id": uuid.uuid4(), "slug": slug, "name": slug, "revision": BEFORE, "created_at": clock.now()}
            owner.execute(sa.insert(Tenant).values(**row))
            owner.execute(sa.insert(Host).values(name=f"{slug}.localhost", tenant_id=row["id"]))
    yield owners, [record for record in Registry(owners.main).all() if record.slug in slugs]
    with owners.main.begin() as owner:
        owner.execute(sa.delete(Tenant).where(Tenant.slug.in_(slugs)))
    for slug in slugs:
        with owners.main.begin() as owner:
            provisioning.drop_schema(owner, f"t_{slug.replace('-', '_')}")


def in_a_process(urls, records):
    """The pid of one that migrates them all, as `tenants migrate` does."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = sum(done.error is not None for done in migrate.migrate_all(Owners(urls), records))
        finally:
            os._exit(status)
    return pid


IN_THE_MIDST = """select count(*) from pg_stat_activity where xact_start is not null and pid != pg_backend_pid()
    and datname = current_database() and backend_type = 'client backend'"""


def test_r44_a_migration_killed_again_and_again_leaves_no_schema_half_way(installation, behind, monkeypatch):
    """Ten kills, spread over all of it; companies of either release are served. A held lock stops one company alone."""
    owners, records = behind
    assert migrate.LOCK_TIMEOUT == "5s"
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", f"{sized(5_000, 500)}ms")
    chance, head = random.Random(44), migrate.head("tenant")
    schemas, hosts = [record.schema for record in records], {record.schema: record.slug for record in records}
    urls = {"main": owners.url("main")}

    with psycopg.connect(plain(owners.url("main")), autocommit=True) as owner:
        new = _columns(owner, ["t_alpha"])["t_alpha"]
        old = set(_columns(owner, schemas).values())
        assert len(old) == 1
        assert old != {new}

        def revisions():
            return {s: owner.execute(f"select version_num from {s}.alembic_version").fetchone()[0] for s in schemas}

        def at(revision):
            return [schema for schema, its in revisions().items() if its == revision]

        ended, broken_off, mixed, served = [], 0, 0, []
        for kill in range(10):
            pid = in_a_process(urls, records)
            assert until(lambda kill=kill: len(at(head)) >= kill * len(schemas) // 12, seconds=120, every=0.01)
            threading.Event().wait(chance.uniform(0, 0.3))
            broken_off += owner.execute(IN_THE_MIDST).fetchone()[0]
            os.kill(pid, signal.SIGKILL)
            ended.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            sides = [at(BEFORE)[:1], at(head)[-1:]]
            mixed += all(sides)
            for schema in (side[0] for side in sides if side):
                began = time.monotonic()
                page = installation.flask_app.test_client().get(
                    "/sign-in", base_url=f"http://{hosts[schema]}.localhost"
                )
                served.append((page.status_code, hosts[schema] in page.text, time.monotonic() - began < 5))
            found, columns = revisions(), _columns(owner, schemas)
            assert set(found.values()) <= {BEFORE, head}
            assert {s: columns[s] for s in schemas} == {
                s: new if found[s] == head else next(iter(old)) for s in schemas
            }
        held = next(record for record in records if record.schema in at(BEFORE))
        done, took, others = {}, {}, []
        with psycopg.connect(plain(owners.url("main"))) as somebody, reading(owners, held.schema, others):
            somebody.execute(f"select count(*) from {held.schema}.task")
            began = time.monotonic()
            for each in migrate.migrate_all(owners, records):
                done[each.slug], took[each.slug], began = each.error, time.monotonic() - began, time.monotonic()
        last = in_a_process(urls, records)
        assert os.waitstatus_to_exitcode(os.waitpid(last, 0)[1]) == 0
        noted = dict(owner.execute("select slug, revision from shared.tenant").fetchall())

        assert ended == [-signal.SIGKILL] * 10
        assert broken_off >= 5
        assert mixed >= 6
        assert set(served) == {(200, True, True)}
        assert [slug for slug, error in done.items() if error] == [held.slug]
        assert "lock timeout" in done[held.slug]
        assert took[held.slug] <= sized(5_000, 500) / 1000 + 1.5
        assert max(others) <= sized(5_000, 500) / 1000 + 0.5
        assert set(revisions().values()) == {head}
        assert {noted[record.slug] for record in records} == {head}


@contextmanager
def reading(owners, schema, waits):
    """Somebody reads the company's tasks all the time; `waits` has how long each look took."""
    over = threading.Event()

    def read():
        with psycopg.connect(plain(owners.url("main")), autocommit=True) as connection:
            while not over.wait(0.01):
                began = time.monotonic()
                connection.execute(f"select count(*) from {schema}.task")
                waits.append(time.monotonic() - began)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Balancer:
    """Sends each request to one of the processes that are in."""

    def __init__(self):
        self.ports, self.turn, self.lock = [], 0, threading.Lock()

    def port(self):
        with self.lock:
            self.turn += 1
            return self.ports[self.turn % len(self.ports)]

    def replace(self, old, new):
        with self.lock:
            self.ports = [*[port for port in self.ports if port != old], new]


@pytest.fixture
def busy(installation):
    """Ada of Alpha signs in with a password; people have applied, and each is to get a letter."""
    many = sized(300, 16)
    with installation.at("alpha"):
        ada = db.session.scalars(sa.select(Member)).first()
        set_password(write_password_link(ada, by=SYSTEM), PASSWORD)
        posting, by = approved_kit(ada, dimensions=1)[0], actor_of(ada)
        people = [
            apply(
                posting,
                register(name=f"Cara {n}", email=f"cara{n}@people.example"),
                resume=None,
                source="careers",
                by=by,
            )
            for n in range(many)
        ]
        found = ada.id, [person.id for person in people], stages_of(posting.id)[1].id
    installation.close()
    return found


def test_r45_processes_are_replaced_under_traffic_and_nobody_notices(installation, busy):
    """Each web process is taken out and told to stop while another is there; workers and relay are replaced as well."""
    ada, people, stage = busy
    nursery, balancer, over, statuses, sent = Nursery(installation.settings), Balancer(), threading.Event(), [], []
    waiting = deque(people)

    def ended(*which):
        found = sa.select(TaskRow.state, TaskRow.lost, TaskRow.problem).where(*which)
        with installation.at("alpha"):
            return Counter(db.session.execute(found.where(TaskRow.finished_at.is_not(None))).tuples().all())

    with ExitStack() as opened:
        opened.callback(nursery.close)
        opened.callback(over.set)
        pids = {}
        for _ in range(2):
            port = free_port()
            pids[port] = nursery.web(port)
            balancer.ports.append(port)
        others = {words: nursery.start(words) for words in ("relay", "mail", "scoring")}
        person = Person(balancer.ports[0], "ada")

        def ask():
            while not over.is_set():
                one = at(balancer.port(), person)
                statuses.append(one.ask("GET", "/candidates")[0])
                with suppress(IndexError):
                    path = f"/applications/{waiting.popleft()}/move"
                    statuses.append(one.post(path, {"stage": stage, "version": "1"}))
                    if statuses[-1] == 409:
                        statuses.append(one.post(path, {"stage": stage, "version": "2"}))
                over.wait(0.02)

        def send_in():
            """Interviews to score, one after the other."""
            with installation.at("alpha"):
                posting = approved_kit(db.session.get_one(Member, ada), dimensions=3)[0].id
            while not over.wait(0.5):
                with installation.at("alpha"):
                    its = db.session.get_one(Posting, posting), kit_of(posting)
                    new = submitted_interview(db.session.get_one(Member, ada), *its, name=f"Cara {len(sent)}").id
                sent.append(new)

        def scored():
            """Of what was sent in: the company has an interview of before, which is scored meanwhile."""
            drafts = sa.select(sa.cast(Assessment.id, sa.Text)).where(Assessment.interview_id.in_(sent))
            return ended(
                sa.or_(
                    TaskRow.arguments["interview_id"].astext.in_([str(one) for one in sent]),
                    TaskRow.arguments["assessment_id"].astext.in_(drafts),
                ),
                TaskRow.name.in_([name for name, task in TASKS.items() if task.queue == "scoring"]),
            )

        asking = [threading.Thread(target=ask) for _ in range(3)] + [threading.Thread(target=send_in)]
        began = time.monotonic()
        for thread in asking:
            thread.start()
        for _ in range(sized(5, 1)):
            for port in balancer.ports[: sized(2, 1)]:
                new = free_port()
                pids[new] = nursery.web(new)
                assert at(new, person).ask("GET", "/candidates")[0] == 200
                balancer.replace(port, new)
                heard = len(statuses)
                time.sleep(HEARD_SECONDS)
                nursery.kill(pids[port], signal.SIGTERM)
                assert until(lambda port=port: not alive(pids[port]), seconds=20)
                assert until(lambda heard=heard: len(statuses) > heard + 10, seconds=30)
            for words, pid in list(others.items()):
                nursery.kill(pid, signal.SIGTERM)
                others[words] = nursery.start(words)
            done = scored().total()
            assert until(lambda done=done: scored().total() > done, seconds=60)
        over.set()
        for thread in asking:
            thread.join()
        a_second = len(statuses) / (time.monotonic() - began)

        def letters():
            return ended(
                TaskRow.name == "applications.confirm",
                TaskRow.arguments["application_id"].astext.in_([str(one) for one in people]),
            )

        assert until(lambda: letters().total() == len(people), seconds=90), letters()
        assert until(lambda: scored().total() == len(sent) * 4, seconds=90), scored()
    assert a_second >= sized(25, 4)  # half of the row's, for two cores
    assert len(sent) >= sized(20, 2)
    assert set(statuses) <= {200, 303, 409}  # 409: the letter about it changed the application first
    assert {200, 303} <= set(statuses)
    assert letters() == {("done", 0, None): len(people)}
    assert scored() == {("done", 0, None): len(sent) * 4}  # opened, and three dimensions judged


def at(port, person):
    """The same browser, at another process."""
    one = copy.copy(person)
    one.port, one.cookies = port, dict(person.cookies)
    return one
