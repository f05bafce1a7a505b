"""Words of a PDF that stand on no page: notes without a look, hidden fields, what the file says about itself."""

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as c

from app.adapters.local.pages.found import FoundWord
from app.adapters.local.pages.unseen import split_unseen

_MOST = 200
_LONGEST = 20_000
_UNSEEN_FLAGS = 1 | 2 | 32  # invisible, hidden, not to be viewed
_SILENT = (c.FPDF_ANNOT_LINK, c.FPDF_ANNOT_POPUP)
_PROPERTIES = ("Title", "Subject", "Keywords")


def aside_words(document: Any, page: Any, number: int) -> Iterator[FoundWord]:
    """As hidden words, so that they are shown to a person and read by nobody."""
    if number == 0:
        said = " ".join(_property(document, name) for name in _PROPERTIES)
        yield from _words(said, (0.0, 0.0, 0.0, 0.0), "properties")
    for position in range(min(c.FPDFPage_GetAnnotCount(page), _MOST)):
        note = c.FPDFPage_GetAnnot(page, position)
        if note:
            try:
                yield from _note(page, note)
            finally:
                c.FPDFPage_CloseAnnot(note)


def _note(page: Any, note: Any) -> Iterator[FoundWord]:
    kind, flags = c.FPDFAnnot_GetSubtype(note), c.FPDFAnnot_GetFlags(note)
    drawn = c.FPDFAnnot_GetAP(note, c.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2  # noqa: PLR2004  two zeros end a text
    if kind in _SILENT or (drawn and kind != c.FPDF_ANNOT_TEXT and not flags & _UNSEEN_FLAGS):
        return
    rect = c.FS_RECTF()
    c.FPDFAnnot_GetRect(note, rect)
    left, _, _, top = page.get_bbox()
    box = (rect.left - left, top - rect.top, rect.right - left, top - rect.bottom)
    yield from _words(" ".join(_string(note, key) for key in (b"Contents", b"V")), box, "note")


def _words(said: str, box: tuple[float, float, float, float], reason: str) -> Iterator[FoundWord]:
    for text in said.split():
        yield from split_unseen(FoundWord(text, *box, 0.0, hidden=reason))


def _string(note: Any, key: bytes) -> str:
    return _text(lambda room, size: c.FPDFAnnot_GetStringValue(note, key, room, size))


def _property(document: Any, name: str) -> str:
    return _text(lambda room, size: c.FPDF_GetMetaText(document, name.encode(), room, size))


def _text(ask: Any) -> str:
    size = min(ask(None, 0), _LONGEST)
    room = ctypes.create_string_buffer(size)
    ask(ctypes.cast(room, ctypes.POINTER(ctypes.c_ushort)) if size else None, size)
    return room.raw.decode("utf-16-le", "ignore").rstrip("\0")
