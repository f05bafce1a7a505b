"""S-39, S-40, S-41, S-45: every address of the URL map, as a browser of ours, as another site's, and as a stranger."""

import re
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from app import create_app
from app.kernel import clock
from app.scorecards.enums import ScorecardState
from app.scorecards.models import Scorecard
from tenants.db import db
from tests.conftest import PASSWORD, HostClient
from tests.edges.conftest import fingerprint, visits

pytestmark = pytest.mark.xdist_group("edges")
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# By their link alone; a cookie gives no right there, so no other site can use one.
BY_LINK = {"interview", "status"}
# Taking these is told in the log of the company: who took which file.
TOLD = {"resumes.original", "outputs.download", "scorecards.pdf"}
# A worker finds out what these show; that it was asked to is all that stays.
LOOKED_UP = {"kits_alike.show"}
STRANGERS = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://alpha.localhost"},
    {"Origin": "http://beta.localhost"},
    {"Origin": "https://alpha.localhost.evil.example"},
    {"Origin": "http://["},
)
OURS = (
    {},
    {"Origin": "null"},
    {"Origin": "http://alpha.localhost"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Sec-Fetch-Site": "none"},
)


@pytest.fixture
def guarded(flask_app):
    flask_app.config["WTF_CSRF_ENABLED"] = True
    yield flask_app
    flask_app.config["WTF_CSRF_ENABLED"] = False


def test_s39_no_unsafe_route_takes_a_form_without_a_token(guarded, edges, browser, anyone):
    guest = anyone()
    guarded.config["WTF_CSRF_ENABLED"] = False
    member = browser("ada")
    guarded.config["WTF_CSRF_ENABLED"] = True
    before, asked = fingerprint(guarded), 0
    for visit in visits(guarded, edges, methods=UNSAFE):
        if visit.endpoint.partition(".")[0] in BY_LINK:
            continue
        for client in (member, guest):
            for token in ({}, {"csrf_token": "old"}):
                answer = client.open(visit.path, method=visit.method, data=token)
                assert answer.status_code == 403, (visit, token)
        asked += 1

    assert asked >= 55
    assert fingerprint(guarded) == before


def test_s39_no_unsafe_route_takes_a_form_from_another_site(flask_app, edges, browser, otto):
    """Tokens are not asked for here, links are there: it is the sender that is refused."""
    member = browser("ada")
    before = fingerprint(flask_app)
    wrong = [
        (visit, said)
        for number, visit in enumerate(visits(flask_app, edges, methods=UNSAFE, operators=True))
        for said in (STRANGERS[0], STRANGERS[number % len(STRANGERS)])
        if (otto if visit.operators else member).open(visit.path, method=visit.method, headers=said).status_code != 403
    ]

    assert wrong == []
    assert fingerprint(flask_app) == before


def test_s39_our_own_pages_forms_are_taken(edges, anyone):
    path = f"/i/{edges.interviews['started']}/pause"

    assert [anyone().post(path, headers=said).status_code for said in OURS] == [303] * len(OURS)


def test_s40_looking_at_every_page_changes_nothing(flask_app, edges, visitor):
    """And whoever only looks ahead (HEAD) changes nothing either."""
    answers, before = {}, fingerprint(flask_app)
    for visit in visits(flask_app, edges, operators=True):
        if visit.endpoint not in TOLD | LOOKED_UP:
            client = visitor(visit)
            client.head(visit.path)
            answers[visit.path] = client.get(visit.path).status_code

    assert fingerprint(flask_app) == before
    assert [path for path, status in answers.items() if status >= 500] == []
    assert sum(status == 200 for status in answers.values()) >= 45
    assert {answers[path] for path in answers if path.startswith("/operations")} == {200}


@pytest.mark.parametrize(("endpoints", "changes"), [(TOLD, "audit_entry"), (LOOKED_UP, "outbox")])
def test_s40_what_somebody_took_or_has_looked_up_is_told_there_alone(
    flask_app, edges, browser, endpoints, changes, alpha, in_tenant
):
    with in_tenant(alpha):  # until somebody's own rating is in, nobody takes a report
        db.session.execute(sa.update(Scorecard).values(state=ScorecardState.SUBMITTED, submitted_at=clock.now()))
    member, seen = browser("ada"), set()
    for visit in visits(flask_app, edges):
        if visit.endpoint in endpoints:
            before = fingerprint(flask_app)
            assert member.get(visit.path).status_code == 200
            after = fingerprint(flask_app)
            assert [name for name in after if after[name] != before[name]] == [("t_alpha", changes)]
            seen.add(visit.endpoint)

    assert seen == endpoints


def test_s41_no_page_may_run_what_stands_in_it(flask_app, edges, visitor):
    """No unsafe word in any policy; and no nonce comes twice."""
    nonces, policies = [], []
    for visit in visits(flask_app, edges, operators=True):
        answer = visitor(visit).get(visit.path)
        shown = answer.data.decode("utf-8", "replace")
        policies.append(answer.headers["Content-Security-Policy"])
        nonces += re.findall(r"'nonce-([^']+)'", policies[-1])
        inline = re.findall(r"<style nonce=\"([^\"]+)\"|<style(?! nonce)|<script(?![^>]*(?: src=|ld\+json))", shown)
        assert set(inline) <= {nonces[-1] if nonces else ""}, visit

    assert [policy for policy in policies if "unsafe" in policy or "*" in policy or "http:" in policy] == []
    assert len(set(nonces)) == len(nonces) >= 15


class Secure(HostClient):
    def open(self, *args, **kwargs):
        return super().open(*args, **{"base_url": f"https://{self.host}"} | kwargs)


@pytest.fixture
def secured(flask_app, settings, edges, house):
    """secured(host, email): a client of the same companies served by HTTPS, signed in; of nobody without an address."""
    secure = create_app(settings.model_copy(update={"scheme": "https"}))
    secure.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    secure.test_client_class = Secure

    def client(host="alpha", email=None):
        made = secure.test_client()
        made.host = f"{host}.localhost"
        if email:
            assert made.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code == 303
        return made

    yield client
    with secure.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_s45_every_answer_says_what_a_browser_may_do(secured, flask_app, edges):
    """Pages, files, errors, refusals, of every route and method, where the site is served by HTTPS."""
    guest, member, operator, answers = (
        secured(), secured("alpha", "ada@alpha.example"), secured("operators", "otto@platform.example"), []
    )  # fmt: skip
    for visit in visits(flask_app, edges, methods=("GET",), operators=True):
        client = operator if visit.operators else guest if visit.guest else member
        answers.append((visit, client.get(visit.path)))
        answers.append((visit, guest.get(visit.path)))
        answers.append((visit, guest.open(visit.path, method="DELETE")))
    answers += [(path, guest.get(path)) for path in ("/nowhere", "/static/0123456789/none.js", "/i/none", "/health")]

    for visit, answer in answers:
        headers, policy = answer.headers, answer.headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff", visit
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains", visit
        assert "sandbox" in policy or "frame-ancestors 'none'" in policy, visit
        assert headers["Cache-Control"] == "no-store" or is_theme(visit), visit
        assert "Server" not in headers, visit
        for cookie in headers.getlist("Set-Cookie"):
            assert "HttpOnly" in cookie, visit
            assert "SameSite=Lax" in cookie, visit
            assert "Secure" in cookie, visit
    assert len(answers) >= 150


def is_theme(visit):
    return getattr(visit, "endpoint", "") in {"web.theme", "web.asset"}


def test_s45_files_that_last_are_the_same_for_everybody(flask_app, edges, anyone):
    """What may be kept by a browser holds nothing of a person: the same bytes at both companies, without a cookie."""
    page = anyone().get("/sign-in").text
    for address in {urlsplit(found).path for found in re.findall(r'(?:src|href)="(/static/[^"#]+)', page)}:
        here, there = anyone("alpha").get(address), anyone("beta").get(address)
        assert here.data == there.data
        assert here.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in here.headers
