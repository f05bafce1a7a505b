import pytest

from app.applications.commands import reject, write_link
from app.applications.queries import application
from app.identity.commands import actor_of


@pytest.fixture
def status(staged, in_tenant, alpha):
    there = staged()
    with in_tenant(alpha):
        token = write_link(application(there.application))
    return there, f"/status/{token}"


def test_status_says_where_it_stands_and_until_when(status, anyone):
    page = anyone().get(status[1])

    assert page.status_code == 200
    for words in ("Step 1 of", "Your interview is open", "You will hear from us by", "Withdraw my application"):
        assert words in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_withdrawing_ends_the_application_and_its_interview(status, anyone):
    there, path = status
    cara = anyone()
    assert cara.post(f"{path}/withdraw").status_code == 303

    assert "You have withdrawn your application" in cara.get(path).text
    assert "You have withdrawn your application" in cara.get(there.path).text
    assert cara.post(f"{path}/withdraw").status_code == 303
    assert "Start the interview" not in cara.get(there.path).text


def test_rejection_by_a_person_is_said_kindly(status, anyone, in_tenant, alpha, cast):
    there, path = status
    with in_tenant(alpha):
        reject([application(there.application)], reason="No night shifts yet.", by=actor_of(cast.rita))
    page = anyone().get(path).text

    assert "You can ask us for the reason." in page
    assert "No night shifts yet." not in page


@pytest.mark.parametrize("path", ["/status/nothing", "/i/nothing"])
def test_unknown_link_is_answered_in_words(anyone, path):
    answer = anyone().get(path)

    assert answer.status_code == 404
    assert "This link does not work" in answer.text


def test_link_of_one_company_is_nothing_at_another(status, anyone):
    there, path = status

    assert [anyone("beta").get(one).status_code for one in (there.path, path)] == [404, 404]
