"""Where quoted words stand, and what was not asked or not answered."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ports.judging import literal_quote, span_of
from app.scorecards.queries import Line, Passage, marked, transcript

PLAN = {"questions": [{"text": "First?"}, {"text": "Second?"}, {"text": "Third?"}]}


def turn(number, question, answer, *, follow_up=False, text="Asked?"):
    return SimpleNamespace(
        number=number, question=question, answer=answer, follow_up=follow_up, text=text, timed_out=False
    )


def test_transcript_tells_not_asked_from_not_answered():
    turns = [turn(1, 0, "Yes."), turn(2, 0, "More.", follow_up=True, text="Why?"), turn(3, 1, None)]

    lines = transcript(SimpleNamespace(plan=PLAN), turns, [(2, "more")])

    assert lines == [
        Line(1, "Asked?", 1, False, True, False, [[Passage("Yes.", False)]]),
        Line(1, "Why?", 2, True, True, False, [[Passage("More", True), Passage(".", False)]]),
        Line(2, "Asked?", 3, False, False, False, []),
        Line(3, "Third?", None, False, False, False, []),
    ]


@pytest.mark.parametrize(
    ("quote", "answer", "found"),
    [
        ("called the doctor", "I called the doctor.", "called the doctor"),
        ("CALLED the  doctor", "I called\n the doctor.", "called\n the doctor"),
        ('it\'s "fine"', "Well, it’s “fine”.", "it’s “fine”"),
        ("café", "The cafe\u0301 was shut.", "cafe\u0301"),
        ("मरीज़ की साँस", "मैंने पहले मरीज़ की साँस देखी।", "मरीज़ की साँस"),
        ("straße", "In der Strasse.", "Strasse"),
        ("called a doctor", "I called the doctor.", None),
        ("", "I called the doctor.", None),
    ],
)
def test_span_is_where_a_reader_finds_the_words(quote, answer, found):
    span = span_of(quote, answer)

    assert (answer[slice(*span)] if span else None) == found


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40)


@given(WORDS, WORDS, WORDS)
def test_span_holds_the_quote_wherever_it_stands(before, quote, after):
    answer = before + quote + after
    span = span_of(quote, answer)

    if span is not None:
        assert 0 <= span[0] < span[1] <= len(answer)


@given(st.lists(st.text("abc XYZ.", min_size=1, max_size=12), min_size=1, max_size=4), st.integers(0, 3))
def test_marks_lose_no_word(paragraphs, which):
    answer = "\n".join(paragraphs)
    quote = paragraphs[which % len(paragraphs)]

    shown = marked(answer, [quote])

    assert "".join("".join(p.text for p in one) for one in shown).split() == answer.split()
    assert any(p.marked for one in shown for p in one) == literal_quote(quote, answer) or not quote.strip(". ")


def test_overlapping_quotes_are_one_mark():
    assert marked("one two three", ["one two", "two three"]) == [[Passage("one two three", True)]]
