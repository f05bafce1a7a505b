"""C1: each field says where it stands in the original; what a person wrote stays whatever is read, and the page says so."""

import io
import re

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.candidates.commands import keep_resume
from app.candidates.models import Candidate, Resume
from app.candidates.queries import document_of, newest_resume_of, resume_as_read
from app.candidates.routes.marking import Place, lines_of, places_of
from app.identity.commands import actor_of
from app.postings.commands import write_posting
from tenants.db import db

CV = "Cara Diaz\ncara@example.org\n+34 600 111 222\n\nExperience\nNurse, City Hospital\n2019 - 2024\n\nSkills\nTriage, Dialysis\n"
GUESSED = CV.replace("Nurse, City Hospital\n2019 - 2024", "2019 - 2024\nvexillologist\ndrummel & quorr")
NEWER = CV.replace("Cara Diaz", "C. Diaz-Lopez").replace("Nurse", "Head nurse").replace("City", "State")


@pytest.fixture
def cara(browser, alpha, in_tenant, cast, drain, memory):
    def brought():
        with in_tenant(alpha):
            job = write_posting(text="Nurse in Pune", by=cast.rita, actor=actor_of(cast.rita)).id
        browser("rita").post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(CV.encode()), "cara.txt")})
        drain()
        with in_tenant(alpha):
            return db.session.scalars(sa.select(Candidate.id)).one()

    return memory.recall("marked cara", brought)


def test_c1_each_field_leads_to_its_place_in_picture_and_text(alpha, in_tenant, cara, browser):
    with in_tenant(alpha):
        resume, pages = resume_as_read(db.session.scalars(sa.select(Resume.id)).one())
        places = {place.path: place for place in places_of(resume.document)}
    told = browser("rita").get(f"/resumes/{resume.id}").text
    job = places["work[0].name"]

    assert pages[0].image_key is not None
    assert f'<a class="spot" href="#place-{job.number}" data-mark="{job.number}">City Hospital</a>' in told
    x, y = job.box[0] - 2, job.box[1] - 2
    assert f'<rect id="place-{job.number}" data-at="{job.number}" x="{x}" y="{y}"' in told
    assert f'<span class="at" data-at="{job.number}">City Hospital</span>' in told
    assert resume.text[slice(*job.span)] == "City Hospital"
    # on the candidate's own page the same field leads there
    assert f'href="/resumes/{resume.id}#place-{job.number}"' in browser("rita").get(f"/candidates/{cara}").text
    named = re.findall(r'id="(place-\d+)"', told)
    assert len(named) == len(set(named)) == len(places)


@given(st.text("ab \n", max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=6))
def test_pieces_put_together_are_the_text_and_each_letter_knows_its_fields(text, spans):
    places = [
        Place(n, str(n), 1, [0, 0, 1, 1], (begin, begin + long)) for n, (begin, long) in enumerate(spans, start=1)
    ]
    lines = lines_of(text, places, {1})

    blank = [line if line.strip() else "" for line in text.split("\n")]
    assert ["".join(piece.text for piece in line) for line in lines] == blank
    start = 0
    for line, pieces in zip(text.split("\n"), lines, strict=True):
        told = [piece.at for piece in pieces for _ in piece.text]
        wanted = [tuple(p.number for p in places if p.span[0] <= start + n < p.span[1]) for n in range(len(line))]
        assert told == (wanted if line.strip() else [])
        start += len(line) + 1


def test_without_a_picture_the_text_is_the_place():
    lines = lines_of("Cara Diaz", [Place(1, "basics.name", 1, [0, 0, 1, 1], (0, 4))], set())
    assert [(piece.text, piece.at, piece.begins) for piece in lines[0]] == [("Cara", (1,), 1), (" Diaz", (), None)]


def test_c1_a_correction_outlives_every_reading_and_the_page_says_both(
    alpha, in_tenant, cast, cara, browser, drain, flask_app
):
    rita, storage = browser("rita"), flask_app.extensions["providers"].storage
    rita.post(f"/candidates/{cara}", data={"name": "Cara Díaz", "email": "cara@example.org", "phone": "", "headline": "Ward lead", "place": ""})  # fmt: skip
    with in_tenant(alpha):
        resume = db.session.scalars(sa.select(Resume.id)).one()
    rita.post(f"/resumes/{resume}/read-again")
    drain()
    with in_tenant(alpha):
        keep_resume(db.session.get_one(Candidate, cara), file_name="newer.txt", data=NEWER.encode(), storage=storage, by=actor_of(cast.rita))  # fmt: skip
    drain()
    with in_tenant(alpha):
        one = db.session.get_one(Candidate, cara)
        assert (one.name, one.phone, one.headline, one.email) == ("Cara Díaz", None, "Ward lead", "cara@example.org")
        assert one.corrected == ["headline", "name", "phone"]
        read = document_of(newest_resume_of(cara).id)
        assert (read["basics"]["name"], read["work"][0]["position"]) == ("C. Diaz-Lopez", "Head nurse")
    page = rita.get(f"/candidates/{cara}").text
    assert page.count("Written by Rita.") == 3
    assert re.findall(r"The reading says: ([^<]*)", page) == [
        "C. Diaz-Lopez",
        "+34 600 11 12 22",
        "Head nurse, State Hospital",
    ]


def test_c1_what_the_model_guessed_is_said_to_be_checked_and_is_no_headline(
    alpha, in_tenant, cast, cara, browser, drain, flask_app
):
    rita, storage = browser("rita"), flask_app.extensions["providers"].storage
    assert "To be checked" not in rita.get(f"/candidates/{cara}").text
    with in_tenant(alpha):
        keep_resume(db.session.get_one(Candidate, cara), file_name="newer.txt", data=GUESSED.encode(), storage=storage, by=actor_of(cast.rita))  # fmt: skip
    drain()
    with in_tenant(alpha):
        resume = newest_resume_of(cara)
        document, headline = document_of(resume.id), db.session.get_one(Candidate, cara).headline
    assert (document["work"][0]["position"], document["work"][0]["name"]) == ("vexillologist", "drummel & quorr")
    assert headline == "Nurse, City Hospital"
    for page in (rita.get(f"/candidates/{cara}").text, rita.get(f"/resumes/{resume.id}").text):
        marked = re.findall(
            r'data-mark="\d+">([^<]*)</a> <span class="tag" data-tone="warn">To be checked</span>', page
        )
        assert marked == ["vexillologist", "drummel &amp; quorr"]
        assert page.count("is a guess of a small model") == 1
