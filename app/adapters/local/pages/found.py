"""What the child found, in plain values that travel as JSON."""

import base64
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_PAGES = 50
MOST_IMAGES = 10
MOST_CHARACTERS = 600_000
IMAGE_DPI = 110


class Unfit(Exception):
    """The file cannot be read; `code` is one of the port's codes."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class FoundWord:
    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    font: str = ""
    bold: bool = False
    hidden: str | None = None

    def row(self) -> list[Any]:
        corners = [round(value, 2) for value in (self.x0, self.y0, self.x1, self.y1, self.size)]
        return [self.text, *corners, self.font, self.bold, self.hidden]


@dataclass(slots=True)
class FoundPage:
    width: float
    height: float
    words: list[FoundWord] = field(default_factory=list)
    image: bytes | None = None
    links: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        image = base64.b64encode(self.image).decode() if self.image else None
        rows = [word.row() for word in self.words]
        size = {"width": round(self.width, 2), "height": round(self.height, 2)}
        return size | {"words": rows, "image": image, "links": self.links}


@dataclass(slots=True)
class Style:
    """How a run of text is set: what decides whether anybody sees it. `hidden` is the verdict."""

    size: float = 11.0
    bold: bool = False
    font: str = ""
    hidden: str | None = None
    colour: str | None = None
    ground: str | None = None
    unseen: str | None = None

    def copy(self, **changed: Any) -> "Style":
        return Style(**(asdict(self) | changed))
