"""Admins let people in and out; nobody else does."""

import re

import pytest

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
