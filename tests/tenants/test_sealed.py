"""Columns that stand sealed: how they are written and read, and how an older installation comes to them."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command

from app.applications.commands import add_note
from app.applications.models import Application, Note
from app.audit.models import GENESIS, AuditEntry
from app.audit.queries import first_broken_link
from app.candidates.models import Resume, ResumePage
from app.identity.commands import actor_of
from app.interviews.commands import conduct
from app.interviews.models import Turn
from app.kernel import clock
from app.kernel.ids import new_id
from app.letters.models import Mail
from app.letters.queries import opened
from app.ports.shelf import Tombstone
from app.scorecards.models import Assessment
from tenants import migrate, provisioning, sealed
from tenants.db import db
from tenants.registry import Tenant
from tenants.sealed import belonging, sealed_columns, tables_of_persons
from tests.jobs.factories import approved_kit, submitted_interview
from tests.tenants.test_words import word

assert word
AT = datetime(2025, 5, 5, tzinfo=UTC)


@pytest.fixture
def application(alpha, in_tenant, cast):
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=1)
        interview = submitted_interview(cast.rita, posting, kit, name="Cara")
    return interview.application_id


def raw(flask_app, query):
    with flask_app.extensions["owners"].main.connect() as owner:
        return owner.execute(sa.text(query)).all()


def test_words_stand_sealed_and_read_as_they_were(flask_app, alpha, in_tenant, cast, application):
    with in_tenant(alpha):
        found = db.session.get_one(Application, application)
        add_note(found, author_id=cast.rita.id, text="Asked for Tuesday — नमस्ते", by=actor_of(cast.rita))
    ((stored, person),) = raw(flask_app, "select text, person_id from t_alpha.note")

    assert (stored[:1], stored[1:17], b"Tuesday" in stored) == (b"\x02", person.bytes, False)
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Note.text)).all() == ["Asked for Tuesday — नमस्ते"]
        db.session.scalars(sa.select(Note)).one().text = "Changed"
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Note.text)).all() == ["Changed"]


def test_every_word_of_an_interview_is_a_seal_of_the_person(flask_app, drain, application):
    drain()
    for table, column in [("turn", "text"), ("turn", "answer"), ("turn", "draft"), ("move", "by_name")]:
        found = raw(flask_app, f"select distinct get_byte({column}, 0), substring({column} from 2 for 16) = uuid_send(person_id) from t_alpha.{table} where {column} <> ''")  # fmt: skip
        assert found == [(2, True)], (table, column)


def test_empty_is_empty_and_nothing_is_nothing(flask_app, alpha, in_tenant, application):
    with in_tenant(alpha):
        turn = db.session.scalars(sa.select(Turn)).one()
        turn.draft, turn.answer = "", None
    assert raw(flask_app, "select draft, answer from t_alpha.turn") == [(b"", None)]
    with in_tenant(alpha):
        assert db.session.execute(sa.select(Turn.draft, Turn.answer)).all() == [("", None)]


def test_a_statement_past_the_mapper_says_whose_words_they_are(alpha, in_tenant, application):
    with in_tenant(alpha):
        turn = db.session.scalars(sa.select(Turn)).one()
        with pytest.raises(sa.exc.StatementError, match="whose words are these"), db.session.begin_nested():
            db.session.execute(sa.update(Turn).values(draft="words"))
        db.session.execute(sa.update(Turn).values(draft=belonging("words", turn.person_id)))
    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Turn.draft)).all() == ["words"]


def test_lists_stand_sealed_too(flask_app, alpha, in_tenant, cast, application):
    pages = [["Cara", 1.0, 2.0, 3.5, 4.0, False]]
    with in_tenant(alpha):
        person = db.session.get_one(Application, application).candidate_id
        resume = Resume(
            id=new_id(), person_id=person, candidate_id=person, file_name="cara.pdf", size=1, sha256="", storage_key="x", state="read",
            document={"basics": {"name": "Cara"}}, flags=[], uploaded_at=clock.now(),
        )  # fmt: skip
        db.session.add(resume)
        db.session.flush()
        db.session.add(
            ResumePage(resume_id=resume.id, person_id=person, number=1, width=1, height=1, words=pages, image_key=None)
        )
    assert raw(flask_app, "select get_byte(document, 0), flags from t_alpha.resume") == [(2, b"")]
    with in_tenant(alpha):
        assert db.session.execute(sa.select(Resume.document, Resume.flags, ResumePage.words).join(ResumePage, ResumePage.resume_id == Resume.id)).all() == [({"basics": {"name": "Cara"}}, [], pages)]  # fmt: skip


def test_what_was_sealed_for_somebody_erased_reads_as_nothing_and_breaks_no_list(
    flask_app, alpha, in_tenant, application
):
    providers = flask_app.extensions["providers"]
    with in_tenant(alpha):
        person = db.session.get_one(Application, application).candidate_id
        providers.shelf.destroy(Tombstone(person, AT, 1))
        providers.keyring.forget(person)
    with in_tenant(alpha):
        assert db.session.execute(sa.select(Turn.text, Turn.answer)).all() == [("", "")]


def test_a_draft_is_kept_in_two_short_statements(flask_app, alpha, in_tenant, cast):
    with in_tenant(alpha):
        posting, kit = approved_kit(cast.rita, dimensions=1)
        interview = submitted_interview(cast.rita, posting, kit, name="Cara")
        db.session.execute(sa.update(Turn).values(state="asked", draft_revision=0))
    said = []
    with in_tenant(alpha):
        sa.event.listen(db.engine, "before_cursor_execute", note := lambda *given: said.append(given[2]))
        assert conduct.save_draft(interview.id, 1, "I led the", 1)
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in said if "set_config" not in statement] == ["UPDATE", "UPDATE"]


def test_every_table_of_a_person_says_whose_its_rows_are():
    """Whatever points at a person, or at something of theirs, is a person's."""
    named = {table.name for table in tables_of_persons()}
    pointing = {
        table.name
        for table in sealed.TenantModel.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in named
    }

    assert pointing - named == set()
    assert {t.name for t in sealed.TenantModel.metadata.sorted_tables if sealed_columns(t)} <= named


@pytest.fixture
def oldtown(flask_app):
    """A company as it was before words were sealed, with one of everything, in the clear."""
    owners = flask_app.extensions["owners"]
    with flask_app.app_context():
        provisioning.provision(
            owners.main, owners.main, slug="oldtown", name="Old", hosts=["old.localhost"], database="main", at=AT
        )
    with owners.main.begin() as owner:
        command.downgrade(migrate._config("tenant", owner, "t_oldtown"), "0006")
        owner.execute(sa.update(Tenant).where(Tenant.slug == "oldtown").values(revision="0006"))
        owner.exec_driver_sql(OLD_ROWS.replace("ID", str(uuid.UUID(int=7))))
        _chain(owner)
    yield flask_app.registry.by_slug("oldtown")
    with owners.main.begin() as owner:
        owner.exec_driver_sql("delete from shared.tenant where slug = 'oldtown'")
        provisioning.drop_schema(owner, "t_oldtown")


OLD_ROWS = """
insert into member (id, email, name, role, created_at) values ('ID', 'r@x.example', 'Rita', 'recruiter', now());
insert into posting (id, title, text, created_by, created_at) values ('ID', 'Nurse', 'Nurse', 'ID', now());
insert into stage (id, posting_id, position, name, kind, reply_days) values ('ID', 'ID', 0, 'New', 'new', 5);
insert into candidate (id, name, created_at) values ('ID', 'Cara', now());
insert into resume (id, candidate_id, file_name, size, sha256, storage_key, state, text, document, uploaded_at)
  values ('ID', 'ID', 'cara.pdf', 1, 'x', 'resumes/none', 'read', 'Welder since 2010', '{"work": []}', now());
insert into resume_page (resume_id, number, width, height, words) values ('ID', 1, 1, 1, '[["Welder", 1, 2, 3, 4, false]]');
insert into application (id, posting_id, candidate_id, stage_id, source, reason, applied_at, stage_since)
  values ('ID', 'ID', 'ID', 'ID', 'careers', 'No licence', now(), now());
insert into move (id, batch_id, application_id, to_stage_id, to_state, by_name, at) values ('ID', 'ID', 'ID', 'ID', 'active', 'Cara', now());
insert into note (id, application_id, author_id, text, at) values ('ID', 'ID', 'ID', 'null', now());
insert into interview (id, application_id, plan, language, deadline, invited_at) values ('ID', 'ID', '{}', 'en', now(), now());
insert into turn (id, interview_id, number, question, text, asked_at, draft, answer) values ('ID', 'ID', 1, 0, 'Why?', now(), '', 'Because');
insert into assessment (id, interview_id, dimension_id, position, reason, flags, asked_at) values ('ID', 'ID', 'ID', 0, 'Names it', '[{"text": "Because"}]', now());
insert into mail (id, key, kind, to_name, to_address, subject, sealed, about_id, created_at)
  values ('ID', 'k', 'interview_done', 'Cara', 'c@x.example', 'Hello', '\\x00', 'ID', now());
"""


def _chain(owner):
    """The log of that time: candidates by their names."""
    previous = GENESIS
    for number, (kind, name) in enumerate([("member", "Rita"), ("candidate", "Cara"), ("member", "Rita")], start=1):
        entry = AuditEntry(
            number=number, at=AT, actor_kind=kind, actor_id=None, actor_name=name, action="x.y", target_kind="x",
            target_id="1", data={},
        )  # fmt: skip
        entry.digest = previous = entry.digest_after(previous)
        values = {column.name: getattr(entry, column.name) for column in AuditEntry.__table__.columns}
        owner.execute(sa.insert(AuditEntry).values(values))


def _old_letter(flask_app, tenant, in_tenant):
    """A letter as version 1 sealed it."""
    from app.adapters.local.vault import _derived

    master = flask_app.extensions["settings"].master_key()
    with in_tenant(tenant):
        mail_id = uuid.UUID(int=7)
        sealed_text = b"\x01" + bytes(12) + _derived(master).encrypt(bytes(12), b'{"text": "Dear Cara"}', f"mail/{mail_id}".encode())  # fmt: skip
        db.session.execute(sa.update(Mail.__table__).values(sealed=sealed_text))


def _told(in_tenant, tenant):
    with in_tenant(tenant):
        asked = (Resume.text, Resume.document, Resume.file_name, ResumePage.words, Application.reason, Note.text, Turn.text, Turn.draft, Turn.answer, Assessment.reason, Assessment.flags, Mail.to_address)  # fmt: skip
        return [db.session.scalar(sa.select(column)) for column in asked]


def test_an_older_installation_reads_on_and_is_sealed_by_migrating(flask_app, oldtown, in_tenant, word):
    words = ["Welder since 2010", {"work": []}, "cara.pdf", [["Welder", 1, 2, 3, 4, False]], "No licence", "null", "Why?", "", "Because", "Names it", [{"text": "Because"}], "c@x.example"]  # fmt: skip
    with flask_app.extensions["owners"].main.begin() as owner:
        migrate.upgrade("tenant", owner, schema="t_oldtown")
    _old_letter(flask_app, oldtown, in_tenant)
    assert _told(in_tenant, oldtown) == words

    migrated = {line["slug"]: line for line in word("tenants", "migrate")}

    assert (migrated["oldtown"]["sealed"], "sealed" in migrated["alpha"]) == (10, False)
    assert _told(in_tenant, oldtown) == words
    for table in tables_of_persons():
        for column in sealed_columns(table):
            found = raw(flask_app, f"select get_byte({column.name}, 0) from t_oldtown.{table.name} where length({column.name}) > 0")  # fmt: skip
            assert {byte for (byte,) in found} <= {2}, column
    with in_tenant(oldtown):
        mail = db.session.scalars(sa.select(Mail)).one()
        assert (opened(mail, flask_app.extensions["providers"].vault), mail.sealed[:1]) == ({"text": "Dear Cara"}, b"\x02")  # fmt: skip
        assert first_broken_link() is None
        assert [e.actor_name for e in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.number))] == ["Rita", "", "Rita", "Assay"]  # fmt: skip
    assert word("keys", "seal", "--tenant", "oldtown") == [{"slug": "oldtown", "rows": 0, "letters": 0, "files": 0}]
