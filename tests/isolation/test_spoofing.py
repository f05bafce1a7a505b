"""S-10: the company is the one whose address was asked, whatever else a request says."""

import socket

import pytest
import sqlalchemy as sa

from app.candidates.models import SavedSearch
from tenants.db import db

pytestmark = pytest.mark.xdist_group("isolation")
NAMES = (
    "X-Tenant-ID", "X-Tenant", "X-Company", "X-Forwarded-Host", "X-Host", "X-Original-Host", "X-HTTP-Host-Override",
    "X-Forwarded-Server", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-For", "X-Real-IP", "CF-Connecting-Host",
)  # fmt: skip
VALUES = ("beta", "beta.localhost", "t_beta", "http://beta.localhost/", "beta.localhost, alpha.localhost")


@pytest.mark.parametrize("name", NAMES)
def test_s10_headers_that_name_another_company_change_nothing(anyone, name):
    client = anyone("alpha")
    answers = [client.get("/sign-in", headers={name: value}) for value in VALUES]

    assert [(answer.status_code, "Alpha" in answer.text, "Beta" in answer.text) for answer in answers] == [
        (200, True, False)
    ] * len(VALUES)


def test_s10_headers_change_no_members_page_write_or_stream(browser, alpha, beta, in_tenant):
    """Signed in at alpha, with every header at once: her list, what she keeps, and what her stream may hear."""
    rita = browser("rita")
    counted = {"alpha": 0, "beta": 0}
    for number, value in enumerate(VALUES):
        headers = dict.fromkeys(NAMES, value)
        page = rita.get("/candidates", headers=headers)
        kept = rita.post("/candidates/searches/new?q=welder", data={"name": f"Spoof {number}"}, headers=headers)
        heard = rita.get("/events/allowed", query_string={"topic": "postings"}, headers=headers)
        assert (page.status_code, "Alpha" in page.text, "Beta" in page.text) == (200, True, False), value
        assert (kept.status_code, heard.json["tenant"]) == (303, "alpha"), value
    for tenant in (alpha, beta):
        with in_tenant(tenant):
            counted[tenant.slug] = db.session.scalar(sa.select(sa.func.count()).select_from(SavedSearch))
    assert counted == {"alpha": len(VALUES), "beta": 0}


def test_s10_forwarded_and_the_address_itself_change_nothing(anyone):
    client = anyone("alpha")
    for value in ("host=beta.localhost", "for=1.2.3.4;host=beta.localhost;proto=https"):
        assert "Alpha" in client.get("/sign-in", headers={"Forwarded": value}).text
    for query in ("tenant=beta", "host=beta.localhost", "schema=t_beta", "company=beta", "x-tenant-id=beta"):
        found = client.get(f"/sign-in?{query}")
        assert ("Alpha" in found.text, "Beta" in found.text) == (True, False), query


@pytest.mark.parametrize(
    "host",
    [
        "alpha.localhost.evil.example", "alpha.localhost@beta.localhost", "beta.localhost#alpha.localhost", "alpha",
        "beta.localhost, alpha.localhost", "alpha.localhost beta.localhost", ".alpha.localhost", "alpha.localhost.",
        "t_alpha", "*.localhost", "alpha.localhost/beta.localhost", "127.0.0.1", "[::1]", "alpha.localhost:80:beta",
        "%61lpha.localhost", "аlpha.localhost".encode().decode("latin-1"), "'; select 1 --", "",
    ],
)  # fmt: skip
def test_s10_a_host_that_is_nobodys_is_nobodys(flask_app, cast, host):
    answer = flask_app.test_client().get("/sign-in", environ_overrides={"HTTP_HOST": host, "SERVER_NAME": "nobody"})

    assert answer.status_code in {400, 404}
    assert not any(name in answer.text for name in ("Alpha", "Beta"))


@pytest.mark.parametrize(("host", "found"), [("ALPHA.LOCALHOST", "Alpha"), ("beta.localhost:8000", "Beta")])
def test_s10_spellings_of_one_address_are_one_company(flask_app, cast, host, found):
    assert found in flask_app.test_client().get("/sign-in", environ_overrides={"HTTP_HOST": host}).text


def said(port, *lines):
    """What the web process answers to these very bytes."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts).decode("latin-1")


@pytest.mark.parametrize(
    "lines",
    [
        ("GET /sign-in HTTP/1.1", "Host: alpha.localhost", "Host: beta.localhost"),
        ("GET /sign-in HTTP/1.1", "Host: alpha.localhost", " beta.localhost"),
        ("GET http://beta.localhost/sign-in HTTP/1.1", "Host: alpha.localhost"),
        ("GET //beta.localhost/sign-in HTTP/1.1", "Host: alpha.localhost"),
        ("GET /sign-in HTTP/1.1", "Host : beta.localhost", "Host: alpha.localhost"),
        ("GET /sign-in HTTP/1.0",),
    ],
)
def test_s10_on_the_wire_a_second_host_is_never_anothers_page(served, lines):
    answer = said(served.port, *lines)

    assert "Beta" not in answer
    assert "Alpha" in answer or answer.split()[1] in {"400", "404"}


def test_s10_links_in_letters_have_the_companys_own_address(alpha, cast, in_tenant, flask_app):
    from tenants.site import site_url

    with in_tenant(alpha), flask_app.test_request_context(headers={"Host": "evil.example", "X-Forwarded-Host": "evil"}):
        assert site_url() == "http://alpha.localhost:8000"
