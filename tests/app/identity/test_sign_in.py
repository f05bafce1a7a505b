"""Members come in by their company's door, and by no other."""

import re
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.identity.models import SignIn
from tenants.db import db


def test_sign_in_opens_the_session_in_the_database(browser, alpha, in_tenant):
    client = browser("rita")

    assert client.get("/account/sessions").status_code == 200
    with in_tenant(alpha):
        kept = db.session.scalars(sa.select(SignIn)).all()
    assert [len(row.token_hash) for row in kept] == [32]


def test_wrong_password_and_unknown_name_read_alike(anyone, cast):
    client = anyone()

    wrong = client.post("/sign-in", data={"email": "rita@alpha.example", "password": "no such thing"})
    unknown = client.post("/sign-in", data={"email": "nobody@alpha.example", "password": "no such thing"})

    assert (wrong.status_code, unknown.status_code) == (422, 422)
    token = re.compile(r'name="csrf_token" value="[^"]*"')
    assert token.sub("", wrong.text.replace("rita@", "nobody@")) == token.sub("", unknown.text)


def test_the_other_company_does_not_know_the_member(anyone, cast):
    answer = anyone("beta").post("/sign-in", data={"email": "rita@alpha.example", "password": "correct horse battery"})

    assert answer.status_code == 422


def test_the_sixth_try_is_slowed_and_the_right_password_works_after_the_wait(anyone, cast, clock_at):
    start = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    data = {"email": "rita@alpha.example", "password": "wrong"}
    right = data | {"password": "correct horse battery"}
    with clock_at(start):
        client = anyone()
        tries = [client.post("/sign-in", data=data).status_code for _ in range(6)]
        hurried = client.post("/sign-in", data=right)
    with clock_at(start + timedelta(seconds=61)):
        patient = client.post("/sign-in", data=right)

    assert tries == [422, 422, 422, 422, 422, 429]
    assert (hurried.status_code, patient.status_code) == (429, 303)


def test_failures_elsewhere_do_not_slow_the_member(anyone, cast):
    client = anyone()
    for _ in range(8):
        client.post(
            "/sign-in",
            data={"email": "rita@alpha.example", "password": "x"},
            environ_overrides={"REMOTE_ADDR": "10.9.9.9"},
        )

    answer = client.post("/sign-in", data={"email": "rita@alpha.example", "password": "correct horse battery"})

    assert answer.status_code == 303


def test_sign_out_everywhere_ends_the_other_browser_too(browser):
    here, there = browser("rita"), browser("rita")

    here.post("/account/sign-out-everywhere")

    assert there.get("/account/sessions").status_code == 303


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(anyone):
    answer = anyone().get("/account/sessions")

    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/account/sessions")
