"""What hurried people, programs and attackers send: a page in words, never a broken one."""

import pytest
import sqlalchemy as sa
import structlog
from flask import request_finished

from app.kernel.ids import new_id
from app.postings.models import Posting
from tenants.db import db


def test_sign_out_in_the_menu_signs_out(browser):
    rita = browser("rita")

    assert 'action="/account/sign-out"' in rita.get("/jobs").text
    rita.post("/account/sign-out")

    assert rita.get("/jobs").status_code == 303


@pytest.mark.parametrize(("path", "data"), [("/jobs/new", {"text": "Nurse\0\nnight shifts", "title": "N\0urse"})])
def test_a_nul_in_a_form_is_left_out(browser, path, data):
    assert browser("rita").post(path, data=data).status_code == 303


def test_a_name_cannot_turn_the_direction_of_what_follows(browser, alpha, in_tenant):
    browser("rita").post("/jobs/new", data={"text": "Night nurse", "title": "\u202eesruN\u2066 \u200dरात"})

    with in_tenant(alpha):
        assert db.session.scalar(sa.select(Posting.title)) == "esruN \u200dरात"


def test_a_nul_in_a_search_finds_like_without(browser):
    assert browser("rita").get("/candidates?q=a%00b").status_code == 200


def test_a_number_too_large_names_nothing(browser):
    assert browser("rita").get(f"/resumes/{new_id()}/pages/99999999999999999999.png").status_code == 404


def test_a_next_address_with_line_ends_leads_home(anyone, cast):
    data = {"email": "rita@alpha.example", "password": "correct horse battery", "next": "/jobs\r\nSet-Cookie: x=1"}

    answer = anyone().post("/sign-in", data=data)

    assert (answer.status_code, answer.location) == (303, "/")


def test_lines_of_the_log_name_the_company_and_the_request(flask_app, browser, anyone):
    seen = []

    def note(*_args, **_more):
        seen.append(structlog.contextvars.get_contextvars())

    with request_finished.connected_to(note, flask_app):
        browser("rita").get("/jobs", headers={"X-Request-ID": "a-known-request"})
        browser("rex").get("/jobs")

    named = [(found.get("tenant"), found.get("request_id")) for found in seen]
    assert ("alpha", "a-known-request") in named
    assert {tenant for tenant, _request in named} == {"alpha", "beta"}
