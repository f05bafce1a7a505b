import runpy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.web import assets, theme
from app.web.colour import contrast, from_oklch, to_oklch

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
LIGHT_PAPERS = ("canvas", "surface", "sunken", "raised")


@settings(max_examples=150, deadline=None)
@given(COLOURS)
def test_any_colour_becomes_readable_in_both_schemes(colour):
    for palette in theme.palettes(colour):
        assert contrast(palette["accent-ink"], palette["accent"]) >= 4.5
        assert all(contrast(palette["accent-text"], palette[paper]) >= 4.5 for paper in LIGHT_PAPERS)
        assert contrast(palette["accent-text"], palette["accent-soft"]) >= 4.5


@pytest.mark.parametrize("colour", ["#000000", "#ffffff", "#ffff00", "#ff0000", "#00ff00", "#0000ff", "#808080"])
def test_extreme_colours_become_readable(colour):
    light, dark = theme.palettes(colour)

    assert contrast(light["accent"], "#ffffff") >= 4.5
    assert contrast(dark["accent"], dark["raised"]) >= 4.5


def test_low_contrast_is_refused():
    light, _ = theme.palettes()

    with pytest.raises(theme.LowContrast, match="ink3 on canvas"):
        theme.check(light | {"ink3": "#cccccc"})


@settings(max_examples=150, deadline=None)
@given(COLOURS)
def test_oklch_there_and_back_is_the_same_colour(colour):
    back = from_oklch(*to_oklch(colour))
    channels = [(int(one, 16), int(other, 16)) for one, other in zip(_pairs(colour), _pairs(back), strict=True)]

    assert all(abs(one - other) <= 2 for one, other in channels)


def _pairs(colour):
    return [colour[at : at + 2] for at in (1, 3, 5)]


def test_tokens_are_the_ones_that_are_computed():
    made = runpy.run_path(str(assets.ROOT.parents[1] / "bin/tokens"))["contents"]()

    assert (assets.ROOT / "css/tokens.css").read_text() == made


def test_accent_is_linked_and_kept(flask_app):
    with flask_app.test_request_context():
        url = theme.accent_url("#8a1253")

    answer = flask_app.test_client().get(url)

    assert url.startswith("/theme/8a1253-")
    assert "--accent:#8a1253" in answer.text
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]


def test_house_colour_needs_no_further_file(flask_app):
    with flask_app.test_request_context():
        assert theme.accent_url(theme.DEFAULT_COLOUR) is None


@pytest.mark.parametrize("name", ["nonsense", "red", "12345", "</style>"])
def test_theme_of_no_colour_is_missing(client, name):
    assert client.get(f"/theme/{name}.css").status_code == 404
    assert theme.accent_css(name) == ""
