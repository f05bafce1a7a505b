"""Cuts a section of dated entries (jobs, studies) into its entries: the lines of each head, and those below."""

import re
from dataclasses import dataclass, field, replace

from app.engines.resumes.dates import Span, ranges_in
from app.engines.resumes.hints import Kind, Window
from app.engines.resumes.labels import role_of
from app.engines.resumes.layout import Line
from app.engines.resumes.lexicon import is_bullet, plain, unbulleted
from app.engines.resumes.parts import employer_weight, title_weight

_LONGEST_HEAD = 110
_MOST_ABOVE = 3
_BELOW, _OVER = 2, 2  # lines of a window under and over a head
_EDGE = 3.0  # points
_FULL = 40  # letters: shorter lines are parts of a head by themselves
_HANGING, _PITCH = 2.5, 1.6  # of the type's size
_ENDED = re.compile(r"[^\W\d_]{4}[.;:!?](?:\s|$)")


@dataclass(slots=True)
class Entry:
    head: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    above: list[Line] = field(default_factory=list)  # the entry before has them, if there is one

    def window(self, kind: Kind) -> Window:
        """What may be asked about where the head leaves something open."""
        above, head, below = ([line.text for line in lines] for lines in (self.above, self.head, self.body[:_BELOW]))
        return Window(kind, above, head, below)


def entries_of(lines: list[Line], *, after: int = 2) -> list[Entry]:
    """Each entry has one line with its dates. How many head lines stand above it, the first entry tells."""
    lines = _rejoined(lines)
    anchors = [position for position in range(len(lines)) if is_anchor(lines, position)]
    if not anchors:
        return []
    bare = [_is_bare(lines[anchor]) for anchor in anchors]
    aboves = {
        kind: _lines_above(lines, anchors, [n for n, one in enumerate(bare) if one == kind]) for kind in set(bare)
    }
    starts = [_start(lines, anchors, number, aboves[bare[number]]) for number in range(len(anchors))]
    entries = []
    for number, start in enumerate(starts):
        stop = starts[number + 1] if number + 1 < len(starts) else len(lines)
        below = after if anchors[number] == start else after - 1
        entry = _entry(lines[start:stop], anchors[number] - start, below)
        entry.above = lines[max(start - _OVER, anchors[number - 1] + 1 if number else 0) : start]
        entries.append(entry)
    return entries


_HANGS = re.compile(r"(?:\b(?:and|of|in|for|the|und|für|der|des|de|du|et|en|y|del|la|zum|zur|mit|with|at)|[&/,])$")


def _rejoined(lines: list[Line]) -> list[Line]:
    """A head that breaks after "of" or "&", or because the line was full, goes on in the next line of the same kind."""
    out: list[Line] = []
    edge = _right_edge(lines)
    for line in lines:
        before = out[-1] if out else None
        if before and (_hangs(before, line) or _wraps(before, line, edge)):
            last, rest = before.cells[-1], line.cells[0]
            text, turns = joined(last.text, rest.text), last.turns + rest.turns
            whole = replace(last, text=text, x1=rest.x1, y1=rest.y1, turns=turns)
            out[-1] = replace(before, cells=(*before.cells[:-1], whole))
        else:
            out.append(line)
    return out


def joined(text: str, rest: str) -> str:
    """A word that was broken at the line's end is one again."""
    if re.search(r"[^\W\d_]-$", text) and rest[:1].islower():
        return text[:-1] + rest
    return f"{text} {rest}"


def _right_edge(lines: list[Line]) -> float | None:
    """Where lines end at the latest; unknown where only one ends there, or the same words do twice."""
    ends = sorted({line.cells[-1].text: line.cells[-1].x1 for line in lines}.values(), reverse=True)
    return ends[0] if len(ends) > 1 and ends[0] - ends[1] < _EDGE else None


def _wraps(before: Line, line: Line, edge: float | None) -> bool:
    """Below the end of a line that had no room for the next word, as it is set, with no dates of its own."""
    last, rest = before.cells[-1], line.cells[0]
    bulleted = is_bullet(before.text) or is_bullet(line.text)
    if edge is None or len(line.cells) > 1 or before.page != line.page or bulleted:
        return False
    below = -_EDGE < rest.x0 - last.x0 < _HANGING * rest.size and 0 < rest.y0 - last.y0 < _PITCH * rest.size
    alike = abs(last.size - rest.size) < 1 and last.x1 > last.x0 + (edge - last.x0) / 2
    word = (rest.x1 - rest.x0) * len(rest.text.split()[0]) / len(rest.text)
    full = last.x1 + word > edge and len(last.text) >= _FULL and not ranges_in(last.text)
    plain_head = not ranges_in(line.text) and not _ENDED.search(before.text)
    return below and alike and full and plain_head and len(before.text) + len(rest.text) <= _LONGEST_HEAD


def _hangs(before: Line, line: Line) -> bool:
    if _half_dated(before.text, line.text) and before.page == line.page and len(line.cells) == 1:
        return True
    alike = before.bold == line.bold and abs(before.size - line.size) < 1 and before.page == line.page
    single = len(before.cells) == len(line.cells) == 1 and not is_bullet(before.text) and not is_bullet(line.text)
    short = len(before.text) + len(line.text) <= _LONGEST_HEAD and not ranges_in(line.text)
    return alike and single and short and bool(_HANGS.search(before.text))


def _half_dated(before: str, text: str) -> bool:
    """A span of time that ends on the next line."""
    if not re.search(r"(?:[-–—]|\b(?:to|bis|à|au|a|al|hasta|से))$", before.rstrip()) or len(text) > _LONGEST_HEAD:
        return False
    return any(span.begin < len(before) < span.end and span.first for span in ranges_in(f"{before} {text}"))


def is_anchor(lines: list[Line], position: int) -> bool:
    """The dates stand at an end of the line or in a cell of their own, and no sentence is around them."""
    line = lines[position]
    if is_bullet(line.text) and not _bulleted_heads(lines):
        return False
    spans = ranges_in(line.text)
    if not spans or len(line.text) > _LONGEST_HEAD + 30 or _within_bullet(lines, position):
        return False
    span = _fullest(spans)
    before, after = line.text[: span.begin].strip(" (,"), line.text[span.end :].strip(" ).,")
    before = re.sub(
        r"(?i)^(?:from|von|vom|de|du|desde|duration|period|dates?|year|zeitraum|période|periodo|fechas?|अवधि)\s*:?$",
        "",
        before,
    )
    rest = plain(before) + plain(after)
    if len(rest) > _LONGEST_HEAD or (_sentence(before) and not span.first):
        return False
    at_end = (
        not after
        or "\t" in line.text
        or re.match(r"^[|·•–—\t(,]", line.text[span.end :].strip()[:1] or "|") is not None
    )
    at_start = not before
    return at_start or (at_end and not (_sentence(before) and "\t" not in line.text))


def _within_bullet(lines: list[Line], position: int) -> bool:
    """The rest of a bullet's sentence hangs further right than the bullet."""
    line = lines[position]
    if line.bold or len(line.cells) > 1:
        return False
    for before in reversed(lines[max(position - 3, 0) : position]):
        if is_bullet(before.text):
            return before.page == line.page and line.x0 > before.x0 + 3
        if abs(before.x0 - line.x0) > 2:  # noqa: PLR2004  points
            return False
    return False


def _fullest(spans: list[Span]) -> Span:
    return max(spans, key=lambda span: (span.first is not None, span.last is not None or span.present, span.begin))


def _sentence(text: str) -> bool:
    words = text.split()
    small = sum(word[:1].islower() for word in words)
    return (len(words) > 7 and small * 2 > len(words)) or bool(re.search(r"[.!?]\s+\S", text) and len(words) > 9)  # noqa: PLR2004


def _bulleted_heads(lines: list[Line]) -> bool:
    """Lists where every line is a bullet: each is an entry then."""
    return bool(lines) and all(is_bullet(line.text) for line in lines if ranges_in(line.text))


def _is_bare(line: Line) -> bool:
    """Nothing but dates on the line."""
    span = _fullest(ranges_in(line.text))
    return len(plain(line.text[: span.begin]) + plain(line.text[span.end :].strip(" )"))) < 4  # noqa: PLR2004  letters


def _lines_above(lines: list[Line], anchors: list[int], numbers: list[int]) -> int:
    """What stands above the first of these dates, unless the others say that it cannot belong there."""
    rooms = [_room(lines, anchors[n - 1] if n else -1, anchors[n]) for n in numbers]
    first = min(rooms[0], _MOST_ABOVE)
    return min(first, max(rooms[1:])) if len(rooms) > 1 else first


def _room(lines: list[Line], before: int, anchor: int) -> int:
    count = 0
    while anchor - count - 1 > before and headlike(lines[anchor - count - 1]):
        count += 1
    return count


def _start(lines: list[Line], anchors: list[int], number: int, above: int) -> int:
    anchor = anchors[number]
    floor = anchors[number - 1] if number else -1
    start = anchor
    while anchor - start < above and start - 1 > floor and headlike(lines[start - 1]):
        start -= 1
    if start == anchor and anchor > 0 and _opens_group(lines[anchor - 1]) and (not number or anchor - floor > 2):  # noqa: PLR2004
        start -= 1
    return start


def _opens_group(line: Line) -> bool:
    """An employer alone on a line, above several titles of their own."""
    return headlike(line) and employer_weight(line.text) > title_weight(line.text)


def _entry(lines: list[Line], anchor: int, after: int) -> Entry:
    stop = anchor + 1
    while stop < len(lines) and stop - anchor <= after and headlike(lines[stop]) and not _continues(lines, stop):
        stop += 1
    return Entry(lines[:stop], lines[stop:])


def _continues(lines: list[Line], position: int) -> bool:
    return lines[position].text[:1].islower() and position > 0


def headlike(line: Line) -> bool:
    """Could be part of a head: short, no bullet, no sentence."""
    text = line.text.strip()
    if role_of(line.cells[0].text) == "done" or role_of(text.partition(":")[0]) == "done":
        return False
    if is_bullet(text) or len(text) > _LONGEST_HEAD or not plain(text):
        return False
    ends = text.endswith((".", ";")) and not re.search(
        r"\b(?:Inc|Ltd|Co|Corp|S\.A|S\.L|e\.V|B\.V|A\.G|Jr|U|P|Pvt)\.$|\w\.\w\.$", text
    )
    ends = ends and not (len(text.split()) <= 3 and len(text) < 24 and text.count(".") > 1)  # noqa: PLR2004  "B.Com."
    return not ends and not text[:1].islower() and not _sentence(text)


def paragraphs(lines: list[Line]) -> list[str]:
    """Bullets and sentences, each with the lines it runs on over."""
    out: list[str] = []
    margin = min((line.x0 for line in lines), default=0.0)
    listed = any(is_bullet(line.text) for line in lines)
    for line in lines:
        text = " ".join(line.text.split())
        goes_on = (
            out
            and not is_bullet(text)
            and ((listed and line.x0 >= margin) or text[:1].islower() or not _closed(out[-1]))
        )
        if goes_on:
            out[-1] = (
                out[-1][:-1] + text if re.search(r"[a-zäöü]-$", out[-1]) and text[:1].islower() else f"{out[-1]} {text}"
            )
        else:
            out.append(unbulleted(text))
    return [text for text in out if text]


def _closed(text: str) -> bool:
    return text.endswith((".", "!", "?", ":", ";", "।")) or len(text) < 60  # noqa: PLR2004  letters
