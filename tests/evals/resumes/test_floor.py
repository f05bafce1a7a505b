"""The figures that reading resumes must not fall below. The sources were seen while the rules were written."""

import pytest

from tests.evals.resumes.measure import AS_OF, labels, macro, measured
from tests.evals.resumes.rendered import sources, stem

FLOOR = 0.98
LOWEST_FIELD = 0.9


@pytest.mark.eval
def test_resumes_are_read_as_well_as_before():
    scores = measured()["all"]
    assert macro(scores) >= FLOOR, scores
    assert {field: f1 for field, (_, _, f1) in scores.items() if f1 < LOWEST_FIELD} == {}


def test_each_source_has_its_label():
    assert [stem(source) for source in sources()] == sorted(labels())
    assert AS_OF.isoformat() == "2026-11-22"
