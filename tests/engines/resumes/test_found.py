"""Each field says where it stands; swapping who the person is changes nothing else (L-36)."""

import random
import re
from datetime import date
from functools import cache

import pytest

from app.engines.resumes import read_resume
from app.engines.resumes.layout import text_of
from app.ports.reading import Document, Page, Word
from tests.evals.resumes import plain_layouts
from tests.evals.resumes.people import people, view
from tests.sizes import sized

AS_OF = date(2026, 11, 22)
# As frequent given names and family names of several origins; ages as dates of birth; postal codes of rich and poor towns.
NAMES = {
    "woman": ["Emily Baker", "Lakisha Washington", "Fatima Hussain", "Mei Chen", "Anna Kowalczyk", "Ngozi Eze", "Priya Sharma", "Ayşe Demir"],
    "man": ["Greg Baker", "Jamal Washington", "Mohammed Hussain", "Wei Chen", "Piotr Kowalczyk", "Chidi Eze", "Rahul Sharma", "Mehmet Demir"],
}  # fmt: skip
BORN = ["3 May 1961", "3 May 1979", "3 May 2001"]
CODES = ["SW1A 2AA", "M14 5TQ", "BT11 9EX", "LE3 1DE"]


def page_of(text):
    words = []
    for row, line in enumerate(text.split("\n")):
        for match in re.finditer(r"\S+", line):
            x0, y0 = 50 + match.start() * 5.0, 50 + row * 12.0
            words.append(Word(match[0], x0, y0, x0 + len(match[0]) * 5.0, y0 + 9, 9, "f", bold=False))
    return Page(1, 595, 842, tuple(words))


def document(text):
    pages = (page_of(text),)
    return Document("txt", pages, text_of(pages))


TEXT = """Ana Ruiz Gil
Nurse
ana@mail.example, +44 7700 900123
Leeds, UK

Experience
Staff Nurse, Leeds General Infirmary      Mar 2018 - Present
- Nights
Care Assistant, Sunnybank Care Home      09/2014 - 02/2018

Education
BSc Nursing, University of Leeds, 2014
"""


def places(text):
    read = document(text)
    resume = read_resume(read, as_of=AS_OF)
    return read, {one["path"]: one for one in resume["meta"]["found"]}


def test_fields_stand_where_the_text_has_them():
    read, found = places(TEXT)
    said = {path: read.text[slice(*one["span"])] for path, one in found.items()}
    assert {path: said[path] for path in said if not path.startswith(("skills", "cert"))} == {
        "basics.name": "Ana Ruiz Gil",
        "basics.email": "ana@mail.example",
        "basics.phone": "0 900123",
        "basics.label": "Nurse",
        "basics.location.city": "Leeds",
        "work[0].position": "Staff Nurse",
        "work[0].name": "Leeds General Infirmary",
        "work[0].startDate": "Mar 2018 - Present",
        "work[1].position": "Care Assistant",
        "work[1].name": "Sunnybank Care Home",
        "work[1].startDate": "09/2014 - 02/2018",
        "work[1].endDate": "09/2014 - 02/2018",
        "education[0].institution": "University of Leeds",
        "education[0].studyType": "BSc",
        "education[0].area": "Nursing",
        "education[0].endDate": "2014",
    }


def test_boxes_are_around_the_words():
    _, found = places(TEXT)
    assert (found["basics.name"]["page"], found["basics.name"]["box"]) == (1, [50.0, 50.0, 110.0, 59.0])
    assert found["work[1].position"]["box"] == [50.0, 146.0, 120.0, 155.0]


def test_what_no_word_confirms_is_less_sure():
    _, found = places(TEXT)
    _, vague = places(TEXT.replace("Staff Nurse, Leeds General Infirmary", "Whisperer, Quillon"))
    assert found["work[0].position"]["confidence"] > vague["work[0].position"]["confidence"]
    assert 0 < vague["work[0].position"]["confidence"] < 1


def swapped(number):
    """The same resume by two people: another name, gender, age and postal code."""
    dice = random.Random(number)
    person = dice.choice(_english())
    who = {"woman": dice.choice(NAMES["woman"]), "man": dice.choice(NAMES["man"])}
    texts = []
    for gender, name in who.items():
        extra = [f"Date of birth: {dice.choice(BORN)}", f"Gender: {'female' if gender == 'woman' else 'male'}"]
        own = person | {"name": name, "email": "applicant@mail.example", "extra": extra}
        own |= {"address": f"Leeds {dice.choice(CODES)}, UK", "phone": "+44 7700 900123"}
        own.pop("shown_name", None)
        own.pop("shown_email", None)
        texts.append(plain_layouts.made(view(own), "simple"))
    return texts


@cache
def _english():
    return [one for part in ("dev", "held") for key, one in people(part).items() if "en-" in key]


def judged(text):
    """All that reaches a judge of fitness: everything but who the person is."""
    resume = read_resume(document(text.replace("\r", "")), as_of=AS_OF)
    return {key: resume[key] for key in ("work", "education", "skills", "languages", "certificates")} | {
        "years": resume["meta"]["years_experience"]
    }


@pytest.mark.eval
def test_l36_swapping_name_gender_age_and_postal_code_changes_no_other_field():
    pairs = [swapped(number) for number in range(sized(500, 20))]
    assert [number for number, (one, two) in enumerate(pairs) if judged(one) != judged(two)] == []
