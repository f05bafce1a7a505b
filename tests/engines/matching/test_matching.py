"""A resume beside a job: what is met, by which words, and that nothing of who somebody is gets there."""

import random
import re
from dataclasses import fields
from datetime import date

import pytest

from app.adapters.local.matching import LocalMatcher
from app.adapters.local.reading import LocalReader
from app.ports.matching import Claim, Requirements, Track, track_of
from tests.sizes import sized

AS_OF = date(2026, 11, 22)
JOB = Requirements(
    ("IV therapy", "Triage", "Degree in nursing", "Wound care", "Supervision of staff"), ("Mentoring", "Hausa"), 5
)
RESUME = """{name}
{address} | {email}
Date of birth: {born}

Work experience

Charge Nurse, Stroke Unit
Leeds Teaching Hospitals NHS Trust   June 2019 - Present
- Run a 24-bed unit with 31 staff; rota, supervision and appraisals.
- Link nurse, known in {town} as {first}.

Staff Nurse, Acute Medical Unit
Bradford Royal Infirmary   Oct 2015 - May 2019
- Triage and first assessment of up to 40 admissions a day.

Education
BSc (Hons) Adult Nursing
University of Huddersfield   2012 - 2015

Skills
IV cannulation, tissue viability, mentoring
"""
PEOPLE = {
    "name": ["Adaeze Okonkwo", "Emily Walsh", "Mohammed Rahman", "Lakshmi Iyer", "Jakub Nowak", "Li Wei"],
    "code": ["LS6 1HT", "M14 5RX", "BD8 9PQ", "E1 6AN", "CF24 3AA", "G51 2XY"],
    "town": ["Leeds", "Manchester", "Bradford", "London", "Cardiff", "Glasgow"],
    "street": ["14 Brudenell Mount", "3 Wilmslow Road", "88 Lumb Lane", "21 Brick Lane"],
    "born": ["4 May 1970", "12 December 1999", "1 January 1985"],
}


def written(chosen):
    first, last = chosen["name"].split()
    return RESUME.format(
        name=chosen["name"], address=f"{chosen['street']}, {chosen['town']} {chosen['code']}", born=chosen["born"],
        email=f"{first}.{last}@mailbox.example".lower(), town=chosen["town"], first=first,
    )  # fmt: skip


def track(text):
    reader = LocalReader()
    document = reader.document(text.encode(), name="resume.txt")
    return track_of(reader.resume(document, as_of=AS_OF), document.text), document.text


@pytest.fixture(scope="module")
def matcher():
    return LocalMatcher()


def test_each_requirement_is_told_with_the_words_that_say_so(matcher):
    found, text = track(written({key: values[0] for key, values in PEOPLE.items()}))
    told = {one.requirement: one for one in matcher.match(JOB, found)}

    assert {name: one.verdict for name, one in told.items()} == {
        "IV therapy": "met", "Triage": "met", "Degree in nursing": "met", "Wound care": "unseen",
        "Supervision of staff": "met", "Mentoring": "met", "Hausa": "unseen", "5": "met",
    }  # fmt: skip
    assert [(one.quote, one.how) for one in told["IV therapy"].evidence] == [("IV cannulation", "synonym")]
    assert [one.quote for one in told["5"].evidence] == ["June 2019 - Present", "Oct 2015 - May 2019"]
    assert told["Degree in nursing"].evidence[0].quote == "Nursing"
    quotes = [each for one in told.values() for each in one.evidence]
    assert {" ".join(text[each.begin : each.end].split()) == each.quote for each in quotes} == {True}


def test_fewer_years_are_a_part_and_none_are_not_seen(matcher):
    claims = (Claim("dates", "2021 - 2024", 0, 11),)
    asked = Requirements((), (), 5)

    assert [matcher.match(asked, Track(claims, years))[0].verdict for years in (5.0, 3.0, 1.0, None)] == [
        "met", "partly", "unseen", "unseen",
    ]  # fmt: skip


def test_what_is_near_in_meaning_is_partly_and_says_so(matcher):
    claims = (Claim("skill", "medicines management", 4, 24),)
    (found,) = matcher.match(Requirements(("Medication administration",), (), None), Track(claims, None))

    assert (found.verdict, [(one.quote, one.how) for one in found.evidence]) == (
        "partly", [("medicines management", "meaning")],
    )  # fmt: skip


LINES = """Sam Porter

Experience

Warehouse Operative
Dockside Storage   June 2021 - Present
- Goods in SAP MM, no Excel
- Never worked with Kubernetes, Docker or Jenkins
- Led the night shift, so that no pallet was left without a label; PowerPoint for the board
- Trained not only pickers but drivers in manual handling

Certificates
Counterbalance forklift licence, lapsed 2022
British Red Cross first aid, booked for May 2027

Education
NVQ Level 2 in Health and Social Care (started October 2026)

Skills
Phlebotomy (supervised), Python, would like to learn acupuncture

Languages
English (native), German (A2), Polish
"""
TOLD = {
    "Excel": "unseen", "Docker": "unseen", "Jenkins": "unseen", "PowerPoint": "met", "Manual handling": "met",
    "Counterbalance forklift licence": "partly", "First aid": "unseen", "Phlebotomy": "partly", "Python": "met",
    "Acupuncture": "unseen", "NVQ Level 2 in Health and Social Care": "partly", "Java": "unseen",
    "NVQ Level 3 in Health and Social Care": "partly", "Fluent English": "met", "German B2 or better": "partly",
    "German or Polish": "met", "Polish": "met", "Fluent Polish": "partly", "Python or Go": "met",
    "Python and Java": "partly", "Englisch in Wort und Schrift": "met",
}  # fmt: skip


def test_what_a_line_denies_wishes_or_weakens_is_not_met(matcher):
    found, _ = track(LINES)

    told = matcher.match(Requirements(tuple(TOLD), (), None), found)

    assert {one.requirement: one.verdict for one in told} == TOLD
    assert {
        each.quote for one in told if one.requirement == "Counterbalance forklift licence" for each in one.evidence
    } == {"Counterbalance forklift licence, lapsed"}


def test_there_is_no_number_for_a_person(matcher):
    found, _ = track(written({key: values[0] for key, values in PEOPLE.items()}))
    (first, *_rest) = matcher.match(JOB, found)

    assert {field.name for field in fields(first)} == {"requirement", "strength", "verdict", "evidence"}


def test_l43_swapping_postal_code_name_address_and_birth_date_changes_nothing(matcher):
    """Not by care but by form: no field of what a match gets could hold them, and no claim has a word of them."""
    assert {field.name for field in fields(Track)} == {"claims", "years"}
    draw = random.Random(43)
    first = {key: values[0] for key, values in PEOPLE.items()}
    expected = told(matcher, first)
    for _ in range(sized(500, 12)):
        swapped = {key: draw.choice(values) for key, values in PEOPLE.items()}
        assert told(matcher, swapped) == expected
        words = {part.casefold() for value in swapped.values() for part in re.findall(r"\w{3,}", value)} - {
            "may",
            "june",
        }
        said = {
            word.casefold()
            for claim in track(written(swapped))[0].claims
            for word in re.findall(r"\w{3,}", claim.before + claim.text + claim.after)
        }
        assert words & said == set()


def told(matcher, chosen):
    """Without the places, which a longer name moves."""
    return [
        (one.requirement, one.verdict, [(each.quote, each.how) for each in one.evidence])
        for one in matcher.match(JOB, track(written(chosen))[0])
    ]
