"""What a member looks for again: by words and job, under a name, their own alone, sealed, gone with whom it names."""

import re

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.audit.queries import newest_entries
from app.candidates.commands import register
from app.candidates.commands.searches import MOST, forget_searches_for, save_search
from app.candidates.models import Candidate, SavedSearch
from app.candidates.queries.searches import saved_by
from app.identity.commands import actor_of
from app.kernel.actor import SYSTEM
from app.postings.commands import seat, unseat, write_posting
from app.postings.models import Posting
from app.privacy.commands import erase
from tenants.db import db

NEW, ALL = "/candidates/searches/new", "/candidates/searches"


@pytest.fixture
def job(alpha, cast, in_tenant, memory):
    """Asha and Jan at alpha; Asha alone applied for the job."""

    def written():
        with in_tenant(alpha):
            posting = write_posting(text="Welder", by=cast.rita, actor=actor_of(cast.rita))
            asha, _jan = (register(name=name, email=f"{name[:3].lower()}@people.example") for name in ("Asha Kulkarni", "Jan Kowal"))  # fmt: skip
            db.session.flush()
            apply(posting, asha, resume=None, source="upload", by=SYSTEM)
            return posting.id

    return memory.recall("searched", written)


def names(html):
    return re.findall(r'<a href="/candidates/[0-9a-f-]{36}">([^<]+)</a>', html)


def ways(html):
    """The saved searches above the list: name and address."""
    above = html.partition('aria-label="Saved searches">')[2].partition("</nav>")[0]
    return [(name, url.replace("&amp;", "&")) for url, name in re.findall(r'href="([^"]+)"[^>]*>([^<]+)</a>', above)][
        :-1
    ]


def options(html):
    return re.findall(r'<option value="([^"]*)"( selected)?>', html.partition('name="job"')[2])


def hints(html):
    return re.findall(r'<span class="hint">([^<]+)</span>', html)


def ids(html):
    return re.findall(r'action="/candidates/searches/([0-9a-f-]{36})"', html)[::2]


def test_a_list_is_of_one_jobs_applicants(browser, job):
    rita = browser("rita")

    assert sorted(names(rita.get("/candidates").text)) == ["Asha Kulkarni", "Jan Kowal"]
    assert names(rita.get(f"/candidates?job={job}").text) == ["Asha Kulkarni"]
    assert names(rita.get(f"/candidates?job={job}&q=jan").text) == []
    assert names(rita.get("/candidates?q=jan").text) == ["Jan Kowal"]
    assert {browser(who).get(f"/candidates?job={job}").status_code for who in ("hugo", "ivy", "rex")} == {404}
    assert rita.get("/candidates?job=nothing").status_code == 404


def test_a_search_is_saved_opened_renamed_and_deleted_by_its_member_alone(browser, job, alpha, in_tenant, flask_app):
    rita = browser("rita")
    assert f'href="{NEW}?q=kulk&amp;job={job}"' in rita.get(f"/candidates?q=kulk&job={job}").text
    saved = rita.post(f"{NEW}?q=kulk&job={job}", data={"name": "Welders called Kulk"})
    rita.post(f"{NEW}?q=jan", data={"name": "Jan"})
    listed = rita.get("/candidates").text

    assert (saved.status_code, saved.location) == (303, f"/candidates?q=kulk&job={job}")
    assert ways(listed) == [
        ("Jan", "/candidates?q=jan"),
        ("Welders called Kulk · Welder", f"/candidates?q=kulk&job={job}"),
    ]
    opened = rita.get(ways(listed)[1][1]).text
    assert (names(opened), re.findall(r'aria-current="true">([^<]*kulk[^<]*)<', opened, re.IGNORECASE)) == (
        ["Asha Kulkarni"],
        ["Welders called Kulk · Welder"],
    )
    jan, kulk = ids(rita.get(ALL).text)
    others = [browser(who) for who in ("ada", "hugo", "rex", "ivy")]
    assert [one.get("/candidates").text.count("Welders called") for one in others[:3]] == [0, 0, 0]
    assert {one.post(f"{ALL}/{kulk}", data={"act": "remove"}).status_code for one in others} == {404}
    with flask_app.extensions["owners"].main.connect() as owner:
        raw = owner.execute(sa.text("select name, asked from t_alpha.saved_search")).all()
        assert [b"ulk" in bytes(value) for row in raw for value in row] == [False] * 4

    assert rita.post(f"{ALL}/{kulk}", data={f"{kulk}-name": " "}).status_code == 422
    assert rita.post(f"{ALL}/{kulk}", data={f"{kulk}-name": "Kulk"}).status_code == 303
    assert rita.post(f"{ALL}/{jan}", data={"act": "remove"}).status_code == 303
    assert [name for name, _url in ways(rita.get("/candidates").text)] == ["Kulk · Welder"]
    assert [rita.get(NEW).status_code, rita.post(f"{NEW}?q=x", data={"name": ""}).status_code] == [404, 422]
    assert others[-1].get(ALL).status_code == 404


def test_a_search_that_names_somebody_goes_with_them(browser, job, alpha, beta, in_tenant, cast):
    rita = browser("rita")
    for query, name in (("kulk asha", "A"), ("welder kulkarni", "Ask ÁSHA again"), ("ash@", "C"), ("asha@x", "D"), ("kulkarni", "E"), ("a", "F")):  # fmt: skip
        rita.post(f"{NEW}?q={query}", data={"name": name})
    browser("rex").post(f"{NEW}?q=asha kulkarni", data={"name": "At beta"})
    with in_tenant(alpha):
        asha = db.session.scalars(sa.select(Candidate).where(Candidate.name == "Asha Kulkarni")).one()
        receipt = erase(asha, by=actor_of(cast.ada))

        assert dict(receipt.stores)["saved_search"] == 3
        assert [one.name for one in saved_by(cast.rita)] == ["D", "E", "F"]
        told = [(entry.target_kind, entry.target_id) for entry in newest_entries() if entry.action == "candidates.forget_search"]  # fmt: skip
        assert told == [("member", str(cast.rita.id))] * 3
    with in_tenant(beta):
        assert [row.name for row in db.session.scalars(sa.select(SavedSearch))] == ["At beta"]


@pytest.mark.parametrize(
    ("name", "gone", "left"),
    [
        (
            "Tom Baker",
            ["tom baker", "BAKER, To.", "t baker shift"],
            ["baker", "tom", "bakery tomato", "baker baker", "t b testing"],
        ),
        ("Li Bo", ["li bo", "bo li nurse"], ["li", "bo", "lib o", "library"]),
        ("Li Lin", ["lin li"], ["li", "lin"]),
        ("Dr José Núñez", ["nunez jose"], ["dr nunez", "dr jose"]),
        ("Madonna", ["madonna", "madonn"], ["m", "ma welder", "madonnas"]),
        ("", [], ["nurse"]),
    ],
)
def test_one_word_of_several_names_nobody(alpha, in_tenant, cast, name, gone, left):
    with in_tenant(alpha):
        person = register(name=name, email="t.b@people.example")
        db.session.flush()
        for words in [*gone, *left, "t.b@people.example", "T.B@peop", "t.b", "at.b@people.example"]:
            save_search(cast.rita, name=words, asked={"q": words})
        db.session.flush()

        assert forget_searches_for(person.id) == len(gone) + 2
        assert {one.name for one in saved_by(cast.rita)} == {*left, "t.b", "at.b@people.example"}


def test_there_is_room_for_thirty(browser, job, alpha, in_tenant, cast):
    with in_tenant(alpha):
        for number in range(MOST):
            save_search(cast.rita, name=f"N{number}", asked={"q": "x"})

    assert browser("rita").post(f"{NEW}?q=x", data={"name": "One more"}).status_code == 409
    assert browser("ada").post(f"{NEW}?q=x", data={"name": "Hers"}).status_code == 303


def test_the_job_that_is_chosen_is_among_the_options_however_old(browser, job, alpha, in_tenant, cast, monkeypatch):
    with in_tenant(alpha):
        newer = write_posting(text="Fitter", by=cast.rita, actor=actor_of(cast.rita)).id
    monkeypatch.setattr("app.postings.queries.CHOICES", 1)
    rita = browser("rita")

    assert options(rita.get("/candidates").text) == [("", ""), (str(newer), "")]
    assert options(rita.get(f"/candidates?job={job}").text) == [("", ""), (str(newer), ""), (str(job), " selected")]


def test_a_search_of_a_job_that_one_sees_no_more_says_so_and_can_be_deleted(browser, job, alpha, in_tenant, cast):
    hugo = browser("hugo")
    with in_tenant(alpha):
        seat(db.session.get_one(Posting, job), cast.hugo, by=actor_of(cast.rita))
    hugo.post(f"{NEW}?q=kulk&job={job}", data={"name": "Kulk"})
    told = (ways(hugo.get("/candidates").text), hints(hugo.get(ALL).text))
    with in_tenant(alpha):
        unseat(db.session.get_one(Posting, job), cast.hugo.id, by=actor_of(cast.rita))
    listed = hugo.get(ALL).text

    assert told == ([("Kulk · Welder", f"/candidates?q=kulk&job={job}")], ["kulk", "Welder"])
    assert (hints(listed), f"job={job}" in listed) == (["kulk", "You no longer see this job."], False)
    above = hugo.get("/candidates").text
    assert (ways(above), "Kulk · You no longer see this job." in above, str(job) in above) == ([], True, False)
    assert hugo.post(f"{ALL}/{ids(listed)[0]}", data={"act": "remove"}).status_code == 303
    assert "Kulk" not in hugo.get("/candidates").text


def test_what_is_swapped_has_the_saved_searches_with_the_current_one(browser, job):
    rita = browser("rita")
    for words in ("jan", "kulk"):
        rita.post(f"{NEW}?q={words}", data={"name": words})
    swapped = {"HX-Request": "true", "HX-Target": "people"}

    pressed = [re.findall(r'aria-current="true">([^<]+)<', rita.get(f"/candidates?q={q}", headers=swapped).text) for q in ("jan", "kulk", "x")]  # fmt: skip
    assert pressed == [["jan"], ["kulk"], []]
