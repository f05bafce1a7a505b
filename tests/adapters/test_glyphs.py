"""Accents that are letters of their own, icons, and names of bold fonts, as TeX's PDFs have them."""

import pytest

from app.adapters.local.pages.glyphs import Glyph, composed, is_bold, sign

SIZE, WIDE = 10.0, 5.0


def glyph(text, x0, *, y=100.0, size=SIZE):
    return Glyph(text, x0, y - size, x0 + WIDE, y, size, "CMR10", False, (0, 0, 0), None)


def text_of(glyphs):
    return "".join(" " if one is None else one.text for one in glyphs)


def placed(text, *accents):
    """The letters side by side, a space as a gap; then (sign, place of its letter, index in the list)."""
    glyphs = [None if letter == " " else glyph(letter, n * WIDE) for n, letter in enumerate(text)]
    for mark, over, index in accents:
        glyphs.insert(index, glyph(mark, over * WIDE + 0.4, y=98.0))
    return glyphs


@pytest.mark.parametrize(
    ("glyphs", "text"),
    [
        (placed("Konig", ("¨", 1, 1)), "König"),
        (placed("Konig", ("¨", 1, 2)), "König"),
        (placed("ecografıa", ("´", 7, 7)), "ecografía"),
        (placed("Francais", ("¸", 4, 4)), "Français"),
        (placed("Strasse Erable", ("´", 8, 14)), "Strasse Érable"),
        (placed("Cwik mn", ("´", 0, 0), ("´", 6, 8)), "Ćwik mń"),
    ],
)
def test_accents_become_part_of_the_letter_that_they_stand_over(glyphs, text):
    assert text_of(composed(glyphs)) == text


def test_spaces_around_an_accent_that_hangs_over_go_with_it():
    glyphs = placed("Konig", ("¨", 1, 1))
    glyphs[1:2] = [None, glyphs[1], None]
    assert text_of(composed(glyphs)) == "König"


def test_spaces_between_words_stay_when_the_accent_stood_between_them():
    glyphs = [glyph("a", 0.0), None, glyph("`", 10.2, y=98.0), glyph("a", 10.0), None, glyph("b", 20.0)]
    assert text_of(composed(glyphs)) == "a à b"


def test_signs_over_no_letter_stay_as_they_are():
    glyphs = placed("5 ^", ("´", 8, 3), ("¨", 0, 0))
    assert text_of(composed(glyphs)) == "¨5 ^´"


def test_a_sign_of_another_size_is_no_accent():
    assert text_of(composed([glyph("a", 0.0), glyph("´", 0.4, size=4.0)])) == "a´"


@pytest.mark.parametrize(
    ("font", "bold"),
    [
        ("CMBX10", True), ("CMSSBX10", True), ("CMB10", True), ("SFBX1000", True), ("SFSX0900", True), ("ECBX1000", True),
        ("NimbusRomNo9L-Medi", True), ("URWGothicL-Demi", True), ("LMRoman10-Bold", True), ("Roboto-Black", True),
        ("CMR10", False), ("CMTI10", False), ("SFRM1000", False), ("Roboto-Medium", False), ("CMSY10", False),
    ],
)  # fmt: skip
def test_bold_fonts_are_known_by_name(font, bold):
    assert is_bold(font) is bold


@pytest.mark.parametrize(
    ("text", "font", "seen"),
    [
        ("\x88", "", "•"), ("\uf0b7", "SymbolMT", "•"), ("#", "FontAwesome5Free-Solid", ""), ("B", "MarVoSym", ""), ("§", "Wingdings", "•"), ("l", "Wingdings-Regular", "•"),
        ("☎", "Dingbats", "☎"), ("#", "CMR10", "#"), ("C#", "CMR10", "C#"), ("•", "CMSY10", "•"),
    ],
)  # fmt: skip
def test_icons_are_no_letters_and_signs_without_one_are_bullets(text, font, seen):
    assert sign(text, font) == seen
