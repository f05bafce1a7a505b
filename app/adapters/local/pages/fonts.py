"""The machine's fonts for PDFs that bring none: found once, then given out of memory, so that a copy opens no file."""

import ctypes
import mmap
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium

from app.adapters.local.pages.samples import STRANGE_FONT

# Where pdfium looks.
_FOLDERS = ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts")
_MOST = 512 * 1024 * 1024  # of the child's memory, which mapped files count towards
_WHOLE, _COLLECTION = 0, int.from_bytes(b"ttcf", "big")
_FAMILY, _STYLE = 1, 2
_WINDOWS = 3


class Fonts(pdfium.PdfSysfontBase):  # type: ignore[misc]  # without types
    """pdfium's own choice of a font; but what it would open is here already. Its names are its own business."""

    def __init__(self) -> None:
        super().__init__()
        self._mapped: dict[int, mmap.mmap] = {}

    def keep(self) -> None:
        """Folders are looked through by pdfium at the first font that a file lacks."""
        with pdfium.PdfDocument(STRANGE_FONT) as document:
            document[0].close()
        room = _MOST
        for data in _files():
            handles = {self.default.GetFont(self.default, name) for name in _names(data)}
            kept = {handle for handle in handles if handle and self._size(handle) == len(data) <= room}
            self._mapped |= dict.fromkeys(kept, data)
            room -= len(data) if kept else 0

    def _size(self, handle: int) -> int:
        sizes = [self.default.GetFontData(self.default, handle, table, None, 0) for table in (_WHOLE, _COLLECTION)]
        return int(max(sizes))

    def GetFontData(self, _: Any, handle: int, table: int, room: Any, size: int) -> int:  # noqa: N802 -- pdfium's word
        data = self._mapped.get(handle) if table in (_WHOLE, _COLLECTION) else None
        if data is None or not room or size < len(data):
            return int(self.default.GetFontData(self.default, handle, table, room, size))
        ctypes.memmove(room, (ctypes.c_char * len(data)).from_buffer(data), len(data))
        return len(data)


def _files() -> Iterator[mmap.mmap]:
    for folder in _FOLDERS:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix.lower() in {".ttf", ".ttc", ".otf"}:
                with suppress(OSError, ValueError), path.open("rb") as file:
                    yield mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _names(data: mmap.mmap) -> Iterator[bytes]:
    """As pdfium calls the faces of a file: its family, and its style unless that is the usual one."""
    with suppress(struct.error):
        starts = (
            struct.unpack_from(f">{struct.unpack_from('>8xI', data)[0]}I", data, 12) if data[:4] == b"ttcf" else (0,)
        )
        for start in starts:
            words = _words(data, start)
            family, style = words.get(_FAMILY, b""), words.get(_STYLE, b"")
            yield family if style in (b"", b"Regular") else family + b" " + style


def _words(data: mmap.mmap, start: int) -> dict[int, bytes]:
    tables = struct.unpack_from(">4xH", data, start)[0]
    entries = (struct.unpack_from(">4s4xII", data, start + 12 + 16 * number) for number in range(tables))
    at = next((offset for tag, offset, _ in entries if tag == b"name"), None)
    found: dict[int, bytes] = {}
    if at is None:
        return found
    _, count, texts = struct.unpack_from(">3H", data, at)
    for number in range(count):
        platform, encoding, _, kind, length, place = struct.unpack_from(">6H", data, at + 6 + 12 * number)
        said = data[at + texts + place : at + texts + place + length]
        if kind in (_FAMILY, _STYLE) and (platform, encoding) in {(1, 0), (_WINDOWS, 1)}:
            text = said.decode("utf-16-be", "replace") if platform == _WINDOWS else said.decode("latin-1")
            found.setdefault(kind, text.encode())
    return found


FONTS = Fonts()
FONTS.setup()
FONTS.keep()
