"""S-03, S-09: what breaks in the middle leaves nothing behind for the company that gets the connection next."""

import asyncio
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import request

from app.adapters.redis.signals import PINGS, ping_of
from asgi import Hub
from tenants.db import db
from tenants.scope import current_tenant
from tenants.work import Ping
from tests.isolation.conftest import CROWD, canary_of, instead_of, small_pool, who_am_i
from tests.sizes import sized

pytestmark = pytest.mark.xdist_group("isolation")
REQUESTS, CANCELS, THREADS = sized(10_000, 300), sized(1_000, 30), 6
KINDS = ("read", "write", "savepoint", "savepoint-lost", "error", "broken-sql", "swallowed", "cancelled", "killed")
TROUBLE = {"error", "broken-sql", "swallowed", "cancelled", "killed"}


def raw():
    return db.session.connection().connection.driver_connection


def cancelled_in_the_middle(connection):
    """Cancelled again until it took: on a busy machine the first one may come before the statement has begun."""
    over = threading.Event()

    def cancel():
        while not over.wait(0.01):
            connection.cancel_safe()

    cancelling = threading.Thread(target=cancel)
    cancelling.start()
    try:
        db.session.execute(sa.text("select pg_sleep(5)"))
    finally:
        over.set()
        cancelling.join()


def act(kind, owner):
    """Whatever a handler might do, or have done to it, in the middle of its transaction."""
    if kind == "write":
        db.session.execute(sa.text("update workspace set contact_name = :c"), {"c": canary_of(current_tenant().slug)})
    elif kind == "savepoint":
        with db.session.begin_nested():
            db.session.execute(sa.text("update workspace set reply_days = reply_days + 1"))
    elif kind == "savepoint-lost":
        with suppress(KeyError), db.session.begin_nested():
            db.session.execute(sa.text("update workspace set name = 'lost'"))
            raise KeyError
    elif kind == "error":
        raise RuntimeError("in the middle")
    elif kind == "broken-sql":
        db.session.execute(sa.text("select * from no_such_table"))
    elif kind == "swallowed":
        with suppress(sa.exc.DBAPIError):
            db.session.execute(sa.text("select * from no_such_table"))
    elif kind == "cancelled":
        cancelled_in_the_middle(raw())
    elif kind == "killed":
        backend = db.session.scalar(sa.text("select pg_backend_pid()"))
        with owner.connect() as connection:
            connection.execute(sa.text("select pg_terminate_backend(:p)"), {"p": backend})


@pytest.fixture
def chaotic(crowd, flask_app):
    """The product over two connections; and where one signs in, things go wrong when asked to."""
    owner = flask_app.extensions["owners"].main

    def chaos():
        act(request.args["kind"], owner)
        return who_am_i()

    flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    with small_pool(flask_app), instead_of(flask_app, "identity.sign_in", chaos):
        yield flask_app
    flask_app.config["PROPAGATE_EXCEPTIONS"] = None


def foreign(text, own):
    """Canaries of other companies in a text."""
    return [c for c in (canary_of(f"crowd-{n:02}") for n in range(CROWD)) if c != own and c in text]


def ask(flask_app, number):
    chance = random.Random(number)
    slug, kind = f"crowd-{chance.randrange(CROWD):02}", chance.choice(KINDS)
    answer = flask_app.test_client().get("/sign-in", query_string={"kind": kind}, base_url=f"http://{slug}.localhost")
    page = flask_app.test_client().get("/sign-in", base_url=f"http://{slug}.localhost")
    own, problems = canary_of(slug), []
    if foreign(answer.text, own) or foreign(page.text, own):
        problems.append(("foreign", kind, slug))
    if page.status_code == 200 and own not in page.text:
        problems.append(("not its own", kind, slug))
    if answer.status_code == 200 and answer.json != {
        "canaries": [own], "role": f"t_{slug.replace('-', '_')}", "path": f"t_{slug.replace('-', '_')}",
    }:  # fmt: skip
        problems.append(("another's", kind, slug, answer.json))
    return kind, answer.status_code, problems


@pytest.mark.slow
def test_s03_a_pool_of_two_shows_no_company_anothers_canary(chaotic, crowd):
    with ThreadPoolExecutor(THREADS) as pool:
        answers = list(pool.map(lambda number: ask(chaotic, number), range(REQUESTS // 2)))

    assert [problem for *_, problems in answers for problem in problems] == []
    worked = Counter(kind for kind, status, _ in answers if status == 200)
    assert set(worked) >= set(KINDS) - TROUBLE
    assert not worked.keys() & {"error", "broken-sql", "swallowed", "cancelled"}
    written = {}
    with chaotic.extensions["owners"].main.connect() as owner:
        for each in crowd:
            row = owner.execute(sa.text(f"select name, contact_name from {each.schema}.workspace")).one()
            written[each.slug] = (row.name, row.contact_name in {"", canary_of(each.slug)})
    assert written == {each.slug: (canary_of(each.slug), True) for each in crowd}


@pytest.mark.slow
def test_s09_cancelled_statements_give_the_next_request_its_own_answer(chaotic, crowd):
    """One connection after the other is cancelled in the middle; whoever comes next asks for something else."""
    wrong = []
    for number in range(CANCELS):
        first, second = f"crowd-{number % CROWD:02}", f"crowd-{(number * 7 + 3) % CROWD:02}"
        client = chaotic.test_client()
        cut = client.get("/sign-in?kind=cancelled", base_url=f"http://{first}.localhost")
        after = client.get("/sign-in?kind=read", base_url=f"http://{second}.localhost")
        if cut.status_code != 503 or after.json["canaries"] != [canary_of(second)]:
            wrong.append((first, second, cut.status_code, after.json))
    assert wrong == []


def test_s09_cancelled_reads_of_redis_give_the_next_its_own_answer(settings):
    """The accident of March 2023: a read is cancelled, its reply stays in the connection, and the next one gets it."""

    async def chaos():
        hub, chance = Hub(settings.redis_url.get_secret_value()), random.Random(9)
        client, own = hub._redis(), {}
        await client.delete(PINGS)
        for number in range(40):
            slug = ("alpha", "beta")[number % 2]
            ping_id = await client.xadd(PINGS, ping_of(slug, Ping(f"{slug}-topic", str(number))))
            own.setdefault(slug, set()).add(ping_id.decode())
        wrong = []
        for number in range(CANCELS):
            cut = asyncio.create_task(hub.missed("alpha", ["alpha-topic"], "0-0"))
            await asyncio.sleep(chance.random() / 2000)
            cut.cancel()
            heard, _ = await hub.missed("beta", ["beta-topic", "alpha-topic"], "0-1")
            # "0-1" is older than the oldest: each topic asked for once, by the id given and nothing of the stream
            newer, _ = await hub.missed("beta", ["beta-topic", "alpha-topic"], min(own["alpha"] | own["beta"]))
            if heard != [("0-1", "beta-topic"), ("0-1", "alpha-topic")] or {i for i, _ in newer} - own["beta"]:
                wrong.append((number, heard, newer))
        await hub.let_go()
        return wrong

    with ThreadPoolExecutor(1) as elsewhere:  # a browser that an earlier test opened has a loop in this thread
        assert elsewhere.submit(lambda: asyncio.run(chaos())).result() == []
