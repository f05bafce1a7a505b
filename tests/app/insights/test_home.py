"""Work that waits, and the search that is always there."""

import re

import pytest

from app.applications.commands import apply, set_next_thing
from app.applications.enums import NextThing
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.kernel.actor import SYSTEM
from app.postings.commands import publish, seat, write_posting
from tenants.db import db


@pytest.fixture
def two_jobs(alpha, cast, in_tenant):
    """Hugo sits on the first one's team only. -> {name: application}"""
    rita = actor_of(cast.rita)
    made = {}
    with in_tenant(alpha):
        for title, people in (("Line cook", ["Asha Kulkarni", "Noor Haddad"]), ("Night porter", ["Tomas Novak"])):
            posting = write_posting(text=title, title=title, by=cast.rita, actor=rita)
            publish(posting, by=rita)
            if title == "Line cook":
                seat(posting, cast.hugo, by=rita)
            for name in people:
                person = register(name=name, email=f"{name.split()[0].lower()}@example.org")
                made[name] = apply(posting, person, resume=None, source="careers", by=SYSTEM).id
    return made


def groups(html):
    """{heading: [what is listed]}"""
    sheets = re.findall(r'<section class="sheet".*?</section>', html, re.DOTALL)
    return {re.search("<h2>([^<]+)", sheet)[1]: re.findall("<strong>([^<]+)", sheet) for sheet in sheets}


def test_start_asks_to_sign_in(anyone):
    answer = anyone().get("/")

    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("name", ["ada", "rita", "hugo", "rex"])
def test_first_run_says_what_to_do(browser, name):
    assert "Your first hire, in four steps" in browser(name).get("/").text


def test_nothing_waits_for_an_interviewer(browser, two_jobs):
    html = browser("ivy").get("/").text

    assert "Nothing is waiting" in html
    assert groups(html) == {}


def test_work_is_grouped_by_what_is_to_be_done(browser, alpha, in_tenant, two_jobs):
    with in_tenant(alpha):
        set_next_thing(two_jobs["Asha Kulkarni"], NextThing.HELP_WANTED)
        set_next_thing(two_jobs["Noor Haddad"], NextThing.TO_DECIDE)
        set_next_thing(two_jobs["Tomas Novak"], NextThing.OVERDUE)

    assert groups(browser("rita").get("/").text) == {
        "Asked for help": ["Asha Kulkarni"],
        "To decide": ["Noor Haddad"],
        "Resumes to review": ["Line cook", "Night porter"],
        "Interviews overdue": ["Tomas Novak"],
    }


def test_hiring_manager_sees_work_of_own_jobs(browser, two_jobs):
    assert groups(browser("hugo").get("/").text) == {"Resumes to review": ["Line cook"]}


def test_other_company_sees_nothing_of_it(browser, two_jobs):
    assert "Line cook" not in browser("rex").get("/").text


def test_many_of_a_kind_are_counted(browser, alpha, cast, in_tenant, two_jobs):
    with in_tenant(alpha):
        posting = write_posting(text="Pastry chef", by=cast.rita, actor=actor_of(cast.rita))
        for n in range(11):
            one = apply(posting, register(name=f"Person{n} Number"), resume=None, source="careers", by=SYSTEM)
            db.session.flush()
            set_next_thing(one.id, NextThing.TO_DECIDE)

    assert "3 more are waiting" in browser("rita").get("/").text


@pytest.mark.parametrize(
    ("name", "typed", "options"),
    [
        ("rita", "asha", ["Asha Kulkarni"]),
        ("rita", "line", ["Line cook"]),
        ("rita", "no", ["Tomas Novak", "Noor Haddad"]),
        ("rita", "%", []),
        ("rita", "", []),
        ("hugo", "tomas", []),
        ("hugo", "porter", []),
        ("ivy", "asha", []),
        ("rex", "asha", []),
    ],
)
def test_palette_finds_what_one_may_open(browser, two_jobs, name, typed, options):
    answer = browser(name).get("/palette", query_string={"q": typed}, headers={"HX-Request": "true"})

    assert sorted(re.findall(r"</svg>([^<]+)<?", answer.text)) == sorted(options)
    assert answer.text.count('role="option"') == len(options)


def test_palette_is_a_page_without_a_script(browser, two_jobs):
    html = browser("rita").get("/palette?q=asha").text

    assert f'<a href="/applications/{two_jobs["Asha Kulkarni"]}">Asha Kulkarni</a>' in html
