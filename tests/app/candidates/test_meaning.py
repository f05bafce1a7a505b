"""People found by what their resumes mean: made by workers, in no backup, of one company, for whom it may concern."""

import re
import subprocess

import pytest
import sqlalchemy as sa

from app.adapters.local.programs import postgres_programs
from app.applications.commands import apply
from app.candidates.commands import keep_resume, register
from app.candidates.commands.merging import merge, part
from app.candidates.models import Candidate, Merge, Search, passage_table
from app.identity.commands import actor_of
from app.kernel.actor import SYSTEM
from app.postings.commands import publish, seat, write_posting
from app.privacy.commands import erase
from tenants import meaning
from tenants.db import db
from tests.tenants.test_words import word

assert word

RESUMES = {
    "Noor Sheikh": "Work experience\nStaff Nurse, Hill Hospice          June 2019 - Present\n- Looked after dying patients and their families.\n",
    "Jan Kowal": "Work experience\nWelder, Shipyard Ltd          June 2018 - Present\n- Joined steel pipes by TIG welding on tankers.\n",
    "Mara Ilic": "Work experience\nWelder, Ferro Ltd          June 2015 - Present\n- TIG welding of steel pipes for breweries.\n",
    "Ute Lang": "Berufserfahrung\nKrankenschwester, Klinik am See          06/2019 - heute\n- Pflege der Patienten auf der Station und Begleitung der Familien.\n",
}
MEANT = "palliative care at the end of life"


@pytest.fixture
def people(flask_app, alpha, beta, in_tenant, cast, drain):
    """Four resumes at alpha, which workers have read, one of them for Hugo's job; and the nurse's once more at beta.

    Workers are slow to make them, so few tests ask much.
    """
    storage, found = flask_app.extensions["providers"].storage, {}
    for tenant, names in ((alpha, list(RESUMES)), (beta, ["Noor Sheikh"])):
        with in_tenant(tenant):
            for name in names:
                person = register(name=name, email=f"{name[:3].lower()}@people.example")
                db.session.flush()
                keep_resume(person, file_name="cv.txt", data=f"{name}\n{name[:3]}@people.example\n\n{RESUMES[name]}".encode(), storage=storage, by=SYSTEM)  # fmt: skip
                found[tenant.slug, name] = person.id
    with in_tenant(alpha):
        job = write_posting(text="Welder\n\nMust have: TIG welding.", by=cast.rita, actor=actor_of(cast.rita))
        publish(job, by=actor_of(cast.rita))
        seat(job, cast.hugo, by=actor_of(cast.rita))
        apply(job, db.session.get_one(Candidate, found["alpha", "Jan Kowal"]), resume=None, source="upload", by=SYSTEM)
    drain()
    return found


def passages(tenant, in_tenant):
    with in_tenant(tenant):
        return db.session.execute(sa.select(passage_table).order_by(passage_table.c.candidate_id, passage_table.c.number)).all()  # fmt: skip


def names(html):
    return re.findall(r'<a href="/candidates/[^"/]+">([^<]+)</a>', html)


def searched(browser, drain, who, words):
    browser(who).get("/candidates", query_string={"q": words})
    drain()
    return browser(who).get("/candidates", query_string={"q": words}).text


def test_words_are_found_at_once_and_their_meaning_when_a_worker_knows_it(
    browser, people, drain, alpha, in_tenant, cast
):
    first = browser("rita").get("/candidates", query_string={"q": MEANT}).text
    then = searched(browser, drain, "rita", MEANT)

    assert (names(first), "is being looked for" in first) == ([], True)
    assert names(then) == ["Noor Sheikh"]
    assert "Staff Nurse. Looked after dying patients and their families." in then
    with in_tenant(alpha):
        assert [(one.words, one.state) for one in db.session.scalars(sa.select(Search))] == [("", "made")]
    # found by words and by meaning stands before found by one; another language is found by words, and the page says so
    assert names(searched(browser, drain, "rita", "welding tankers")) == ["Jan Kowal", "Mara Ilic"]
    assert "meaning is known of English words only" in searched(browser, drain, "rita", "मरीज़ों की देखभाल")
    with in_tenant(alpha):
        jan, mara = (db.session.get_one(Candidate, people["alpha", name]) for name in ("Jan Kowal", "Mara Ilic"))
        merged = merge(jan, mara, by=actor_of(cast.rita)).id
    as_one = searched(browser, drain, "rita", "welding tankers")
    assert (names(as_one), "TIG welding of steel pipes for breweries." in as_one) == (["Jan Kowal"], True)
    with in_tenant(alpha):
        part(db.session.get_one(Merge, merged), by=actor_of(cast.rita))
    assert names(searched(browser, drain, "rita", "welding tankers")) == ["Jan Kowal", "Mara Ilic"]


def test_each_finds_whom_they_may_see(browser, people, drain, alpha, in_tenant, cast):
    """Another company's people never; a hiring manager those of their jobs; whoever is erased nobody."""
    rex, rita = searched(browser, drain, "rex", MEANT), searched(browser, drain, "rita", MEANT)
    assert (names(rex), names(rita)) == (["Noor Sheikh"], ["Noor Sheikh"])
    assert (str(people["beta", "Noor Sheikh"]) in rex, str(people["alpha", "Noor Sheikh"]) in rex) == (True, False)
    assert names(searched(browser, drain, "rex", "TIG welding of pipes")) == []
    assert names(searched(browser, drain, "hugo", "joining metal tubes by heat")) == ["Jan Kowal"]
    assert sorted(names(searched(browser, drain, "rita", "joining metal tubes by heat"))) == ["Jan Kowal", "Mara Ilic"]

    with in_tenant(alpha):
        erase(db.session.get_one(Candidate, people["alpha", "Noor Sheikh"]), by=actor_of(cast.ada))
    drain()

    assert people["alpha", "Noor Sheikh"] not in {row.candidate_id for row in passages(alpha, in_tenant)}
    assert (names(searched(browser, drain, "rita", MEANT)), names(searched(browser, drain, "rex", MEANT))) == ([], ["Noor Sheikh"])  # fmt: skip


def test_passages_tell_of_work_and_lead_to_people_and_jobs(browser, people, alpha, in_tenant):
    rows = passages(alpha, in_tenant)
    assert [row.number for row in rows if row.candidate_id == people["alpha", "Ute Lang"]] == [0]  # in German
    assert {row.number == 0 for row in rows if row.meaning is None} == {True}
    assert [name for name in ("Noor", "Jan", "Mara", "people.example") for row in rows if name in row.text] == []

    mara, jan = people["alpha", "Mara Ilic"], people["alpha", "Jan Kowal"]
    html = browser("rita").get(f"/candidates/{mara}/alike").text
    assert re.findall(r'<a href="/jobs/[^"]+/plan">([^<]+)</a>', html) == ["Welder"]
    assert names(html.partition("People like this")[2]) == ["Jan Kowal"]
    assert "No open job is near" in browser("rita").get(f"/candidates/{jan}/alike").text  # applied to the only one
    assert [browser(who).get(f"/candidates/{mara}/alike").status_code for who in ("ivy", "rex")] == [404, 404]


def test_passages_are_in_no_backup_and_come_back_after_a_crash(
    flask_app, settings, alpha, in_tenant, people, word, drain
):
    before, url = passages(alpha, in_tenant), settings.database_url.get_secret_value().replace("+psycopg", "")
    dump = subprocess.run(
        [postgres_programs() / "pg_dump", "--schema=t_alpha", "--no-unlogged-table-data", url], capture_output=True, check=True
    ).stdout  # fmt: skip
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("truncate t_alpha.candidate_passage")

    word("candidates", "rebuild-clear", "--tenant", "alpha")
    drain()

    assert b"Looked after dying" not in dump
    assert passages(alpha, in_tenant) == before
    assert len(before) > len(RESUMES)


def test_without_pgvector_words_find_and_the_page_says_so(flask_app, alpha, in_tenant, browser, drain):
    with in_tenant(alpha):
        mara = register(name="Mara Ilic", email="mara@people.example").id
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql(f"drop index t_alpha.{meaning.INDEX}")
    try:
        html = searched(browser, drain, "rita", "mara")
        alike = browser("rita").get(f"/candidates/{mara}/alike").text
    finally:
        with flask_app.extensions["owners"].main.begin() as owner:
            meaning.index(owner, "t_alpha")

    assert names(html) == ["Mara Ilic"]
    assert ["cannot search by meaning" in each for each in (html, alike)] == [True, True]


def test_the_index_is_what_finds(flask_app, alpha):
    """PostgreSQL would read four people one by one: so it is asked as for many."""
    vector = sa.literal([0.1] * meaning.WIDTH, passage_table.c.meaning.type)
    far = meaning.distance(passage_table.c.meaning, vector)
    query = sa.select(passage_table.c.text).where(passage_table.c.number > 0).order_by(far).limit(5)
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql("set local search_path to t_alpha")
        owner.exec_driver_sql("set local enable_seqscan to off")
        said = query.compile(owner.engine)
        plan = "\n".join(owner.exec_driver_sql(f"explain {said}", said.params).scalars())

    assert f"Index Scan using {meaning.INDEX}" in plan
