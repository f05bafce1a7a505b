"""What stands in the clear for search: only there, in no backup, and written again by itself."""

import subprocess

import pytest
import sqlalchemy as sa

from app.adapters.local.programs import postgres_programs
from app.candidates.commands import correct, fill_clear, register
from app.candidates.models import CLEAR, Candidate, candidate_table, clear_table
from app.cli.doctor.database import look
from app.identity.commands import actor_of
from app.kernel import clock
from app.privacy.commands import erase
from jobs.refilling import Refilling
from tenants.db import db
from tests.tenants.test_words import word

assert word


@pytest.fixture
def people(alpha, in_tenant, cast):
    """Cara and Carl, as they are found: by id, all that is in the clear."""
    with in_tenant(alpha):
        for name in ("Cara Diaz", "Carl Weber"):
            one = register(name=name, email=f"{name[:4].lower()}@people.example", phone="+49 30 901827")
            one.place, one.headline, one.links = "Pune", "Nurse", [f"https://{name[:4]}.example"]
            db.session.flush()
            correct(one, by=actor_of(cast.rita), headline="Head nurse")
    return clear_rows(alpha, in_tenant)


def clear_rows(alpha, in_tenant):
    with in_tenant(alpha):
        return db.session.execute(sa.select(clear_table).order_by(clear_table.c.id)).all()


def emptied(flask_app):
    """As PostgreSQL leaves the table when it crashed."""
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("truncate t_alpha.candidate_clear")


def test_the_truth_of_what_is_clear_is_sealed(flask_app, alpha, in_tenant, people):
    with in_tenant(alpha):
        told = [one.contact for one in db.session.scalars(sa.select(Candidate).order_by(Candidate.id))]
    assert told == [{field: getattr(row, field) for field in CLEAR} for row in people]
    with flask_app.extensions["owners"].main.connect() as owner:
        raw = owner.scalars(sa.text("select c::text from t_alpha.candidate c")).all()
    assert [any(word in row for word in ("Cara", "Carl", "people", "Pune")) for row in raw] == [False, False]


def test_the_clear_copy_is_unlogged_and_a_dump_leaves_it_out(flask_app, settings, people):
    with flask_app.extensions["owners"].main.connect() as owner:
        kind = owner.scalar(sa.text("select relpersistence from pg_class where oid = 't_alpha.candidate_clear'::regclass"))  # fmt: skip
    url = settings.database_url.get_secret_value().replace("postgresql+psycopg", "postgresql")
    dump = subprocess.run(
        [postgres_programs() / "pg_dump", "--schema=t_alpha", "--no-unlogged-table-data", url], capture_output=True, check=True
    ).stdout  # fmt: skip

    assert kind in {"u", b"u"}
    assert [word in dump for word in (b"Cara", b"Carl", b"people.example", b"901827", b"Head nurse")] == [False] * 5
    assert dump.count(b"COPY t_alpha.candidate ") == 1


def test_after_a_crash_it_is_written_as_it_was(flask_app, alpha, in_tenant, people, word, browser):
    emptied(flask_app)
    assert "Cara" not in browser("rita").get("/candidates").text

    assert word("candidates", "rebuild-clear", "--tenant", "alpha") == [{"slug": "alpha", "people": 2}]

    assert clear_rows(alpha, in_tenant) == people
    assert "Cara" in browser("rita").get("/candidates?q=head+car").text
    assert word("candidates", "rebuild-clear", "--tenant", "alpha") == [{"slug": "alpha", "people": 0}]


def test_the_scheduler_notices_that_postgresql_started_again(flask_app, alpha, in_tenant, people):
    refilling = Refilling(flask_app)
    refilling.look()
    emptied(flask_app)
    refilling.look()
    assert clear_rows(alpha, in_tenant) == []  # it runs since: whoever empties it now is no crash

    refilling._filled["alpha"] = "main", clock.now()
    refilling.look()

    assert clear_rows(alpha, in_tenant) == people


def test_the_doctor_says_who_lacks_it(flask_app, settings, people):
    def found():
        return [finding.says for finding in look(settings) if finding.check == "search"]

    assert found() == []
    emptied(flask_app)
    assert found() == ["People are missing in lists of alpha: run candidates rebuild-clear."]


def test_nothing_is_written_for_somebody_erased(flask_app, alpha, in_tenant, people, cast, drain):
    with in_tenant(alpha):
        gone = db.session.get_one(Candidate, people[0].id)
        row = db.session.execute(sa.select(candidate_table).where(candidate_table.c.id == gone.id)).mappings().one()
        raw = db.session.scalar(sa.select(sa.type_coerce(candidate_table.c.contact, sa.LargeBinary)).where(candidate_table.c.id == gone.id))  # fmt: skip
        erase(gone, by=actor_of(cast.ada))
    drain()
    emptied(flask_app)
    with flask_app.extensions["owners"].main.begin() as owner:  # a backup brings the row back
        values = {"id": row["id"], "created_at": row["created_at"], "contact": raw}
        owner.execute(sa.text("insert into t_alpha.candidate (id, created_at, contact) values (:id, :created_at, :contact)"), values)  # fmt: skip
    with in_tenant(alpha):
        assert fill_clear()[0] == 2
    assert [each.name for each in clear_rows(alpha, in_tenant)] == ["Carl Weber"]
