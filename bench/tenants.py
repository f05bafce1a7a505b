"""Many companies in one database, against one: pages, memory of PostgreSQL's processes, a new company, a migration.

    bin/bench tenants [--companies 1000] [--requests 300] [--at-once 2]

Companies come by the product's own command, some at a time, each with a job of 20 candidates. The board is asked of one
company again and again, and then of all at random, by one client. A PostgreSQL process remembers each table that it has
seen, so its memory grows with the companies it worked for; `tenants/db.py` ends it in time. Beside it, one connection
that is never ended visits every company.

Goals: board p95 at most 3 times one company's; a new company under a second.
"""

import argparse
import contextlib
import multiprocessing
import random
import re
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from app import create_app
from app.adapters.local.services import Services
from app.cli.tenants import found_company
from app.identity.commands import actor_of
from app.identity.gate import COOKIE_FIELD
from app.identity.models import SignIn
from app.identity.queries import member_by_email
from app.kernel import clock
from app.kernel.ids import new_id, new_token, token_digest
from app.postings.commands import publish, write_posting
from app.settings import Settings
from bench.house import ADMIN, ROOT, House, free_port, house, percentile, pss_kib, web
from bench.pages import PEOPLE, TEXT, Client, patiently
from tenants import migrate
from tenants.db import MOST_COMPANIES, bind_key, db
from tenants.names import schema_of
from tenants.resolver import TenantFlask
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

CANDIDATES, WARM = 20, 20
MOST_RATIO, MOST_SECONDS = 3.0, 1.0
TABLES = ("sign_in", "member", "posting", "stage", "application", "candidate", "candidate_clear", "move", "workspace")
Visit = tuple[str, str, str]  # host, cookie, path
_mine: TenantFlask


def _begin() -> None:
    global _mine  # noqa: PLW0603 -- one application for each process of the pool
    _mine = create_app(Settings())


def provisioned(slug: str) -> float:
    """Seconds that the command took, its process's start apart."""
    started = time.monotonic()
    with _mine.app_context():
        found_company(slug=slug, name=slug, hosts=[f"{slug}.localhost"], admin_email=ADMIN, admin_name="Ada")
    return time.monotonic() - started


def filled(slug: str) -> Visit:
    """A job with some candidates, and a session of the admin's."""
    with _mine.app_context():
        tenant = _mine.registry.by_slug(slug)
        assert tenant
        with tenant_scope(tenant), unit_of_work():
            member = member_by_email(ADMIN)
            assert member
            posting = write_posting(text=TEXT, by=member, actor=actor_of(member))
            publish(posting, by=actor_of(member))
            token, now = new_token(), clock.now()
            db.session.add(
                SignIn(
                    id=new_id(), token_hash=token_digest(token), member_id=member.id, created_at=now, seen_at=now,
                    expires_at=now.replace(year=now.year + 1), agent="bench",
                )
            )  # fmt: skip
            path = f"/jobs/{posting.id}/board"
            db.session.execute(sa.text(PEOPLE), {"posting": posting.id, "number": CANDIDATES})
        serializer = _mine.session_interface.get_signing_serializer(_mine)
    cookie = f"{_mine.config['SESSION_COOKIE_NAME']}={serializer.dumps({COOKIE_FIELD: token})}"
    return f"{slug}.localhost", cookie, path


def visited(port: int, visits: list[Visit]) -> list[float]:
    client, taken = Client(port, {}), []
    for host, cookie, path in visits:
        client.headers = {"Host": f"{host}:{port}", "Cookie": cookie, "Accept-Encoding": "gzip"}
        taken.append(client.milliseconds(path))
    return taken[WARM:]


def backends() -> list[int]:
    """KiB (PSS) of each PostgreSQL process that serves the login role, smallest first."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError, StopIteration):
                if b"postgres: assay_login" in (folder / "cmdline").read_bytes():
                    found.append(pss_kib(int(folder.name)))
    return sorted(found)


def never_ended(home: House, slugs: list[str]) -> list[tuple[int, int]]:
    """(companies visited, KiB of private memory) of one connection that reads the board's tables of each."""
    with home.flask_app.app_context():
        url = db.engines[bind_key("main")].url.set(drivername="postgresql").render_as_string(hide_password=False)
    seen = []
    with psycopg.connect(url, prepare_threshold=None) as connection:
        pid = connection.info.backend_pid
        for number, slug in enumerate(slugs, 1):
            schema = schema_of(slug)
            with connection.transaction():
                enter = "select set_config('search_path', %s, true), set_config('role', %s, true)"
                connection.execute(enter, (schema, schema))
                for table in TABLES:
                    connection.execute(f"select count(*) from {table}")
            if number in {1, 10, 100, len(slugs)}:
                seen.append((number, _private_kib(pid)))
    return seen


def _private_kib(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(kib) for kib in re.findall(r"Private_\w+:\s+(\d+)", text))


def step_back(slug: str) -> None:
    """Undo the newest migration of one company, so that there is something to do again."""
    config = Config()
    config.set_main_option("script_location", str(migrate.ROOT / "tenant"))
    with _mine.extensions["owners"].main.begin() as connection:
        config.attributes.update(connection=connection, schema=schema_of(slug))
        command.downgrade(config, "-1")


def migrated(home: House, at_once: int) -> float:
    """Seconds for all companies, as `flask tenants migrate` does it."""
    started = time.monotonic()
    with home.flask_app.app_context():
        owners, all_of_them = home.flask_app.extensions["owners"], home.flask_app.registry.all()
        done = list(migrate.migrate_all(owners, all_of_them, at_once=at_once))
    assert not [each for each in done if each.error], done[0]
    return time.monotonic() - started


def many_processes(at_once: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(at_once, multiprocessing.get_context("spawn"), initializer=_begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--companies", type=int, default=1000)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    Services(ROOT / "var" / "bench-services").forget()
    try:
        with house() as home:
            measure(home, asked)
    finally:
        Services(ROOT / "var" / "bench-services").forget()  # gigabytes


def measure(home: House, asked: argparse.Namespace) -> None:
    slugs = [f"c{number:04}" for number in range(asked.companies)]
    chance = random.Random(7)
    with many_processes(asked.at_once) as pool:
        began = time.monotonic()
        took = list(pool.map(provisioned, slugs))
        lasted = time.monotonic() - began
        visits = list(pool.map(filled, slugs))
    tenth = max(20, len(took) // 10)
    first, last = took[tenth : 2 * tenth], took[-tenth:]  # the very first make the processes' scripts
    met = "met" if percentile(last, 0.5) < MOST_SECONDS else "missed"
    print(f"{asked.companies:,} companies, {asked.at_once} at a time, in {lasted:.0f} s; seconds each, the last tenth")
    print(
        f"(the second tenth: p50 {percentile(first, 0.5):.2f}, so what many cost and what the machine did stand apart):"
    )
    print(f"new company        p50 {percentile(last, 0.5):.2f}  p95 {percentile(last, 0.95):.2f}   goal 1: {met}")
    with web(port := free_port()):
        patiently(port)
        one = visited(port, [visits[0]] * (asked.requests + WARM))
        small = backends()
        many = visited(port, chance.choices(visits, k=asked.requests + WARM))
        large = backends()
    ratio = percentile(many, 0.95) / percentile(one, 0.95)
    met = "met" if ratio <= MOST_RATIO else "missed"
    for name, times in (("board, one company", one), ("board, at random", many)):
        print(f"{name:18} p50 {percentile(times, 0.5):.1f} ms  p95 {percentile(times, 0.95):.1f} ms")
    print(f"ratio of the p95   {ratio:.2f}   goal {MOST_RATIO:.0f}: {met}")
    print(f"PostgreSQL's processes of the web: largest {small[-1] / 1024:.0f} MiB after one company,")
    print(
        f"  {large[-1] / 1024:.0f} MiB after {asked.requests:,} visits at random (ended at {MOST_COMPANIES} companies)"
    )
    for number, kib in never_ended(home, slugs):
        print(f"  one that is never ended, after {number:,} companies: {kib / 1024:.0f} MiB of its own")
    nothing = migrated(home, asked.at_once)
    with many_processes(asked.at_once) as pool:
        list(pool.map(step_back, slugs))
    something = migrated(home, asked.at_once)
    each, looked = something / asked.companies, nothing / asked.companies
    print(f"migration, {asked.at_once} at once: {each:.3f} s a company for the newest, {looked:.3f} s for nothing")


if __name__ == "__main__":
    main()
