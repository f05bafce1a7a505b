"""The words of the shell that found, close, export and end a company."""

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.commands import register
from app.kernel.actor import SYSTEM
from tenants import migrate, provisioning

pytestmark = pytest.mark.xdist_group("companies")  # roles belong to the whole PostgreSQL: two must not found it at once


@pytest.fixture
def word(flask_app):
    """Runs a word; gives what it printed as JSON."""

    def run(*words, code=0):
        result = flask_app.test_cli_runner().invoke(args=words)
        assert result.exit_code == code, result.output
        return [json.loads(line) for line in result.stdout.splitlines()]

    return run


@pytest.fixture
def gamma(word):
    yield word(
        "tenants", "create", "gamma", "--name", "Gamma", "--host", "gamma.localhost", "--admin-email", "g@gamma.example"
    )
    word("tenants", "delete", "gamma", "--yes")


def test_list_is_one_array(word, cast):
    assert word("tenants", "list") == [
        [
            {"slug": "alpha", "name": "Alpha", "hosts": ["alpha.localhost"], "state": "active"},
            {"slug": "beta", "name": "Beta", "hosts": ["beta.localhost"], "state": "active"},
        ]
    ]


def test_a_new_company_has_a_door_and_an_admin(word, gamma, anyone):
    link = gamma[0]["password_link"].removeprefix("http://gamma.localhost:8000")
    client = anyone("gamma")

    client.post(link, data={"password": "a long sentence"})
    came_in = client.post("/sign-in", data={"email": "g@gamma.example", "password": "a long sentence"})

    assert came_in.status_code == 303


@pytest.mark.parametrize(
    ("slug", "code"), [("Bad Slug", "bad-slug"), ("alpha", "taken"), ("x" * 60, "bad-slug"), ("a;drop", "bad-slug")]
)
def test_bad_slugs_are_named(word, cast, slug, code):
    answer = word("tenants", "create", slug, "--name", "X", "--host", "x.localhost", "--admin-email", "x@x.example")

    assert answer[0]["error"]["code"] == code


def test_export_holds_the_company_and_nobody_else(word, cast, in_tenant, alpha, beta, tmp_path):
    for tenant in (alpha, beta):
        with in_tenant(tenant):
            audit.note("tests.mark", by=SYSTEM, target=("mark", f"canary-{tenant.slug}"))

    word("tenants", "export", "alpha", "--to", str(tmp_path / "alpha.zip"))

    with zipfile.ZipFile(tmp_path / "alpha.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert "rows/member.jsonl" in archive.namelist()
    assert (b"canary-alpha" in everything, b"canary-beta" in everything, b"rex@" in everything) == (True, False, False)


def test_suspend_and_resume(word, cast):
    assert word("tenants", "suspend", "beta")[0]["state"] == "suspended"
    assert [t["state"] for t in word("tenants", "list")[0]] == ["active", "suspended"]
    assert word("tenants", "resume", "beta")[0]["state"] == "active"


def test_migrating_again_changes_nothing(word, cast):
    assert [line["slug"] for line in word("tenants", "migrate", code=0)] == ["alpha", "beta"]


def test_migrating_proves_what_a_revision_added_without_looking_at_the_rows(flask_app, alpha):
    """As 0021 leaves the log of what engines made: adding looks at nothing, the next transaction does."""
    owners, table = flask_app.extensions["owners"], "t_alpha.ai_output"
    unproven = sa.text("select conrelid::regclass::text, conname from pg_constraint where not convalidated")
    with owners.main.begin() as connection:
        before = connection.execute(unproven).all()
        connection.exec_driver_sql(
            f"alter table {table} drop constraint ck_ai_output_ck_ai_output_kind, add constraint ck_ai_output_ck_ai_output_kind"
            " check (kind in ('reading', 'analysis', 'kit', 'follow-up', 'judging', 'match', 'questions')) not valid"
        )
        added = connection.execute(unproven).all()
    errors = [done.error for done in migrate.migrate_all(owners, [alpha])]
    with owners.main.connect() as connection:
        after = connection.execute(unproven).all()

    assert (before, added, errors, after) == ([], [(table, "ck_ai_output_ck_ai_output_kind")], [None], [])


def test_delete_asks_for_yes(word, cast):
    word("tenants", "delete", "beta", code=2)


@pytest.fixture
def astray(flask_app):
    """Beta's schema says it stands at a revision that nobody knows."""
    owner, table = flask_app.extensions["owners"].main, "t_beta.alembic_version"
    with owner.begin() as connection:
        known = connection.scalar(sa.text(f"select version_num from {table}"))
        connection.execute(sa.text(f"update {table} set version_num = 'nowhere'"))
    yield
    with owner.begin() as connection:
        connection.execute(sa.text(f"update {table} set version_num = :known"), {"known": known})


@pytest.mark.parametrize("at_once", ["1", "2"])
def test_one_schema_that_cannot_be_migrated_stops_only_itself(word, cast, astray, at_once):
    alpha, beta = word("tenants", "migrate", "--at-once", at_once, code=1)

    assert ("revision" in alpha, alpha["slug"]) == (True, "alpha")
    assert (beta["error"]["code"], beta["slug"]) == ("migration", "beta")


def test_export_keeps_lists_and_dates_as_json(word, cast, in_tenant, alpha, tmp_path):
    with in_tenant(alpha):
        cara = register(name="Cara")
        cara.links = ["https://cara.example"]
    word("tenants", "export", "alpha", "--to", str(tmp_path / "alpha.zip"))

    with zipfile.ZipFile(tmp_path / "alpha.zip") as archive:
        (row,) = [json.loads(line) for line in archive.read("rows/candidate.jsonl").splitlines()]
    assert (row["contact"]["links"], row["created_at"]) == (["https://cara.example"], cara.created_at.isoformat())


def test_of_two_who_found_one_company_at_once_one_does(flask_app):
    """And the other's schema does not take the place of what was entered."""
    owner = flask_app.extensions["owners"].main

    def found(number):
        try:
            return provisioning.provision(
                owner, owner, slug="twins", name=f"Twin {number}", hosts=[f"twin{number}.localhost"], database="main",
                at=datetime(2026, 1, 1, tzinfo=UTC),
            )  # fmt: skip
        except provisioning.SlugTakenError:
            return None

    try:
        with ThreadPoolExecutor(2) as both:
            made = [one for one in both.map(found, range(2)) if one]
        with owner.connect() as connection:
            owned = "select tableowner from pg_tables where schemaname = 't_twins' and tablename = 'candidate'"
            there = connection.exec_driver_sql(owned).all()
        assert [(one.id, one.name) for one in made] == [
            (one.id, one.name) for one in flask_app.registry.all() if one.slug == "twins"
        ]
        assert (len(made), len(there)) == (1, 1)
    finally:
        if known := flask_app.registry.by_slug("twins"):
            provisioning.delete(owner, owner, known)
