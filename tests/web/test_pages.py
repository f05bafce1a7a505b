import json
import re

import pytest

from app.web.pages import inside
from tests.web.furnished import furnished

HTMX = {"HX-Request": "true", "HX-Target": "pattern_fragment"}


def _token(client):
    return re.search('name="csrf_token" value="([^"]+)"', client.get("/-/patterns").text)[1]


def test_page_is_whole_for_a_browser(client):
    answer = client.get("/-/patterns")

    assert answer.text.startswith("<!doctype html>")
    assert "HX-Request" in answer.headers["Vary"]


def test_page_is_the_block_that_htmx_asks_for(client):
    answer = client.get("/-/patterns", headers=HTMX)

    assert answer.text.startswith('<p id="pattern_fragment"')
    assert answer.text.strip().endswith("</p>")
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Request": "true"},
        {"HX-Request": "true", "HX-Target": "main"},
        HTMX | {"HX-History-Restore-Request": "true"},
        {"HX-Target": "pattern_fragment"},
    ],
)
def test_page_is_whole_for_anything_else(client, headers):
    assert client.get("/-/patterns", headers=headers).text.startswith("<!doctype html>")


def test_toast_and_focus_travel_with_the_fragment(client):
    answer = client.get("/said", headers=HTMX)

    toast = {"toast": {"items": [{"text": "Saved <b>it</b>", "undo": "/undo"}]}}
    assert json.loads(answer.headers["HX-Trigger"]) == toast
    assert json.loads(answer.headers["HX-Trigger-After-Settle"]) == {"focus-to": "#name"}


def test_toast_stands_in_the_whole_page_as_text(client):
    answer = client.get("/said")

    assert '<div class="toast">Saved &lt;b&gt;it&lt;/b&gt;<form method="post" action="/undo">' in answer.text


def test_toast_waits_for_the_next_page_and_is_said_once(client):
    assert client.get("/go-on").status_code == 303

    assert "The job is closed." in client.get("/-/patterns").text
    assert "The job is closed." not in client.get("/-/patterns").text


def test_what_nobody_looked_at_does_not_fill_the_cookie(client):
    """A browser drops a cookie of more than four kilobytes, and with it who is signed in."""
    sizes = [len(client.get("/go-on").headers["Set-Cookie"]) for _ in range(50)]

    assert sizes[3] == sizes[-1] < 1000
    assert client.get("/-/patterns").text.count("The job is closed.") == 3


def test_see_other_tells_htmx_to_load_the_page(client):
    answer = client.get("/go-on", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"], answer.text) == (204, "/-/patterns", "")
    assert "HX-Trigger" not in answer.headers
    assert "The job is closed." in client.get("/-/patterns").text


@pytest.mark.parametrize("url", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "", None])
def test_inside_never_leads_away(url):
    assert inside(url, "/home") == "/home"


def test_inside_keeps_a_path_of_ours():
    assert inside("/jobs?page=2") == "/jobs?page=2"


def test_language_is_chosen_by_a_form_and_kept(client):
    form = {"csrf_token": _token(client), "language": "hi", "next": "/-/patterns"}

    answer = client.post("/-/language", data=form)

    assert (answer.status_code, answer.location) == (303, "/-/patterns")
    assert '<html lang="hi"' in client.get("/-/patterns").text


def test_language_follows_the_browser_until_it_is_chosen(client):
    assert '<html lang="mr"' in client.get("/-/patterns", headers={"Accept-Language": "mr-IN, en;q=0.5"}).text
    assert '<html lang="en"' in client.get("/-/patterns", headers={"Accept-Language": "fr"}).text


def test_scheme_is_chosen_and_given_back_to_the_system(client):
    token = _token(client)
    client.post("/-/scheme", data={"csrf_token": token, "scheme": "dark", "next": "//evil.example"})
    assert 'data-theme="dark"' in client.get("/-/patterns").text

    answer = client.post("/-/scheme", data={"csrf_token": token, "scheme": ""})

    assert answer.location == "/"
    assert "data-theme" not in client.get("/-/patterns").text.split("<head>")[0]


def test_navigation_shows_what_slices_registered(client):
    text = client.get("/-/patterns").text

    assert re.findall(r'<nav class="ways".*?</nav>', text, re.DOTALL)[0].count("<a ") == 3
    assert "waiting for you" in text


def test_form_that_came_back_keeps_what_was_typed_and_ties_the_error(client):
    text = client.get("/-/patterns").text

    assert 'value="farida@"' in text
    field = re.search('<input[^>]*id="email"[^>]*>', text)[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="email-hint email-error"' in field
    assert 'id="email-error"' in text
    assert '<a href="#mode-0">Choose one.</a>' in text


def test_installing_twice_gives_two_independent_objects():
    one, other = furnished(), furnished(https=True)

    assert one.test_client().get("/plain").status_code == other.test_client().get("/plain").status_code == 200
