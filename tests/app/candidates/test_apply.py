"""Applying on the careers site: nothing of it is ever lost, and nobody learns who applied before."""

import io
import re
import threading

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.applications.models import Application
from app.candidates.models import Candidate, Resume
from app.identity.commands import actor_of
from app.kernel.errors import Unavailable
from app.postings import commands
from tenants.db import db

CV = b"Cara Diaz\ncara@example.org\n\nExperience\nNurse, City Hospital, 2019 - 2024\n"


@pytest.fixture
def job(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = commands.write_posting(text="Nurse in Pune", by=cast.rita, actor=actor_of(cast.rita))
        commands.publish(posting, by=actor_of(cast.rita))
        return posting.id


def typed(**changes):
    said = {"name": "Cara Diaz", "email": "cara@example.org", "phone": "", "language": "en", "consent": "y"}
    return {key: value for key, value in (said | changes).items() if value is not None}


def with_file(data=CV, name="cv.txt", **changes):
    return typed(resume=(io.BytesIO(data), name), **changes)


def post(visitor, path, data):
    """As bytes: the test client leaves the temporary file of a large form open."""
    parts = {key: FileStorage(value[0], value[1]) if isinstance(value, tuple) else value for key, value in data.items()}
    boundary, body = encode_multipart(parts)
    return visitor.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def kept(alpha, in_tenant):
    with in_tenant(alpha):
        people, resumes, applied = (
            list(db.session.scalars(sa.select(table).order_by(table.id))) for table in (Candidate, Resume, Application)
        )
        return people, resumes, applied


def test_applying_keeps_person_original_and_application(anyone, job, alpha, in_tenant, flask_app, drain):
    visitor = anyone()

    sent = visitor.post(f"/careers/{job}/apply", data=with_file())
    receipt = visitor.get(sent.location).text
    (cara,), (resume,), (application,) = kept(alpha, in_tenant)
    with in_tenant(alpha):
        original = flask_app.extensions["providers"].storage.get(resume.storage_key)
    drain()

    assert sent.status_code == 303
    assert (cara.name, cara.email, cara.language, cara.consented_at is not None) == (
        "Cara Diaz",
        "cara@example.org",
        "en",
        True,
    )
    assert (original, resume.file_name, resume.state) == (CV, "cv.txt", "waiting")
    assert (application.resume_id, application.source) == (resume.id, "careers")
    assert f"A-{application.id.hex[-8:].upper()}" in receipt
    assert kept(alpha, in_tenant)[1][0].state == "read"


def test_words_stand_for_a_file(anyone, job, alpha, in_tenant):
    anyone().post(f"/careers/{job}/apply", data=typed(experience="Nurse at City Hospital since 2019."))

    assert [(resume.file_name, resume.size) for resume in kept(alpha, in_tenant)[1]] == [("experience.txt", 34)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (with_file(name="cv.php"), "Send a PDF, DOCX or TXT file."),
        (with_file(name="photo.svg"), "Send a PDF, DOCX or TXT file."),
        (with_file(data=b"x" * (10 * 1024 * 1024 + 1), name="cv.pdf"), "larger than 10 MB"),
        (typed(), "Choose your resume, or describe your experience below."),
        (with_file(email="cara"), "This does not look like an e-mail address."),
        (with_file(name="cv.txt") | {"name": " "}, "Write your name."),
        (with_file(consent=None), "Tick the box if you agree."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(anyone, job, alpha, in_tenant, data, said):
    answer = post(anyone(), f"/careers/{job}/apply", data)

    assert answer.status_code == 422
    assert said in answer.text
    assert kept(alpha, in_tenant) == ([], [], [])
    if data["email"] == "cara@example.org":
        assert 'value="cara@example.org"' in answer.text


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 broken", b"x" * (10 * 1024 * 1024)])
def test_an_unreadable_file_loses_nobody(anyone, job, alpha, in_tenant, drain, data):
    sent = post(anyone(), f"/careers/{job}/apply", with_file(data=data, name="../../cv.pdf"))
    drain()
    (_cara,), (resume,), (application,) = kept(alpha, in_tenant)

    assert sent.status_code == 303
    assert (resume.file_name, resume.state, application.resume_id) == ("cv.pdf", "unreadable", resume.id)


def test_storage_trouble_is_said_and_keeps_nothing_half(anyone, job, alpha, in_tenant, flask_app):
    providers = flask_app.extensions["providers"]
    working, providers.__dict__["storage"] = providers.storage, FullStorage()

    answer = anyone().post(f"/careers/{job}/apply", data=with_file(name="cv.txt"))
    providers.__dict__["storage"] = working

    assert answer.status_code == 503
    assert "Your application could not be kept" in answer.text
    assert 'value="Cara Diaz"' in answer.text
    assert kept(alpha, in_tenant) == ([], [], [])


class FullStorage:
    """A disk without room."""

    def put(self, key, data, *, person):
        raise Unavailable("storage: no space left on device")


def test_a_double_click_is_one_application(anyone, job, alpha, in_tenant):
    visitors, answers = [anyone() for _ in range(6)], []

    def click(visitor):
        answers.append(visitor.post(f"/careers/{job}/apply", data=with_file()).status_code)

    clicks = [threading.Thread(target=click, args=(visitor,)) for visitor in visitors]
    for thread in clicks:
        thread.start()
    for thread in clicks:
        thread.join()

    assert answers == [303] * 6
    assert [len(rows) for rows in kept(alpha, in_tenant)] == [1, 1, 1]


def test_applying_again_is_the_same_person_whose_name_no_stranger_changes(anyone, job, alpha, in_tenant):
    first, second = anyone(), anyone()
    shown = [
        re.sub(r'csrf_token" value="[^"]*"', "", visitor.get(visitor.post(f"/careers/{job}/apply", data=data).location).text)
        for visitor, data in (
            (first, with_file()), (second, with_file(data=CV + b"Later", email="CARA@example.org", phone="1") | {"name": "Cara D. Diaz"}),
        )
    ]  # fmt: skip
    people, resumes, applied = kept(alpha, in_tenant)

    assert shown[0] == shown[1]
    assert [(cara.name, cara.phone) for cara in people] == [("Cara Diaz", "1")]
    assert (len(resumes), [application.resume_id for application in applied]) == (2, [resumes[1].id])


def with_name(name):
    return with_file() | {"name": name}


def test_a_name_in_devanagari_is_kept(anyone, job, alpha, in_tenant):
    anyone().post(f"/careers/{job}/apply", data=with_name("आशा कुलकर्णी"))

    assert [cara.name for cara in kept(alpha, in_tenant)[0]] == ["आशा कुलकर्णी"]


def test_nobody_applies_to_what_is_not_open(anyone, browser, job):
    browser("rita").post(f"/jobs/{job}/close")

    assert anyone().get(f"/careers/{job}/apply").status_code == 404
    assert anyone("beta").get(f"/careers/{job}/apply").status_code == 404
    assert anyone().post(f"/careers/{job}/apply", data=with_file()).status_code == 404
    assert anyone().get(f"/careers/{job}/applied").status_code == 404
