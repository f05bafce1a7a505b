"""S-62: words that nobody sees are found; honest decoration is not taken for them. By default a few of each family."""

from tests.evals.hidden.measure import clean, hidden, measured
from tests.evals.hidden.tricks import MARK
from tests.sizes import sized


def test_s62_hidden_text_is_flagged_and_read_by_nobody():
    found = list(measured(hidden("held", sized(200, 8))))

    missed = [what for what, flags, text in found if not flags or MARK in text]
    assert len(missed) <= len(found) // 100, missed


def test_s62_honest_resumes_are_not_flagged():
    found = list(measured(clean("held", sized(1000, 6))))

    wrong = [(what, flags) for what, flags, _ in found if flags]
    assert len(wrong) <= len(found) // 100, wrong
