"""What a file is by its bytes, once its name agrees: a PDF, a Word document, a text, and nothing else besides."""

import codecs
import re
import struct
import unicodedata
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

from app.ports.reading import Kind, Unreadable

LARGEST: Final = 10 * 1024 * 1024
# A thousand entries with names of ordinary length: what a listing may weigh before anybody reads it.
LARGEST_LISTING: Final = 256 * 1024
_KINDS: Final[dict[str, Kind]] = {".pdf": "pdf", ".docx": "docx", ".txt": "txt", ".text": "txt"}
_CONTROL: Final = bytes(set(range(32)) - {7, 8, 9, 10, 12, 13, 27})
_WHITE: Final = frozenset("\a\b\t\n\f\r\x1b")
_PDF: Final = b"%PDF-"
_PDF_HEAD: Final = 1024  # how far readers of PDF look for their sign
_END, _END_64 = b"PK\5\6", b"PK\6\7"
_END_SIZE, _END_64_SIZE, _LONGEST_COMMENT = 22, 20, 65_535
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Markup, and the signs that other formats begin with.
_OTHERS: Final = re.compile(rb"<[a-z!?/]|\{\\rtf|%!ps|\x89png|gif8|mz|\x7felf|#!|mime-version:", re.IGNORECASE)
_MZ_IS_A_WORD: Final = re.compile(rb"mz[\w ]", re.IGNORECASE)
# An archive that is something else as well, or a Word document with macros.
_FOREIGN: Final = re.compile(
    r"xl/workbook|ppt/presentation|META-INF/MANIFEST|AndroidManifest|classes\.dex|mimetype$|word/vbaProject",
    re.IGNORECASE,
)


def kind_of(data: bytes, name: str) -> Kind:
    """Raises Unreadable for whatever else it is, and where the name's ending says something else."""
    if not data:
        raise Unreadable("empty", "The file is empty.")
    if len(data) > LARGEST:
        raise Unreadable("too-large", "The file is larger than 10 MB.")
    kind = _content(data)
    said = _KINDS.get(Path(name).suffix.lower(), kind)
    if kind is None or said != kind:
        raise Unreadable("not-what-it-says", "The file is not the PDF, Word document or text that it says it is.")
    return kind


def _content(data: bytes) -> Kind | None:
    head = data[:_PDF_HEAD]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PDF):
        return None if _END in data[-_LONGEST_COMMENT - _END_SIZE :] and zipfile.is_zipfile(BytesIO(data)) else "pdf"
    if _PDF in head:
        return None
    if data.startswith(b"PK"):
        return "docx" if _is_docx(data) else None
    if data.startswith(b"\xd0\xcf\x11\xe0") and "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("locked", "The file is protected by a password.")
    return "txt" if _is_text(data) else None


def _is_docx(data: bytes) -> bool:
    _refuse_long_listing(data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        return b"word/document.xml" in data
    return "word/document.xml" in names and not any(map(_FOREIGN.match, names))


def _refuse_long_listing(data: bytes) -> None:
    """Before this process lists an archive: what the archive's end says of its listing, which can be all of 10 MB."""
    place = data.rfind(_END, -_LONGEST_COMMENT - _END_SIZE)
    if place < 0:
        return
    end = data[place : place + _END_SIZE]
    size = int.from_bytes(end[12:16], "little")
    large = data[max(place - _END_64_SIZE, 0) : place].startswith(_END_64)
    if large or len(end) < _END_SIZE or size > LARGEST_LISTING:
        raise Unreadable("bomb", "The file unfolds into far more than a resume needs.")


def _is_text(data: bytes) -> bool:
    """Text has no control characters but white space; other known formats start with their own sign."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if _OTHERS.match(head) and not _MZ_IS_A_WORD.match(head):
        return False
    if (wide := _wide(data)) is not None:
        return _is_wide_text(data, wide)
    return len(data) == len(data.translate(None, _CONTROL))


def _wide(data: bytes) -> str | None:
    """The encoding of two or four bytes a letter that it is written in, by its mark or by where its zeros stand."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    odd, even = data[1::2].count(0), data[0::2].count(0)
    if max(odd, even) * 4 <= len(data) or len(data) == 1:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_wide_text(data: bytes, encoding: str) -> bool:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return all(letter in _WHITE or unicodedata.category(letter) not in {"Cc", "Cn", "Cs"} for letter in set(text))
