"""The targets of bin/fuzz by Hypothesis: what was found stays mended, and a few changed files every run."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzzing import seeds
from tests.fuzzing.found import FOUND
from tests.fuzzing.targets import TARGETS
from tests.sizes import sized

SLOW = {"pdf", "archive", "document", "text", "meaning"}


def changed(name):
    """A seed with a part taken out, put in twice or written over."""
    known = seeds.of(name)
    places = st.integers(0, 4_000)

    def edit(seed, edits):
        for start, length, new in edits:
            begin = start % (len(seed) + 1)
            seed = seed[:begin] + new + seed[begin + length :]
        return seed

    part = st.tuples(places, st.integers(0, 40), st.binary(max_size=12) | st.sampled_from([one[:200] for one in known]))
    return st.builds(edit, st.sampled_from(known), st.lists(part, max_size=4))


@pytest.mark.parametrize(("name", "data"), FOUND, ids=[name for name, _ in FOUND])
def test_what_was_found_stays_mended(name, data):
    TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_readers_take_every_seed_and_whatever_it_turns_into(name):
    for seed in seeds.of(name)[:3]:
        TARGETS[name](seed)
    examples = sized(2_000, 5 if name in SLOW else 60)

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(changed(name))
    def taken(data):
        TARGETS[name](data)

    taken()
