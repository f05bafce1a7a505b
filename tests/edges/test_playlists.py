"""S-58: a list of media that names addresses and files is refused or is words, and nobody goes where it points."""

import io
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.candidates.models import Resume, ResumePage
from app.postings import commands
from tenants.db import db
from tests.app.interviews import stage
from tests.edges.conftest import SECRET, heard, untouched
from tests.edges.playlists import DISGUISES, addresses, embedded, lists
from tests.sizes import FULL

APP = Path(__file__).resolve().parents[2] / "app"
# What may be read as text is; the rest begins as markup or has signs that no text has.
WORDS = {".m3u8", ".m3u", ".ffconcat", ".pls", ".sdp"}


@pytest.fixture
def job(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = stage.opening(cast.rita)
        commands.publish(posting, by=stage.actor_of(cast.rita))
        return posting.id


def files(home, canary):
    """(file name, bytes, what is expected of it): "refused" at the door, else a state and a problem once it was read."""
    named = addresses(home.host, canary)
    for place, (ending, _) in enumerate(lists("")):
        for address in named if FULL else named[place * 2 : place * 2 + 1]:
            data = dict(lists(address))[ending]
            yield f"cv{ending}", data, "refused"
            for other in DISGUISES if FULL else (".txt" if ending in WORDS else DISGUISES[place % 3],):
                read = other == ".txt" and ending in WORDS
                yield f"cv{ending}{other}", data, ("read", None) if read else ("unreadable", "not-what-it-says")
    for address in named if FULL else named[:1]:
        for name, data in embedded(address):
            yield name, data, ("read", None)


def test_s58_every_door_for_files_is_known():
    """A third one belongs into the test below."""
    doors = {
        str(file.relative_to(APP))
        for file in APP.rglob("*.py")
        if re.search(r"request\.files|FileField\(", file.read_text())
    }

    assert doors == {"candidates/forms.py", "candidates/routes/uploads.py", "web/patterns.py"}


def test_s58_nobody_goes_where_a_playlist_points(home, canary, job, alpha, in_tenant, browser, anyone, drain, settings):
    """In by both doors and as words typed, read, looked at, taken out again: 0 calls, 0 files read."""
    rita, cases = browser("rita"), list(files(home, canary))
    redis = settings.redis_url.get_secret_value()
    with heard() as (connections, names):
        for name, data, expected in cases[:: 1 if FULL else 7]:
            answer = send(anyone(), job, resume=(io.BytesIO(data), name))
            assert answer.status_code == (422 if expected == "refused" else 303), name
            assert ("This one is something else." in answer.text) == (expected == "refused"), name
        for _, data in list(lists(f"http://{home.host}/typed"))[:: 1 if FULL else 3]:
            assert send(anyone(), job, experience=data.decode("utf-8", "replace").replace("\0", "")).status_code == 303
        for start in range(0, len(cases), 40):
            part = list(enumerate(cases))[start : start + 40]
            sent = [(io.BytesIO(data), f"{number}-{name}") for number, (name, data, _) in part]
            answer = rita.post(f"/jobs/{job}/resumes", data={"resumes": sent})
            refused = set(
                re.findall(r"(\d+)-cv\.\w+: Send a PDF, DOCX or TXT file\. This one is something else\.", answer.text)
            )
            assert refused == {str(number) for number, one in part if one[2] == "refused"}
        drain()
        kept = everything_read(alpha, in_tenant)
        wrong = {}
        for resume, numbers in kept:
            number, _, name = resume.file_name.partition("-")
            pages = [rita.get(address) for address in addresses_of(resume, numbers)]
            assert {page.status_code for page in pages} == {200}, resume.file_name
            assert not any(SECRET.encode() in page.data for page in pages), resume.file_name
            if number.isdigit():
                if (resume.state, resume.problem) != cases[int(number)][2]:
                    wrong[resume.file_name] = resume.state, resume.problem
                assert rita.get(f"/resumes/{resume.id}/original").data == cases[int(number)][1]
            if resume.problem:
                assert "file is not what its name says" in pages[1].text

    assert wrong == {}
    assert len(kept) >= sum(expected != "refused" for _, _, expected in cases)
    assert {f"{host}:{port}" for host, port, *_ in connections} <= {redis.removeprefix("redis://").partition("/")[0]}
    assert {str(name) for name in names} <= {"localhost", "127.0.0.1"}
    assert home.calls == 0
    assert untouched(canary)


def send(client, job, **said):
    person = {"name": "Cara Diaz", "email": f"{abs(hash(str(said)))}@people.example", "language": "en", "consent": "y"}
    return client.post(f"/careers/{job}/apply", data=person | said)


def everything_read(alpha, in_tenant):
    """Each resume, and the numbers of its pages that have a picture."""
    with in_tenant(alpha):
        pictured = db.session.execute(
            sa.select(ResumePage.resume_id, ResumePage.number).where(ResumePage.image_key.is_not(None))
        )
        numbers: dict = {}
        for resume_id, number in pictured:
            numbers.setdefault(resume_id, []).append(number)
        return [(resume, numbers.get(resume.id, [])) for resume in db.session.scalars(sa.select(Resume))]


def addresses_of(resume, numbers):
    yield f"/candidates/{resume.candidate_id}"
    yield f"/resumes/{resume.id}"
    yield from (f"/resumes/{resume.id}/pages/{number}.png" for number in numbers)
