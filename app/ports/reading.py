"""What a resume file says and shows: pages, words and where they stand, and the resume as JSON Resume."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol

from app.kernel.errors import Refused

Kind = Literal["pdf", "docx", "txt"]


@dataclass(frozen=True, slots=True)
class Word:
    """Points, from the page's top left corner. `hidden` names why no reader of the page can see it."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    font: str
    bold: bool
    hidden: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """`number` counts from 1; `image` is a PNG of about 110 dpi, where there is one; `links` are the addresses that
    words that can be seen lead to when they are pressed.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...]
    image: bytes | None = None
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should look at. It changes nothing else. Codes: "hidden-text", "instruction-like"."""

    code: str
    page: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """`text` holds the visible words alone, in the order a person reads them, line by line."""

    kind: Kind
    pages: tuple[Page, ...]
    text: str
    flags: tuple[Flag, ...] = ()


class Unreadable(Refused):
    """The file cannot be read; sending the same file again cannot help.

    Codes: "broken", "locked", "image-only", "bomb", "not-what-it-says", "too-large", "empty", "too-slow".
    """


class Reader(Protocol):
    engine: str
    rules: str

    def document(self, data: bytes, *, name: str) -> Document:
        """The pages and words of a PDF, DOCX or text file; Unreadable says why not."""

    def resume(self, document: Document, *, as_of: date) -> dict[str, Any]:
        """The document as JSON Resume 1.2.1; "present" means `as_of`."""
