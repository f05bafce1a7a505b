import re

import pytest
from babel import Locale

from app.interviews import queries

ANSWER = "At two at night the pressure of bed nine fell. I gave oxygen, called the doctor, and it went up again."
ENGLISH = Locale("hi").languages["en"]


@pytest.fixture
def cara(anyone):
    return anyone()


def turns(in_tenant, alpha, interview_id):
    with in_tenant(alpha):
        return [(t.number, t.question, t.follow_up, t.state, t.answer) for t in queries.turns_of(interview_id)]


def go_on(client, drain, path):
    """Look at the page after the workers had their second."""
    drain()
    return client.get(path)


def test_page_before_the_start_says_what_happens(staged, cara):
    page = cara.get(staged().path)

    assert page.status_code == 200
    for words in (
        "Your interview for",
        "3 questions",
        "About 9 min",
        "A person reads",
        "Never scored",
        "2 years",
        "language",
    ):
        assert words in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_candidate_is_told_in_which_language_to_read_and_answer(staged, cara, in_tenant, alpha):
    there = staged(language="hi")

    english = cara.get(there.path, headers={"Accept-Language": "en"}).text
    assert "The questions are in English. You may answer in English or in Hindi." in english
    hindi = cara.get(there.path, headers={"Accept-Language": "hi"}).text
    assert f"सवाल {ENGLISH} में हैं।" in hindi
    assert f"{ENGLISH} में या हिन्दी में" in hindi
    cara.post(f"{there.path}/begin", data={"consent": "y"})
    assert re.search(r'<h1 id="q"[^>]* lang="en">', cara.get(there.path, headers={"Accept-Language": "hi"}).text)


def test_only_the_pages_being_in_another_language_is_said_too(staged, cara):
    there = staged()

    assert "The questions are in" not in cara.get(there.path, headers={"Accept-Language": "en"}).text
    assert f"कृपया {ENGLISH} में जवाब दें।" in cara.get(there.path, headers={"Accept-Language": "hi"}).text


def test_follow_up_is_asked_in_the_language_of_the_questions(staged, cara, drain, in_tenant, alpha):
    there = staged(language="hi")
    cara.post(f"{there.path}/begin", data={"consent": "y"})

    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "We fixed it."})
    drain()

    with in_tenant(alpha):
        follow_up = queries.turns_of(there.interview)[-1]
    assert follow_up.follow_up
    assert follow_up.text.isascii()


def test_interview_goes_from_consent_to_where_it_stands(staged, cara, drain, in_tenant, alpha):
    there = staged()
    assert cara.post(f"{there.path}/begin", data={}).status_code == 422
    assert cara.post(f"{there.path}/begin", data={"consent": "y"}).status_code == 303
    assert "Question 1 of 3" in cara.get(there.path).text

    number = 1
    while "Send answer" in (page := go_on(cara, drain, there.path)).text:
        number = int(re.search(r'name="turn" type="hidden" value="(\d+)"', page.text)[1])
        assert cara.post(f"{there.path}/answer", data={"turn": number, "answer": ANSWER}).status_code == 303

    assert "Check your answers" in page.text
    assert cara.post(f"{there.path}/send").status_code == 303
    done = cara.get(there.path).text
    assert "Your answers are here" in done
    assert "You will hear from us by" in done
    assert done.count("bed nine") == number
    said = turns(in_tenant, alpha, there.interview)
    assert [t[0] for t in said] == list(range(1, number + 1))
    assert {t[3] for t in said} == {"answered"}
