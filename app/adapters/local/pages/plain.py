"""Text files of any encoding, and the setting of lines on pages that files without geometry share."""

import codecs
import re
import unicodedata
from collections.abc import Iterable

from app.adapters.local.pages.found import MOST_CHARACTERS, MOST_PAGES, FoundPage, FoundWord, Style, Unfit
from app.adapters.local.pages.unseen import split_unseen

WIDTH, HEIGHT, MARGIN = 595.0, 842.0, 50.0
_SIZE, _LINE = 9.0, 12.0
_ADVANCE = 0.56
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def plain_pages(data: bytes) -> list[FoundPage]:
    text = decoded(data).replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > MOST_CHARACTERS:
        raise Unfit("bomb", "The file holds more text than any resume.")
    pages = [FoundPage(WIDTH, HEIGHT)]
    y = MARGIN
    for line in re.split("\n|(\f)", text):
        if line == "\f" or y + _LINE > HEIGHT - MARGIN:
            pages.append(FoundPage(WIDTH, HEIGHT))
            y = MARGIN
        if len(pages) > MOST_PAGES:
            raise Unfit("too-large", f"The file fills more than {MOST_PAGES} pages.")
        pages[-1].words.extend(_line(line or "", y))
        y += _LINE
    return pages


def _line(line: str, y: float) -> Iterable[FoundWord]:
    line = line.expandtabs(8)
    step = _SIZE * _ADVANCE
    for match in re.finditer(r"\S+", line):
        x0, x1 = MARGIN + match.start() * step, MARGIN + match.end() * step
        yield from split_unseen(FoundWord(match[0], x0, y, x1, y + _SIZE, _SIZE, "plain"))


def decoded(data: bytes) -> str:
    """Marks first, then UTF-8, then UTF-16 without a mark, then what most old Windows files are."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    zeros = data[1::2].count(0), data[0::2].count(0)
    if max(zeros) * 4 > len(data):
        return data.decode("utf-16-le" if zeros[0] > zeros[1] else "utf-16-be", "replace")
    return _old(data)


def _old(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def width_of(text: str, style: Style) -> float:
    drawn = sum(1 for letter in text if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})
    return drawn * style.size * (0.53 if style.bold else 0.5)
