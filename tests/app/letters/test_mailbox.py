import pytest

from app.letters import commands
from app.letters.enums import LetterKind


@pytest.fixture
def letter(alpha, in_tenant, flask_app, cast):
    def write(number=0):
        facts = {"name": "Ivy", "company": "Alpha", "link": "http://alpha.localhost/password/k"}
        with in_tenant(alpha):
            return commands.write(
                LetterKind.PASSWORD_LINK, to_name="Ivy", to_address="ivy@alpha.example", language="en", facts=facts,
                vault=flask_app.extensions["providers"].vault, key=f"test:{number}",
            ).id  # fmt: skip

    return write


def test_mailbox_is_for_hiring_staff_alone(letter, browser, anyone):
    mail_id = letter()
    for path in ("/mailbox", f"/mailbox/{mail_id}"):
        seen = {who: browser(who).get(path).status_code for who in ("rita", "ada", "hugo", "ivy")}
        assert seen == {"rita": 200, "ada": 200, "hugo": 404, "ivy": 404}
        assert anyone().get(path).status_code == 303
    assert browser("rex").get(f"/mailbox/{mail_id}").status_code == 404
    assert "ivy@alpha.example" not in browser("rex").get("/mailbox").text


def test_letter_opens_with_its_links_to_click(letter, browser):
    page = browser("rita").get(f"/mailbox/{letter()}").text

    assert '<a href="http://alpha.localhost/password/k">' in page


def test_mailbox_without_letters_says_so(browser, cast):
    assert "No letter yet" in browser("rita").get("/mailbox").text


def test_mailbox_is_nowhere_unless_the_installation_shows_it(letter, browser, flask_app):
    mail_id, rita = letter(), browser("rita")
    before = flask_app.extensions["settings"]
    flask_app.extensions["settings"] = before.model_copy(update={"mailbox_page": False})
    try:
        assert [rita.get(path).status_code for path in ("/mailbox", f"/mailbox/{mail_id}")] == [404, 404]
        assert "/mailbox" not in rita.get("/live").text
    finally:
        flask_app.extensions["settings"] = before


def test_list_goes_on_after_fifty(letter, browser):
    for number in range(52):
        letter(number)
    rita = browser("rita")
    first = rita.get("/mailbox").text
    key = first.partition("/mailbox?after=")[2].partition('"')[0].replace("&amp;", "&")

    assert first.count('id="mail-') == 50
    assert rita.get(f"/mailbox?after={key}").text.count('id="mail-') == 2
    assert rita.get("/mailbox?after=nonsense").status_code == 404
