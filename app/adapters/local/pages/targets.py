"""Where the links of a PDF's page lead that stand under words that can be seen."""

import ctypes
import re
from collections.abc import Iterator
from typing import Any

import pypdfium2.raw as c

from app.adapters.local.pages.found import FoundWord

_MOST, _LONGEST = 100, 300
_WEB = re.compile(r"https?://[\x21-\x7e]+")


def link_targets(document: Any, page: Any, words: list[FoundWord]) -> list[str]:
    left, _, _, top = page.get_bbox()
    middles = [((word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2) for word in words if word.hidden is None]
    found = []
    for link in _links(page):
        target, rect = _target(document, link), c.FS_RECTF()
        if target and c.FPDFLink_GetAnnotRect(link, rect):
            beside = (rect.left - left, rect.right - left, top - rect.top, top - rect.bottom)
            if any(beside[0] <= x <= beside[1] and beside[2] <= y <= beside[3] for x, y in middles):
                found.append(target)
    return found


def _links(page: Any) -> Iterator[Any]:
    position, link = ctypes.c_int(0), c.FPDF_LINK()
    for _ in range(_MOST):
        if not c.FPDFLink_Enumerate(page, position, link):
            return
        yield ctypes.cast(link, c.FPDF_LINK)


def _target(document: Any, link: Any) -> str | None:
    """An address on the web, and nothing that a viewer would run."""
    action = c.FPDFLink_GetAction(link)
    if not action or c.FPDFAction_GetType(action) != c.PDFACTION_URI:
        return None
    size = c.FPDFAction_GetURIPath(document, action, None, 0)
    room = ctypes.create_string_buffer(min(size, _LONGEST))
    c.FPDFAction_GetURIPath(document, action, room, len(room))
    target = room.value.decode("utf-8", "ignore")
    return target if size <= _LONGEST and _WEB.fullmatch(target) else None
