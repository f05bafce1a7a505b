"""What a resume says to the requirements of a job: found by a worker, shown beside the person, to whom it may concern."""

import re
from itertools import groupby

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.applications.models import Application, Match
from app.applications.queries import match_of
from app.audit.models import AiOutput
from app.candidates.commands import keep_resume, register
from app.candidates.commands.merging import merge, part
from app.candidates.models import Candidate, Merge
from app.identity.commands import actor_of
from app.kernel.actor import SYSTEM
from app.postings.commands import add_skill
from app.postings.enums import SkillKind
from app.postings.models import Posting
from tenants.db import db

RESUME = b"""Asha Kulkarni
asha@example.org | Pune 411001

Work experience
Line Cook, Hotel Sahyadri          June 2021 - Present
- Ran the grill station on busy evenings.

Skills
Food safety, butchery, menu planning
"""


@pytest.fixture
def asha(flask_app, alpha, in_tenant, job, drain):
    """Applied with a resume, which is read and held beside the job; the id of the application."""
    drain()  # the job's text is read: what it asks for comes after that from a person
    with in_tenant(alpha):
        db.session.get_one(Posting, job.id).must_have = ["Knife skills", "Food hygiene"]
        person = register(name="Asha Kulkarni", email="asha@example.org")
        db.session.flush()
        storage = flask_app.extensions["providers"].storage
        resume = keep_resume(person, file_name="asha.txt", data=RESUME, storage=storage, by=SYSTEM)
        application = apply(db.session.get_one(Posting, job.id), person, resume=resume, source="upload", by=SYSTEM)
        identifier = application.id
    drain()
    return identifier


def told(html):
    """Requirement and verdict, in the order of the page."""
    found = re.findall(
        r'<span class="grow">([^<]+)</span><span class="tag"[^>]*>(?:<svg.*?</svg>)?([^<]+)</span>', html
    )
    return [(name.strip(), verdict.strip()) for name, verdict in found]


def test_requirements_are_shown_with_quotes_that_lead_to_their_place(browser, asha):
    html = browser("rita").get(f"/applications/{asha}/requirements").text
    (place,) = re.findall(r'<a class="quoted" href="([^"]+)">“Food safety”', html)

    assert told(html) == [("Knife skills", "Not seen"), ("Food hygiene", "Met")]
    shown = browser("rita").get(place.replace("&amp;", "&").partition("#")[0]).text
    assert re.findall(r"<mark[^>]*>([^<]*)</mark>", shown) == ["Food safety"]


def test_panel_leads_to_them(browser, asha):
    assert f'hx-get="/applications/{asha}/requirements"' in browser("rita").get(f"/applications/{asha}").text


def test_a_changed_requirement_is_held_beside_everybody_anew(browser, alpha, in_tenant, job, asha, by_rita, drain):
    with by_rita() as rita:
        add_skill(db.session.get_one(Posting, job.id), SkillKind.NICE_TO_HAVE, "Menu planning", by=rita)
    page = f"/applications/{asha}/requirements"
    assert "They are compared anew" in browser("rita").get(page).text
    drain()

    html = browser("rita").get(page).text

    assert told(html) == [("Knife skills", "Not seen"), ("Food hygiene", "Met"), ("Menu planning", "Met")]
    assert "They are compared anew" not in html


def test_nothing_of_who_somebody_is_stands_in_what_is_kept(alpha, in_tenant, asha):
    with in_tenant(alpha):
        kept = db.session.get_one(Match, asha)
    assert [word in str(kept.findings) for word in ("Asha", "Kulkarni", "411001", "Pune")] == [False] * 4


@pytest.mark.parametrize(("name", "status"), [("rita", 200), ("hugo", 200), ("ivy", 404), ("rex", 404)])
def test_requirements_open_for_whom_the_application_is(browser, asha, name, status):
    assert browser(name).get(f"/applications/{asha}/requirements").status_code == status


def test_without_a_resume_the_page_says_so(browser, applied):
    (noor,) = applied("Noor Sheikh")

    assert (
        "Without a resume there is nothing to compare."
        in browser("rita").get(f"/applications/{noor}/requirements").text
    )


def test_what_was_found_in_a_resume_goes_with_whose_it_is(browser, asha, alpha, cast, in_tenant, flask_app, drain):
    """Two who stood together for a while: nothing of the one stays in a match or in the log of the other."""
    rita, storage = actor_of(cast.rita), flask_app.extensions["providers"].storage
    with in_tenant(alpha):
        application = db.session.get_one(Application, asha)
        one, other = db.session.get_one(Candidate, application.candidate_id), register(name="Ben Ode")
        db.session.flush()
        theirs = keep_resume(
            other, file_name="ben.txt", data=RESUME.replace(b"Asha Kulkarni", b"Ben Ode"), storage=storage, by=rita
        )
        together = merge(one, other, by=rita)
        application.resume_id = theirs.id
        people = one.id, other.id
    drain()
    with in_tenant(alpha):
        kept = db.session.get_one(Match, asha)
        assert (kept.person_id, kept.resume_id) == (people[1], theirs.id)
        part(db.session.get_one(Merge, together.id), by=rita)
        assert match_of(db.session.get_one(Application, asha)) is None
    drain()

    with in_tenant(alpha):
        again, owners = db.session.get_one(Match, asha), sa.select(AiOutput.person_id).where(AiOutput.kind == "match")
        assert (again.person_id, again.resume_id != theirs.id) == (people[0], True)
        noted = [whose for whose, _again in groupby(db.session.scalars(owners.order_by(AiOutput.at)))]
        assert noted == [people[0], people[1], people[0]]
    assert told(browser("rita").get(f"/applications/{asha}/requirements").text)[1] == ("Food hygiene", "Met")
