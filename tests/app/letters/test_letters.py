from datetime import UTC, date, datetime

import pytest

from app.letters.enums import LetterKind
from app.letters.queries import FOLDER, day_in_words, moment_in_words, wording

FACTS = dict.fromkeys(
    ("name", "job", "company", "contact", "questions", "minutes", "deadline", "promised", "wish", "text",
     "percent", "spent", "budget"), "X"
) | {"link": "http://alpha.localhost/i/abc"}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", LetterKind)
def test_letter_is_there_in_english_and_hindi(alpha, in_tenant, cast, kind, language):
    assert (FOLDER / "letters" / f"{kind}.{language}.txt").exists()
    with in_tenant(alpha):
        words = wording(kind, language, FACTS)

    assert words.subject
    assert "{{" not in words.subject + words.text + words.html
    assert f'<html lang="{language}">' in words.html


def test_letter_in_a_language_without_one_is_english(alpha, in_tenant, cast):
    with in_tenant(alpha):
        assert "Dear" in wording(LetterKind.PASSWORD_LINK, "ta", FACTS).text


def test_letter_shows_markup_in_a_name_as_text(alpha, in_tenant, cast):
    with in_tenant(alpha):
        words = wording(LetterKind.INTERVIEW_INVITATION, "en", FACTS | {"name": "<img src=x onerror=1>{{ 7*7 }}"})

    assert "&lt;img src=x onerror=1&gt;{{ 7*7 }}" in words.html
    assert "<img" not in words.html


def test_letter_loads_nothing_from_elsewhere(alpha, in_tenant, cast):
    with in_tenant(alpha):
        html = wording(LetterKind.INTERVIEW_INVITATION, "en", FACTS).html

    assert '<a href="http://alpha.localhost/i/abc">' in html
    assert [mark for mark in ("<img", "<script", "url(", "<link", "@import") if mark in html] == []


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "Asia/Kolkata", "Sunday 29 November 2026, 11:59 pm (India Time)"),
        ("en", "UTC", "Sunday 29 November 2026, 6:29 pm (UTC)"),
        ("hi", "UTC", "रविवार 29 नवंबर 2026, 6:29 pm (UTC)"),
        ("xx", "UTC", "Sunday 29 November 2026, 6:29 pm (UTC)"),
    ],
)
def test_moment_is_written_in_the_readers_language_with_its_zone(language, zone, said):
    assert moment_in_words(datetime(2026, 11, 29, 18, 29, tzinfo=UTC), language, zone) == said


def test_day_is_written_in_the_readers_language():
    assert day_in_words(date(2026, 11, 29), "hi") == "रविवार 29 नवंबर 2026"
    assert day_in_words(date(2026, 11, 29), "en") == "Sunday 29 November 2026"
