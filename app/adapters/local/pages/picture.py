"""A picture of pages that have no look of their own: each visible word where the words say it stands.

Drawn word by word, with the first font that has its letters: the words have their places already, so nothing is laid
out anew.
"""

import io
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.adapters.local.pages.found import IMAGE_DPI, MOST_IMAGES, FoundPage, FoundWord

_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts")
# The plain one and its bold sister; what one lacks, one after it has.
_FACES = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("NotoSansDevanagari-Regular.ttf", "NotoSansDevanagari-Bold.ttf"),
    ("NotoSansTamil-Regular.ttf", "NotoSansTamil-Bold.ttf"),
    ("NotoSansBengali-Regular.ttf", "NotoSansBengali-Bold.ttf"),
)  # fmt: skip
_SCALE = IMAGE_DPI / 72
_SMALLER = 0.86  # than it says: other fonts are narrower than these; what is too long still is drawn smaller
_NO_CHARACTER = "\uffff"
_LARGEST = 400


def pictured(pages: list[FoundPage]) -> list[FoundPage]:
    """Without fonts to draw with, the pages stay without pictures: words are what counts."""
    if _files():
        for page in pages[:MOST_IMAGES]:
            page.image = _png(page)
    return pages


def _png(page: FoundPage) -> bytes:
    image = Image.new("L", (round(page.width * _SCALE), round(page.height * _SCALE)), 255)
    sheet, out = ImageDraw.Draw(image), io.BytesIO()
    for word in page.words:
        if word.hidden is None:
            _draw(sheet, word)
    image.point([grey // 16 * 17 for grey in range(256)]).save(out, "PNG", compress_level=3)
    return out.getvalue()


def _draw(sheet: ImageDraw.ImageDraw, word: FoundWord) -> None:
    name, size = _file_for(word.text, bold=word.bold), min(max(round(word.size * _SMALLER * _SCALE), 1), _LARGEST)
    long, room = _font(name, size).getlength(word.text), (word.x1 - word.x0) * _SCALE
    font = _font(name, max(int(size * room / long), 1) if long > room > 0 else size)
    sheet.text((word.x0 * _SCALE, word.y0 * _SCALE), word.text, fill=0, font=font, anchor="la")


@cache
def _files() -> dict[str, bytes]:
    """The faces that are there. The warm process takes them in: its copies can open nothing."""
    wanted = {name for pair in _FACES for name in pair}
    found = [path for folder in _FOLDERS for path in Path(folder).rglob("*.ttf") if path.name in wanted]
    return {path.name: path.read_bytes() for path in found}


def _file_for(text: str, *, bold: bool) -> str:
    there = [pair[bold] for pair in _FACES if pair[bold] in _files()] or sorted(_files())
    letters = {letter for letter in text if not letter.isspace()}
    return next((name for name in there if all(_has(name, letter) for letter in letters)), there[0])


@cache
def _has(name: str, letter: str) -> bool:
    """What a font lacks looks like what no font has."""
    return bytes(_font(name, 16).getmask(letter)) != bytes(_font(name, 16).getmask(_NO_CHARACTER))


@cache
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(_files()[name]), size)
