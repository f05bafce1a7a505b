"""Every route, task, stream, export and signed link, walked as the other company and as each role.

Generated from the URL map: a route added tomorrow is walked tomorrow. Another company's thing and a missing one must
look alike.
"""

import re
import statistics
import time
import uuid

import pytest
import sqlalchemy as sa

from app.applications.commands import write_link
from app.applications.models import Application, Move
from app.audit.models import AiOutput
from app.candidates.commands import keep_resume, register
from app.candidates.commands.merging import merge
from app.candidates.commands.searches import save_search
from app.candidates.models import Candidate, Resume
from app.identity.commands import actor_of, write_password_link
from app.interviews.models import Interview, Kit
from app.kernel.ids import new_id, new_token, token_digest
from app.letters import commands as letters
from app.letters.enums import LetterKind
from app.privacy.commands import erase
from app.scorecards.commands.reports import ask_for_report
from app.scorecards.commands.scorecards import ask_for_scorecard
from app.scorecards.models import Assessment
from jobs import runtime
from jobs.definitions import TASKS
from jobs.ledger import TaskRow
from tenants.db import db
from tests.conftest import PASSWORD
from tests.jobs.factories import approved_kit, submitted_interview

PUBLIC = {
    "identity", "interview", "status", "careers", "apply", "web", "static",
    # missing at every company's address: tests/app/operations walks them
    "operations",
}  # fmt: skip
NO_WORD_FOR_INTERVIEWERS = {
    "application", "applications", "applications_bulk", "candidates", "doubles", "resumes", "jobs", "kits", "kits_alike", "personal_questions", "uploads", "privacy",
    "interviews_staff", "mailbox", "members", "workspace", "live", "outputs", "searches",
}  # fmt: skip


@pytest.fixture
def world(alpha, beta, cast, in_tenant, flask_app, drain, memory):
    """One of everything at alpha, by parameter name; and the tokens of its signed links."""
    return memory.recall("world", lambda: everything(alpha, cast, in_tenant, flask_app, drain))


def everything(alpha, cast, in_tenant, flask_app, drain):
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=3)
        interview = submitted_interview(cast.rita, posting, kit, name="Cara Canary")
        storage = flask_app.extensions["providers"].storage
        application = db.session.get_one(Application, interview.application_id)
        candidate = db.session.get_one(Candidate, application.candidate_id)
        resume = keep_resume(
            candidate, file_name="cv.txt", data=b"Cara Canary\nWelder", storage=storage, by=actor_of(cast.rita)
        )
        application.resume_id = resume.id
        token, link = new_token(), write_link(application)
        interview.link_hash = token_digest(token)
        ask_for_scorecard(interview, cast.ivy.id, by=actor_of(cast.rita))
        report = ask_for_report(interview.id, by=actor_of(cast.rita))
        mail = letters.write(
            LetterKind.PASSWORD_LINK,
            to_name="Cara",
            to_address="c@x.example",
            language="en",
            key="walk",
            facts={"name": "Cara", "company": "Alpha", "link": "http://x"},
            vault=flask_app.extensions["providers"].vault,
        )
        ids = {
            "posting_id": posting.id,
            "application_id": application.id,
            "candidate_id": candidate.id,
            "interview_id": interview.id,
            "resume_id": resume.id,
            "report_id": report.id,
            "mail_id": mail.id,
            "member_id": cast.hugo.id,
            "dimension_id": kit.dimensions[0].id,
            "question_id": kit.questions[0].id,
            "stage_id": application.stage_id,
        }
        ids["other_id"] = register(name="Cora Canary").id
        twice = register(name="Carla Canary")
        db.session.flush()
        ids["merge_id"] = merge(candidate, twice, by=actor_of(cast.rita)).id
        gone = erase(register(name="Carl Gone"), by=actor_of(cast.ada))
        ids["erasure_id"] = gone.id
        ids["search_id"] = save_search(cast.ada, name="Welders", asked={"q": "welder"}).id
    drain()
    with in_tenant(alpha):
        ids["assessment_id"] = db.session.scalars(sa.select(Assessment.id)).first()
        ids["output_id"] = db.session.scalars(sa.select(AiOutput.id)).first()
        ids["batch_id"] = db.session.scalars(sa.select(Move.batch_id)).first()
        password = write_password_link(cast.hugo, by=actor_of(cast.ada))
    return {"ids": ids, "interview": token, "status": link, "identity": password}


def rules(flask_app, *, named=None, without=frozenset()):
    for rule in flask_app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if blueprint in without or (named is not None and blueprint not in named):
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}):
            yield rule, method


def path_of(rule, ids):
    """The rule's address with these ids; None for a rule without any."""
    values = {}
    for name in rule.arguments:
        if name in ids:
            values[name] = ids[name]
        elif name == "number":
            values[name] = 1
        elif name in (rule.defaults or {}):
            values[name] = rule.defaults[name]
        else:
            return None
    return rule.build(values, append_unknown=False)[1] if values else None


def unknown(ids):
    return {name: new_id() for name in ids}


def told(answer, ids):
    """What an answer tells, without the ids that the asker put in, and without the request's own reference."""
    text = answer.text
    for value in ids.values():
        text = text.replace(str(value), "ID")
    return answer.status_code, re.sub(r"[0-9a-f]{32}|csrf[^>]*>|nonce-\S+", "", text)


def test_s01_the_other_company_finds_nothing_and_learns_nothing(flask_app, world, browser):
    rex, walked = browser("rex"), 0
    for rule, method in rules(flask_app, without=PUBLIC):
        if not rule.arguments:
            continue
        theirs, nobodys = path_of(rule, world["ids"]), unknown(world["ids"])
        assert theirs is not None, f"nothing of alpha's for {rule.rule}"
        answer = rex.open(theirs, method=method)
        missing = rex.open(path_of(rule, nobodys), method=method)
        assert answer.status_code == 404, (method, rule.rule, answer.status_code)
        assert told(answer, world["ids"]) == told(missing, nobodys), rule.rule
        walked += 1
    assert walked >= 60


@pytest.mark.slow
def test_s02_anothers_and_missing_take_the_same_words_and_time(flask_app, world, browser):
    """200 pairs, by turns over all addresses of pages; what comes first changes from pair to pair."""
    rex, took = browser("rex"), {"anothers": [], "missing": []}
    pages = [
        rule for rule, method in rules(flask_app, without=PUBLIC) if method == "GET" and path_of(rule, world["ids"])
    ]
    for number in range(200):
        rule, nobodys, told_of = pages[number % len(pages)], unknown(world["ids"]), {}
        for which in ("anothers", "missing") if number % 2 else ("missing", "anothers"):
            ids = world["ids"] if which == "anothers" else nobodys
            started = time.perf_counter()
            answer = rex.get(path_of(rule, ids))
            took[which].append(time.perf_counter() - started)
            told_of[which] = told(answer, ids)
        assert told_of["anothers"] == told_of["missing"], rule.rule

    assert len(pages) >= 20
    assert abs(statistics.median(took["anothers"]) - statistics.median(took["missing"])) <= 0.010


def test_s01_a_session_of_one_company_is_nobodys_at_the_other(world, browser, anyone):
    cookie = browser("rita").get_cookie("assay", domain="alpha.localhost").value
    here, there = anyone("alpha"), anyone("beta")
    for client, host in ((here, "alpha.localhost"), (there, "beta.localhost")):
        client.set_cookie("assay", cookie, domain=host)

    assert (here.get("/candidates").status_code, there.get("/candidates").status_code) == (200, 303)


def test_whoever_is_not_signed_in_gets_to_no_members_page(flask_app, world, anyone):
    client = anyone()
    for rule, method in rules(flask_app, without=PUBLIC):
        path = path_of(rule, world["ids"]) or (rule.rule if not rule.arguments else None)
        if path is not None:
            answer = client.open(path, method=method)
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), (method, path)


def test_interviewers_see_their_interviews_alone(flask_app, world, browser):
    ivy = browser("ivy")
    for rule, method in rules(flask_app, named=NO_WORD_FOR_INTERVIEWERS):
        path = path_of(rule, world["ids"]) or (rule.rule if not rule.arguments else None)
        if path is not None:
            assert ivy.open(path, method=method).status_code == 404, (method, rule.rule)
    assert ivy.get(f"/interviews/{world['ids']['interview_id']}/scorecard").status_code == 200


def test_a_hiring_manager_sees_no_job_of_others(flask_app, world, browser):
    hugo = browser("hugo")
    for rule, method in rules(flask_app, without=PUBLIC | {"account", "insights"}):
        path = path_of(rule, world["ids"])
        if path is not None:
            assert hugo.open(path, method=method).status_code == 404, (method, rule.rule)


def test_settings_are_the_admins_alone(flask_app, world, browser):
    for name in ("rita", "hugo", "ivy"):
        client = browser(name)
        for rule, method in rules(flask_app, named={"members", "workspace", "privacy"}):
            path = path_of(rule, world["ids"]) or rule.rule
            assert client.open(path, method=method).status_code == 404, (name, method, rule.rule)


def test_s01_signed_links_open_at_their_own_company_alone(flask_app, world, anyone):
    here, there = anyone("alpha"), anyone("beta")
    signed = [(rule, method) for rule, method in rules(flask_app) if "token" in rule.arguments]
    shown = {"interview": "interview.show", "status": "status.show", "identity": "identity.password"}
    assert {rule.endpoint.partition(".")[0] for rule, _ in signed} == shown.keys()
    for rule, method in signed:
        token = world[rule.endpoint.partition(".")[0]]
        for tried in (token, new_token()):
            answer = there.open(path_of(rule, {"token": tried}), method=method, data={"password": PASSWORD})
            assert answer.status_code == 404, (method, rule.rule)
    for blueprint, endpoint in shown.items():
        rule = next(rule for rule, _ in signed if rule.endpoint == endpoint)
        assert here.get(path_of(rule, {"token": world[blueprint]})).status_code == 200, endpoint


# What stands behind a topic's kind, and the kinds without anything behind them: each company has its own.
TOPICS = {
    "posting": "posting_id", "application": "application_id", "candidate": "candidate_id",
    "interview": "interview_id", "scorecards": "interview_id", "erasure": "erasure_id",
}  # fmt: skip
OF_THE_COMPANY = {"postings", "uploads", "live", "mailbox"}


def test_s01_streams_of_every_kind_are_the_companys_own(flask_app, world, browser):
    """Nothing by an id of alpha's; and what has no id is heard as beta's, whoever asks there."""
    rex, ids = browser("rex"), world["ids"]
    assert TOPICS.keys() | OF_THE_COMPANY == flask_app.extensions["topics"].kinds()
    for kind, field in TOPICS.items():
        theirs, missing = (
            rex.get("/events/allowed", query_string={"topic": f"{kind}-{each[field]}"}) for each in (ids, unknown(ids))
        )
        assert (theirs.status_code, missing.status_code) == (404, 404), kind
    for kind in OF_THE_COMPANY:
        assert rex.get("/events/allowed", query_string={"topic": kind}).json["tenant"] == "beta", kind
    ada = browser("ada")
    allowed = {
        kind: ada.get("/events/allowed", query_string={"topic": f"{kind}-{ids[f]}"}) for kind, f in TOPICS.items()
    }
    assert {kind for kind, answer in allowed.items() if answer.status_code == 200} == TOPICS.keys()


@pytest.mark.parametrize("name", ["rex", "ivy", "hugo"])
def test_s01_streams_tell_only_who_may_see_the_page(world, browser, name):
    client, ids = browser(name), world["ids"]
    topics = ["posting-{posting_id}", "application-{application_id}", "candidate-{candidate_id}"]
    for topic in topics:
        asked = client.get("/events/allowed", query_string={"topic": topic.format(**ids)})
        missing = client.get("/events/allowed", query_string={"topic": topic.format(**unknown(ids))})
        assert (asked.status_code, missing.status_code) == (404, 404), topic


def test_streams_tell_nothing_to_whoever_is_not_signed_in(world, anyone):
    answer = anyone().get("/events/allowed", query_string={"topic": f"posting-{world['ids']['posting_id']}"})

    assert answer.status_code in {303, 404}


def test_s01_tasks_of_one_company_do_nothing_in_the_other(flask_app, world, alpha, beta, in_tenant):
    """Each task, in beta, with alpha's ids: it finds nothing; and alpha's rows are no work for beta."""
    with in_tenant(alpha):
        before = sorted(map(str, db.session.execute(sa.select(TaskRow.id, TaskRow.state, TaskRow.attempts))))
        names = {
            name: sorted(
                a for row in db.session.scalars(sa.select(TaskRow.arguments).where(TaskRow.name == name)) for a in row
            )
            for name in TASKS
        }
        alphas = list(db.session.scalars(sa.select(TaskRow.id)))
    with in_tenant(beta):
        planned = [
            TaskRow(
                id=new_id(),
                key=uuid.uuid4().hex,
                name=name,
                state="waiting",
                run_at=_past(),
                created_at=_past(),
                arguments={field: str(world["ids"].get(field, new_id())) for field in set(fields)},
            )
            for name, fields in names.items()
            if fields
        ]
        db.session.add_all(planned)
    for row in planned:
        runtime.run("beta", str(row.id))
    for task_id in alphas:
        runtime.run("beta", str(task_id))

    with in_tenant(beta):
        ended = {row.name: db.session.get_one(TaskRow, row.id).state for row in planned}
        assert set(ended.values()) == {"failed"}, ended
        for model in (Interview, Kit, Candidate, Resume, Assessment):
            assert db.session.scalars(sa.select(model)).all() == []
    with in_tenant(alpha):
        assert sorted(map(str, db.session.execute(sa.select(TaskRow.id, TaskRow.state, TaskRow.attempts)))) == before


def _past():
    from datetime import UTC, datetime

    return datetime(2026, 1, 1, tzinfo=UTC)
