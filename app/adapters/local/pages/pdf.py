"""PDF by pdfium: every word with its box, its font, and whether a reader of the page can see it.

Seen or not is measured, not guessed: each page is drawn with and without its text. A word whose colour is the
ground's, or that changes no pixel, is hidden, whatever trick was used.
"""

import ctypes
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import pypdfium2 as pdfium
import pypdfium2.raw as c
from PIL import Image, ImageChops, ImageStat

from app.adapters.local.pages.asides import aside_words
from app.adapters.local.pages.found import (
    IMAGE_DPI,
    MOST_CHARACTERS,
    MOST_IMAGES,
    MOST_PAGES,
    FoundPage,
    FoundWord,
    Unfit,
)
from app.adapters.local.pages.glyphs import Glyph, composed, is_bold, pictures, sign
from app.adapters.local.pages.targets import link_targets
from app.adapters.local.pages.unseen import split_unseen

SMALLEST = 2.0
LONGEST_SIDE = 5_000.0
BOLD_WEIGHT = 600
SAME_COLOUR = 24
NO_CHANGE = 10
_FAINT = 25
_LONGEST_STAND_IN = 2 * 16  # bytes
_NARROWEST = 0.08  # of the size, a letter
_RENDER_INVISIBLE = (3, 7)


@dataclass(frozen=True, slots=True)
class Look:
    size: float
    bold: bool
    font: str
    colour: tuple[int, int, int]
    reason: str | None


def pdf_pages(data: bytes) -> list[FoundPage]:
    try:
        return _pages(data)
    except pdfium.PdfiumError:
        raise Unfit("broken", "A page of the file cannot be read.") from None


def _pages(data: bytes) -> list[FoundPage]:
    with _opened(data) as document, _opened(data) as blank:
        if len(document) > MOST_PAGES:
            raise Unfit("too-large", f"The file has {len(document)} pages; {MOST_PAGES} are read at most.")
        pages: list[FoundPage] = []
        for number in range(len(document)):
            page = document[number]
            pages.append(_page(page, blank[number], pictured=number < MOST_IMAGES))
            pages[-1].links = link_targets(document, page, pages[-1].words)
            pages[-1].words.extend(aside_words(document, page, number))
            if sum(len(word.text) for page in pages for word in page.words) > MOST_CHARACTERS:
                raise Unfit("bomb", "The file holds more text than any resume.")
    return pages


def _opened(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unfit("locked", "The file is protected by a password.") from None
        raise Unfit("broken", "The file is not a whole PDF.") from None
    return document


def _page(page: Any, blank: Any, *, pictured: bool) -> FoundPage:
    for one in (page, blank):
        one.set_rotation(0)  # letters are placed on the sheet as it was written, not as it is turned
    width, height = page.get_size()
    if max(width, height) > LONGEST_SIDE:
        raise Unfit("bomb", "A page is larger than any sheet of paper.")
    text = _text(page)
    dpi = IMAGE_DPI if pictured else IMAGE_DPI / 2
    scale = min(dpi / 72, 1_900 / max(width, height, 1))
    seen = _drawn(page, scale)
    _without_text(blank)
    ground = _drawn(blank, scale)
    glyphs = composed(list(_glyphs(page, text)))
    words = [word for run in _runs(glyphs) for word in _words(run)]
    sight = Sight(seen, ground, scale)
    for word, colour in words:
        word.hidden = word.hidden or _squeezed(word) or sight.reason(word, colour)
    kept = [part for word, _ in words for part in split_unseen(word)]
    return FoundPage(width, height, kept, _png(seen) if pictured else None)


def _drawn(page: Any, scale: float) -> Image.Image:
    image: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
    return image.convert("RGB")


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64, method=Image.Quantize.FASTOCTREE).save(out, "PNG")
    return out.getvalue()


def _without_text(page: Any) -> None:
    for position in reversed(range(c.FPDFPage_CountObjects(page))):
        piece = c.FPDFPage_GetObject(page, position)
        kind = c.FPDFPageObj_GetType(piece)
        if kind == c.FPDF_PAGEOBJ_TEXT:
            c.FPDFPage_RemoveObject(page, piece)
        elif kind == c.FPDF_PAGEOBJ_FORM:
            _form_without_text(piece, depth=0)


def _form_without_text(form: Any, *, depth: int) -> None:
    for position in reversed(range(c.FPDFFormObj_CountObjects(form))):
        piece = c.FPDFFormObj_GetObject(form, position)
        kind = c.FPDFPageObj_GetType(piece)
        if kind == c.FPDF_PAGEOBJ_TEXT:
            c.FPDFFormObj_RemoveObject(form, piece)
        elif kind == c.FPDF_PAGEOBJ_FORM and depth < 8:  # noqa: PLR2004  deeper nesting is no layout
            _form_without_text(piece, depth=depth + 1)


def _text(page: Any) -> Any:
    """Counted before it is drawn: drawing millions of letters takes minutes."""
    text = page.get_textpage()
    if c.FPDFText_CountChars(text) > MOST_CHARACTERS:
        raise Unfit("bomb", "A page holds more text than any resume.")
    return text


def _glyphs(page: Any, text: Any) -> Iterator[Glyph | None]:
    """None stands for a space or a line's end."""
    left, bottom, right, top = page.get_bbox()
    high, looks = 0, dict[int, Look]()
    for position in range(c.FPDFText_CountChars(text)):
        code = c.FPDFText_GetUnicode(text, position)
        if 0xD800 <= code < 0xDC00:  # noqa: PLR2004  first half of a pair
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:  # noqa: PLR2004  second half
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        if code <= 0x20 or code in (0xA0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000:  # noqa: PLR2004  no letter
            yield None if code not in (0x02, 0xFFFE) else _hyphen(text, position, (left, top))
            continue
        yield _glyph(text, position, chr(code), (left, bottom, right, top), looks)


def _hyphen(text: Any, position: int, corner: tuple[float, float]) -> Glyph | None:
    glyph = _glyph(text, position, "-", (corner[0], 0.0, corner[0], corner[1]), {})
    glyph.reason = None
    return glyph


def _glyph(
    text: Any, position: int, letter: str, box: tuple[float, float, float, float], looks: dict[int, Look]
) -> Glyph:
    left, bottom, right, top = box
    edges = [ctypes.c_double() for _ in range(4)]
    c.FPDFText_GetCharBox(text, position, *edges)
    x0, x1, y0, y1 = (edge.value for edge in edges)
    loose = c.FS_RECTF()
    if c.FPDFText_GetLooseCharBox(text, position, loose) and loose.right > loose.left:
        x0, x1, y0, y1 = loose.left, loose.right, loose.bottom, loose.top
    look = _look(text, position, looks)
    size = look.size or y1 - y0
    outside = x1 <= left or x0 >= right or y1 <= bottom or y0 >= top
    reason = "off-page" if outside else "tiny" if size < SMALLEST else look.reason
    return Glyph(letter, x0 - left, top - y1, x1 - left, top - y0, size, look.font, look.bold, look.colour, reason)


def _look(text: Any, position: int, known: dict[int, Look]) -> Look:
    """Of the piece of text that the letter is part of: all its letters look alike, so it is asked once."""
    piece = c.FPDFText_GetTextObject(text, position)
    name = ctypes.cast(piece, ctypes.c_void_p).value or 0
    if name in known:
        return known[name]
    colour, alpha = _colour(text, position)
    invisible = alpha < _FAINT or (name and c.FPDFTextObj_GetTextRenderMode(piece) in _RENDER_INVISIBLE)
    reason = "invisible" if invisible else "another-text" if name and _replaced(piece) else None
    look = Look(_size(text, position), *_face(text, position), colour, reason)
    if name:
        known[name] = look
    return look


def _replaced(piece: Any) -> bool:
    """A long text that stands for what is drawn: ligatures, hyphens and the names of icons are short."""
    size = ctypes.c_ulong()
    for number in range(c.FPDFPageObj_CountMarks(piece)):
        mark = c.FPDFPageObj_GetMark(piece, number)
        if c.FPDFPageObjMark_GetParamStringValue(mark, b"ActualText", None, 0, size) and size.value > _LONGEST_STAND_IN:
            return True
    return False


def _size(text: Any, position: int) -> float:
    """0 where the file does not say."""
    matrix = c.FS_MATRIX()
    nominal: float = c.FPDFText_GetFontSize(text, position)
    if c.FPDFText_GetMatrix(text, position, matrix):
        nominal *= float((matrix.c**2 + matrix.d**2) ** 0.5) or 1.0
    return max(nominal, 0.0)


def _colour(text: Any, position: int) -> tuple[tuple[int, int, int], int]:
    parts = [ctypes.c_uint() for _ in range(4)]
    if not c.FPDFText_GetFillColor(text, position, *parts):
        return (0, 0, 0), 255
    red, green, blue, alpha = (part.value for part in parts)
    return (red, green, blue), alpha


def _face(text: Any, position: int) -> tuple[bool, str]:
    flags, name = ctypes.c_int(), ctypes.create_string_buffer(128)
    c.FPDFText_GetFontInfo(text, position, name, 128, flags)
    font = name.value.decode("utf-8", "replace").split("+")[-1]
    heavy = c.FPDFText_GetFontWeight(text, position) >= BOLD_WEIGHT
    return heavy or is_bold(font) or bool(flags.value & (1 << 18)), font


def _runs(glyphs: list[Glyph | None]) -> Iterator[list[Glyph]]:
    run: list[Glyph] = []
    for glyph in glyphs:
        if glyph is not None and (not run or _together(run[-1], glyph)):
            run.append(glyph)
            continue
        if run:
            yield run
        run = [glyph] if glyph is not None else []
    if run:
        yield run


def _together(one: Glyph, two: Glyph) -> bool:
    em = max(one.size, two.size, 1.0)
    level = min(one.y1, two.y1) - max(one.y0, two.y0) > 0.3 * min(one.y1 - one.y0, two.y1 - two.y0)
    ligature = (one.x0, one.x1) == (two.x0, two.x1)  # letters of one glyph share its box, however wide
    return (
        level
        and (ligature or -em < two.x0 - one.x1 < 0.25 * em)
        and one.reason == two.reason
        and one.colour == two.colour
        and pictures(one.font) == pictures(two.font)
    )


def _words(run: list[Glyph]) -> Iterator[tuple[FoundWord, tuple[int, int, int]]]:
    first = run[0]
    text = sign("".join(glyph.text for glyph in run), first.font)
    if not text:
        return
    bold = sum(glyph.bold for glyph in run) * 2 > len(run)
    box = (min(g.x0 for g in run), min(g.y0 for g in run), max(g.x1 for g in run), max(g.y1 for g in run))
    yield FoundWord(text, *box, first.size, first.font, bold, first.reason), first.colour


def _squeezed(word: FoundWord) -> str | None:
    """So narrow that nobody reads it, or another text than the sign that is drawn."""
    length = max(word.x1 - word.x0, word.y1 - word.y0 - 2 * word.size)
    return "squeezed" if len(word.text) > 1 and length < _NARROWEST * word.size * len(word.text) else None


def _extremes(image: Image.Image) -> list[tuple[int, int]]:
    """The darkest and lightest of each of the three colours."""
    return cast("list[tuple[int, int]]", list(image.getextrema()))


class Sight:
    """The page as drawn, its ground without text, and where the two differ."""

    def __init__(self, seen: Image.Image, ground: Image.Image, scale: float) -> None:
        self.ground, self.scale = ground, scale
        self.change = ImageChops.difference(seen, ground)

    def reason(self, word: FoundWord, colour: tuple[int, int, int]) -> str | None:
        box = self._pixels(word)
        if box is None:
            return "off-page"
        change = max(high for _, high in _extremes(self.change.crop(box)))
        behind = self._behind(box)
        if max(abs(a - b) for a, b in zip(colour, behind, strict=True)) <= SAME_COLOUR and self._even(box):
            return "white" if min(colour) > 255 - SAME_COLOUR else "same-colour"
        return "covered" if change <= NO_CHANGE else None

    def _behind(self, box: tuple[int, int, int, int]) -> list[float]:
        part = self.ground.crop(box)
        edges = _extremes(part)
        if all(low == high for low, high in edges):
            return [float(low) for low, _ in edges]
        return [float(one) for one in ImageStat.Stat(part).median]

    def _even(self, box: tuple[int, int, int, int]) -> bool:
        return all(high - low <= 4 * SAME_COLOUR for low, high in _extremes(self.ground.crop(box)))

    def _pixels(self, word: FoundWord) -> tuple[int, int, int, int] | None:
        x0, y0 = max(int(word.x0 * self.scale), 0), max(int(word.y0 * self.scale), 0)
        x1 = min(int(word.x1 * self.scale) + 2, self.ground.width)
        y1 = min(int(word.y1 * self.scale) + 2, self.ground.height)
        return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
