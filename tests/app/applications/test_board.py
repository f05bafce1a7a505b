"""The board and the list: who stands where, found through filters, at any size."""

import re
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from app.applications import queries
from app.applications.commands import move, reject, set_next_thing
from app.applications.enums import NextThing
from app.applications.models import Application
from app.applications.queries import Filter, Place, board, column, listing
from app.kernel import clock
from app.postings.models import Stage
from app.postings.queries import stages_of
from tenants.db import db


def columns(html):
    """{stage: (total, [names])}"""
    parts = html.split('<section class="col"')[1:]
    named = [(re.search('data-name="([^"]+)"', part)[1], part) for part in parts]
    return {
        name: (int(re.search(r'class="n muted num">(\d+)', part)[1]), re.findall('class="name"[^>]*>([^<]+)<', part))
        for name, part in named
    }


@pytest.mark.parametrize(("name", "status"), [("rita", 200), ("ada", 200), ("hugo", 200), ("ivy", 404), ("rex", 404)])
@pytest.mark.parametrize("page", ["board", "list"])
def test_pages_of_a_job_open_for_whom_they_are(browser, job, page, name, status):
    assert browser(name).get(getattr(job, page)).status_code == status


def test_board_asks_to_sign_in(anyone, job):
    answer = anyone().get(job.board)

    assert (answer.status_code, answer.location.split("?")[0]) == (303, "/sign-in")


def test_board_shows_each_in_their_stage(browser, by_rita, job, applied):
    asha, _noor = applied("Asha Kulkarni", "Noor Haddad")
    with by_rita() as rita:
        move([db.session.get_one(Application, asha)], db.session.get_one(Stage, job.stages[1]), by=rita)

    shown = columns(browser("rita").get(job.board).text)

    assert shown["Applied"] == (1, ["Noor Haddad"])
    assert shown["Review"] == (1, ["Asha Kulkarni"])
    assert shown["Offer"] == (0, [])


def test_card_says_the_next_thing_and_no_score(browser, alpha, in_tenant, job, applied):
    (asha,) = applied("Asha Kulkarni")
    with in_tenant(alpha):
        set_next_thing(asha, NextThing.HELP_WANTED)

    html = browser("rita").get(job.board).text

    assert "Asked for help" in html
    assert re.findall(r"\d+ ?%|/100|score", html.split("<x-board")[1].split("</x-board>")[0]) == []


def test_card_says_that_a_word_is_late(browser, cast, clock_at, job, applied):
    with clock_at(clock.now() - timedelta(days=30)):
        applied("Asha Kulkarni")

    page = browser("rita").get(job.board).text

    assert page.count("Reply is late") == 2  # in the filter's choices, and on the card


def test_board_reads_its_fragment_for_htmx(browser, job, applied):
    applied("Asha Kulkarni")

    html = browser("rita").get(job.board, headers={"HX-Request": "true", "HX-Target": "candidates"}).text

    assert html.lstrip().startswith('<div class="split" id="candidates"')
    assert "<html" not in html


def test_rejected_leave_the_board_and_stay_in_the_list(browser, by_rita, job, applied):
    asha, _noor = applied("Asha Kulkarni", "Noor Haddad")
    with by_rita() as actor:
        reject([db.session.get_one(Application, asha)], reason="Not met: Knife skills.", by=actor)
    rita = browser("rita")

    assert columns(rita.get(job.board).text)["Applied"] == (1, ["Noor Haddad"])
    assert "Asha Kulkarni" not in rita.get(job.list).text
    assert "Asha Kulkarni" in rita.get(f"{job.list}?state=rejected").text
    assert "Asha Kulkarni" in rita.get(f"{job.list}?state=all").text


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("?q=ash", ["Asha Kulkarni"]),
        ("?q=ASHA%20kul", ["Asha Kulkarni"]),
        ("?q=noor@example.org", ["Noor Haddad"]),
        ("?q=asha%20haddad", []),
        ("?q='%20%5C%20%26", ["Noor Haddad", "Asha Kulkarni"]),
        ("?q=o'brien", []),
        ("?thing=to-decide", []),
        ("?thing=nonsense&state=nonsense&stage=nonsense&after=nonsense", ["Noor Haddad", "Asha Kulkarni"]),
    ],
)
def test_list_is_filtered_by_its_address(browser, job, applied, address, names):
    applied("Asha Kulkarni")
    applied("Noor Haddad")

    html = browser("rita").get(job.list + address).text

    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', html) == names
    assert ("No one matches" in html) == (names == [])


@pytest.mark.parametrize("few", [0, 1, 2])
def test_list_and_board_find_the_same_whether_few_or_many_match(browser, job, applied, monkeypatch, few):
    monkeypatch.setattr(queries, "FEW", few)
    for name in ("Asha Kulkarni", "Asha Haddad", "Noor Haddad"):
        applied(name)
    rita = browser("rita")

    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)</a>', rita.get(f"{job.list}?q=ash").text) == [
        "Asha Haddad", "Asha Kulkarni",
    ]  # fmt: skip
    assert columns(rita.get(f"{job.board}?q=ash").text)["Applied"] == (2, ["Asha Haddad", "Asha Kulkarni"])


def test_empty_list_offers_to_clear_its_filters(browser, job):
    html = browser("rita").get(f"{job.list}?q=nobody").text

    assert "Clear filters" in html
    assert f'href="{job.list}"' in html


def test_name_is_text_and_never_markup(browser, job, applied):
    applied("<img src=x onerror=alert(1)>")
    rita = browser("rita")

    assert "<img" not in rita.get(job.board).text
    assert "<img" not in rita.get(job.list).text


def many(alpha, in_tenant, applied, number):
    """People who came a minute apart, and some of them at the same moment."""
    start = clock.now() - timedelta(days=2)
    ids = applied(*(f"Person{n} Number" for n in range(number)))
    with in_tenant(alpha):
        for n, one in enumerate(ids):
            moment = start + timedelta(minutes=n // 3)
            db.session.execute(sa.update(Application).where(Application.id == one).values(stage_since=moment))
    return ids


def test_columns_and_list_page_on_without_gaps(alpha, in_tenant, job, applied):
    ids = many(alpha, in_tenant, applied, 70)
    with in_tenant(alpha):
        first = board(stages_of(job.id), Filter())[0]
        seen = [card.id for card in first.cards]
        place = first.last
        while place:
            rest = column(job.id, first.stage, Filter(), after=place)
            seen += [card.id for card in rest.cards]
            place = rest.last
        listed, after = listing(job.id, Filter(), after=None)
        more, end = listing(job.id, Filter(), after=after)

        assert (first.total, len(first.cards)) == (70, 20)
        assert sorted(seen) == sorted(ids)
        assert [card.id for card in [*listed, *more]] == seen
        assert end is None


def test_column_brings_the_next_cards(browser, alpha, in_tenant, job, applied):
    many(alpha, in_tenant, applied, 25)
    rita = browser("rita")
    more = re.search(r'<a class="btn btn-ghost" href="([^"]+)">Show 5 more', rita.get(job.board).text)[1]
    more = more.replace("&amp;", "&")

    fragment = rita.get(more, headers={"HX-Request": "true", "HX-Target": "more_cards"}).text
    page = rita.get(more).text

    assert fragment.count('<li class="card"') == 5
    assert 'data-rest="0" data-next=""' in fragment
    assert "<html" in page
    assert page.count('<li class="card"') == 5


@pytest.mark.parametrize("sample", [100, 40])
def test_of_many_whom_words_find_a_column_counts_no_more_than_it_must(
    browser, alpha, in_tenant, job, applied, monkeypatch, sample
):
    """Alike whichever way they are counted: a sample of 100 is more than are here, and one of 40 is not."""
    monkeypatch.setattr(queries, "MOST_COUNTED", 22)
    monkeypatch.setattr(queries, "SAMPLE", sample)
    many(alpha, in_tenant, applied, 43)
    rita = browser("rita")

    found = rita.get(f"{job.board}?q=number").text
    more = re.search(r'<a class="btn btn-ghost" href="([^"]+)">Show more<', found)[1].replace("&amp;", "&")
    rest = rita.get(more, headers={"HX-Request": "true", "HX-Target": "more_cards"}).text
    with in_tenant(alpha):
        [applied_, *others] = board(stages_of(job.id), Filter(q="number"))
        everybody = board(stages_of(job.id), Filter())[0]
        next_one = column(job.id, applied_.stage, Filter(q="number"), after=applied_.last)
        last = column(job.id, applied_.stage, Filter(q="number"), after=next_one.last)

    assert 'class="n muted num">more than 22<' in found
    assert (applied_.total, applied_.uncounted, len(applied_.cards)) == (22, True, 20)
    assert [(one.total, one.uncounted, one.last) for one in others] == [(0, False, None)] * len(others)
    assert (everybody.total, everybody.uncounted) == (43, False)
    assert (next_one.total, next_one.uncounted, len(next_one.cards)) == (22, True, 20)
    assert (last.total, last.uncounted, len(last.cards), last.last) == (3, False, 3, None)
    assert "data-uncounted" in rest
    assert 'data-text="Show more"' in rest


def test_board_shows_as_many_as_the_browser_has(browser, alpha, in_tenant, job, applied):
    many(alpha, in_tenant, applied, 30)

    assert browser("rita").get(f"{job.board}?shown=50").text.count('<li class="card"') == 30


def test_place_is_read_as_it_was_written():
    from app.applications.forms import place_of, written

    place = Place(clock.now(), uuid.UUID(int=7))

    assert place_of({"after": written(place)}) == place


def counted(flask_app, client, address):
    said = []
    with flask_app.app_context():
        engine = db.engines[None]

    def note(*arguments):
        said.append(arguments[2])

    client.get(address)
    event.listen(engine, "before_cursor_execute", note)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([one for one in said if "shared." not in one])


def test_pages_run_as_many_statements_for_one_as_for_many(flask_app, browser, job, applied):
    (first,) = applied("Asha Kulkarni")
    rita = browser("rita")
    pages = [job.board, job.list, f"/applications/{first}", f"/applications/{first}?at=board", "/"]
    one = [counted(flask_app, rita, page) for page in pages]
    applied(*(f"Person{n} Number" for n in range(30)))

    assert [counted(flask_app, rita, page) for page in pages] == one
    assert max(one) + 1 <= 12  # the registry is asked once in two seconds


@pytest.mark.parametrize(("name", "status"), [("rita", 200), ("hugo", 200), ("ivy", 404), ("rex", 404)])
def test_stream_of_a_job_is_for_those_who_see_it(browser, job, name, status):
    assert browser(name).get(f"/events/allowed?topic=posting-{job.id}").status_code == status


def test_stream_of_nothing_is_missing(browser, anyone):
    assert browser("rita").get("/events/allowed?topic=posting-nonsense").status_code == 404
    assert anyone().get("/events/allowed?topic=posting-nonsense").status_code == 404
