"""The mark of a short answer: what raises it, what does not, and a floor under how well it goes with people's grades."""

from dataclasses import replace

import pytest

from app.engines.embedding import embedder
from app.engines.judging.marker import marker
from app.engines.judging.short import DONT_KNOW, NOTHING_OF_IT, Agreement, marked, score_answer, weighed
from app.engines.judging.wording import Rearranged, Shared, rearranged, shared
from tests.evals.answers.measure import MODELS, graded, pearson, scores

QUESTION = "Why may a long cable need a larger cross-section than a short one?"
REFERENCE = (
    "Its resistance grows with its length, so the voltage drop would be too high; a larger cross-section lowers it."
)
FLOOR_QUESTIONS = ("safetystock", "race")


def mark(answer, reference=REFERENCE, question=QUESTION):
    return score_answer(question, reference, answer, embedder(MODELS), lambda: marker(MODELS))


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


def test_words_of_the_reference_that_change_their_company_are_named_and_cost():
    question = "What do the terms of delivery say?"
    reference = "The seller packs the goods, and the haulier carries the risk."
    told = rearranged(question, reference, "The haulier packs the goods, the seller carries the risk.")

    assert rearranged(question, reference, reference).pairs == ()
    assert rearranged(question, reference, "Goods are packed, the haulier has the risk.").pairs == ()
    assert told.pairs == ("carries with seller", "goods with haulier", "haulier with packs", "risk with seller")
    assert told.share > 0.5
    turned = mark("The haulier packs the goods, the seller carries the risk.", reference, question)
    assert "puts together what the reference keeps apart: carries with seller, goods with haulier" in turned["reason"]


@pytest.mark.parametrize(
    "worse",
    [
        {"order": Rearranged(0.8, ("haulier with packs",))},
        {"phrases": 1.0},
        {"preached": 1.0},
    ],
)
def test_what_only_takes_away(worse):
    found = Agreement(0.5, Shared(0.5, (), ()), Rearranged(0.0, ()), phrases=0.0, preached=0.0, read=0.5)

    assert marked(replace(found, **worse)) < marked(found) - 0.1


def test_what_the_question_or_the_reference_names_stays_and_who_speaks_does_not():
    question, reference = "Who found penicillin, and where?", "Alexander Fleming, in a dish that mould had spoilt."
    said = ["I am 44, and I say it was Alexander Fleming.", "A man found it, not Greg Walsh."]

    assert weighed(question, reference, said) == [
        "I am grown up, and I say it was Alexander Fleming.",
        "A person found it, not Alex Miller.",
    ]
    assert weighed("Which man found it?", reference, said[1:]) == ["A man found it, not Alex Miller."]


def test_an_introduction_counts_for_nothing_and_an_answer_in_one_sentence_with_it_is_heard():
    bare, introduced = (
        mark("Because of the voltage drop."),
        mark("My name is Priya Sharma. Because of the voltage drop."),
    )
    one, other = (
        mark(f"My name is {name} and I say it is the voltage drop.") for name in ("Priya Sharma", "Greg Walsh")
    )

    assert (introduced["score"], introduced["quotes"]) == (bare["score"], bare["quotes"])
    assert one["score"] == other["score"] > 0.2


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
