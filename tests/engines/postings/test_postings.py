"""Reading advertisements: pay, years, place, rank, and what is demanded or only wished for."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.adapters.local.analysis import analyse_file
from app.engines.postings import analyse, pay, years
from app.ports.analysis import Salary
from tests.evals.postings.measure import measured


@pytest.mark.parametrize(
    ("text", "salary"),
    [
        ("€45.000 – 52.000 brutto/Jahr", Salary(45000, 52000, "EUR", "year")),
        ("$28/hr", Salary(28, 28, "USD", "hour")),
        ("12–15 LPA", Salary(1_200_000, 1_500_000, "INR", "year")),
        ("Salary: £32,000 - £36,000 per annum", Salary(32000, 36000, "GBP", "year")),
        ("Pay: USD 95k–120k", Salary(95000, 120000, "USD", "year")),
        ("3.200 € brutto im Monat", Salary(3200, 3200, "EUR", "month")),
        ("CHF 95'000 bis 110'000 pro Jahr", Salary(95000, 110000, "CHF", "year")),
        ("₹25,000 - ₹35,000 per month", Salary(25000, 35000, "INR", "month")),
        ("35 000 à 40 000 € brut annuel", Salary(35000, 40000, "EUR", "year")),
        ("Salaire : 2 100 € brut mensuel", Salary(2100, 2100, "EUR", "month")),
        ("Stundenlohn 17,50 €", Salary(17.5, 17.5, "EUR", "hour")),
        ("Rs. 6,00,000 - 8,00,000 p.a.", Salary(600000, 800000, "INR", "year")),
        ("Salary up to £50k", Salary(None, 50000, "GBP", "year")),
        ("वेतन: ₹30,000 से ₹40,000 प्रति माह", Salary(30000, 40000, "INR", "month")),
        ("The pay range is $18.00/hr - $22.00/hr", Salary(18, 22, "USD", "hour")),
        ("AUD $85,000 + super salary", Salary(85000, 85000, "AUD", "year")),
        ("We raised $40 million last year.", None),
        ("Competitive salary, 25 days of holiday", None),
        ("a $1,000 learning budget", None),
    ],
)
def test_pay_is_read_in_many_notations(text, salary):
    assert pay.find([(text, False)]) == salary


@settings(max_examples=100)
@given(st.integers(15_000, 90_000), st.integers(1_000, 60_000))
def test_pay_range_is_read_back_whatever_the_amounts(low, more):
    found = pay.find([(f"Salary: £{low:,} - £{low + more:,} per annum", False)])
    assert found == Salary(low, low + more, "GBP", "year")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5+ years of experience with Python", 5),
        ("2-4 years of experience as an analyst", 2),
        ("at least three years in a professional kitchen", 3),
        ("mindestens 2 Jahre Berufserfahrung", 2),
        ("3 ans d'expérience en cuisine", 3),
        ("1 año de experiencia en docencia", 1),
        ("कम से कम 3 वर्ष का अनुभव", 3),
        ("18 months' experience of night trunking", 1.5),
        ("You are at least 18 years old", None),
        ("We have 25 years of experience in shipping", None),
        ("a fixed-term contract for 2 years", None),
    ],
)
def test_years_are_those_asked_for(text, number):
    assert years.find([(text, False)]) == number


def test_skills_are_demanded_or_wished_for_by_section_and_wording():
    found = analyse("Nurse\n\nRequirements\n- Wound care\n- Phlebotomy is a plus\n\nNice to have\n- Dementia care\n")
    assert found.must_have == ("Wound care",)
    assert found.nice_to_have == ("Phlebotomy", "Dementia care")


@pytest.mark.parametrize(
    ("title", "rank"),
    [
        ("Senior Backend Engineer", "senior"),
        ("Junior Accountant", "junior"),
        ("Head of Nursing", "executive"),
        ("Team Lead Customer Service", "lead"),
        ("Software Engineering Intern", "intern"),
        ("Werkstudent Marketing (m/w/d)", "intern"),
        ("Bauleiter (m/w/d)", "lead"),
        ("Mid-level Data Engineer", "mid"),
        ("Electrician", None),
    ],
)
def test_rank_is_read_from_the_title(title, rank):
    assert analyse(f"{title}\n\nWe need you.").seniority == rank


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Two days a week in the office, hybrid.", "hybrid"),
        ("Fully remote within the EU", "remote"),
        ("This post is on-site.", "onsite"),
        ("Free on-site parking", None),
        ("Experience in remote patient monitoring", None),
        ("Homeoffice an zwei Tagen in der Woche", "hybrid"),
    ],
)
def test_way_of_working(text, way):
    assert analyse(f"Clerk\n\n{text}").remote == way


def test_bad_files_give_an_error_and_empty_fields(tmp_path):
    empty, binary = tmp_path / "empty.txt", tmp_path / "job.pdf"
    empty.write_text(" \n")
    binary.write_bytes(b"%PDF-1.7 \0")
    codes = {analyse_file(str(path))["error"]["code"] for path in (tmp_path / "none.txt", empty, binary, tmp_path)}
    assert codes == {"missing", "no-text", "not-text", "unreadable"}
    got = analyse_file(str(empty))
    assert got["source"] == str(empty)
    assert (got["title"], got["must_have"], got["salary"], got["years_min"]) == (None, [], None, None)


def test_file_in_an_old_encoding_is_read(tmp_path):
    file = tmp_path / "job.txt"
    file.write_bytes("Bürokauffrau (m/w/d)\n\nGehalt: 2.800 € im Monat".encode("cp1252"))
    got = analyse_file(str(file))
    assert got["title"] == "Bürokauffrau"
    assert got["salary"] == {"min": 2800, "max": 2800, "currency": "EUR", "unit": "month"}


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_without_a_crash(text):
    analyse(text)


@pytest.mark.eval
def test_floor_on_our_own_advertisements():
    got = measured()
    assert got["title"] >= 0.9
    assert got["must-have F1"] >= 0.7
    assert got["years"] >= 0.85
    assert got["pay"] >= 0.85
