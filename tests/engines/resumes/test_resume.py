"""The engine on words that stand where a test puts them: no file, no process."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.engines.resumes import empty_resume, read_resume
from app.engines.resumes.contacts import email_of, links_in, phone_of, profiles_of, tidy_name
from app.engines.resumes.headings import heading_of
from app.engines.resumes.layout import text_of
from app.engines.resumes.schema import faults
from app.engines.vocabulary import skills
from app.ports.reading import Document, Page, Word
from tests.sizes import sized

AS_OF = date(2026, 11, 22)
STEP, HIGH = 5.0, 10.0


def page_of(text):
    words = []
    for row, line in enumerate(text.splitlines()):
        column = 0
        for part in line.split(" "):
            if part:
                x0, y0 = 50 + column * STEP, 50 + row * 14
                words.append(Word(part, x0, y0, x0 + len(part) * STEP, y0 + HIGH, HIGH, "f", bold=False))
            column += len(part) + 1
    return Page(1, 595, 842, tuple(words))


def read(text):
    pages = (page_of(text),)
    return read_resume(Document("txt", pages, text_of(pages)), as_of=AS_OF)


def jobs(text):
    found = read(f"Ana Ruiz Gil\n\nExperience\n{text}")["work"]
    return [(job.get("position"), job.get("name"), job.get("startDate"), job.get("endDate")) for job in found]


TWO = [
    ("Staff Nurse", "Leeds General Infirmary", "2018-03", None),
    ("Care Assistant", "Sunnybank Care Home", "2014-09", "2018-02"),
]


@pytest.mark.parametrize(
    "text",
    [
        "Staff Nurse, Leeds General Infirmary      Mar 2018 - Present\n- Nights\n\nCare Assistant, Sunnybank Care Home      09/2014 - 02/2018",
        "Leeds General Infirmary      Mar 2018 - Present\nStaff Nurse\n- Nights\nSunnybank Care Home      09/2014 - 02/2018\nCare Assistant\n- Days",
        "Staff Nurse\nLeeds General Infirmary\nMar 2018 - Present\n- Nights\nCare Assistant\nSunnybank Care Home\nSep 2014 - Feb 2018\n- Days",
        "Mar 2018 - Present      Staff Nurse\n                        Leeds General Infirmary\n09/2014 - 02/2018       Care Assistant\n                        Sunnybank Care Home",
        "Staff Nurse | Leeds General Infirmary | Mar 2018 - Present\n• Nights\nCare Assistant | Sunnybank Care Home | Sep 2014 - Feb 2018",
        "03/2018 - now: Staff Nurse at Leeds General Infirmary\n09/2014 - 02/2018: Care Assistant at Sunnybank Care Home",
        "1. Leeds General Infirmary\nDesignation: Staff Nurse\nDuration: Mar 2018 - till date\n- Nights\n2. Sunnybank Care Home\nDesignation: Care Assistant\nDuration: Sep 2014 - Feb 2018",
    ],
)
def test_jobs_are_read_in_every_order(text):
    assert jobs(text) == TWO


def test_titles_under_one_employer_share_it():
    text = "Kenya Ports Authority, Mombasa\nLegal Officer (Mar 2019 - Present)\n- Contracts\nLegal Assistant (Jan 2015 - Feb 2019)\n- Filing"
    assert [job[:2] for job in jobs(text)] == [
        ("Legal Officer", "Kenya Ports Authority"),
        ("Legal Assistant", "Kenya Ports Authority"),
    ]


def test_a_present_job_has_no_end_and_years_count_overlaps_once():
    resume = read(
        "Ana Ruiz Gil\nExperience\nCook, Hotel Sol      2016-11 - now\nCook, Hotel Mar      2020-01 - 2021-12"
    )
    assert "endDate" not in resume["work"][0]
    assert resume["meta"]["years_experience"] == 10.1


def test_time_away_is_no_job_and_gives_no_years():
    text = "Cook, Hotel Sol      2020-01 - now\nParental leave      2016-01 - 2019-12\nCook, Hotel Luz      2014-01 - 2015-12"
    resume = read(f"Ana Ruiz Gil\nExperience\n{text}")
    assert [job["name"] for job in resume["work"]] == ["Hotel Sol", "Hotel Luz"]
    assert resume["meta"]["years_experience"] == 8.9


@pytest.mark.parametrize(
    ("heading", "line"),
    [("KITCHENS", "Cook, Hotel Sol      2016-11 - now"), ("Where I cooked", "Cook, Hotel Sol      2016-11 - now")],
)
def test_a_heading_nobody_listed_is_known_by_what_stands_below(heading, line):
    resume = read(
        f"Ana Ruiz Gil\nana@mail.example\n\n{heading}\n\n{line}\n\nEducation\n\nBSc Nursing, University of Leeds, 2014"
    )
    assert [(job["position"], job["name"]) for job in resume["work"]] == [("Cook", "Hotel Sol")]


def test_what_a_judge_may_not_know_is_no_part_of_a_job():
    resume = read(
        "Ana Ruiz Gil\nExperience\nGender: female\nCook, Hotel Sol      2016-11 - now\nMarital status: single"
    )
    assert resume["work"] == [{"name": "Hotel Sol", "position": "Cook", "startDate": "2016-11"}]


def test_dates_inside_sentences_are_no_jobs():
    text = "Cook, Hotel Sol      2016-11 - now\n- Ran the kitchen between 2018 and 2019 with\n  a new team since 2020\n- Won a prize in 2021"
    assert len(jobs(text)) == 1


def test_one_skill_each_and_other_names_known():
    resume = read("Ana Ruiz Gil\nSkills\nLanguages: JS, Go (advanced)\n• Wundversorgung • SAP (FI, CO)")
    assert resume["skills"] == [
        {"name": "JS", "keywords": ["JavaScript"]},
        {"name": "Go"},
        {"name": "Wundversorgung", "keywords": ["Wound care"]},
        {"name": "SAP (FI, CO)"},
    ]


def test_without_a_list_skills_come_from_the_text():
    resume = read("Ana Ruiz Gil\nI weld: TIG welding and pipe welding. I go to work with Python.")
    assert [skill["name"] for skill in resume["skills"]] == ["TIG welding", "Pipe welding", "Python"]


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("WORK EXPERIENCE", "work"), ("Berufserfahrung:", "work"), ("Expériences professionnelles", "work"),
        ("Formación académica", "education"), ("कौशल", "skills"), ("E D U C A T I O N", "education"),
        ("Skills & Tools", "skills"), ("Centres d’intérêt", "interests"), ("1. Employment History", "work"),
        ("Ran the skills lab", None), ("Experience with Python", None), ("Education Officer", None),
    ],
)  # fmt: skip
def test_headings_open_sections(heading, section):
    assert heading_of(heading) == section


def test_contacts_are_found():
    assert email_of("write to ana.ruiz (at) mail.example") == "ana.ruiz@mail.example"
    assert email_of("ana.ruiz@mail.example.") == "ana.ruiz@mail.example"
    assert links_in("ASP.NET, ana@site.com, github.com/ana | https://ana.dev/.") == [
        "github.com/ana",
        "https://ana.dev/",
    ]
    assert phone_of("P.O. Box 40112-00100 Tel: +254 712 345 678", region="KE") == "+254 712 345678"
    assert phone_of("2015 - 2018, 34119 Kassel", region="DE") is None
    assert tidy_name("MARÍA DE LA CRUZ") == "María de la Cruz"


def test_vocabulary_is_wide_and_finds_the_longest():
    vocabulary = skills()
    assert len(vocabulary.skills) >= 800
    assert len({skill.family for skill in vocabulary.skills}) >= 20
    found = vocabulary.find("Building REST APIs with React Native; we go far. BLS, bls, पाठ योजना")
    assert [(mention.written, mention.name) for mention in found] == [
        ("REST APIs", "REST APIs"), ("React Native", "React Native"), ("BLS", "Basic life support"), ("पाठ योजना", "Lesson planning"),
    ]  # fmt: skip
    assert vocabulary.named("k8s") == "Kubernetes"
    assert vocabulary.family("Kubernetes") == "infrastructure"


def test_names_of_skills_name_one_skill():
    names = {}
    for skill in skills().skills:
        for name in skill.names:
            names.setdefault(name.text, set()).add(skill.name)
    assert {name: found for name, found in names.items() if len(found) > 1} == {}


def test_the_same_pages_give_the_same_answer():
    text = "Ana Ruiz Gil\nExperience\nCook, Hotel Sol      2016-11 - now\nSkills\nHACCP, Grill"
    assert json.dumps(read(text)) == json.dumps(read(text))


def test_an_empty_resume_is_valid():
    assert faults(empty_resume()) == []


_LINES = st.sampled_from(
    ["Experience", "Skills:", "Education", "Languages", "Cook, Hotel Sol", "2019 - 2021", "03/2018 - now", "BSc Nursing, University of Leeds",
     "- did things", "ana@mail.example", "+44 7700 900123", "English (C1)", "a, b, c", "https://x.dev/?a=[1]", "Leeds, UK", "•", "", "13/2020 - 19/2021", "कौशल"]
)  # fmt: skip


@settings(max_examples=sized(400, 40), deadline=None)
@given(st.lists(st.one_of(_LINES, st.text(max_size=40)), max_size=25))
def test_whatever_is_written_the_document_is_valid(lines):
    assert faults(read("\n".join(lines))) == []


def test_an_address_in_capital_letters_is_one_and_the_resume_stays_valid():
    own, profiles = profiles_of(["HTTP://Cara.example/Work", "Https://GitHub.com/cara"])

    assert own == "http://Cara.example/Work"
    assert profiles == [{"network": "GitHub", "username": "cara", "url": "https://GitHub.com/cara"}]
