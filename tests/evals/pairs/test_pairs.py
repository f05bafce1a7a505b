"""The floor under the built-in evaluator, on answers written before it was set up."""

from functools import cache
from pathlib import Path

import pytest

from app.adapters.local.judging import LocalJudge
from tests.evals.pairs.measure import answers, judged, kit, lowest, pairs, requests
from tests.sizes import sized

JUDGE = LocalJudge(Path("var/models"))


@cache
def better(name):
    return judged(JUDGE, kit(name.split("-")[0]), answers(f"{name}-better"))


@pytest.mark.eval
@pytest.mark.xdist_group("pairs")
def test_better_answers_win_in_17_of_20():
    looked_at = pairs()[:: sized(1, 3)]
    won = sum(
        better(name).overall > judged(JUDGE, kit(name.split("-")[0]), answers(f"{name}-worse")).overall
        for name in looked_at
    )
    assert len(pairs()) == 20
    assert won / len(looked_at) >= 17 / 20


@pytest.mark.eval
@pytest.mark.xdist_group("pairs")
def test_repeated_question_off_topic_and_not_knowing_get_the_lowest_level():
    assert all(missing == total for missing, total in lowest(JUDGE).values())


@pytest.mark.eval
@pytest.mark.xdist_group("pairs")
def test_quotes_come_from_answers_that_were_asked_for_the_dimension():
    for name in pairs()[:: sized(1, 3)]:
        given = answers(f"{name}-better")
        found = better(name).judgements
        for dimension, request in requests(kit(name.split("-")[0]), given).items():
            assert {quote.turn for quote in found[dimension].quotes} <= {turn.number for turn in request.turns}
