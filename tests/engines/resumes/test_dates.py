"""Dates in five languages, and years of experience."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engines.resumes.dates import is_month, months_worked, ranges_in
from app.engines.resumes.lexicon import lexicon

AS_OF = date(2026, 11, 22)
MONTHS = [(name, int(number)) for number, names in lexicon()["months"].items() for name in names]
months = st.tuples(st.integers(1960, 2026), st.integers(1, 12))


def written(when):
    year, month = when
    return f"{year}-{month:02d}"


def spans(text):
    return [(span.first, span.last, span.present) for span in ranges_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("March 2018 - Present", ("2018-03", None, True)),
        ("09/2014 – 02/2018", ("2014-09", "2018-02", False)),
        ("06.2020 - now", ("2020-06", None, True)),
        ("2015-03 to 2016-11", ("2015-03", "2016-11", False)),
        ("01.04.2015 – 31.12.2016", ("2015-04", "2016-12", False)),
        ("Mar–Aug 2018", ("2018-03", "2018-08", False)),
        ("2019-21", ("2019", "2021", False)),
        ("2011 - 2014", ("2011", "2014", False)),
        ("Jan '19 – Feb '21", ("2019-01", "2021-02", False)),
        ("Sept. 2016 – till date", ("2016-09", None, True)),
        ("seit 05/2021", ("2021-05", None, True)),
        ("März 2015 bis heute", ("2015-03", None, True)),
        ("De septembre 2018 à février 2022", ("2018-09", "2022-02", False)),
        ("Depuis mars 2022", ("2022-03", None, True)),
        ("janv. 2020 – aujourd’hui", ("2020-01", None, True)),
        ("enero de 2019 – actualidad", ("2019-01", None, True)),
        ("marzo 2015 hasta diciembre 2018", ("2015-03", "2018-12", False)),
        ("जुलाई 2016 – वर्तमान", ("2016-07", None, True)),
        ("अप्रैल २०१२ से जून २०१६", ("2012-04", "2016-06", False)),
        ("2020 –", ("2020", None, True)),
        ("2014", (None, "2014", False)),
    ],
)
def test_ranges_are_read_in_five_languages(text, expected):
    assert spans(text) == [expected]


@pytest.mark.parametrize(
    "text", ["+49 2015 2016 33", "room 12/19", "9 years", "$2,019", "1234567", "v3.2019.1", "2018 – 2011"]
)
def test_other_numbers_start_nothing(text):
    assert all(first is None for first, _, _ in spans(text))


@given(st.text(max_size=80))
def test_any_text_gives_dates_that_exist(text):
    for span in ranges_in(text):
        assert all(is_month(when) for when in (span.first, span.last) if when)
        assert 0 <= span.begin < span.end <= len(text)


@given(
    months,
    months,
    st.sampled_from(["{m:02d}/{y}", "{m:02d}.{y}", "{y}-{m:02d}"]),
    st.sampled_from(["-", "–", " - ", " to ", " bis "]),
)
def test_numeric_ranges_come_back(one, two, form, dash):
    first, last = sorted([one, two])
    text = dash.join(form.format(y=y, m=m) for y, m in (first, last))
    assert spans(text) == [(written(first), written(last), False)]


@given(st.sampled_from(MONTHS), st.integers(1960, 2026))
def test_every_month_name_is_known(month, year):
    name, number = month
    assert spans(f"{name.capitalize()} {year}") == [(None, f"{year}-{number:02d}", False)]


@given(st.lists(st.tuples(months, months), min_size=1, max_size=6))
def test_overlaps_count_once(pairs):
    listed = [tuple(written(when) for when in sorted(pair)) for pair in pairs]
    each = {month for pair in pairs for month in range(*_bounds(sorted(pair)))}
    now = AS_OF.year * 12 + AS_OF.month
    assert months_worked(listed, as_of=AS_OF) == len({month for month in each if month < now})
    assert months_worked(listed + listed, as_of=AS_OF) == months_worked(listed, as_of=AS_OF)


def _bounds(pair):
    (y0, m0), (y1, m1) = pair
    return y0 * 12 + m0 - 1, y1 * 12 + m1


def test_bare_years_count_their_difference():
    assert months_worked([("2015", "2018")], as_of=AS_OF) == 36
    assert months_worked([("2015-01", "2015-12")], as_of=AS_OF) == 12
    assert months_worked([("2026-11", None)], as_of=AS_OF) == 1
    assert months_worked([("2016", "2016")], as_of=AS_OF) == 6
    assert months_worked([], as_of=AS_OF) == 0
