"""Both companies with one of everything, and pages by every way in."""

import os
import re
import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.applications.commands import add_note
from app.applications.models import Application
from app.identity.commands import actor_of, write_password_link
from app.interviews.commands import conduct, invitations
from app.kernel import clock
from app.kernel.ids import new_token, token_digest
from app.postings.commands import publish
from app.postings.models import Posting
from tenants.db import db
from tests.app.interviews import stage
from tests.architecture.test_walk import PUBLIC, everything, path_of, rules
from tests.fakes.trap import Trap

STATES = ("invited", "started", "paused", "expired", "cancelled", "revoked")
# Bytes of no company: they are walked by tests of their own.
FILES = {"web.asset", "static"}
SECRET = "Zitronenfalter-71"
_ears: list[Callable[[str, tuple], None]] = []


def _hear(event, arguments):
    for ear in _ears:
        ear(event, arguments)


sys.addaudithook(_hear)


@contextmanager
def heard():
    """(connections, names) that this process asks for meanwhile: where to, and which names it looks up.

    What libpq does in C is not heard: it is told where PostgreSQL is, and nothing else. Other processes are heard by
    whoever listens where they would go (`home`).
    """
    connections, names = [], []

    def ear(event, arguments):
        if event in {"socket.connect", "socket.sendto"}:
            connections.append(arguments[1])
        elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
            names.append(arguments[0])

    _ears.append(ear)
    try:
        yield connections, names
    finally:
        _ears.remove(ear)


@pytest.fixture
def home():
    """Where hostile files call: home.host, and home.calls counts who came."""
    with Trap().running() as trap:
        yield trap


@pytest.fixture
def canary(tmp_path):
    """A file that nobody should read; its time of reading is long ago, and later than its writing never."""
    file = tmp_path / "canary.txt"
    file.write_text(SECRET)
    os.utime(file, (0, file.stat().st_mtime))
    tmp_path.chmod(0o755)
    return str(file)


def untouched(canary):
    """Nobody read it, as far as this file system notes that at all."""
    return bool(os.statvfs(canary).f_flag & os.ST_NOATIME) or Path(canary).stat().st_atime == 0


@dataclass
class Edges:
    """`ids` by parameter name; `interviews` are links by the state of the interview; `password` is a link too."""

    ids: dict
    interviews: dict[str, str]
    status: str
    password: str


@pytest.fixture
def edges(alpha, beta, cast, in_tenant, flask_app, drain, memory):
    return memory.recall("edges", lambda: tell(alpha, cast, in_tenant, flask_app, drain))


def tell(alpha, cast, in_tenant, flask_app, drain):
    world, by = everything(alpha, cast, in_tenant, flask_app, drain), actor_of(cast.rita)
    with in_tenant(alpha):
        posting = db.session.get_one(Posting, world["ids"]["posting_id"])
        publish(posting, by=by)
        application = db.session.get_one(Application, world["ids"]["application_id"])
        add_note(application, author_id=cast.rita.id, text="Called her.", by=by)
        password = write_password_link(cast.ivy, by=by)
        links = {state: one_in(state, cast.rita, by) for state in STATES}
    drain()
    return Edges(world["ids"], {"submitted": world["interview"], **links}, world["status"], password)


def one_in(state, member, by):
    """An interview brought to that state; gives its link."""
    from app.interviews.queries import kit_of

    application = stage.applicant(stage.opening(member), name=f"Cara {state}", email=f"{state}@people.example")
    interview = invitations.open_interview(application, kit_of(application.posting_id), by=by)
    token = new_token()
    interview.link_hash = token_digest(token)
    if state in {"started", "paused"}:
        conduct.begin(interview, consented_to={}, by=by)
    db.session.flush()
    {
        "paused": lambda: conduct.pause(interview), "expired": lambda: invitations.expire(interview),
        "cancelled": lambda: invitations.cancel(interview, by=by),
        "revoked": lambda: invitations.revoke_link(interview, by=by),
    }.get(state, lambda: None)()  # fmt: skip
    if state == "expired":
        interview.deadline = clock.now() - timedelta(days=1)
    return token


@dataclass(frozen=True)
class Visit:
    endpoint: str
    method: str
    path: str
    guest: bool


def visits(flask_app, edges, *, methods=("GET",)):
    """Every address that the URL map makes of what there is, links in each of their states."""
    for rule, method in rules(flask_app):
        if method not in methods or rule.endpoint in FILES:
            continue
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint == "operations":  # of another house: tests/app/operations
            continue
        for token in tokens_of(blueprint, edges):
            path = path_of(rule, edges.ids | token) or (rule.rule if not rule.arguments else None)
            if path is None and rule.endpoint == "web.theme":
                path = "/theme/0d6b5a.css"
            assert path is not None, f"no address for {rule.rule}"
            yield Visit(rule.endpoint, method, path, blueprint in PUBLIC)


def tokens_of(blueprint, edges):
    if blueprint == "interview":
        return [{"token": token} for token in edges.interviews.values()]
    return [{"token": {"status": edges.status, "identity": edges.password}.get(blueprint, "")}]


def fingerprint(flask_app, tables=None):
    """{(schema, table): digest of all rows}, of both companies and of what they share."""
    found = {}
    with flask_app.extensions["owners"].main.connect() as owner:
        where = "table_schema in ('t_alpha', 't_beta', 'shared') and table_type = 'BASE TABLE'"
        for schema, table in owner.execute(
            sa.text(f"select table_schema, table_name from information_schema.tables where {where}")
        ):
            rows = f"select md5(coalesce(string_agg(one::text, '|' order by one::text), '')) from {schema}.{table} one"
            found[schema, table] = owner.exec_driver_sql(rows).scalar()
    return found


def words_of(html):
    return re.sub(r"<[^>]+>", " ", html)
