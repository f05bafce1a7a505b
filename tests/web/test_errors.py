import json
import re

import pytest
import structlog

from app.web.guests import Guest
from tests.web.furnished import furnished

SENTENCES = {
    "not-found": (404, "There is nothing here"),
    "not-allowed": (403, "You cannot open this"),
    "invalid": (422, "Enter a name."),
    "conflict": (409, "Rita moved Cara to Offer a minute ago."),
    "unavailable": (503, "Nothing was lost."),
    "refused": (503, "Trying again will not help."),
    "broken": (500, "Something broke on our side"),
}


@pytest.fixture
def client(flask_app):
    flask_app.config["PROPAGATE_EXCEPTIONS"] = False
    return flask_app.test_client()


@pytest.mark.parametrize("kind", SENTENCES)
def test_error_is_a_page_in_words(client, kind):
    status, sentence = SENTENCES[kind]

    answer = client.get(f"/raise/{kind}")

    assert answer.status_code == status
    assert answer.text.startswith("<!doctype html>")
    assert sentence in answer.text
    assert "a secret of the machine" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", SENTENCES)
def test_error_is_a_toast_for_htmx(client, kind):
    status, sentence = SENTENCES[kind]

    answer = client.get(f"/raise/{kind}", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Reswap"]) == (status, "none")
    assert sentence in json.loads(answer.headers["HX-Trigger"])["toast"]["items"][0]["text"]


@pytest.mark.parametrize("kind", SENTENCES)
def test_error_is_json_for_a_program(client, kind):
    answer = client.get(f"/raise/{kind}", headers={"Accept": "application/json"})

    assert answer.status_code == SENTENCES[kind][0]
    assert set(answer.json) == {"error", "message", "reference"}


def test_broken_page_names_its_reference_and_logs_it(client):
    with structlog.testing.capture_logs([structlog.contextvars.merge_contextvars]) as logs:
        answer = client.get("/raise/broken", headers={"X-Request-ID": "reference-1"})

    assert "Reference: reference-1" in answer.text
    assert [(line["event"], line["request_id"], line["rule"]) for line in logs] == [
        ("unhandled", "reference-1", "/raise/<kind>")
    ]


def test_unavailable_says_when_to_come_back(client):
    assert client.get("/raise/unavailable").headers["Retry-After"] == "90"


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (404, "There is nothing here"),
        (410, "no longer here"),
        (413, "too big"),
        (429, "too many tries"),
        (418, "Go back"),
    ],
)
def test_http_error_is_a_page_in_words(client, status, sentence):
    answer = client.get(f"/abort/{status}")

    assert answer.status_code == status
    assert sentence in answer.text


def test_wrong_method_says_which_is_right(client):
    answer = client.post("/plain", data={})

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_lost_token_says_that_nothing_typed_is_lost(client):
    answer = client.post("/said", data={"name": "Farida"})

    assert answer.status_code == 403
    assert "what you typed is still there" in answer.text


def test_token_in_the_header_of_htmx_is_enough(client):
    page = client.get("/-/patterns").text
    token = re.search(r'"X-CSRFToken": "([^"]+)"', page)[1]

    assert client.post("/said", headers={"X-CSRFToken": token, "HX-Request": "true"}).status_code == 200


def test_error_page_survives_what_it_shows_being_broken():
    def broken():
        raise RuntimeError("no branding")

    flask_app = furnished(branding_of=broken)
    flask_app.config["PROPAGATE_EXCEPTIONS"] = False

    with structlog.testing.capture_logs() as logs:
        answer = flask_app.test_client().get("/raise/not-found")

    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert [line["event"] for line in logs] == ["error_page_failed"]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/abort/410", 410, "This is no longer here"),
        ("/raise/conflict", 409, "Rita moved Cara to Offer a minute ago."),
        ("/abort/409", 409, "Go back to see how it stands now."),
        ("/raise/not-allowed", 403, "It may open again later."),
        ("/raise/refused", 503, "It was nothing that you did."),
        ("/raise/broken", 500, "It was nothing that you did."),
    ],
)
def test_error_leads_a_guest_back_and_names_the_reference(path, status, sentence):
    flask_app = furnished(guest_of=lambda: Guest("/back", "Back to the interview", keeps=True))
    flask_app.config["PROPAGATE_EXCEPTIONS"] = False

    answer = flask_app.test_client().get(path, headers={"X-Request-ID": "reference-2"})

    assert answer.status_code == status
    assert sentence in answer.text
    assert "reference-2" in answer.text
    assert "answer any letter from us" in answer.text
    assert 'href="/back"' in answer.text
    assert 'href="/"' not in answer.text


def test_unexpected_error_is_raised_in_tests(flask_app):
    with pytest.raises(RuntimeError, match="a secret"):
        flask_app.test_client().get("/raise/broken")
