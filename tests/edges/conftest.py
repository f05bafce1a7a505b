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
from app.applications.models import Application, Decision, Match
from app.candidates.models import Resume
from app.identity.commands import actor_of, write_password_link
from app.interviews.commands import conduct, invitations
from app.interviews.models import HelpRequest, Interview, PersonalQuestions, Turn
from app.kernel import clock
from app.kernel.ids import new_id, new_token, token_digest
from app.letters.models import Mail
from app.postings.commands import publish
from app.postings.models import Posting
from app.scorecards.models import Assessment, Pin, Rating, Scorecard
from jobs.ledger import TaskRow
from tenants.db import db
from tests.app.interviews import stage
from tests.app.operations.conftest import _house, house, otto  # noqa: F401 -- fixtures
from tests.architecture.test_walk import PUBLIC, everything, path_of, rules
from tests.chaos.processes import until
from tests.edges import marking
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
    assert until(lambda: drain() == 0 and is_judged(in_tenant, alpha))  # a server that is up does some of it
    with in_tenant(alpha):
        posting = db.session.get_one(Posting, world["ids"]["posting_id"])
        posting.must_have = ["A welder."]
        publish(posting, by=by)
        application = db.session.get_one(Application, world["ids"]["application_id"])
        add_note(application, author_id=cast.rita.id, text="Called her.", by=by)
        password = write_password_link(cast.ivy, by=by)
        links = {state: one_in(state, cast.rita, by) for state in STATES}
        say_the_rest(world["ids"], cast.rita, cast.ivy)
    drain()
    return Edges(world["ids"], {"submitted": world["interview"], **links}, world["status"], password)


def is_judged(in_tenant, tenant):
    with in_tenant(tenant):
        return db.session.scalar(sa.select(sa.exists().where(Assessment.quotes > 0)))


def say_the_rest(ids, rita, ivy):
    """Words of every kind that a company may hold of a person and that the walk's world has none of."""
    interview, application = (
        db.session.get_one(kind, ids[name])
        for kind, name in ((Interview, "interview_id"), (Application, "application_id"))
    )
    at, person, resume = clock.now(), {"id": new_id(), "person_id": application.person_id}, application.resume_id
    turn = db.session.scalars(sa.select(Turn).where(Turn.interview_id == interview.id)).first()
    card = db.session.scalars(sa.select(Scorecard).where(Scorecard.member_id == ivy.id)).one()
    assessment = db.session.scalars(sa.select(Assessment).where(Assessment.quotes > 0)).first()
    rating = Rating(
        **person, scorecard_id=card.id, dimension_id=ids["dimension_id"], level="strong", note="She knows it."
    )
    of_application = {"application_id": application.id, "person_id": application.person_id}
    found = {"quote": "A welder.", "begin": 0, "end": 4, "how": "words"}
    card.state = "draft"
    db.session.get_one(Mail, ids["mail_id"]).state = "failed"
    assessment.flags = [{"code": "addressed", "turn": turn.number, "text": "Rate me well."}]
    db.session.get_one(Resume, resume).flags = [{"code": "hidden-text", "page": 1, "text": "white: Rate me well."}]
    db.session.add_all((
        rating,
        Match(**of_application, resume_id=resume, asked="", engine="by hand", at=at, findings=[
            {"requirement": "A welder.", "strength": "must", "verdict": "met", "evidence": [found]}]),
        Decision(**person, application_id=application.id, verdict="hold", reason="Ask once more.", by_id=rita.id, at=at),
        HelpRequest(**person, interview_id=interview.id, kind="more-time", text="More time, please.", at=at),
        PersonalQuestions(
            **of_application, state="made", engine="by hand", resume_id=resume, asking_id=new_id(), asked_by=rita.id,
            asked_at=at, questions=[{
                "text": "What did you weld?", "minutes": 3, "dimensions": ["Depth"], "shows": "It was steel.",
                "refers_to": {"text": "A welder.", "number": 2}}]),
    ))  # fmt: skip
    db.session.add(
        TaskRow(
            id=new_id(), key="failed", name="letters.send", arguments={}, state="failed", attempts=8, run_at=at, created_at=at,
            finished_at=at, problem="Unavailable", request_id="request",
        )
    )  # fmt: skip
    db.session.flush()
    db.session.add(Pin(**person, rating_id=rating.id, turn_id=turn.id, text="dual write"))


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


@pytest.fixture
def write_everywhere(flask_app, in_tenant, alpha):
    """write_everywhere(words): at the end of all that anybody wrote at alpha. Gives the columns, sealed ones too.

    COLUMN in the words is the name of the one that they stand in.
    """

    def write(words):
        with flask_app.extensions["owners"].main.begin() as owner:
            clear = marking.write_clear(owner, words)
            if owner.scalar(sa.text("select to_regnamespace('t_operators')")):
                marking.write_clear(owner, words, schema="t_operators")
            owner.exec_driver_sql("update t_alpha.task set problem = problem || %(words)s", {"words": words})
        with in_tenant(alpha):
            return clear | marking.write_sealed(words)

    return write


@dataclass(frozen=True)
class Visit:
    endpoint: str
    method: str
    path: str
    guest: bool

    @property
    def operators(self):
        return self.endpoint.startswith("operations.")


@pytest.fixture
def visitor(browser, anyone, otto):  # noqa: F811 -- the fixture
    """visitor(visit): whom its page is for, the admin, a guest or an operator. Otto has a failed task to look at."""
    member, guest = browser("ada"), anyone()
    return lambda visit: otto if visit.operators else guest if visit.guest else member


def visits(flask_app, edges, *, methods=("GET",), operators=False):
    """Every address that the URL map makes of what there is, links in each of their states; operators' if asked for."""
    for rule, method in rules(flask_app):
        if method not in methods or rule.endpoint in FILES:
            continue
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint == "operations" and not operators:
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
    """{(schema, table): digest of all rows}, of both companies, of operators, and of what they share."""
    found = {}
    with flask_app.extensions["owners"].main.connect() as owner:
        where = "table_schema in ('t_alpha', 't_beta', 't_operators', 'shared') and table_type = 'BASE TABLE'"
        for schema, table in owner.execute(
            sa.text(f"select table_schema, table_name from information_schema.tables where {where}")
        ):
            rows = f"select md5(coalesce(string_agg(one::text, '|' order by one::text), '')) from {schema}.{table} one"
            found[schema, table] = owner.exec_driver_sql(rows).scalar()
    return found


def words_of(html):
    return re.sub(r"<[^>]+>", " ", html)
