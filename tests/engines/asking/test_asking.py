"""The question bank, the kit made of it, and the follow-up."""

import time
from collections import Counter
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from app.adapters.local.analysis import LocalAnalyst
from app.adapters.local.asking import LocalAsker
from app.engines.asking import bank
from app.engines.asking.forbidden import forbidden
from app.engines.asking.kit import professions_of
from app.engines.embedding import embedder
from app.engines.judging.pieces import content, stem
from tests.sizes import sized

MODELS = Path("var/models")
ANALYST = LocalAnalyst(MODELS)
ASKER = LocalAsker()
JOBS = sorted((Path(__file__).parents[2] / "evals" / "postings" / "own" / "texts").glob("*.txt"))
QUESTION = "Tell us about an electrical fault that was hard to find. How did you go about it?"
SHOWS = "symptoms, drawings, measurements, causes excluded, repair, and test"


def test_bank_is_as_large_as_promised():
    stock = bank.english()
    assert len(stock.questions) >= 400
    assert len(stock.professions) >= 30
    assert {key for question in stock.questions for key in question.competencies} == set(stock.competencies)
    assert len(stock.competencies) >= 30
    assert min(Counter(question.profession for question in stock.questions).values()) >= 8


def test_every_level_of_a_competency_has_its_own_anchor():
    for competency in (*bank.english().competencies.values(), *bank.hindi().competencies.values()):
        assert len(competency.anchors) == len({anchor for anchor in competency.anchors if len(anchor.split()) > 2}) == 4


def test_every_question_says_all_that_a_kit_needs():
    for question in (*bank.english().questions, *bank.hindi().questions):
        assert question.text.endswith((".", "?", "।"))
        assert question.text.count("{") == question.text.count("{skill}") <= 1
        assert question.minutes in {3, 4, 5}
        assert 1 <= len(question.competencies) <= 2
        assert len(question.shows.split()) >= 4


def test_bank_has_questions_of_every_kind_and_difficulty():
    questions = bank.english().questions
    assert set(Counter(question.kind for question in questions)) == {
        "experience",
        "situation",
        "knowledge",
        "motivation",
    }
    assert min(Counter(question.difficulty for question in questions).values()) >= 30


def test_bank_has_no_near_duplicates():
    """0.8: the nearest two of the bank that ask for different things are at 0.79; the same question in other words is above."""
    texts = [question.text for question in bank.english().questions]
    texts = texts[:: max(1, len(texts) // sized(len(texts), 100))]
    vectors = embedder(MODELS).embed(texts)
    near = vectors @ vectors.T
    pairs = [(texts[i], texts[j]) for i in range(len(texts)) for j in range(i) if near[i, j] > 0.8]
    assert pairs == []


def test_no_two_questions_of_the_bank_share_most_of_their_words():
    words = {question.text: {stem(word) for word in content(question.text)} for question in bank.english().questions}
    pairs = [
        (one, other)
        for one, other in combinations(words, 2)
        if len(words[one] & words[other]) > 0.6 * len(words[one] | words[other])
    ]
    assert pairs == []


def test_a_word_of_the_job_makes_no_question_that_must_not_be_asked():
    text = JOBS[0].read_text(encoding="utf-8")
    analysis = replace(
        ANALYST.analyse(text),
        must_have=("your age and your religion", "your current salary"),
        title="your marital status",
    )
    for language in ("en", "hi"):
        kit = ANALYST.propose_kit(analysis, text, language=language)
        assert [question.text for question in kit.questions if forbidden(question.text)] == []
        assert len(kit.questions) >= 4


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize(
    "title", ["Ward clerk", "Electrician for building services", "Night porter", "Cook", "Receptionist"]
)
def test_title_of_the_job_never_stands_for_a_skill(title, language):
    """Languages, licences and virtues are demanded, no skill that questions could be about."""
    text = f"{title} (m/f/d), Graz\n\nYour profile\n- Good German and English\n- Driving licence\n- Reliability\n"
    analysis = ANALYST.analyse(text)
    kit = ANALYST.propose_kit(analysis, text, language=language)
    assert (analysis.title, bool(analysis.must_have), len(kit.questions)) == (title, True, 6)
    stock = {question.text for question in (bank.hindi() if language == "hi" else bank.english()).questions}
    assert [question.text for question in kit.questions if question.text not in stock] == []
    assert {name for question in kit.questions for name in question.dimensions} == {
        dimension.name for dimension in kit.dimensions
    }


@pytest.mark.parametrize(
    ("title", "profession"),
    [
        ("Ward clerk", "office"),
        ("Medical secretary", "office"),
        ("Patient administrator", "office"),
        ("Ward manager", "nurse"),
        ("Ward nurse", "nurse"),
    ],
)
def test_who_writes_on_a_ward_is_not_asked_what_nurses_are(title, profession):
    analysis = ANALYST.analyse(f"{title}, Pune\n\nYour tasks\n- Keep patient files and answer the telephone\n")
    assert professions_of(analysis, ANALYST._embed) == [profession]


@pytest.mark.parametrize("language", ["en", "hi"])
def test_named_skill_is_asked_about(language):
    text = "Ward clerk, Pune\n\nYour profile\n- English\n- Medical coding\n"
    kit = ANALYST.propose_kit(ANALYST.analyse(text), text, language=language)
    assert len(kit.questions) == 6
    assert any("medical coding" in question.text for question in kit.questions)


def test_hindi_bank_is_large_enough():
    assert len(bank.hindi().questions) >= 12
    assert sum(competency.weight for competency in bank.hindi().competencies.values()) == 100


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("file", JOBS, ids=lambda path: path.stem)
def test_kit_keeps_the_promises_of_the_port(file, language):
    text = file.read_text(encoding="utf-8")
    kit = ANALYST.propose_kit(ANALYST.analyse(text), text, language=language)
    names = [dimension.name for dimension in kit.dimensions]
    assert kit.language == language
    assert 3 <= len(names) <= 6
    assert 4 <= len(kit.questions) <= 8
    assert sum(dimension.weight for dimension in kit.dimensions) == 100
    assert all(dimension.weight > 0 and len(dimension.anchors) == 4 for dimension in kit.dimensions)
    assert {name for question in kit.questions for name in question.dimensions} == set(names)
    assert len({question.text for question in kit.questions}) == len(kit.questions)
    assert not any("{" in question.text for question in kit.questions)
    assert all(question.minutes > 0 and question.shows for question in kit.questions)


def test_kit_says_the_language_that_it_came_in():
    text = JOBS[0].read_text(encoding="utf-8")
    assert ANALYST.propose_kit(ANALYST.analyse(text), text, language="de").language == "en"


def test_kit_is_the_same_for_the_same_job():
    text = JOBS[0].read_text(encoding="utf-8")
    assert ANALYST.propose_kit(ANALYST.analyse(text), text) == ANALYST.propose_kit(ANALYST.analyse(text), text)


def test_kit_of_a_text_that_says_nothing_still_holds():
    kit = ANALYST.propose_kit(ANALYST.analyse("Help wanted"), "Help wanted")
    assert len(kit.questions) >= 4
    assert sum(dimension.weight for dimension in kit.dimensions) == 100


@pytest.mark.parametrize(
    ("answer", "asks_for"),
    [
        ("I don't know.", "something similar"),
        ("There was a fault in a house.", "real case"),
        ("They measured all the circuits and replaced the cable, and it worked again.", "own part"),
        (
            "I measured every circuit of the house with the drawing in my hand and replaced the cable between the two boxes in the cellar.",
            "How did it end",
        ),
    ],
)
def test_follow_up_asks_for_what_is_missing(answer, asks_for):
    assert asks_for in ASKER.follow_up(QUESTION, answer, shows=SHOWS, language="en")


@pytest.mark.parametrize("answer", ["", "  \n "])
def test_follow_up_leaves_silence_alone(answer):
    assert ASKER.follow_up(QUESTION, answer, shows=SHOWS, language="en") is None


def test_follow_up_leaves_a_complete_answer_alone():
    answer = (
        "In a bakery the breaker tripped every morning. I asked the baker what ran then and measured each circuit, found a wet "
        "terminal box in the oven, replaced its seal and measured 180 megaohm. It has not tripped since March."
    )
    assert ASKER.follow_up(QUESTION, answer, shows=SHOWS, language="en") is None


def test_follow_up_speaks_hindi_and_nothing_it_does_not_know():
    assert "हिस्सा" in ASKER.follow_up("…", "टीम ने बहुत अच्छा काम किया और सब लोग खुश थे।", shows="", language="hi")
    assert "part" in ASKER.follow_up("…", "टीम ने बहुत अच्छा काम किया और सब लोग खुश थे।", shows="", language="en")
    assert ASKER.follow_up(QUESTION, "Wir haben es repariert.", shows=SHOWS, language="de") is None


def test_follow_up_is_quick():
    answer = "I measured it and repaired the cable. " * 60
    taken = []
    for _ in range(3):
        started = time.perf_counter()
        ASKER.follow_up(QUESTION, answer, shows=SHOWS, language="en")
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.2
