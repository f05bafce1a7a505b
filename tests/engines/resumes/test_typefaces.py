"""What typefaces, full lines and narrow columns tell: words that stand where a test puts them."""

from datetime import date

import pytest

from app.engines.resumes import read_resume
from app.engines.resumes.contacts import profiles_behind
from app.engines.resumes.entries import joined
from app.engines.resumes.layout import text_of
from app.ports.reading import Document, Page, Word

AS_OF = date(2026, 11, 22)


def line(y, *pieces, size=10.0):
    """Pieces (x0, text, font), each as words of half the size a letter."""
    out = []
    for x0, text, font in pieces:
        at = x0
        for word in text.split(" "):
            width = len(word) * size / 2
            out.append(Word(word, at, y, at + width, y + size, size, font, bold="Bold" in font))
            at += width + size / 3
    return out


def read(*lines):
    pages = (Page(1, 595, 842, tuple(word for one in lines for word in one)),)
    return read_resume(Document("pdf", pages, text_of(pages)), as_of=AS_OF)


def jobs(*lines):
    head = [line(50, (50, "Ana Ruiz Gil", "Bold"), size=20.0), line(80, (50, "Experience", "Bold"), size=14.0)]
    found = read(*head, *lines)["work"]
    return [(job.get("position"), job.get("name"), job.get("startDate"), job.get("endDate")) for job in found]


def test_another_typeface_after_a_comma_parts_title_employer_and_place():
    assert jobs(
        line(
            100,
            (50, "Vetter,", "Bold"),
            (95, "Evans of Otley,", "Italic"),
            (178, "Ilkham", "Plain"),
            (440, "2019 – 2021", "Plain"),
        ),
        line(
            120,
            (50, "Helper,", "Bold"),
            (95, "Marsh and Moor,", "Italic"),
            (178, "Otley", "Plain"),
            (440, "2016 – 2018", "Plain"),
        ),
    ) == [("Vetter", "Evans of Otley", "2019", "2021"), ("Helper", "Marsh and Moor", "2016", "2018")]


@pytest.mark.parametrize(
    ("above", "below", "dates"),
    [
        ("Sept.", "2018–present", ("2018-09", None)),
        ("March 2018 to", "today", ("2018-03", None)),
        ("Jun 2018–Jul", "2020", ("2018-06", "2020-07")),
    ],
)
def test_dates_in_a_narrow_column_go_on_below(above, below, dates):
    found = jobs(
        line(100, (50, above, "Plain"), (150, "Staff Nurse, Leeds General Infirmary", "Plain")),
        line(112, (50, below, "Plain")),
        line(130, (50, "2012–2014", "Plain"), (150, "Care Assistant, Sunnybank Care Home", "Plain")),
    )
    assert found == [
        ("Staff Nurse", "Leeds General Infirmary", *dates),
        ("Care Assistant", "Sunnybank Care Home", "2012", "2014"),
    ]


def test_dates_in_a_very_narrow_column_go_on_over_three_lines():
    found = jobs(
        line(100, (50, "Sept.", "Plain"), (150, "Staff Nurse, Leeds General Infirmary", "Plain")),
        line(112, (50, "2014–March", "Plain")),
        line(124, (50, "2018", "Plain")),
        line(140, (50, "2012–2014", "Plain"), (150, "Care Assistant, Sunnybank Care Home", "Plain")),
    )
    assert found == [
        ("Staff Nurse", "Leeds General Infirmary", "2014-09", "2018-03"),
        ("Care Assistant", "Sunnybank Care Home", "2012", "2014"),
    ]


def test_contacts_beside_a_name_are_no_column_of_the_whole_page():
    left = [
        "Experience",
        "Vetter",
        "Evans of Otley",
        "2019 – 2021",
        "Helper",
        "Marsh and Moor",
        "2016 – 2018",
        "Tester",
        "Ilkham",
    ]
    page = Page(
        1, 595, 842,
        tuple(
            word for one in (
                line(50, (50, "Ana Ruiz Gil", "Bold"), size=20.0), line(64, (440, "Ring 88, Leeds", "Italic"), size=9.0),
                line(76, (440, "+44 7700 900481", "Italic"), size=9.0), line(88, (440, "ana@post.example", "Italic"), size=9.0),
                line(100, (440, "ana.example.org", "Italic"), size=9.0),
                *(line(120 + 14 * n, (50, text, "Plain")) for n, text in enumerate(left)),
            ) for word in one
        ),
    )  # fmt: skip
    assert text_of((page,)).splitlines()[:6] == [
        "Ana Ruiz Gil", "Ring 88, Leeds", "+44 7700 900481", "ana@post.example", "ana.example.org", "Experience",
    ]  # fmt: skip


def test_a_town_behind_an_icon_is_where_the_person_is():
    found = read(
        line(50, (50, "Ana Ruiz Gil", "Bold"), size=20.0),
        line(80, (50, "☛ Québec (Québec)", "Plain")),
        line(92, (50, "✉ ana@post.example", "Plain")),
        line(120, (50, "Skills", "Bold"), size=14.0),
        line(140, (50, "Spark, Hive", "Plain")),
    )
    assert found["basics"]["location"]["city"] == "Québec"


def test_a_column_of_dates_may_stand_close_to_what_they_date():
    found = jobs(
        line(100, (50, "2018–today", "Plain"), (110, "Staff Nurse, Leeds General Infirmary", "Plain")),
        line(112, (50, "2012–2014", "Plain"), (110, "Care Assistant, Sunnybank Care Home", "Plain")),
    )
    assert found == [
        ("Staff Nurse", "Leeds General Infirmary", "2018", None),
        ("Care Assistant", "Sunnybank Care Home", "2012", "2014"),
    ]


def test_a_full_line_goes_on_below_and_a_broken_word_is_one():
    found = jobs(
        line(100, (50, "2018–2021", "Plain"), (150, "Staff Nurse, Leeds General Infirmary of the Infir-", "Plain")),
        line(112, (150, "mary Trust", "Plain")),
        line(130, (50, "2012–2014", "Plain"), (150, "Care Assistant, Sunnybank Care Home at the Marshes", "Plain")),
        line(142, (150, "Road", "Plain")),
    )
    assert [(title, name) for title, name, _, _ in found] == [
        ("Staff Nurse", "Leeds General Infirmary of the Infirmary Trust"),
        ("Care Assistant", "Sunnybank Care Home at the Marshes Road"),
    ]


def test_a_name_over_two_lines_beside_the_contacts_is_whole():
    found = read(
        line(50, (50, "Dr. iur. Sophie", "Plain"), size=24.0) + line(50, (400, "Ring 88, Leeds", "Plain"), size=9.0),
        line(66, (420, "+44 7700 900481", "Plain"), size=9.0),
        line(78, (50, "Ehrenhöfer", "Plain"), size=24.0) + line(82, (400, "s.e@post.example", "Plain"), size=9.0),
        line(120, (50, "Experience", "Plain"), size=14.0),
        line(140, (50, "2018–2021", "Plain"), (150, "Staff Nurse, Leeds General Infirmary", "Plain")),
        line(160, (50, "2012–2014", "Plain"), (150, "Care Assistant, Sunnybank Care Home", "Plain")),
    )
    assert found["basics"]["name"] == "Sophie Ehrenhöfer"


@pytest.mark.parametrize(
    ("text", "rest", "whole"),
    [("Infir-", "mary", "Infirmary"), ("Berlin-", "Mitte", "Berlin- Mitte"), ("2019 -", "today", "2019 - today")],
)
def test_words_broken_at_the_end_of_a_line_are_one(text, rest, whole):
    assert joined(text, rest) == whole


@pytest.mark.parametrize(
    ("targets", "written", "found"),
    [
        (["https://www.linkedin.com/in/ana/"], [], ["linkedin.com/in/ana"]),
        (["https://linkedin.com/in/ana"], ["linkedin.com/in/ana-ruiz"], []),
        (["https://github.com/ana", "https://github.com/ana/tool"], ["ana.dev"], ["github.com/ana"]),
        (["https://github.com/ana/tool", "https://ana.dev", "https://evil.example/linkedin.com/in/x"], [], []),
    ],
)
def test_words_lead_to_profiles_that_the_page_does_not_write_out(targets, written, found):
    assert profiles_behind(targets, written) == found


def test_bold_lines_above_a_list_say_what_it_is_of():
    found = read(
        line(50, (50, "Ana Ruiz Gil", "Bold"), size=20.0),
        line(80, (50, "Skills", "Bold"), size=14.0),
        line(100, (50, "Cloud", "Bold")),
        line(112, (50, "AWS", "Plain")),
        line(124, (50, "Snowflake", "Plain")),
        line(136, (50, "Big data: Spark, Hive", "Plain")),
    )
    assert [skill["name"] for skill in found["skills"]] == ["AWS", "Snowflake", "Spark", "Hive"]


def test_a_line_that_ends_with_its_dates_goes_on_nowhere():
    found = jobs(
        line(100, (50, "Staff Nurse for the Intensive Care of the Young, 2018–2021", "Plain")),
        line(112, (50, "Leeds General Infirmary", "Plain")),
        line(140, (50, "Care Assistant for the Wards of the Aged Sicker, 2012–2014", "Plain")),
        line(152, (50, "Sunnybank Care Home", "Plain")),
    )
    assert found == [
        ("Staff Nurse for the Intensive Care of the Young", "Leeds General Infirmary", "2018", "2021"),
        ("Care Assistant for the Wards of the Aged Sicker", "Sunnybank Care Home", "2012", "2014"),
    ]
