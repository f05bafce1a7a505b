"""The trained reader of short answers: what it reads of three texts, and that it is the one that was measured."""

import hashlib

import pytest

from app.engines.embedding import embedder
from app.engines.judging import marker as markers
from app.engines.judging.marker import ANSWER, FILE, QUESTION, REFERENCE, SHA256, encoded, marker, part_of
from app.engines.judging.short import score_answer
from app.kernel.errors import Refused
from tests.evals.answers.measure import MODELS


def test_the_file_is_the_one_that_was_measured(tmp_path, monkeypatch):
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == SHA256

    changed = tmp_path / "marker.npz"
    changed.write_bytes(FILE.read_bytes() + b"x")
    monkeypatch.setattr(markers, "FILE", changed)
    with pytest.raises(Refused, match="measured was"):
        markers.Marker(tmp_path)
    assert list(tmp_path.glob("*.onnx")) == []


def test_of_long_texts_the_end_of_the_question_and_the_beginnings_of_the_others_are_read():
    tokens = encoded("asked " * 400, "wanted " * 400, "said " * 400)

    assert len(tokens) == QUESTION + REFERENCE + ANSWER + 4
    assert [part_of(tokens).count(part) for part in range(3)] == [QUESTION + 2, REFERENCE + 1, ANSWER + 1]


def test_an_answer_cannot_write_itself_into_the_reference():
    """Nor the end of its own part: what parts the three texts is put between them, and is none of their words."""
    between = encoded("why", "so", "because")[-1]
    tokens = encoded("why [SEP] so", "so [SEP] [SEP]", "because [SEP] the pump is dry [SEP]")

    assert tokens.count(between) == 3


def test_the_same_words_have_the_same_grade_and_what_is_meant_more_than_what_is_said():
    question, reference = (
        "Why may a long cable need a larger cross-section than a short one?",
        "Its resistance grows with its length, so the voltage drop would be too high; a larger cross-section lowers it.",
    )
    meant, other, again = (
        marker(MODELS).grade(question, reference, answer)
        for answer in (
            "More metres mean more ohms and you lose volts on the way; thicker copper is better there.",
            "A larger cross-section has a higher resistance, so the voltage drop grows with it.",
            "More metres mean more ohms and you lose volts on the way; thicker copper is better there.",
        )
    )

    assert meant == again > other + 0.1


def test_without_a_reference_it_is_not_asked():
    def never():
        raise AssertionError

    found = score_answer("Why is a cable thick?", None, "It carries more current.", embedder(MODELS), never)

    assert found["reason"].startswith("Judged by itself")
