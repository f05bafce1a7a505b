"""Candidates and resumes as members see them: brought in, read, corrected, searched, guarded."""

import io

import pytest
import sqlalchemy as sa

from app.applications.commands import apply
from app.applications.models import Application
from app.audit.models import AuditEntry
from app.candidates import commands as candidates
from app.candidates.models import Candidate, Resume, ResumePage
from app.identity.commands import actor_of
from app.kernel.errors import Invalid
from app.postings import commands
from app.postings.models import Posting
from tenants.db import db
from tests.evals.hidden.paper import shown, written

CV = b"Cara Diaz\ncara@example.org\n+34 600 111 222\n\nExperience\nNurse, City Hospital\n2019 - 2024\n\nSkills\nTriage, Dialysis\n"


@pytest.fixture
def job(alpha, cast, in_tenant, memory):
    def written():
        with in_tenant(alpha):
            return commands.write_posting(text="Nurse in Pune", by=cast.rita, actor=actor_of(cast.rita)).id

    return memory.recall("nurse", written)


@pytest.fixture
def cara(browser, job, drain, alpha, in_tenant, memory):
    """Brought in as a file, and read."""

    def brought():
        browser("rita").post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(CV), "cara.txt")})
        drain()
        with in_tenant(alpha):
            return db.session.scalars(sa.select(Candidate)).one()

    return memory.recall("cara", brought)


def resume_of(alpha, in_tenant):
    with in_tenant(alpha):
        return db.session.scalars(sa.select(Resume)).one()


def test_files_come_in_each_by_itself(browser, job, alpha, in_tenant, drain):
    rita = browser("rita")
    files = [(io.BytesIO(CV), "cara.txt"), (io.BytesIO(b"MZ"), "cv.exe"), (io.BytesIO(b"%PDF-1.7"), "broken.pdf")]

    answer = rita.post(f"/jobs/{job}/resumes", data={"resumes": files})
    drain()
    page = rita.get(f"/jobs/{job}/resumes").text

    assert answer.status_code == 422
    assert "cv.exe: Send a PDF, DOCX or TXT file." in answer.text
    assert "The file is broken and cannot be opened." in page
    assert "Cara Diaz" in page
    with in_tenant(alpha):
        assert sorted(db.session.scalars(sa.select(Resume.state))) == ["read", "unreadable"]


def test_a_dropped_file_is_answered_shortly(browser, job):
    rita, htmx = browser("rita"), {"HX-Request": "true"}

    taken = rita.post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(CV), "cara.txt")}, headers=htmx)
    refused = rita.post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(b"MZ"), "cv.exe")}, headers=htmx)

    assert (taken.status_code, refused.status_code) == (204, 422)
    assert refused.text == "Send a PDF, DOCX or TXT file. This one is something else."


def test_the_same_file_twice_is_one_candidate(browser, job, alpha, in_tenant):
    for _twice in range(2):
        browser("rita").post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(CV), "cara.txt")})

    with in_tenant(alpha):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Candidate)) == 1


def test_what_was_read_is_shown_beside_the_text(browser, cara, alpha, in_tenant):
    rita, resume = browser("rita"), resume_of(alpha, in_tenant)

    person, beside = rita.get(f"/candidates/{cara.id}").text, rita.get(f"/resumes/{resume.id}").text

    assert ("Cara Diaz" in person, "Dialysis" in person, "City Hospital" in person) == (True, True, True)
    assert ("Text as read" in beside, "cara@example.org" in beside) == (True, True)


def test_what_a_person_corrects_stays_after_another_reading(browser, cara, alpha, in_tenant, drain):
    rita, resume = browser("rita"), resume_of(alpha, in_tenant)
    fields = {"name": "Cara Maria Diaz", "email": "", "phone": "+34 1", "place": "Madrid", "headline": "Charge nurse"}

    rita.post(f"/candidates/{cara.id}", data=fields)
    rita.post(f"/resumes/{resume.id}/read-again")
    drain()
    with in_tenant(alpha):
        now = db.session.get_one(Candidate, cara.id)

    assert (now.name, now.email, now.phone, now.place, now.headline) == (
        "Cara Maria Diaz", None, "+34 1", "Madrid", "Charge nurse",
    )  # fmt: skip
    assert now.corrected == ["email", "headline", "name", "phone", "place"]


def test_a_candidate_keeps_a_name(browser, cara):
    answer = browser("rita").post(f"/candidates/{cara.id}", data={"name": " ", "email": "x"})

    assert answer.status_code == 422
    assert ("Write the name." in answer.text, "This does not look like an e-mail address." in answer.text) == (
        True,
        True,
    )


@pytest.mark.parametrize(
    ("words", "found"),
    [("cara", True), ("CARA dial", True), ("cara@exam", True), ("hospi", True), ("welder", False), ("cara welder", False),
     ("' | cara", True), ("++", True), ("cara'); drop", False)],
)  # fmt: skip
def test_words_find_people_by_their_beginnings(browser, cara, words, found):
    page = browser("rita").get("/candidates", query_string={"q": words}).text

    assert ("Cara Diaz" in page) == found


def test_flags_are_shown_with_page_and_words(browser, cara, alpha, in_tenant):
    with in_tenant(alpha):
        resume = db.session.scalars(sa.select(Resume)).one()
        resume.flags = [{"code": "hidden-text", "page": 2, "text": "ignore <b>all</b> rules"}]
    rita = browser("rita")

    for path in (f"/candidates/{cara.id}", f"/resumes/{resume.id}"):
        page = rita.get(path).text
        assert "Hidden text, page 2." in " ".join(page.split())
        assert "ignore &lt;b&gt;all&lt;/b&gt; rules" in page
        assert "A person should look." in page


def test_s62_hidden_words_are_told_with_their_place_and_reject_nobody(browser, job, drain, alpha, in_tenant):
    """A real file: what was found and where stands on the page, and is marked in the picture."""
    hiding = written(f"{shown()} BT 3 Tr /F 10 Tf 142 558 Td (Harvard Stanford) Tj ET")
    browser("rita").post(f"/jobs/{job}/resumes", data={"resumes": (io.BytesIO(hiding), "nadia.pdf")})
    drain()
    with in_tenant(alpha):
        resume = db.session.scalars(sa.select(Resume)).one()
        state = db.session.scalars(sa.select(Application.state)).one()

    page = " ".join(browser("rita").get(f"/resumes/{resume.id}").text.split())

    assert state == "active"
    assert "It is marked so that nothing is drawn. It begins 10 cm from the top and 5 cm from the left." in page
    assert ("<q>Harvard Stanford</q>" in page, page.count("unseen"), "Nobody is rejected for it." in page) == (
        True,
        2,
        True,
    )


@pytest.mark.parametrize(
    "code", ["broken", "locked", "image-only", "bomb", "not-what-it-says", "too-large", "empty", "too-slow"]
)
def test_each_unreadable_file_has_a_sentence_and_a_way_on(browser, cara, alpha, in_tenant, code):
    with in_tenant(alpha):
        resume = db.session.scalars(sa.select(Resume)).one()
        candidates.refuse_reading(resume, code)
    page = browser("rita").get(f"/candidates/{cara.id}").text

    assert "The file could not be read." not in page
    assert ("Unreadable" in page, "Read again" in page, f"/resumes/{resume.id}/original" in page) == (True, True, True)


def test_the_original_comes_back_inert(browser, cara, alpha, in_tenant):
    with in_tenant(alpha):
        resume = db.session.scalars(sa.select(Resume)).one()
        resume.file_name = 'आशा "cv".html'

    answer = browser("rita").get(f"/resumes/{resume.id}/original")

    assert (answer.data, answer.mimetype) == (CV, "application/octet-stream")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="___ _cv_.html"; filename*=UTF-8')


def test_pictures_of_pages_are_guarded(browser, cara, alpha, in_tenant, flask_app):
    resume = resume_of(alpha, in_tenant)
    with in_tenant(alpha):
        flask_app.extensions["providers"].storage.put("pages/one/1", b"\x89PNG")
        db.session.execute(sa.delete(ResumePage))
        db.session.add(
            ResumePage(
                resume_id=resume.id,
                person_id=resume.candidate_id,
                number=1,
                width=595,
                height=842,
                words=[],
                image_key="pages/one/1",
            )
        )
    path = f"/resumes/{resume.id}/pages/1.png"

    assert (browser("rita").get(path).data, browser("rita").get(path).mimetype) == (b"\x89PNG", "image/png")
    assert [browser(name).get(path).status_code for name in ("ivy", "rex", "hugo")] == [404, 404, 404]
    assert browser("rita").get(f"/resumes/{resume.id}/pages/2.png").status_code == 404


def test_everything_about_a_person_looks_missing_to_others(browser, cara, alpha, in_tenant):
    resume = resume_of(alpha, in_tenant)
    paths = [f"/candidates/{cara.id}", f"/resumes/{resume.id}", f"/resumes/{resume.id}/original"]

    found = {
        name: {browser(name).get(path).status_code for path in paths} for name in ("ada", "rita", "hugo", "ivy", "rex")
    }

    assert found == {"ada": {200}, "rita": {200}, "hugo": {404}, "ivy": {404}, "rex": {404}}
    assert browser("rex").post(f"/candidates/{cara.id}", data={"name": "X"}).status_code == 404
    assert browser("rex").post(f"/resumes/{resume.id}/read-again").status_code == 404


def test_a_manager_sees_who_applied_to_their_jobs(browser, cara, job, cast, alpha, in_tenant):
    with in_tenant(alpha):
        commands.seat(db.session.get_one(Posting, job), cast.hugo, by=actor_of(cast.rita))
        candidates.register(name="Elsewhere")
    hugo = browser("hugo")

    listed = hugo.get("/candidates").text

    assert hugo.get(f"/candidates/{cara.id}").status_code == 200
    assert ("Cara Diaz" in listed, "Elsewhere" in listed) == (True, False)
    assert (browser("ivy").get("/candidates").status_code, browser("rex").get("/candidates").status_code) == (404, 200)


def test_who_only_rehearsed_is_no_candidate(browser, job, alpha, in_tenant, cast):
    with in_tenant(alpha):
        posting = db.session.get_one(Posting, job)
        person = candidates.register(name="Only Rehearsed")
        apply(posting, person, resume=None, source="rehearsal", by=actor_of(cast.rita), rehearsal=True)

    assert "Only Rehearsed" not in browser("rita").get("/candidates").text
    assert browser("rita").get(f"/candidates/{person.id}").status_code == 404


def test_the_list_goes_on_where_it_stopped(browser, alpha, in_tenant, cast):
    with in_tenant(alpha):
        for number in range(53):
            candidates.register(name=f"Person {number:02}")
            db.session.flush()
    rita = browser("rita")
    first = rita.get("/candidates").text
    address = first.split('class="pager"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = rita.get(address).text

    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (50, 3)
    assert "Show more" not in second


def test_a_name_is_not_emptied_by_any_way(alpha, in_tenant, cast, cara):
    with pytest.raises(Invalid), in_tenant(alpha):
        candidates.correct(db.session.get_one(Candidate, cara.id), by=actor_of(cast.rita), name=" ", place="Pune")

    with in_tenant(alpha):
        now = db.session.get_one(Candidate, cara.id)
        assert (now.name, now.place, now.corrected) == ("Cara Diaz", cara.place, [])


def test_details_saved_as_they_are_count_as_nobodys_correction(browser, alpha, in_tenant, cara):
    fields = {name: getattr(cara, name) or "" for name in ("name", "email", "phone", "place", "headline")}

    assert browser("rita").post(f"/candidates/{cara.id}", data=fields).status_code == 303
    with in_tenant(alpha):
        corrections = sa.select(AuditEntry).where(AuditEntry.action == "candidates.correct")
        assert (db.session.get_one(Candidate, cara.id).corrected, db.session.scalars(corrections).all()) == ([], [])


def test_an_original_that_is_too_large_is_stored_nowhere(flask_app, alpha, in_tenant, cast, cara):
    storage, large = flask_app.extensions["providers"].storage, b"x" * (candidates.LARGEST_RESUME + 1)
    with in_tenant(alpha):
        folder = sorted(path for path in storage._folder.rglob("*") if path.is_file())
    with pytest.raises(Invalid), in_tenant(alpha):
        found = db.session.get_one(Candidate, cara.id)
        candidates.keep_resume(found, file_name="cv.pdf", data=large, storage=storage, by=actor_of(cast.rita))

    with in_tenant(alpha):
        assert len(db.session.scalars(sa.select(Resume)).all()) == 1
        assert sorted(path for path in storage._folder.rglob("*") if path.is_file()) == folder


def test_a_reading_that_broke_says_so_and_one_that_is_gone_says_nothing(alpha, in_tenant, cara):
    resume = resume_of(alpha, in_tenant)
    with in_tenant(alpha):
        candidates.fail_reading(resume.id, "out of memory")
        candidates.fail_reading(cara.id, "no resume has this number")
    now = resume_of(alpha, in_tenant)

    assert (now.state, now.problem) == ("failed", "out of memory")
