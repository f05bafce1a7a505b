"""How DOCX runs are set: what their styles and their own properties say about size, weight and being seen."""

import re
from collections.abc import Iterator
from typing import Any

from app.adapters.local.pages.found import Style

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_FAINT = 95_000  # of 100,000 nothing
_SMALLEST_HALF_POINTS = 4
_NEAR_WHITE = 0xE7
_NARROWEST_PERCENT, _RAISED_HALF_POINTS, _SMALLEST_TWIPS, _FAR_TWIPS = 10, 400, 40, 6_000
_WHOLE = re.compile(r"-?[0-9]{1,7}")
# A ground that is no plain colour: whatever stands on it counts as seen.
UNKNOWN = "unknown"
_WHITES = {"background1", "light1", "bg1", "lt1"}
_HIGHLIGHTS = {
    "yellow": "FFFF00", "green": "00FF00", "cyan": "00FFFF", "magenta": "FF00FF", "blue": "0000FF", "red": "FF0000",
    "darkBlue": "000080", "darkCyan": "008080", "darkGreen": "008000", "darkMagenta": "800080", "darkRed": "800000",
    "darkYellow": "808000", "darkGray": "808080", "lightGray": "C0C0C0", "black": "000000", "white": "FFFFFF",
}  # fmt: skip
_HALF_POINTS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4})?")
_OFF = {"0", "false", "off", "none"}


def value(element: Any, name: str = "val") -> str | None:
    return None if element is None else element.get(f"{W}{name}")


class Styles:
    """Styles by id, each with what it inherits."""

    def __init__(self, root: Any) -> None:
        found = [] if root is None else root.findall(f"{W}style")
        self._by_id = {style.get(f"{W}styleId"): style for style in found}
        default = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr")
        self.usual = changed(Style(), default)
        normal = next((s for s in found if value(s, "default") == "1" and value(s, "type") == "paragraph"), None)
        if normal is not None:
            self.usual = changed(self.usual, normal.find(f"{W}rPr"))

    def applied(self, style: Style, name: str | None) -> Style:
        for element in reversed(self._line(name)):
            own = element.find(f"{W}pPr")
            style = changed(style, element.find(f"{W}rPr"), None if own is None else shade(own))
        return style

    def darkens(self, name: str | None) -> bool:
        """Whether a table's style fills cells with something that white letters show on."""
        fills = [value(one, "fill") for style in self._line(name) for one in style.iter(f"{W}shd")]
        return any(_same("FFFFFF", fill) is False for fill in fills if _rgb(fill))

    def listed(self, paragraph: Any) -> bool:
        """Has a bullet or a number, of its own or by its style."""
        own = paragraph.find(f"{W}pPr")
        if own is None:
            return False
        styles = self._line(value(own.find(f"{W}pStyle")))
        return any(one.find(".//" + f"{W}numPr") is not None for one in (own, *styles))

    def _line(self, name: str | None) -> list[Any]:
        line: list[Any] = []
        while name in self._by_id and self._by_id[name] not in line:
            line.append(self._by_id[name])
            name = value(line[-1].find(f"{W}basedOn"))
        return line


def changed(style: Style, properties: Any, ground: str | None = None) -> Style:
    """`ground` is what the letters stand on, where a paragraph, a cell or a shape says so."""
    if properties is None:
        return style
    style = style.copy(ground=ground or style.ground)
    if size := _HALF_POINTS.fullmatch(value(properties.find(f"{W}sz")) or ""):
        style.size = float(size[0]) / 2
    bold = properties.find(f"{W}b")
    if bold is not None:
        style.bold = value(bold) not in _OFF
    fonts = properties.find(f"{W}rFonts")
    style.font = value(fonts, "ascii") or style.font
    style.ground = _highlight(properties) or shade(properties) or style.ground
    style.colour = _colour(properties.find(f"{W}color")) or style.colour
    style.unseen = _unseen(style, properties)
    return style


def _highlight(properties: Any) -> str | None:
    named = value(properties.find(f"{W}highlight"))
    return UNKNOWN if named and named not in {"none", *_HIGHLIGHTS} else _HIGHLIGHTS.get(named or "")


def shade(properties: Any) -> str | None:
    """The fill of a paragraph, a cell or a run."""
    own = properties.find(f"{W}shd")
    if own is None:
        return None
    themed = value(own, "themeFill")
    fill = value(own, "fill")
    return UNKNOWN if themed and themed not in _WHITES and _rgb(fill) is None else fill


def _colour(element: Any) -> str | None:
    if element is None:
        return None
    return "FFFFFF" if value(element, "themeColor") in _WHITES and _rgb(value(element)) is None else value(element)


def _unseen(style: Style, properties: Any) -> str | None:
    for tag in ("vanish", "webHidden", "specVanish"):
        mark = properties.find(f"{W}{tag}")
        if mark is not None:
            return "vanish" if value(mark) not in _OFF else None
    if any(_transparent(one) for one in properties.iter(f"{_W14}textFill")):
        return "invisible"
    width, raised = measure(properties.find(f"{W}w")), measure(properties.find(f"{W}position"))
    between = measure(properties.find(f"{W}spacing"))
    if (width is not None and 0 < width <= _NARROWEST_PERCENT) or _stacked(between, style.size):
        return "squeezed"
    return "off-page" if raised is not None and abs(raised) > _RAISED_HALF_POINTS else style.unseen


def _transparent(fill: Any) -> bool:
    alphas = [measure(one, "val", of=_W14) or 0 for one in fill.iter(f"{_W14}alpha")]
    return fill.find(f"{_W14}noFill") is not None or max(alphas, default=0) >= _FAINT


def _stacked(twips: int | None, size: float) -> bool:
    """Letters set so close that they lie on one another."""
    return twips is not None and twips / 20 < -0.4 * size


def hidden(style: Style) -> str | None:
    """Why nobody sees letters that are set so."""
    if style.unseen:
        return style.unseen
    if style.size < _SMALLEST_HALF_POINTS / 2:
        return "tiny"
    return "white" if _same(style.colour, style.ground) else None


def _same(colour: str | None, ground: str | None) -> bool:
    one, two = _rgb(colour), _rgb(ground)
    if one is None or ground == UNKNOWN:
        return False
    if two is None:
        return min(one) >= _NEAR_WHITE
    return max(abs(a - b) for a, b in zip(one, two, strict=True)) <= 0xFF - _NEAR_WHITE


def _rgb(colour: str | None) -> tuple[int, int, int] | None:
    try:
        number = int(colour or "", 16)
    except ValueError:
        return None
    return number >> 16 & 255, number >> 8 & 255, number & 255


def measure(element: Any, name: str = "val", *, of: str = W) -> int | None:
    written = "" if element is None else element.get(f"{of}{name}") or ""
    return int(written) if _WHOLE.fullmatch(written) else None


def out_of_sight(properties: Any) -> str | None:
    """A paragraph that is set beside the page, or in a line of no height."""
    if properties is None:
        return None
    lines, frame = properties.find(f"{W}spacing"), properties.find(f"{W}framePr")
    height = measure(lines, "line") if value(lines, "lineRule") == "exact" else None
    if height is not None and height < _SMALLEST_TWIPS:
        return "cut"
    indent = properties.find(f"{W}ind")
    places = [measure(indent, "left"), measure(indent, "start"), measure(frame, "x"), measure(frame, "y")]
    return "off-page" if any(place is not None and place < -_FAR_TWIPS for place in places) else None


def row_unseen(properties: Any) -> str | None:
    """A row of a table that is marked as hidden, or has no height."""
    if properties is None:
        return None
    mark, height = properties.find(f"{W}hidden"), properties.find(f"{W}trHeight")
    if mark is not None and value(mark) not in _OFF:
        return "vanish"
    low = measure(height) if value(height, "hRule") == "exact" else None
    return "cut" if low is not None and low < _SMALLEST_TWIPS else None


def styled_runs(
    paragraph: Any, styles: Styles, *, ground: str | None, unseen: str | None, table: str | None
) -> Iterator[tuple[str, Style]]:
    own = paragraph.find(f"{W}pPr")
    ground = (None if own is None else shade(own)) or ground
    name = None if own is None else value(own.find(f"{W}pStyle"))
    usual = styles.applied(styles.usual.copy(ground=ground, unseen=unseen or out_of_sight(own)), table)
    base = styles.applied(usual, name)
    for run in _own_runs(paragraph):
        properties = run.find(f"{W}rPr")
        style = base
        if properties is not None:
            style = styles.applied(base, value(properties.find(f"{W}rStyle")))
            style = changed(style, properties)
        style = style.copy(hidden=hidden(style))
        yield from ((_text(piece), style) for piece in run if _text(piece))


def _own_runs(paragraph: Any) -> Iterator[Any]:
    """Runs of this paragraph, inside links, changes and fields too; not those of the text boxes it anchors."""
    for child in paragraph:
        if child.tag == f"{W}r":
            yield child
        elif child.tag not in {f"{W}pPr", f"{W}del", f"{W}moveFrom"}:
            yield from _own_runs(child)


def _text(piece: Any) -> str:
    if piece.tag == f"{W}t":
        return piece.text or ""
    breaks = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": "\t"}
    return breaks.get(piece.tag, "")
