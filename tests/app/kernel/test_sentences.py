"""Words of commands: English by themselves, in the language of the page on a page."""

import copy

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.errors import Conflict, Invalid
from app.kernel.sentences import sentence
from app.web.languages import translated
from tests.web.furnished import furnished

NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
WEIGHTS = ("The weights add up to %(total)s. They must add up to 100.", {"total": 90})


@pytest.fixture(scope="module")
def page():
    """Within a request, as errors are said."""
    with furnished().test_request_context():
        yield


@given(values=st.dictionaries(NAMES, st.text() | st.integers()), before=st.text(), after=st.text())
def test_sentence_is_its_template_filled_in(values, before, after):
    escaped = before.replace("%", "%%") if values else before
    template = escaped + " ".join(f"%({name})s" for name in values) + (after.replace("%", "%%") if values else after)

    said = sentence(template, **values)

    assert said == (template % values if values else template)
    assert (said.template, said.values) == (template, values)


@given(words=st.text())
def test_plain_words_pass_unchanged(page, words):
    with force_locale("hi"):
        assert translated(words) is words


@given(words=st.text(min_size=1), value=st.text())
def test_what_no_catalogue_has_stays_english(page, words, value):
    said = sentence("-- " + words.replace("%", "%%") + " %(value)s", value=value)

    with force_locale("hi"):
        assert translated(said) == said


def test_sentence_is_said_in_the_language_of_the_page(page):
    template, values = WEIGHTS
    with force_locale("hi"):
        said = translated(sentence(template, **values))

    assert (said.count("90"), "weights" in said) == (1, False)
    assert translated(sentence(template, **values)) == "The weights add up to 90. They must add up to 100."


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy])
def test_sentence_survives_a_copy(again):
    said = again(sentence("%(name)s: 100 %%.", name="Care"))

    assert (said, said.template, said.values) == ("Care: 100 %.", "%(name)s: 100 %%.", {"name": "Care"})


def test_logs_read_english():
    said = sentence(WEIGHTS[0], **WEIGHTS[1])

    assert (
        str(Conflict(said)) == str(Invalid({"weights": said})) == "The weights add up to 90. They must add up to 100."
    )
