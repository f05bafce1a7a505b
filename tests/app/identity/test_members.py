"""Admins let people in and out; nobody else does."""

import csv
import hashlib
import io
import json
import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.audit import commands as audit
from app.audit.queries import newest_entries
from app.identity import commands
from app.identity.access import member_for
from app.identity.commands import actor_of
from app.identity.models import Member, PasswordLink
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Invalid, NotFound
from tenants.db import db

HINDI = {"Accept-Language": "hi"}


def test_admin_adds_a_member_who_sets_a_password_and_comes_in(browser, anyone):
    ada = browser("ada")

    page = ada.post("/settings/people", data={"name": "Noor", "email": "noor@alpha.example", "role": "recruiter"})
    link = re.search(r'href="http://alpha\.localhost:8000(/password/[^"]+)"', page.text).group(1)
    noor = anyone()
    looked = noor.get(link)
    noor.post(link, data={"password": "a long sentence"})
    came_in = noor.post("/sign-in", data={"email": "noor@alpha.example", "password": "a long sentence"})

    assert (looked.status_code, came_in.status_code) == (200, 303)
    assert anyone().get(link).status_code == 404


def test_a_known_address_is_refused_at_its_field_and_what_was_typed_stays(browser):
    page = browser("ada").post(
        "/settings/people", data={"name": "Again", "email": "RITA@alpha.example", "role": "recruiter"}
    )

    assert page.status_code == 422
    assert 'value="Again"' in page.text
    assert "There is a member with this e-mail address already." in page.text


def test_a_known_address_is_refused_in_the_language_of_the_page(browser):
    form = {"name": "Again", "email": "rita@alpha.example", "role": "recruiter"}
    page = browser("ada").post("/settings/people", data=form, headers=HINDI)

    assert page.status_code == 422
    assert "इस ई-मेल पते वाला एक सदस्य पहले से है।" in page.text
    assert "There is a member" not in page.text


def test_whoever_is_switched_off_is_out_at_once(browser, cast):
    rita, ada = browser("rita"), browser("ada")

    ada.post(f"/settings/people/{cast.rita.id}/active")

    assert rita.get("/account/sessions").status_code == 303


def test_nobody_switches_themselves_off(browser, cast):
    answer = browser("ada").post(f"/settings/people/{cast.ada.id}/active")

    assert answer.status_code == 409
    assert "You cannot switch yourself off. Another admin can." in answer.text


@pytest.mark.parametrize("asked", [{}, {"HX-Request": "true"}, {"Accept": "application/json"}])
def test_a_conflict_is_said_in_the_language_of_the_page(browser, cast, asked):
    answer = browser("ada").post(f"/settings/people/{cast.ada.id}/active", headers=HINDI | asked)

    assert answer.status_code == 409
    said = answer.json["message"] if answer.is_json else answer.text
    assert "आप अपना खाता खुद बंद नहीं कर सकते। कोई दूसरा एडमिन कर सकता है।" in said
    assert "You cannot" not in said


@pytest.mark.parametrize("name", ["rita", "hugo", "ivy"])
@pytest.mark.parametrize("path", ["/settings", "/settings/people", "/settings/log"])
def test_settings_look_missing_to_everybody_else(browser, name, path):
    assert browser(name).get(path).status_code == 404


def test_the_other_company_cannot_touch_a_member(browser, cast, alpha):
    rex = browser("rex")

    assert rex.post(f"/settings/people/{cast.rita.id}/active").status_code == 404


def test_settings_are_saved_and_a_bad_colour_is_named(browser):
    ada = browser("ada")
    form = {
        "name": "Alpha AG",
        "accent": "#225588",
        "locale": "en",
        "zone": "Europe/Vienna",
        "jurisdiction": "EU",
        "contact_name": "",
        "contact_email": "",
        "reply_days": "7",
    }

    saved = ada.post("/settings", data=form)
    refused = ada.post("/settings", data=form | {"accent": "red"})

    assert (saved.status_code, refused.status_code) == (303, 422)
    assert "Alpha AG" in ada.get("/settings").text


def test_the_log_says_that_its_chain_holds(browser):
    assert "Nobody has changed this log" in browser("ada").get("/settings/log").text


def test_the_log_tells_in_words_who_did_what_and_leads_to_more_of_it(browser, cast):
    ada = browser("ada")
    for _twice in range(2):
        ada.post(f"/settings/people/{cast.rita.id}/active")
    whole = ada.get("/settings/log").text
    about = ada.get("/settings/log", query_string={"kind": "member", "id": str(cast.rita.id)}).text
    by_rita = ada.get("/settings/log", query_string={"by": str(cast.rita.id)}).text
    nobody = ada.get("/settings/log", query_string={"by": str(uuid.UUID(int=7))}).text

    assert "identity." not in whole
    assert "Locked a member out" in whole
    assert "Signed in" in whole
    assert "Let a member in again" in about
    assert "Signed in" not in about
    assert "All that happened to one thing." in about
    assert "Locked a member out" not in by_rita
    assert "All that one person did." in by_rita
    assert "Nothing stands here" in nobody
    assert "Nobody has changed this log" not in about + by_rita + nobody  # of a part nothing is proven
    assert ada.get("/settings/log", query_string={"by": "no id"}).status_code == 404


def test_the_log_as_a_file_is_in_words_and_proves_its_chain(browser, cast, alpha, in_tenant):
    """By its last two columns alone: each digest is of the one before and of what was kept."""
    ada = browser("ada")
    ada.post(f"/settings/people/{cast.rita.id}/active")
    with in_tenant(alpha):
        audit.note("noted.oddly", by=actor_of(cast.ada), target=("member", "1"), words=["x;=y", "\\;\t-z", "; ;+1"])
    nothing, of_all, of_rita = (
        ada.post("/settings/log/sheet", data=chosen)
        for chosen in (
            {"kind": "member", "id": "a" * 9_000},
            {},
            {"kind": "member", "id": str(cast.rita.id), "before": "", "by": ""},
        )
    )
    head, *rows = csv.reader(io.StringIO(of_all.data.decode("utf-8-sig")))
    _, *ritas = csv.reader(io.StringIO(of_rita.data.decode("utf-8-sig")))
    digest = bytes(32)
    for row in reversed(rows):
        kept = json.dumps(json.loads(row[5]), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(digest + kept.encode()).digest()
        assert row[6] == digest.hex()

    assert len(nothing.data.decode().splitlines()) == 1
    assert head == ["Number", "When", "Who", "What", "On what", "As it is kept", "Digest"]
    assert [row[0] for row in rows] == [str(number) for number in range(len(rows), 0, -1)]
    assert ("Ada", "Locked a member out", "Member") in [(row[2].split()[0], *row[3:5]) for row in rows]
    assert {row[4] for row in ritas} == {"Member"}
    assert "Downloaded the log" in ada.get("/settings/log").text
    assert browser("hugo").post("/settings/log/sheet").status_code == 404


def test_the_other_companys_log_tells_nothing_of_ours(browser, cast, alpha, beta, in_tenant):
    browser("ada").post(f"/settings/people/{cast.rita.id}/active")
    found = {}
    for tenant in (alpha, beta):
        with in_tenant(tenant):
            found[tenant.slug] = [
                row.action for row in newest_entries(on=("member", str(cast.rita.id)), by=cast.ada.id)
            ]

    assert found == {"alpha": ["identity.sign_out_everywhere", "identity.set_active"], "beta": []}


def test_a_member_that_never_was_is_missing(browser, alpha, in_tenant, cast):
    assert browser("ada").post(f"/settings/people/{uuid.UUID(int=7)}/active").status_code == 404
    with pytest.raises(NotFound), in_tenant(alpha):
        member_for(cast.ada, uuid.UUID(int=7))


def test_whoever_is_switched_on_again_comes_in_again(browser, alpha, in_tenant, cast):
    ada = browser("ada")
    for active in (False, True):
        ada.post(f"/settings/people/{cast.rita.id}/active")
        with in_tenant(alpha):
            assert db.session.get_one(Member, cast.rita.id).active is active

    assert browser("rita").get("/account/sessions").status_code == 200


@pytest.mark.parametrize(
    ("spoiled", "password", "refused"),
    [("unknown", "a long sentence", NotFound), ("used", "a long sentence", NotFound),
     ("old", "a long sentence", NotFound), ("", "too short", Invalid)],
)  # fmt: skip
def test_no_password_is_set_by_a_link_that_does_not_hold(
    browser, alpha, in_tenant, cast, clock_at, *, spoiled, password, refused
):
    """The command refuses by itself, also when the page was opened while the link still held."""
    with in_tenant(alpha):
        token = commands.write_password_link(db.session.get_one(Member, cast.rita.id), by=SYSTEM)
    with in_tenant(alpha):
        link = db.session.scalars(sa.select(PasswordLink)).one()
        link.used_at = clock.now() if spoiled == "used" else None
    later = clock.now() + (commands.PASSWORD_LINK_FOR + timedelta(seconds=1) if spoiled == "old" else timedelta(0))
    with clock_at(later), pytest.raises(refused), in_tenant(alpha):
        commands.set_password("of nobody" if spoiled == "unknown" else token, password)

    assert browser("rita").get("/account/sessions").status_code == 200
    with in_tenant(alpha):
        assert (db.session.scalars(sa.select(PasswordLink)).one().used_at is None) == (spoiled != "used")


def test_settings_saved_as_they_are_write_nothing_into_the_log(browser, alpha, in_tenant):
    form = {"name": "Alpha", "accent": "#225588", "locale": "en", "zone": "Europe/Vienna", "jurisdiction": "EU",
            "contact_name": "", "contact_email": "", "reply_days": "7"}  # fmt: skip
    ada = browser("ada")
    ada.post("/settings", data=form)
    with in_tenant(alpha):
        before = len(newest_entries())
    ada.post("/settings", data=form)

    with in_tenant(alpha):
        assert len(newest_entries()) == before
