"""The child's whole life: be confined, read bytes from stdin, say in JSON what stands on the pages."""

import json
import sys
from typing import Any

from app.adapters.local.pages.confine import confine
from app.adapters.local.pages.found import FoundPage, Unfit


def main(kind: str) -> None:
    confine()
    try:
        said = answer(kind, sys.stdin.buffer.read())
    except Unfit as why:
        said = {"error": why.code, "message": str(why)}
    except MemoryError:
        said = {"error": "bomb", "message": "The file unfolds into more than fits in memory."}
    except Exception as error:  # noqa: BLE001  whatever a parser raises on a stranger's bytes, the file is broken
        said = {"error": "broken", "message": f"The file cannot be read ({type(error).__name__})."}
    json.dump(said, sys.stdout)


def answer(kind: str, data: bytes) -> dict[str, Any]:
    return {"pages": [page.as_json() for page in _pages(kind, data)]}


def _pages(kind: str, data: bytes) -> list[FoundPage]:
    if kind == "pdf":
        from app.adapters.local.pages.pdf import pdf_pages

        return pdf_pages(data)
    from app.adapters.local.pages.picture import pictured

    if kind == "docx":
        from app.adapters.local.pages.docx_file import docx_pages

        return pictured(docx_pages(data))
    from app.adapters.local.pages.plain import plain_pages

    return pictured(plain_pages(data))
