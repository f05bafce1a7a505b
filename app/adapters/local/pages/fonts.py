"""The machine's fonts for PDFs that bring none: found once, then given out of memory, so that a copy opens no file."""

import ctypes
import mmap
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from app.adapters.local.pages.samples import STRANGE_FONT

# Where pdfium looks.
_FOLDERS = ("/usr/share/fonts", "/usr/share/X11/fonts/Type1", "/usr/share/X11/fonts/TTF", "/usr/local/share/fonts")
_MOST = 512 * 1024 * 1024  # of the child's memory, which mapped files count towards
_FAMILY, _STYLE = 1, 2
_WHOLE, _COLLECTION = 0, int.from_bytes(b"ttcf", "big")


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
        for path, data in _files():
            handles = {self.default.GetFont(self.default, name) for name in _names(path)}
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


def _files() -> Iterator[tuple[Path, mmap.mmap]]:
    for folder in _FOLDERS:
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix.lower() in {".ttf", ".ttc", ".otf"}:
                with suppress(OSError, ValueError), path.open("rb") as file:
                    yield path, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)


def _names(path: Path) -> Iterator[bytes]:
    """As pdfium calls the faces of a file: its family, and its style unless that is the usual one."""
    with (
        suppress(TTLibError, OSError, KeyError),
        TTCollection(path) if path.suffix.lower() == ".ttc" else TTFont(path, lazy=True) as read,
    ):
        for face in getattr(read, "fonts", [read]):
            family, style = (face["name"].getDebugName(number) or "" for number in (_FAMILY, _STYLE))
            yield (family if style in ("", "Regular") else f"{family} {style}").encode()


FONTS = Fonts()
FONTS.setup()
FONTS.keep()
