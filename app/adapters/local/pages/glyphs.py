"""Letters of a PDF put right: accents that TeX sets as signs of their own, signs out of fonts of pictures."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

# What stands over or under a letter → the mark that composes with it.
_ACCENTS = {
    "`": "\u0300", "´": "\u0301", "ˆ": "\u0302", "^": "\u0302", "˜": "\u0303", "~": "\u0303", "¯": "\u0304",
    "ˉ": "\u0304", "˘": "\u0306", "˙": "\u0307", "¨": "\u0308", "˚": "\u030a", "˝": "\u030b", "ˇ": "\u030c",
    "¸": "\u0327", "˛": "\u0328",
}  # fmt: skip
_DOTLESS = {"ı": "i", "ȷ": "j"}
_LEVEL = 0.5  # of the size: how far above its letter an accent may be set
_APART = 0.12
_BAND = 24.0  # points
_MOST = 1_000  # letters of a band: no page has more
_STRAY = 300  # marks of a page whose letter is looked for beyond their neighbours
_BULLET = "•"
_PICTURES = re.compile(r"(?i)fontawesome|marvosym|academicons|materialicons|icomoon|fontello")
_BULLETS = re.compile(r"(?i)wingdings|webdings")
_NO_SIGN = re.compile("[\x80-\x9f\ue000-\uf8ff]")
_BOLD = re.compile(r"(?i)bold|black|heavy|demi(?!t)|-medi(?!um)|^cm(?:ss)?bx|^cmb\d|^sf(?:b[xil]|s[xo]|rb|xc)\d|^ecbx")


@dataclass(slots=True)
class Glyph:
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    font: str
    bold: bool
    colour: tuple[int, int, int]
    reason: str | None


def is_bold(font: str) -> bool:
    """By its name: "NimbusRomNo9L-Medi" and TeX's "CMBX10" are bold as well."""
    return _BOLD.search(font) is not None


def pictures(font: str) -> bool:
    """A font of icons: whatever letter its places have, nobody sees that letter."""
    return _PICTURES.search(font) is not None or _BULLETS.search(font) is not None


def sign(text: str, font: str) -> str:
    """A word's text. An icon says nothing in letters; one sign without a letter is a bullet to whoever reads."""
    if _PICTURES.search(font):
        return ""
    bullet = _BULLETS.search(font) is not None
    return _BULLET if bullet or (text and not _NO_SIGN.sub("", text)) else text


def composed(glyphs: list[Glyph | None]) -> list[Glyph | None]:
    """Each accent that stands over a letter becomes part of it. None stands for a space or a line's end."""
    marks = [n for n, glyph in enumerate(glyphs) if glyph is not None and glyph.text in _ACCENTS]
    if not marks:
        return glyphs
    out, gone, bands, strays = list(glyphs), set[int](), _bands(glyphs), 0
    for mark in marks:
        home = _home(out, mark, _beside(mark, len(out)))
        if home is None and strays < _STRAY:
            strays += 1
            home = _home(out, mark, _around(out[mark], bands))
        if home is not None:
            place, letter = home
            out[place] = letter
            gone |= {mark, *_gaps(out, mark)}
    return [glyph for n, glyph in enumerate(out) if n not in gone]


def _bands(glyphs: list[Glyph | None]) -> dict[int, list[int]]:
    """Places in the list by height on the page, so that a mark's letter is looked for in its surroundings alone."""
    bands: dict[int, list[int]] = {}
    for place, glyph in enumerate(glyphs):
        if glyph is not None:
            bands.setdefault(int(glyph.y1 // _BAND), []).append(place)
    return bands


def _beside(mark: int, many: int) -> list[int]:
    return [n for n in (mark + 1, mark - 1, mark + 2, mark - 2) if 0 <= n < many]


def _around(accent: Glyph | None, bands: dict[int, list[int]]) -> Iterator[int]:
    """Where the file has what stands at that height on the page."""
    band = int(accent.y1 // _BAND) if accent else 0
    return (n for at in (band, band - 1, band + 1) for n in bands.get(at, [])[:_MOST])


def _home(glyphs: list[Glyph | None], mark: int, places: Iterable[int]) -> tuple[int, Glyph] | None:
    """The letter below or above the mark: its neighbour mostly, else wherever the file has it."""
    accent = glyphs[mark]
    if accent is None:
        return None
    for place in places:
        letter = glyphs[place]
        if letter is None or place == mark or not _over(accent, letter):
            continue
        text = unicodedata.normalize("NFC", _DOTLESS.get(letter.text, letter.text) + _ACCENTS[accent.text])
        if len(text) == 1:
            return place, replace(letter, text=text)
    return None


def _over(accent: Glyph, letter: Glyph) -> bool:
    middle = (accent.x0 + accent.x1) / 2
    inside = letter.x0 <= middle <= letter.x1 and abs(accent.y1 - letter.y1) <= _LEVEL * letter.size
    return inside and abs(accent.size - letter.size) < 1 and accent.reason == letter.reason


def _gaps(glyphs: list[Glyph | None], mark: int) -> set[int]:
    """Spaces around the mark that were there only because it hangs over: what it stood between touches."""
    before, after = mark - 1, mark + 1
    while before >= 0 and glyphs[before] is None:
        before -= 1
    while after < len(glyphs) and glyphs[after] is None:
        after += 1
    one = glyphs[before] if before >= 0 else None
    two = glyphs[after] if after < len(glyphs) else None
    if one is None or two is None or abs(one.y1 - two.y1) > _LEVEL * one.size:
        return set()
    touching = -one.size < two.x0 - one.x1 < _APART * one.size
    return set(range(before + 1, after)) if touching else set()
