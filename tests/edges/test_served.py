"""S-11: no address of a file opens it by itself. Each goes through the same door as a page, at each request."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.cli.tenants import OPERATOR
from app.identity.commands import actor_of, set_active, sign_out_everywhere
from app.identity.models import Member
from app.kernel import clock
from app.scorecards.enums import ScorecardState
from app.scorecards.models import Scorecard
from app.web import tickets
from tenants.db import db
from tests.edges.conftest import visits

pytestmark = pytest.mark.xdist_group("edges")
ROOT = Path(__file__).resolve().parents[2]
PAGES = {"text/html", "text/plain", "application/json"}
# What a form of these asks for: who is on the list.
ASKED = {"everyone": "y", "columns": "name"}


@dataclass(frozen=True)
class File:
    endpoint: str
    method: str
    path: str
    data: bytes

    def by(self, client, **more):
        return client.open(self.path, method=self.method, data={} if self.method == "GET" else ASKED, **more)


@pytest.fixture
def files(flask_app, edges, browser, alpha, in_tenant):
    """Whatever of the URL map answers with something else than a page or words: found, not listed."""
    with in_tenant(alpha):  # until somebody's own rating is in, nobody takes a report
        db.session.execute(sa.update(Scorecard).values(state=ScorecardState.SUBMITTED, submitted_at=clock.now()))
    ada, found = browser("ada"), []
    for visit in visits(flask_app, edges, methods=("GET", "POST")):
        if visit.method == "POST" and not visit.endpoint.endswith("download"):
            continue
        answer = ada.open(visit.path, method=visit.method, data={} if visit.method == "GET" else ASKED)
        kept = "Content-Disposition" in answer.headers or answer.mimetype not in PAGES
        if kept and answer.status_code == 200 and visit.endpoint not in {"web.theme", "web.metrics"}:
            found.append(File(visit.endpoint, visit.method, visit.path, answer.data))
    return found


def test_s11_every_file_that_is_served_is_found(files):
    """The list is made by asking; those that are known today are on it, so that it is not empty by mistake."""
    assert {file.endpoint for file in files} >= {
        "applications.download", "candidates.download", "outputs.download", "resumes.original", "resumes.picture", "scorecards.pdf",
    }  # fmt: skip


def test_s11_no_address_opens_a_file_by_itself(files, edges, browser, anyone):
    """Without a session, with another company's, as somebody without the right: nothing of it, and no cache keeps it."""
    nobody, rex, hugo, ivy = anyone(), browser("rex"), browser("hugo"), browser("ivy")
    stranger, elsewhere = anyone(), anyone("beta")
    cookie = browser("ada").get_cookie("assay", domain="alpha.localhost").value
    stranger.set_cookie("assay", rex.get_cookie("assay", domain="beta.localhost").value, domain="alpha.localhost")
    elsewhere.set_cookie("assay", cookie, domain="beta.localhost")
    for file in files:
        assert sent_away(file.by(nobody)), file
        assert sent_away(file.by(stranger)), file
        assert sent_away(file.by(elsewhere)), file
        # Ivy rated that interview, so its report is hers as well
        for client in (rex, hugo, *([] if file.endpoint == "scorecards.pdf" else [ivy])):
            answer = file.by(client)
            empty = answer.status_code == 200 and answer.mimetype == "text/csv" and len(answer.text.splitlines()) == 1
            assert answer.status_code == 404 or empty, (file, client)
            assert answer.headers["Cache-Control"] == "no-store"
        answer = file.by(browser("ada"))
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store"), file
        assert "ETag" not in answer.headers, file


def sent_away(answer):
    kept = answer.headers["Cache-Control"]
    return (answer.status_code, (answer.location or "").partition("?")[0], kept) == (303, "/sign-in", "no-store")


def ended(name, client, member, in_tenant, alpha):
    """That session is over, by one of the ways in which one ends; gives the moment at which it is asked."""
    if name == "signed out":
        assert client.post("/account/sign-out").status_code == 303
    elif name == "signed out everywhere":
        with in_tenant(alpha):
            found = db.session.get_one(Member, member.id)
            sign_out_everywhere(found, by=actor_of(found))
    elif name == "switched off":
        with in_tenant(alpha):
            set_active(db.session.get_one(Member, member.id), active=False, by=OPERATOR)
    return clock.now() + (timedelta(days=15) if name == "too old" else timedelta())


def test_s11_with_the_session_the_files_are_shut(files, browser, anyone, cast, in_tenant, alpha, clock_at):
    """Whoever kept the cookie gets nothing with it, however the session ended."""
    for name in ("signed out", "signed out everywhere", "too old", "switched off"):
        ada, again = browser("ada"), anyone()
        again.set_cookie("assay", ada.get_cookie("assay", domain="alpha.localhost").value, domain="alpha.localhost")
        assert [file.by(again).status_code for file in files] == [200] * len(files)
        with clock_at(ended(name, ada, cast.ada, in_tenant, alpha)):
            assert all(sent_away(file.by(again)) for file in files), name


def test_s11_no_page_leads_to_a_signed_address(flask_app, edges, files, browser):
    """Links to files are their bare addresses; nothing in the product signs one. Streams' tickets are of S-46: a minute."""
    ada, bare = browser("ada"), {file.path for file in files}
    led = set()
    for visit in visits(flask_app, edges):
        if not visit.guest and (answer := ada.get(visit.path)).mimetype == "text/html":
            led |= {
                link
                for link in re.findall(r'(?:href|src|action)="([^"]+)"', answer.text)
                if link.partition("?")[0] in bare
            }
    code = [file for folder in ("app", "jobs", "tenants") for file in (ROOT / folder).rglob("*.py")]

    assert len({link.partition("?")[0] for link in led}) >= 5
    assert [link for link in led if "?" in link and not re.fullmatch(r"[^?]+\?kind=[\w-]+", link)] == []
    assert [file.name for file in code if "presigned" in file.read_text()] == []
    assert tickets.GOOD_SECONDS <= 300
