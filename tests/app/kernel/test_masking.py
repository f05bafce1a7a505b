"""The net under logs: what it takes away, and what it leaves readable."""

import logging
import time

import pytest

from app import logs
from app.kernel.masking import masked, masked_all


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("550 <cara.diaz+x@people.example>: no such user", "550 <[email]>: no such user"),
        ("call +49 30 9018-2733 now", "call [phone] now"),
        ("call (030) 90182733", "call [phone]"),
        ("tel 0301234567, then", "tel [phone], then"),
        ("GET /i/YZ1pT3o9dQ6xJvE8cRk2mB7sLwN4hFgU0aPiXeVtKyM", "GET /i/[token]"),
        ("/password/" + "aB3_" * 10 + "xyz?next=/", "/password/[token]?next=/"),
        ("token " + "aB3-" * 10 + "xyz", "token [token]"),
        (
            "duplicate key\nDETAIL:  Key (lower(email))=(cara) already exists.\nmore",
            "duplicate key\nDETAIL: [row]\nmore",
        ),
    ],
)
def test_what_names_a_person_is_taken_away(said, left):
    assert masked(said) == left


@pytest.mark.parametrize(
    "said",
    [
        "task 01a2028f-1177-745c-8d99-005325e68e0d done", "2026-11-22T08:34:16.123456Z", "2026-11-22 08:34:16",
        "took 1234567 ms", "127.0.0.1:54321", "revision 0007, page 3 of 12", 'File "/app/x.py", line 1200, in f',
        "/jobs/01a2028f-1177-745c-8d99-005325e68e0d/board",
    ],
)  # fmt: skip
def test_what_an_operator_needs_stays(said):
    assert masked(said) == said


@pytest.mark.parametrize("one", ["a", "0", "a.", "a@", "(0", "+1 ", "/i/", "a-"])
def test_a_long_word_takes_no_longer_than_its_length_asks(one):
    """Ten times as long: about ten times as slow, not a hundred times."""
    begun = time.perf_counter()
    masked(one * 30_000)
    short = time.perf_counter() - begun
    masked(one * 300_000)

    assert time.perf_counter() - begun - short < 40 * short + 0.2


def test_everything_below_is_looked_at():
    given = {"who": ["a@b.example", {"a@b.example": 5}], "n": 3, "x": None}

    assert masked_all(given) == {"who": ["[email]", {"[email]": 5}], "n": 3, "x": None}


def test_what_libraries_log_is_masked_with_their_traces(settings, capfd):
    logs.configure(settings)
    logger = logging.getLogger("somebody.elses")
    try:
        int("cara@people.example")
    except ValueError:
        logger.exception("sending to %s failed", "carl@people.example")
    told = capfd.readouterr().err

    assert ("cara@" in told, "carl@" in told, told.count("[email]")) == (
        False,
        False,
        3,
    )  # one in the line of the source
    assert "ValueError" in told
