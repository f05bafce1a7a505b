"""The mark of a short answer: what raises it, what does not, and a floor under how well it goes with people's grades."""

import pytest

from app.engines.embedding import embedder
from app.engines.judging.short import DONT_KNOW, NOTHING_OF_IT, score_answer
from app.engines.judging.wording import shared
from tests.evals.answers.measure import MODELS, graded, pearson, scores

QUESTION = "Why may a long cable need a larger cross-section than a short one?"
REFERENCE = (
    "Its resistance grows with its length, so the voltage drop would be too high; a larger cross-section lowers it."
)
FLOOR_QUESTIONS = ("safetystock", "race")


def mark(answer, reference=REFERENCE, question=QUESTION):
    return score_answer(question, reference, answer, embedder(MODELS))


def test_a_paraphrase_is_worth_more_than_a_part_and_a_part_more_than_something_else():
    whole, part, other = (
        mark(answer)["score"]
        for answer in (
            "More metres mean more ohms and you lose volts on the way; thicker copper has less resistance.",
            "Because of the voltage drop.",
            "So that the dog cannot bite through it in the garden.",
        )
    )

    assert whole > part > other + 0.2
    assert other < 0.2


def test_the_question_said_back_silence_not_knowing_and_other_languages():
    assert mark(QUESTION)["score"] == NOTHING_OF_IT
    assert mark("  ")["score"] is None
    assert mark("I don't know.")["score"] == DONT_KNOW
    assert mark("Weil der Widerstand mit der Länge wächst und dann zu viel Spannung abfällt.")["score"] is None


def test_more_of_the_question_around_an_answer_adds_nothing():
    bare = mark("The resistance grows with the length.")["score"]
    round_about = mark("A long cable may need a larger cross-section because the resistance grows with the length.")[
        "score"
    ]

    assert round_about <= bare


def test_every_quote_stands_in_the_answer_and_the_reason_names_what_is_missing():
    answer = "You lose volts on the way. I once had a cable of 80 m in a barn."
    found = mark(answer)

    assert found["quotes"]
    assert [quote for quote in found["quotes"] if quote not in answer] == []
    assert "Not found: resistance" in found["reason"]


@pytest.mark.parametrize(
    ("answer", "word"),
    [("Bacteria do not multiply in lukewarm food.", "multiply"), ("The bacteria multiply slowly there.", "fast")],
)
def test_a_denial_and_an_opposite_count_against_the_word(answer, word):
    reference = "Because bacteria multiply fast in lukewarm food."
    said = shared("Why is cooked food cooled?", reference, answer, embedder(MODELS))
    agreed = shared("Why is cooked food cooled?", reference, reference, embedder(MODELS))

    assert word in said.turned
    assert said.share < agreed.share
    assert agreed.turned == ()


def test_what_one_should_do_is_worth_less_than_what_somebody_does():
    question, reference = "A customer shouts at you. What do you do?", "Stays calm, listens and offers help."
    preached = mark("One should stay calm, listen and offer help.", reference, question)
    done = mark("I stay calm, listen and offer help.", reference, question)

    assert done["score"] > preached["score"] + 0.2
    assert "what one should do" in preached["reason"]


@pytest.mark.eval
def test_marks_go_with_grades():
    """A small part of the development half: all of it is measured by `python -m tests.evals.answers.measure`."""
    rows = [row for row in graded("short", "dev") if row.question_id in FLOOR_QUESTIONS]

    assert pearson(scores(rows), [row.grade for row in rows]) >= 0.55
