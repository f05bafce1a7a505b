"""How DOCX runs are set: what their styles and their own properties say about size, weight and being seen."""

import re
from collections.abc import Iterator
from typing import Any

from app.adapters.local.pages.found import Style

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SMALLEST_HALF_POINTS = 4
_NEAR_WHITE = 0xE7
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
        self.usual = changed(Style(), default, None)
        normal = next((s for s in found if value(s, "default") == "1" and value(s, "type") == "paragraph"), None)
        if normal is not None:
            self.usual = changed(self.usual, normal.find(f"{W}rPr"), None)

    def applied(self, style: Style, name: str | None, ground: str | None) -> Style:
        for element in reversed(self._line(name)):
            style = changed(style, element.find(f"{W}rPr"), ground)
        return style

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


def changed(style: Style, properties: Any, ground: str | None) -> Style:
    if properties is None:
        return style
    style = style.copy()
    if size := _HALF_POINTS.fullmatch(value(properties.find(f"{W}sz")) or ""):
        style.size = float(size[0]) / 2
    bold = properties.find(f"{W}b")
    if bold is not None:
        style.bold = value(bold) not in _OFF
    fonts = properties.find(f"{W}rFonts")
    style.font = value(fonts, "ascii") or style.font
    style.hidden = _hidden(style, properties, value(properties.find(f"{W}shd"), "fill") or ground)
    return style


def _hidden(style: Style, properties: Any, ground: str | None) -> str | None:
    for tag in ("vanish", "webHidden", "specVanish"):
        mark = properties.find(f"{W}{tag}")
        if mark is not None:
            return "vanish" if value(mark) not in _OFF else None
    if style.size < _SMALLEST_HALF_POINTS / 2:
        return "tiny"
    colour = properties.find(f"{W}color")
    if colour is None:
        return None if style.hidden == "tiny" else style.hidden
    return "white" if _same(value(colour), ground) else None


def _same(colour: str | None, ground: str | None) -> bool:
    one, two = _rgb(colour), _rgb(ground)
    if one is None:
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


def styled_runs(paragraph: Any, styles: Styles, ground: str | None) -> Iterator[tuple[str, Style]]:
    own = paragraph.find(f"{W}pPr")
    shade = None if own is None else value(own.find(f"{W}shd"), "fill")
    ground = shade or ground
    name = None if own is None else value(own.find(f"{W}pStyle"))
    base = styles.applied(styles.usual, name, ground)
    for run in _own_runs(paragraph):
        properties = run.find(f"{W}rPr")
        style = base
        if properties is not None:
            style = styles.applied(base, value(properties.find(f"{W}rStyle")), ground)
            style = changed(style, properties, ground)
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
