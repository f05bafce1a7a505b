"""S-08, S-12: a word that only alpha has is in nothing that beta makes; and when a company is gone, so is its word."""

import io
import json
import threading
import zipfile
from contextlib import closing

import pypdfium2
import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.llm.judging import rendered
from app.adapters.local import rehearsals
from app.applications.commands import write_link
from app.applications.models import Application
from app.candidates.commands import keep_resume, register
from app.candidates.commands.merging import merge
from app.candidates.models import Candidate
from app.cli.tenants import OPERATOR, found_company
from app.identity.commands import actor_of, add_member
from app.identity.enums import Role
from app.identity.models import Member
from app.kernel.ids import new_token, token_digest
from app.letters import commands as letters
from app.letters.enums import LetterKind
from app.letters.models import Mail
from app.letters.queries import opened
from app.scorecards.commands.reports import ask_for_report
from app.scorecards.models import Report
from jobs.ledger import TaskRow
from jobs.queues import Signaller, connect
from jobs.worker import work
from tenants.db import db
from tenants.sealed import Sealed, SealedJson
from tenants.tables import TenantModel
from tests.app.privacy.canaries import Stores
from tests.architecture.test_walk import PUBLIC, path_of, rules
from tests.conftest import PASSWORD, Inline
from tests.fakes.judge import FakeJudge
from tests.jobs.factories import approved_kit, submitted_interview

pytestmark = pytest.mark.xdist_group("isolation")
CANARY = "Zwitscherkanarie"
LOG = "/settings/log/sheet"  # names members; candidates by kind alone


class ListeningJudge(FakeJudge):
    """Keeps what an LLM would be asked."""

    def __init__(self):
        super().__init__()
        self.prompts = []
        self._one_at_a_time = threading.Lock()

    def judge(self, request):
        self.prompts.append("\n".join(rendered(request)))
        return super().judge(request)


@pytest.fixture
def judge(flask_app):
    providers = flask_app.extensions["providers"].__dict__
    before = providers.get("judge")
    listening = providers["judge"] = ListeningJudge()
    yield listening
    providers.pop("judge")
    if before:
        providers["judge"] = before


def one_of_everything(flask_app, member, name):
    """A posting, a kit, a candidate with a resume, an interview with a report asked for, a letter. Gives ids."""
    providers = flask_app.extensions["providers"]
    posting, kit = approved_kit(member, dimensions=2)
    interview = submitted_interview(member, posting, kit, name=name)
    application = db.session.get_one(Application, interview.application_id)
    candidate = db.session.get_one(Candidate, application.candidate_id)
    resume = keep_resume(
        candidate, file_name="cv.txt", data=f"{name}\nWelder".encode(), storage=providers.storage, by=actor_of(member)
    )
    application.resume_id = resume.id
    token, link = new_token(), write_link(application)
    interview.link_hash = token_digest(token)
    report = ask_for_report(interview.id, by=actor_of(member))
    mail = letters.write(
        LetterKind.PASSWORD_LINK, to_name=name, to_address="c@x.example", language="en", key=f"canaries {name}",
        facts={"name": name, "company": "It", "link": "http://x"}, vault=providers.vault,
    )  # fmt: skip
    ids = {
        "posting_id": posting.id, "application_id": application.id, "candidate_id": candidate.id,
        "interview_id": interview.id, "resume_id": resume.id, "report_id": report.id, "mail_id": mail.id,
        "member_id": member.id, "stage_id": application.stage_id, "dimension_id": kit.dimensions[0].id,
        "question_id": kit.questions[0].id,
    }  # fmt: skip
    other, twice = register(name=f"{name} other"), register(name=f"{name} twice")
    db.session.flush()
    ids |= {"other_id": other.id, "twice_id": twice.id, "merge_id": merge(candidate, twice, by=actor_of(member)).id}
    return ids, token, link


def mark_every_text(owner, schema):
    """The canary in each text and JSON column of each row; where a rule of the table forbids it, it stays as it is."""
    marked, kept = set(), set()
    for table in TenantModel.metadata.sorted_tables:
        for column in table.columns:
            if column.name.endswith("key") or isinstance(column.type, SealedJson):
                continue  # where a file or a row lies: ours, and nothing opens without it
            if isinstance(column.type, Sealed):  # as a migration leaves words that it could not seal
                value = f"'\\x00'::bytea || convert_to('{CANARY} of {column.name}', 'UTF8')"
            elif isinstance(column.type, sa.Text):
                value = f"'{CANARY} ' || {column.name}"
            elif isinstance(column.type, JSONB):
                value = f"case jsonb_typeof({column.name}) when 'object' then {column.name} || '{{\"{CANARY}\": \"{CANARY}\"}}' else {column.name} end"
            else:
                continue
            try:
                with owner.begin_nested():
                    changed = owner.exec_driver_sql(f"update {schema}.{table.name} set {column.name} = {value}")
            except sa.exc.DBAPIError:
                kept.add(f"{table.name}.{column.name}")
            else:
                if changed.rowcount:
                    marked.add(f"{table.name}.{column.name}")
    return marked, kept


def texts_of_company(flask_app, tenant, in_tenant, tmp_path):
    """Everything that a company's people could be given: {where: text}."""
    told, providers = {}, flask_app.extensions["providers"]
    file = tmp_path / f"{tenant.slug}.zip"
    result = flask_app.test_cli_runner().invoke(args=("tenants", "export", tenant.slug, "--to", str(file)))
    assert json.loads(result.stdout)["rows"] > 0
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            told[f"export {name}"] = text_of(archive.read(name))
    with in_tenant(tenant):
        for report in db.session.scalars(sa.select(Report)):
            told[f"report {report.id}"] = text_of(providers.storage.get(report.storage_key))
        for mail in db.session.scalars(sa.select(Mail)):
            told[f"letter {mail.id}"] = json.dumps([mail.subject, mail.to_name, opened(mail, providers.vault)])
    return told


def text_of(data):
    if not data.startswith(b"%PDF"):
        return data.decode("utf-8", "replace")
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.slow
def test_s08_nothing_that_beta_makes_holds_a_word_of_alphas(
    flask_app, alpha, beta, cast, in_tenant, drain, judge, browser, anyone, tmp_path, capfd
):
    with in_tenant(alpha):
        alphas, _, _ = one_of_everything(flask_app, cast.rita, f"Cara {CANARY}")
    drain()
    heard_of_alpha, ada = len(judge.prompts), browser("ada")
    hers = sheets_of(flask_app, ada, alphas)
    with flask_app.extensions["owners"].main.begin() as owner:
        marked, kept = mark_every_text(owner, "t_alpha")
    with in_tenant(beta):
        ids, token, link = one_of_everything(flask_app, cast.rex, "Bela Beta")
        add_member(email="ben@beta.example", name="Ben", role=Role.ADMIN, by=OPERATOR, password=PASSWORD)
    with structlog.testing.capture_logs() as logs:
        drain_of(flask_app, beta)
        ben, pages = anyone("beta"), {}
        assert ben.post("/sign-in", data={"email": "ben@beta.example", "password": PASSWORD}).status_code == 303
        for rule, method in rules(flask_app):
            values = ids | {"token": token if rule.endpoint.startswith("interview.") else link}
            path = path_of(rule, values) or (rule.rule if not rule.arguments else None)
            if method == "GET" and path and rule.endpoint not in {"static", "web.metrics"}:
                client = ben if rule.endpoint.partition(".")[0] not in PUBLIC else anyone("beta")
                pages[path] = client.get(path)
        sheets = sheets_of(flask_app, ben, ids)

    told = texts_of_company(flask_app, beta, in_tenant, tmp_path)
    told |= {f"page {path}": text_of(answer.data) + str(answer.headers) for path, answer in pages.items()}
    told |= {f"sheet {path}": text for path, text in sheets.items()}
    told |= {f"prompt {number}": text for number, text in enumerate(judge.prompts[heard_of_alpha:])}
    told |= {"logs": json.dumps(logs, default=str) + "".join(capfd.readouterr())}

    assert [where for where, text in told.items() if CANARY.lower() in text.lower()] == []
    assert sum(answer.status_code == 200 for answer in pages.values()) >= 50
    assert {kind: any(where.startswith(kind) for where in told) for kind in ("report", "letter", "prompt", "export")} == {
        "report": True, "letter": True, "prompt": True, "export": True,
    }  # fmt: skip
    # the scan does find it where it is: in alpha's own things, out of nearly every column that has text at all
    own = texts_of_company(flask_app, alpha, in_tenant, tmp_path)
    assert sum(CANARY in text for text in own.values()) >= 20
    assert len(sheets) >= 3
    assert {rule for rule, text in hers.items() if CANARY in text} == hers.keys() - {LOG}
    assert {rule for rule, text in sheets.items() if "Bela Beta" in text} == sheets.keys() - {LOG}
    assert ["Rita" in hers[LOG], "Ben" in sheets[LOG], "Rita" in sheets[LOG]] == [True, True, False]
    assert len(marked) >= 60
    assert len(kept) <= 40


def sheets_of(flask_app, client, ids):
    """What each address that gives a CSV file gives: {rule: text}."""
    named = [rule for rule, method in rules(flask_app) if method == "POST" and rule.rule.endswith("/sheet")]
    return {rule.rule: client.post(path_of(rule, ids) or rule.rule).text for rule in named}


def drain_of(flask_app, tenant):
    """The company's due work, until none is left; alpha's rows say nothing sensible any more."""
    from jobs import runtime
    from jobs.relay import relay

    while True:
        inline = Inline()
        relay(flask_app, tenant, inline)
        if not inline.due:
            return
        for slug, task_id in inline.due:
            runtime.run(slug, str(task_id))


@pytest.fixture
def gone_soon(flask_app, cast, in_tenant, settings, judge):
    """A company in the second database with one of everything, a rehearsal's report, and work that waits in Redis."""
    with flask_app.app_context():
        found_company(
            slug="gone-soon", name=f"Gone {CANARY}", hosts=["gone-soon.localhost"], admin_email="g@gone.example",
            admin_name="Gwen", database="two",
        )  # fmt: skip
    gone = flask_app.registry.by_slug("gone-soon")
    with in_tenant(gone):
        ids, _, _ = one_of_everything(flask_app, db.session.scalars(sa.select(Member)).one(), f"Cara {CANARY}")
    drain_of(flask_app, gone)
    with in_tenant(gone):
        pdf = flask_app.extensions["providers"].storage.get(db.session.get_one(Report, ids["report_id"]).storage_key)
        waiting = db.session.scalars(sa.select(TaskRow.id)).first()
    rehearsals.keep(settings.data_dir, ids["report_id"], pdf)
    with closing(connect(settings.redis_url.get_secret_value())) as connection:
        Signaller(connection).signal("default", tenant="gone-soon", task_id=waiting, attempt=1, limit=60)
    return gone


KINDS = {
    "main shared.tenant", "main shared.host", "main roles", "two roles", "two schemas", "two t_gone_soon.",
    "file files/gone-soon", "opened files/gone-soon", "file keys/", "file rehearsals/", "redis b'assay:pings'",
    "redis b'assay:nudges'", "redis b'rq:queue:default'", "redis b'rq:job:gone-soon",
}  # fmt: skip


@pytest.mark.slow
def test_s12_a_deleted_company_is_in_no_store(flask_app, gone_soon, alpha, in_tenant, settings, capfd):
    stores = Stores(flask_app, settings, in_tenant, [gone_soon, alpha])
    words = (CANARY, "gone-soon", "gone_soon", str(gone_soon.id), gone_soon.id.hex)
    before = stores.naming(*words)

    with structlog.testing.capture_logs() as logs:
        deleted = flask_app.test_cli_runner().invoke(args=("tenants", "delete", "gone-soon", "--yes"))
        work(flask_app, settings.redis_url.get_secret_value(), "default", burst=True)  # whatever waited has no company

    assert json.loads(deleted.stdout) == {"slug": "gone-soon", "state": "deleted"}
    assert {kind for kind in KINDS if any(where.startswith(kind) for where in before)} == KINDS
    assert {word for found in before.values() for word in found} >= {*words[:4]}
    alphas = "opened files/alpha/"  # other tests give alpha files of the same canary
    assert {where: found for where, found in stores.naming(*words).items() if not where.startswith(alphas)} == {}
    assert CANARY.lower() not in (json.dumps(logs, default=str) + "".join(capfd.readouterr())).lower()
    assert flask_app.test_client().get("/sign-in", base_url="http://gone-soon.localhost").status_code in {403, 404}
