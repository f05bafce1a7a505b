"""What a paragraph of a DOCX anchors: text boxes and the ground they give, bands behind the text, pictures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.adapters.local.pages.docx_style import UNKNOWN, W

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_EMU = 12_700
_SMALLEST, _FAR = 5.0, -500.0
_PLAIN = re.compile(r"#?([0-9A-Fa-f]{6})\b")
_MEASURE = re.compile(
    r"(margin-left|margin-top|left|top|width|height):\s*(-?[0-9]{1,6}(?:\.[0-9]{1,4})?)(pt|in|cm|mm)?"
)
_POINTS = {"pt": 1.0, "in": 72.0, "cm": 28.35, "mm": 2.835, "": 1.0}
_WHITES = {"bg1", "lt1"}


@dataclass(frozen=True, slots=True)
class Shape:
    """`content` holds its paragraphs; `height` is that of a band that lies behind the text."""

    content: Any
    ground: str | None = None
    unseen: str | None = None
    height: float = 0.0


def shapes_of(paragraph: Any) -> Iterator[Shape]:
    """Text boxes, of the two spellings that Word writes of each one, and painted bands behind the text."""
    for box in paragraph.iter(f"{W}txbxContent"):
        above = list(box.iterancestors())
        nested = any(one.tag == f"{W}txbxContent" for one in above)
        if not nested and not _spelt_twice(above):
            yield Shape(box, _ground(above), _unseen(above))
    for anchor in paragraph.iter(f"{_WP}anchor"):
        band = anchor.get("behindDoc") in {"1", "true"} and _filled(anchor)
        if band and not _spelt_twice(anchor.iterancestors()):
            extent = anchor.find(f"{_WP}extent")
            yield Shape((), band, None, _count(extent, "cy") / _EMU)


def descriptions(paragraph: Any) -> Iterator[str]:
    """Words for those who cannot see a picture; everybody else never meets them."""
    for one in paragraph.iter(f"{_WP}docPr"):
        said = " ".join(part for part in (one.get("title"), one.get("descr")) if part)
        if said and not _spelt_twice(one.iterancestors()):
            yield said


def _spelt_twice(above: Any) -> bool:
    return any(one.tag == f"{_MC}Fallback" for one in above)


def _ground(above: list[Any]) -> str | None:
    """The fill of the innermost shape around; what is no plain colour may be dark."""
    for one in above:
        if one.tag.endswith("}wsp"):
            return _filled(one)
        if one.get("fillcolor"):
            return _named(one.get("fillcolor"))
    return None


def _named(colour: str) -> str | None:
    plain = _PLAIN.match(colour)
    return plain[1] if plain else None if colour.split(" ", maxsplit=1)[0].lower() in {"white", "window"} else UNKNOWN


def _filled(shape: Any) -> str | None:
    for properties in shape.iter():
        if not isinstance(properties.tag, str) or not properties.tag.endswith("}spPr"):
            continue
        plain = properties.find(f"{_A}solidFill/{_A}srgbClr")
        if plain is not None:
            return str(plain.get("val"))
        themed = properties.find(f"{_A}solidFill/{_A}schemeClr")
        if themed is not None:
            return None if themed.get("val") in _WHITES else UNKNOWN
        return UNKNOWN if any(properties.find(f"{_A}{kind}") is not None for kind in ("gradFill", "blipFill")) else None
    return None


def _unseen(above: list[Any]) -> str | None:
    for one in above:
        extent = one.find(f"{_WP}extent")
        if extent is not None and min(_count(extent, "cx"), _count(extent, "cy")) < _SMALLEST * _EMU:
            return "cut"
        style = one.get("style") or ""
        if "visibility:hidden" in style.replace(" ", ""):
            return "vanish"
        sizes = {name: float(number) * _POINTS[unit or ""] for name, number, unit in _MEASURE.findall(style)}
        if any(sizes.get(name, 0.0) < _FAR for name in ("margin-left", "margin-top", "left", "top")):
            return "off-page"
        if any(sizes.get(name, _SMALLEST) < _SMALLEST for name in ("width", "height")):
            return "cut"
    return None


def _count(element: Any, name: str) -> float:
    written = "" if element is None else element.get(name) or ""
    return float(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0.0  # noqa: PLR2004
