from datetime import UTC, date, datetime, timedelta

import pytest

from app.kernel import clock
from app.web import filters
from tests.web.furnished import furnished

NOW = datetime(2026, 11, 22, 18, 29, tzinfo=UTC)


@pytest.fixture
def india():
    flask_app = furnished(zone_of=lambda: "Asia/Kolkata")
    with clock.set_to(NOW), flask_app.test_request_context():
        yield


@pytest.fixture
def in_hindi():
    flask_app = furnished(zone_of=lambda: "Asia/Kolkata", locale_of=lambda: "hi")
    with clock.set_to(NOW), flask_app.test_request_context():
        yield


def test_when_names_the_day_and_the_reader_s_time(india):
    assert filters.when(NOW) == "Sunday 22 November, 11:59 pm"
    assert filters.when(NOW + timedelta(minutes=1)) == "Monday 23 November, 12:00 am"


def test_day_names_the_year_when_it_is_another(india):
    assert filters.day(date(2027, 1, 3)) == "Sunday 3 January 2027"
    assert filters.day(date(2026, 1, 4)) == "Sunday 4 January"


def test_when_speaks_hindi_with_latin_digits(in_hindi):
    assert filters.when(NOW) == "रविवार 22 नवंबर, 11:59 pm"


def test_ago_counts_from_the_clock(india):
    assert filters.ago(NOW - timedelta(hours=3)) == "3 hours ago"
    assert filters.ago(NOW + timedelta(days=2)) == "in 2 days"


def test_zone_is_named_by_its_place(india):
    assert filters.zone_name() == "India Time"


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (0, "less than a minute"),
        (24, "24 min"),
        (60, "1 h"),
        (65, "1 h 5 min"),
        (timedelta(minutes=24), "24 min"),
        (0.2, "less than a minute"),
    ],
)
def test_minutes(india, length, written):
    assert filters.minutes(length) == written


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Asha Kulkarni", "AK"),
        ("Cher", "C"),
        ("A. P. J. Abdul Kalam", "AK"),
        ("शिखा जोशी", "शिजो"),
        ("", "?"),
        ("  ", "?"),
        ("(no name)", "N"),
    ],
)
def test_initials(name, written):
    assert filters.initials(name) == written


def test_number_is_grouped_as_in_india(india):
    assert filters.number(1234567) == "12,34,567"
    assert filters.number(2.5, 2) == "2.50"
