"""DOCX: its parts out of the zip, its paragraphs, tables, text boxes, headers and footers set on pages."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from app.adapters.local.pages.docx_shapes import descriptions, shapes_of
from app.adapters.local.pages.docx_style import UNKNOWN, Styles, W, row_unseen, shade, styled_runs, value
from app.adapters.local.pages.found import MOST_CHARACTERS, FoundPage, Style, Unfit
from app.adapters.local.pages.setting import Setting

MOST_ENTRIES = 1_000
MOST_UNPACKED = 60 * 1024 * 1024
MOST_RATIO = 100
SMALL = 256 * 1024
_MOST_DIGITS = 7
_DECLARES = "The file declares entities, which no word processor writes."
# What zipfile and its decompressors say of bytes that are no whole archive.
_DAMAGE = (
    zipfile.BadZipFile, NotImplementedError, OSError, EOFError, ValueError, KeyError, struct.error, zlib.error,
    lzma.LZMAError,
)  # fmt: skip


def docx_pages(data: bytes) -> list[FoundPage]:
    parts = _parts(data)
    styles = Styles(_tree(parts["word/styles.xml"]) if "word/styles.xml" in parts else None)
    setting = Setting()
    for name in sorted(parts, key=_place):
        if _place(name) < _APART:
            root = _tree(parts[name])
            body = root.find(f"{W}body")
            _blocks(root if body is None else body, setting, styles)
        elif _place(name) < _NOWHERE:
            _apart(_tree(parts[name]), setting, "comment" if name.startswith("word/") else "properties")
    return setting.pages


def _apart(root: Any, setting: Setting, reason: str) -> None:
    """Comments, and what a file says about itself: on no page, so it stands at the end as words that nobody sees."""
    setting.start(bullet=False)
    for piece in root.iter():
        if isinstance(piece.tag, str) and piece.text and not _NOT_WORDS.search(piece.tag):
            _put(setting, f" {piece.text} ", Style(hidden=reason))
    setting.end(Style())


def _parts(data: bytes) -> dict[str, bytes]:
    """Only the XML that is read gets unpacked, and never more of it than it declared."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            weigh(archive.infolist())
            wanted = [
                info
                for info in archive.infolist()
                if _place(info.filename) < _NOWHERE or info.filename == "word/styles.xml"
            ]
            return {info.filename: _unpacked(archive, info) for info in wanted}
    except _DAMAGE as error:
        raise Unfit("broken", "The file is not a whole DOCX.") from error
    except RuntimeError as error:  # zipfile's word for "encrypted"
        raise Unfit("locked", "The file is protected by a password.") from error


def weigh(entries: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in entries)
    overlapping = any(
        one.header_offset + one.compress_size > two.header_offset
        for one, two in pairwise(sorted(entries, key=lambda info: info.header_offset))
    )
    steep = any(info.file_size > SMALL and info.file_size > MOST_RATIO * max(info.compress_size, 1) for info in entries)
    if total > MOST_UNPACKED or len(entries) > MOST_ENTRIES or overlapping or steep:
        raise Unfit("bomb", "The file unfolds into far more than a resume needs.")


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as part:
        content = part.read(info.file_size + 1)
    if len(content) > info.file_size:
        raise Unfit("bomb", "The file unfolds into more than it says.")
    return content


_APART, _NOWHERE = 5, 9
# Of the properties, what is no text of a person: dates, counts and names of programs.
_NOT_WORDS = re.compile(
    "}(?:created|modified|revision|lastPrinted|lastModifiedBy|creator|language|version|filetime|i4|bool)$"
)


def _place(name: str) -> int:
    """Headers are read before the body, footers and notes after it, and then what is on no page."""
    if name in {"docProps/core.xml", "docProps/custom.xml"}:
        return 6
    if name == "word/document.xml":
        return 1
    if not name.startswith("word/") or not name.endswith(".xml") or name.count("/") > 1:
        return _NOWHERE
    places = {"header": 0, "footer": 2, "footnotes": 3, "comments.xml": _APART}
    return next((place for part, place in places.items() if name[5:].startswith(part)), _NOWHERE)


def _tree(content: bytes) -> Any:
    from lxml import etree

    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unfit("broken", _DECLARES)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise Unfit("broken", "A part of the file is not XML.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unfit("broken", _DECLARES)  # in another encoding
    return root


@dataclass(frozen=True, slots=True)
class Around:
    """What encloses blocks: the ground they stand on, why nobody sees them, and the style of their table."""

    ground: str | None = None
    unseen: str | None = None
    table: str | None = None


OPEN: Final = Around()


def _blocks(parent: Any, setting: Setting, styles: Styles, around: Around = OPEN) -> None:
    for block in parent:
        if block.tag == f"{W}p":
            _paragraph(block, setting, styles, around)
        elif block.tag == f"{W}tbl":
            _table(block, setting, styles, around)
        elif block.tag == f"{W}sdt":
            for content in block.findall(f"{W}sdtContent"):
                _blocks(content, setting, styles, around)


def _paragraph(paragraph: Any, setting: Setting, styles: Styles, around: Around) -> None:
    shapes = list(shapes_of(paragraph))
    for shape in shapes:
        if shape.height:
            setting.lay(shape.ground, shape.height)
    setting.start(bullet=styles.listed(paragraph))
    ground = around.ground or setting.ground
    for text, style in styled_runs(paragraph, styles, ground=ground, unseen=around.unseen, table=around.table):
        _put(setting, text, style)
    for words in descriptions(paragraph):
        _put(setting, f" {words} ", Style(hidden="description"))
    setting.end(styles.usual)
    for shape in shapes:
        _blocks(shape.content, setting, styles, Around(shape.ground, around.unseen or shape.unseen))


def _put(setting: Setting, text: str, style: Style) -> None:
    setting.put(text, style)
    if setting.characters > MOST_CHARACTERS:
        raise Unfit("bomb", "The file holds more text than any resume.")


def _table(table: Any, setting: Setting, styles: Styles, around: Around) -> None:
    widths = [float(_count(value(column, "w"))) for column in table.findall(f"{W}tblGrid/{W}gridCol")]
    name = value(table.find(f"{W}tblPr/{W}tblStyle"))
    ground = UNKNOWN if styles.darkens(name) else around.ground
    for row in table.findall(f"{W}tr"):
        cells = row.findall(f"{W}tc")
        spans = [max(_count(value(cell.find(f"{W}tcPr/{W}gridSpan"))), 1) for cell in cells]
        unseen = around.unseen or row_unseen(row.find(f"{W}trPr"))
        with setting.row(_shares(widths, spans)) as columns:
            for cell, column in zip(cells, columns, strict=True):
                setting.enter(column)
                own = cell.find(f"{W}tcPr")
                fill = None if own is None else shade(own)
                _blocks(cell, setting, styles, Around(ground if fill in {None, "auto"} else fill, unseen, name))


def _count(written: str | None) -> int:
    """0 for whatever is no number that a table could have."""
    return int(written) if written and written.isascii() and written.isdigit() and len(written) < _MOST_DIGITS else 0


def _shares(widths: list[float], spans: list[int]) -> list[float]:
    """Each cell's part of the row: by the grid where it says enough, else by the columns spanned."""
    across = sum(widths[: sum(spans)])
    if len(widths) < sum(spans) or not across:
        return [span / sum(spans) for span in spans]
    shares, position = [], 0
    for span in spans:
        shares.append(sum(widths[position : position + span]) / across)
        position += span
    return shares
