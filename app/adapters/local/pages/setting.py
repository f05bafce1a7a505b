"""Sets running text on A4 pages, so that files without geometry get lines, columns and boxes like a PDF's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.adapters.local.pages.found import MOST_PAGES, FoundPage, FoundWord, Style, Unfit
from app.adapters.local.pages.plain import HEIGHT, MARGIN, WIDTH, width_of
from app.adapters.local.pages.unseen import split_unseen

_LEADING = 1.3
_TAB = 36.0
_PAGE = HEIGHT - 2 * MARGIN


@dataclass(slots=True)
class Column:
    """A strip of paper; `y` runs down one endless sheet that is cut into pages at the end of each line."""

    x0: float
    x1: float
    y: float


@dataclass(slots=True)
class Setting:
    pages: list[FoundPage] = field(default_factory=lambda: [FoundPage(WIDTH, HEIGHT)])
    column: Column = field(default_factory=lambda: Column(MARGIN, WIDTH - MARGIN, 0.0))
    characters: int = 0
    _line: list[FoundWord] = field(default_factory=list)
    _x: float = MARGIN
    _joined: bool = False
    _band: tuple[str | None, float] = (None, 0.0)

    @property
    def ground(self) -> str | None:
        """What lies behind the text here, where something is painted there."""
        ground, end = self._band
        return ground if self.column.y < end else None

    def lay(self, ground: str | None, height: float) -> None:
        """Paint behind the text from here downwards."""
        self._band = (ground, self.column.y + height)

    def start(self, *, bullet: bool) -> None:
        self._x, self._joined = self.column.x0, False
        if bullet:
            self.put("• ", Style())

    def put(self, text: str, style: Style) -> None:
        """Text goes on where the last stopped; a word may go on in another style."""
        self.characters += len(text)
        for piece in re.findall(r"\t|\n|[^\S\t\n]+|\S+", text):
            if piece == "\n":
                self._break(style)
            elif piece == "\t":
                self._x = self.column.x0 + ((self._x - self.column.x0) // _TAB + 1) * _TAB + style.size
                self._joined = False
            elif piece.isspace():
                self._x += style.size * 0.28
                self._joined = False
            else:
                self._word(piece, style)

    def end(self, usual: Style) -> None:
        self._break(usual)

    def _word(self, text: str, style: Style) -> None:
        width = width_of(text, style)
        if style.hidden is None and self._x + width > self.column.x1 and self._line and not self._joined:
            self._break(style)
        word = FoundWord(
            text, self._x, 0, self._x + width, style.size, style.size, style.font, style.bold, style.hidden
        )
        if self._joined and self._line[-1].hidden == style.hidden and abs(self._line[-1].size - style.size) < 1:
            self._line[-1].text += text
            self._line[-1].x1 = word.x1
        else:
            self._line.append(word)
        # What is hidden takes no room: what is seen stands as it would without it.
        if style.hidden is None:
            self._x, self._joined = word.x1, True

    def _break(self, style: Style) -> None:
        if not self._line and style.hidden:
            return
        size = max((word.size for word in self._line if word.hidden is None), default=0.0)
        if self._line and not size:
            size, height = 0.0, 0.0
        else:
            height = (size or style.size) * _LEADING
        page, y = self._page(height or style.size)
        for word in self._line:
            word.y0, word.y1 = y + max(size - word.size, 0), y + max(size, word.size)
            page.words.extend(split_unseen(word))
        self.column.y += height
        self._line, self._x, self._joined = [], self.column.x0, False

    def _page(self, height: float) -> tuple[FoundPage, float]:
        number, y = divmod(self.column.y, _PAGE)
        if y + height > _PAGE:
            number, y = number + 1, 0.0
            self.column.y = number * _PAGE
        if number >= MOST_PAGES:
            raise Unfit("too-large", f"The file fills more than {MOST_PAGES} pages.")
        while len(self.pages) <= number:
            self.pages.append(FoundPage(WIDTH, HEIGHT))
        return self.pages[int(number)], MARGIN + y

    @contextmanager
    def row(self, shares: list[float]) -> Iterator[list[Column]]:
        """Columns side by side; the text after them starts below the longest."""
        outer = self.column
        room, x, columns = outer.x1 - outer.x0, outer.x0, []
        for share in shares:
            columns.append(Column(x, x + room * share - 16, outer.y))
            x += room * share
        yield columns
        outer.y = max([outer.y, *(column.y for column in columns)])
        self.column = outer

    def enter(self, column: Column) -> None:
        self.column = column
