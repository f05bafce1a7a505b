"""The figures that reading resumes must not fall below.

`own` were seen while the rules were written. Of the held-out part all is read at full size, else every 24th file.
"""

import pytest

from tests.evals.resumes.measure import AS_OF, FIELDS, labels, macro, measured
from tests.evals.resumes.people import label, people
from tests.evals.resumes.rendered import sources, stem
from tests.evals.resumes.rendering import PARTS, pairs
from tests.sizes import FULL

FLOOR, LOWEST_FIELD = 0.98, 0.9
HELD_FLOOR = 0.85 if FULL else 0.7


@pytest.mark.eval
def test_resumes_are_read_as_well_as_before():
    scores = measured()["all"]
    assert macro(scores) >= FLOOR, scores
    assert {field: f1 for field, (_, _, f1) in scores.items() if f1 < LOWEST_FIELD} == {}


@pytest.mark.eval
def test_held_out_resumes_are_read_as_well_as_measured():
    assert macro(measured("held", every=1 if FULL else 24)["all"]) >= HELD_FLOOR


def test_each_source_has_its_label():
    assert [stem(source) for source in sources()] == sorted(labels())
    assert AS_OF.isoformat() == "2026-11-22"


def test_the_parts_share_no_person_and_no_layout():
    assert set(people("held")) & set(people("dev")) == set()
    assert set(PARTS["held"]) & set(PARTS["dev"]) == set()
    assert len(people("held")) == 60
    assert {layout for _, layout in pairs("held")} == set(PARTS["held"])


def test_labels_name_every_field():
    assert {tuple(label(person)) for part in ("held", "dev") for person in people(part).values()} == {FIELDS}
