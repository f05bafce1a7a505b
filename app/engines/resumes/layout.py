"""Words on pages into lines in the order a person reads them: columns one after the other, rows across."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from statistics import median

from app.engines.resumes.dates import ranges_in
from app.engines.resumes.headings import guessed, heading_of, looks_like_dates
from app.engines.resumes.labels import role_of
from app.engines.resumes.lexicon import fold, is_bullet, lexicon
from app.engines.resumes.lexicon import words as lexicon_words
from app.ports.reading import Page, Word

_GAP = 1.35  # of the type's size: wider gaps part cells
_DATES_GAP = 0.8  # after dates that begin a row
_GLUE = 0.08
_NARROW = 0.5
_HANGING = 12.0  # points: how far bullets stand out left of a column
_COLUMN = 5  # rows that begin at one place
_MOSTLY = 0.5
_DATES_LONGEST, _HEADING = 24, 40
_HEAD_WORDS = 6
_LARGER = 1.08
_STACKED = 0.5  # of the type's size


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together on one line."""

    text: str
    x0: float
    x1: float
    y0: float
    y1: float
    size: float
    bold: bool
    font: str = ""
    head: bool = False  # set beside headings, as they are
    turns: tuple[str, ...] = ()  # "Technician, Evans": the words where after a comma another typeface begins


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a column; several cells where wide gaps part it."""

    cells: tuple[Cell, ...]
    page: int

    @property
    def text(self) -> str:
        return "\t".join(cell.text for cell in self.cells)

    @property
    def x0(self) -> float:
        return self.cells[0].x0

    @property
    def y0(self) -> float:
        return min(cell.y0 for cell in self.cells)

    @property
    def y1(self) -> float:
        return max(cell.y1 for cell in self.cells)

    @property
    def size(self) -> float:
        return max(cell.size for cell in self.cells)

    @property
    def bold(self) -> bool:
        return all(cell.bold for cell in self.cells)


def text_of(pages: Iterable[Page]) -> str:
    return "\n".join(line.text for line in lines_of(pages))


def lines_of(pages: Iterable[Page]) -> list[Line]:
    return [line for page in pages for line in _ordered(_rows(page), page.number)]


Row = list[Cell]


def _rows(page: Page) -> list[Row]:
    words = sorted(
        (word for word in page.words if word.hidden is None and word.text.strip()), key=lambda w: w.y0 + w.y1
    )
    rows: list[list[Word]] = []
    for word in words:
        home = next((row for row in reversed(rows[-4:]) if _level(row, word)), None)
        if home is None:
            rows.append([word])
        else:
            home.append(word)
    sorted_rows = [sorted(row, key=lambda w: w.x0) for row in rows]
    edges = _edges([_groups(row, {}) for row in sorted_rows])
    return _marked([[_cell(group) for group in _groups(row, edges)] for row in sorted_rows])


def _marked(rows: list[Row]) -> list[Row]:
    """Finds the headings among the cells: known ones, those set like them, and rows of cells set like headings."""
    usual = median(cell.size for row in rows for cell in row) if rows else 10.0
    heads = [cell for row in rows for cell in row if _shaped(cell) and _loud(cell, usual) and _about(cell)]
    styles = {_style(cell) for cell in heads if cell.size > usual * _LARGER or cell.text.isupper()}
    out = []
    for row in rows:
        named = any(cell in heads for cell in row) or all(_style(cell) in styles for cell in row)
        together = len(row) > 1 and all(_shaped(cell) and _goes_with(row[0], cell) for cell in row)
        labels = len(row) > 1 and any(role_of(cell.text) for cell in row)
        whole = together and named and _loud(row[0], usual) and not labels
        out.append(
            [
                replace(cell, head=True) if whole or (_shaped(cell) and _style(cell) in styles and not labels) else cell
                for cell in row
            ]
        )
    return out


def _shaped(cell: Cell) -> bool:
    text = cell.text.strip()
    short = 2 < len(text) <= _HEADING and len(text.split()) <= _HEAD_WORDS  # noqa: PLR2004  letters
    return short and not is_bullet(text) and not re.search(r"[\d@,;]|\s[–—-]\s", text)


def _loud(cell: Cell, usual: float) -> bool:
    return cell.bold or cell.text.isupper() or cell.size > usual * _LARGER


def _about(cell: Cell) -> bool:
    return heading_of(cell.text) is not None or guessed(cell.text) is not None


def _style(cell: Cell) -> tuple[float, bool, bool, str]:
    return round(cell.size * 2) / 2, cell.bold, cell.text.isupper(), cell.font


def _goes_with(cell: Cell, other: Cell) -> bool:
    return cell.bold == other.bold and cell.font == other.font and abs(cell.size - other.size) < 1


def _edges(rows: list[list[list[Word]]]) -> dict[int, int]:
    """Where columns may begin: places, right of the margin, where cells of several rows start, and of how many."""
    starts = Counter(round(group[0].x0) for groups in rows for group in groups)
    margin = min(starts, default=0)
    return {
        x: starts[x - 1] + starts[x] + starts[x + 1]
        for at in list(starts)
        for x in (at - 1, at, at + 1)
        if x > margin + 40
    }


def _level(row: list[Word], word: Word) -> bool:
    """On one line: their middles are within each other's height, and none stands on another."""
    near = min(row, key=lambda other: abs(other.x0 - word.x0))
    shared = min(near.y1, word.y1) - max(near.y0, word.y0)
    if shared < 0.55 * min(near.y1 - near.y0, word.y1 - word.y0):
        return False
    return not any(min(o.x1, word.x1) - max(o.x0, word.x0) > 0.6 * min(o.x1 - o.x0, word.x1 - word.x0) for o in row)


def _groups(words: list[Word], edges: dict[int, int]) -> list[list[Word]]:
    """Words that stand together; before the edge of a column a smaller gap parts them already."""
    groups: list[list[Word]] = []
    for word in words:
        em = max(word.size, groups[-1][-1].size) if groups else word.size
        wide = (_least_gap(groups[-1][-1], word, edges.get(round(word.x0), 0)) if groups else _GAP) * em
        gap = word.x0 - groups[-1][-1].x1 if groups else 0.0
        if groups and gap < wide and not (len(groups) == 1 and gap > _DATES_GAP * em and _all_dates(groups[0])):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _all_dates(words: list[Word]) -> bool:
    """A column of dates may stand close to what they date: "2019–today  Nurse"."""
    text = " ".join(word.text for word in words)
    return len(text) <= _DATES_LONGEST and (looks_like_dates(text) or fold(text) in lexicon_words("dates", "present"))


def _least_gap(before: Word, word: Word, rows: int) -> float:
    """At a column's edge: words set unlike each other are apart, however near."""
    unlike = before.font != word.font or abs(before.size - word.size) > 1 or abs(before.y0 - word.y0) > 1
    if unlike and rows >= _COLUMN - 2:
        return 0.0
    return _NARROW if rows >= _COLUMN else _GAP


def _cell(words: list[Word]) -> Cell:
    text = words[0].text
    apart = _spaced(words)
    for before, word in pairwise(words):
        gap = word.x0 - before.x1
        text += ("" if gap < (apart or _GLUE * word.size) else " ") + word.text
    box = (words[0].x0, max(w.x1 for w in words), min(w.y0 for w in words), max(w.y1 for w in words))
    letters = sum(len(w.text) for w in words)
    bold = sum(len(w.text) for w in words if w.bold) * 2 > letters
    turns = tuple(f"{a.text} {b.text}" for a, b in pairwise(words) if a.text.endswith(",") and _face(a) != _face(b))
    return Cell(text, *box, max(w.size for w in words), bold, words[0].font, turns=turns)


def _face(word: Word) -> tuple[str, bool]:
    return word.font, word.bold


def _spaced(words: list[Word]) -> float:
    """Letters set apart, as headings like to be: what a gap must be to part words. Zero for all other text."""
    single = sum(len(word.text) == 1 for word in words)
    if len(words) < 4 or single * 10 < len(words) * 7 or any(len(word.text) > 3 for word in words):  # noqa: PLR2004  letters
        return 0.0
    return 1.5 * median(two.x0 - one.x1 for one, two in pairwise(words)) + 0.5


def _ordered(rows: list[Row], page: int) -> list[Line]:
    gutter = _gutter(rows)
    if gutter is None:
        return [line for row in _unwrapped(rows) for line in _lines(row, page)]
    first, last, x = gutter
    between = rows[first:last]
    left = [part for row in between if (part := [cell for cell in row if cell.x1 <= x])]
    if _all_headings(left):
        return _blocks(rows, gutter, page)
    right = [part for row in between if (part := [cell for cell in row if cell.x1 > x])]
    above, below = rows[:first], rows[last:]
    return [line for part in (above, left, right, below) for line in _ordered(part, page)]


def _all_headings(rows: list[Row]) -> bool:
    """A column of nothing but headings, each for what stands beside it."""
    blocks = _stacked(rows)
    if any(looks_like_dates(block.text) or role_of(block.text) for block in blocks):
        return False
    return len(blocks) > 2 and sum(_heads(block) for block in blocks) * 2 > len(blocks)  # noqa: PLR2004


def _stacked(rows: list[Row]) -> list[Cell]:
    """Cells with those that go on right below them."""
    out: list[Cell] = []
    bottom = 0.0
    steps = [two[0].y0 - one[0].y0 for one, two in pairwise(rows) if two[0].y0 - one[0].y0 > one[0].size]
    pitch = min(steps, default=0.0) * 1.04
    for row in rows:
        cell = row[0]
        near, bottom = cell.y0 - bottom <= pitch, cell.y0
        alike = near and bool(out) and _goes_with(out[-1], cell) and out[-1].text.isupper() == cell.text.isupper()
        if alike and cell.y0 - out[-1].y1 < _STACKED * cell.size and not _heads(cell):
            out[-1] = replace(out[-1], text=f"{out[-1].text} {cell.text}", y1=cell.y1)
        else:
            out.append(cell)
    return out


def _blocks(rows: list[Row], gutter: tuple[int, int, float], page: int) -> list[Line]:
    """Each heading, then the rows beside and below it."""
    first, last, x = gutter
    heads = _stacked([part for row in rows[first:last] if (part := [cell for cell in row if cell.x1 <= x])])
    right = [part for row in rows[first:last] if (part := [cell for cell in row if cell.x1 > x])]
    lines = _ordered(rows[:first], page)
    lines += _ordered([row for row in right if row[0].y1 <= heads[0].y0], page)
    for number, head in enumerate(heads):
        stop = heads[number + 1].y0 if number + 1 < len(heads) else float("inf")
        beside = [row for row in right if head.y0 < row[0].y1 and (row[0].y0 + row[0].y1) / 2 < stop]
        right = [row for row in right if row not in beside]
        lines += [Line((head,), page), *_ordered(beside, page)]
    return lines + _ordered(right, page) + _ordered(rows[last:], page)


def _unwrapped(rows: list[Row]) -> list[Row]:
    """Cells of a table that go on in the row below get their rest back."""
    out: list[Row] = []
    for found in rows:
        row = found
        if out and _dates_go_on(out[-1][0], row[0]):
            first, rest = out[-1][0], row[0]
            out[-1] = [replace(first, text=f"{first.text} {rest.text}", y1=rest.y1), *out[-1][1:]]
            row = row[1:]
            if not row:
                continue
        homes = _continued(out[-1], row) if out else None
        if homes is None:
            out.append(row)
        else:
            cells = list(out[-1])
            for home, rest in zip(homes, row, strict=True):
                first = cells[home]
                cells[home] = replace(first, text=f"{first.text} {rest.text}", x1=max(first.x1, rest.x1), y1=rest.y1)
            out[-1] = cells
    return out


def _dates_go_on(above: Cell, cell: Cell) -> bool:
    """A span broken over two lines: "March 2018 –" above "today", or "March" above "2018 – today"."""
    near = abs(above.x0 - cell.x0) < 2 or abs(above.x1 - cell.x1) < 2  # noqa: PLR2004  points
    below = cell.y0 > above.y0 and cell.y0 - above.y1 < 1.2 * cell.size
    whole = f"{above.text} {cell.text}"
    if not near or not below or len(above.text) > _DATES_LONGEST or not looks_like_dates(whole):
        return False
    if fold(above.text).rstrip(".") in _month_names() and re.match(r"(?:19|20)\d\d", cell.text):
        return True
    half = not _span(above.text) or above.text.rstrip()[-1] in "-–—"
    return half and _span(whole) and (not _span(cell.text) or _month_above(whole, cell.text))


@cache
def _month_names() -> frozenset[str]:
    return frozenset(fold(name) for names in lexicon()["months"].values() for name in names)


def _month_above(whole: str, text: str) -> bool:
    """The line above has the month of the first date."""
    one, two = ranges_in(whole)[0], ranges_in(text)[0]
    return one.begin == 0 and len(one.first or "") > len(two.first or "")


def _span(text: str) -> bool:
    return any(span.first for span in ranges_in(text))


def _continued(above: Row, row: Row) -> list[int] | None:
    """Which cells of a row of three or more these cells go on from."""
    if len(above) < 3 or len(row) >= len(above) or row[0].y0 - max(c.y1 for c in above) > row[0].size * 0.6:  # noqa: PLR2004
        return None
    if any(_heads(cell) or is_bullet(cell.text) or ranges_in(cell.text) for cell in row):
        return None
    homes = [next((n for n, cell in enumerate(above) if _goes_on(cell, other)), None) for other in row]
    found = [home for home in homes if home is not None]
    if len(found) < len(homes) or (found == [0] and row[0].x1 >= above[1].x0):
        return None
    return found


def _goes_on(cell: Cell, other: Cell) -> bool:
    near = abs(cell.x0 - other.x0) < 2  # noqa: PLR2004  points
    return near and cell.bold == other.bold and abs(cell.size - other.size) < 1


def _lines(row: Row, page: int) -> list[Line]:
    """A heading that stands left of its section gets a line of its own."""
    if len(row) > 1 and _heads(row[0]) and not _heads(row[1]) and _apart(row):
        return [Line((row[0],), page), Line(tuple(row[1:]), page)]
    return [Line(tuple(row), page)]


def _heads(cell: Cell) -> bool:
    """A heading, known or by its words where it is bold or in capitals."""
    if cell.head or heading_of(cell.text):
        return True
    loud = cell.bold or cell.text.isupper()
    short = len(cell.text) <= _HEADING and not is_bullet(cell.text) and role_of(cell.text) is None
    return loud and short and guessed(cell.text) is not None


def _apart(row: Row) -> bool:
    """A guessed heading is set otherwise than what stands beside it, and that is no date."""
    known = heading_of(row[0].text) is not None
    return known or not (row[1].bold or looks_like_dates(row[1].text))


def _gutter(rows: list[Row]) -> tuple[int, int, float] | None:
    """The white strip between two columns: the rows it runs through, and where it stands."""
    if len(rows) < 4:  # noqa: PLR2004  nothing that short has columns
        return None
    best: tuple[float, int, int, float] | None = None
    for x in _candidates(rows):
        for first, last in _uncrossed(rows, x):
            weight = _weight(rows[first:last], x)
            if weight and (best is None or weight > best[0]):
                best = (weight, first, _end_of_block(rows, first, last, x), x)
    return best[1:] if best else None


def _end_of_block(rows: list[Row], first: int, last: int, x: float) -> int:
    """A block at the right that has no heading and ends early, as contacts beside a name do, is no more than that."""
    right = [n for n in range(first, last) if rows[n][-1].x1 > x]
    headed = any(_heads(cell) for n in right for cell in rows[n] if cell.x1 > x)
    return last if headed or (right[-1] - first) * 2 > last - first else right[-1] + 1


def _candidates(rows: list[Row]) -> list[float]:
    starts = sorted({round(cell.x0) for row in rows for cell in row})
    often = [x for x in starts if sum(abs(cell.x0 - x) < 2 for row in rows for cell in row) > 1]  # noqa: PLR2004  points
    hanging = [int(cell.x0) for row in rows for cell in row if is_bullet(cell.text)]
    often += [min(near) for x in often if (near := [at for at in hanging if x - _HANGING < at < x - 2])]
    return [x - 1.5 for x in often if x > starts[0] + 40]


def _uncrossed(rows: list[Row], x: float) -> list[tuple[int, int]]:
    crossed = [any(cell.x0 < x < cell.x1 for cell in row) for row in rows] + [True]
    runs, start = [], 0
    for position, cross in enumerate(crossed):
        if cross:
            if position - start > 3:  # noqa: PLR2004  rows
                runs.append((start, position))
            start = position + 1
    return runs


def _weight(rows: list[Row], x: float) -> float:
    """How much two columns would explain; nothing when the strip only parts labels or dates from what they label."""
    left = [cell for row in rows for cell in row if cell.x1 <= x]
    right = [cell for row in rows for cell in row if cell.x0 >= x]
    if min(len(left), len(right)) < 3:  # noqa: PLR2004  cells
        return 0.0
    gap = min(c.x0 for c in right) - max(c.x1 for c in left)
    if gap < 1 or _dates_across(rows, x) or any(_dates_or_labels(side) for side in (left, right)):
        return 0.0
    heads = [sum(_heads(cell) for cell in side) for side in (left, right)]
    if _paired(rows, x) > _MOSTLY:  # what merely looks like headings does not part rows that go on across
        heads = [sum(cell.head or heading_of(cell.text) is not None for cell in side) for side in (left, right)]
    labels = _all_headings([[cell] for cell in left])
    both = min(heads) > 0 or labels
    if not both and (_paired(rows, x) > _MOSTLY or max(heads) == 0):
        return 0.0
    height = max(c.y1 for c in left + right) - min(c.y0 for c in left + right)
    return height * (2 if both else 1) + min(gap, 40)


def _dates_across(rows: list[Row], x: float) -> bool:
    """What stands left of entries are their dates, or labels that say what they are."""
    beside = [
        max((cell for cell in row if cell.x1 <= x), key=lambda c: c.x1) for row in rows if row[0].x1 <= x < row[-1].x0
    ]
    dated = sum(looks_like_dates(cell.text) for cell in beside)
    return max(dated, sum(role_of(cell.text) is not None for cell in beside)) * 2 > len(beside)


def _dates_or_labels(side: list[Cell]) -> bool:
    dated = sum(looks_like_dates(cell.text) for cell in side)
    return dated * 2 >= len(side)


def _paired(rows: list[Row], x: float) -> float:
    """The share of rows that go on across the strip."""
    across = sum(1 for row in rows if row[0].x1 <= x < row[-1].x0)
    sides = sum(1 for row in rows if row[0].x1 <= x), sum(1 for row in rows if row[-1].x0 > x)
    return across / max(min(sides), 1)


def usual_size(lines: list[Line]) -> float:
    return median(line.size for line in lines) if lines else 10.0
