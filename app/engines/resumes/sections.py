"""A resume's lines, section by section."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from app.engines.resumes.abilities import language_items
from app.engines.resumes.dates import ranges_in
from app.engines.resumes.entries import is_anchor
from app.engines.resumes.headings import guessed, heading_of
from app.engines.resumes.layout import Cell, Line, usual_size
from app.engines.resumes.lexicon import fold, is_bullet, plain, words
from app.engines.resumes.parts import degree_weight, employer_weight, school_weight, title_weight

_INLINE = {"summary", "skills", "languages", "interests", "certificates", "education"}
_OPENING = 6
_CONTACTS = 8
_LARGER = 1.08
_RULE = re.compile(r"^\W*([=_*~#–—-])(?:\s*\1){4,}\W*$")
_LONGEST, _MOST_WORDS, _LIST_LINE = 48, 6, 60
_UNKNOWN = "unknown"


@dataclass(slots=True)
class Section:
    """`kind` is "top" before the first heading."""

    kind: str
    lines: list[Line] = field(default_factory=list)


def sections_of(lines: list[Line]) -> list[Section]:
    lines = [line for line in lines if not _RULE.match(line.text)]
    kinds = _headings(lines)
    sections = [Section("top")]
    for position, line in enumerate(lines):
        kind = kinds.get(position)
        if not kind and position and _names_anew(lines, position, kinds):
            sections.append(Section("top"))
        rest = None if kind else _inline(line)
        if rest and rest[0] == "languages" and not language_items([rest[1]]):
            rest = None
        if kind and not (kind == sections[-1].kind == "skills"):
            sections.append(Section(kind))
        elif rest is not None:
            sections.append(Section(rest[0], [rest[1]]))
        elif not kind:
            sections[-1].lines.append(line)
    return sections


def _names_anew(lines: list[Line], position: int, kinds: dict[int, str]) -> bool:
    """A new column that begins with the name, beside one that began with something else."""
    line, before = lines[position], lines[position - 1]
    if line.page != before.page or line.y0 > before.y0:
        return False
    stop = next((place for place in sorted(kinds) if place > position), len(lines))
    largest = max(one.size for one in lines)
    return any(one.size == largest > usual_size(lines) * 1.3 for one in lines[position:stop])


def _headings(lines: list[Line]) -> dict[int, str]:
    """Those whose words are known, and those that look like them; what the latter are about, words or content tell."""
    known = {position: kind for position in range(len(lines)) if (kind := _opens(lines, position))}
    styles, usual = _heading_styles(lines, known), usual_size(lines)
    plainly = len({(line.size, line.bold, line.cells[0].font) for line in lines}) == 1
    found: dict[int, str] = dict(known)
    for position, line in enumerate(lines):
        if position in known or position < 1 or not _could_head(lines, position):
            continue
        if _set(line, usual) in styles or (plainly and _alone(lines, position)) or _coloned(line):
            found[position] = guessed(line.text) or _UNKNOWN
    return _resolved(lines, found, known)


def _could_head(lines: list[Line], position: int) -> bool:
    line = lines[position]
    if not _shaped(line) or _is_title(lines, position) or _inline(line):
        return False
    return guessed(line.text) is not None or line.size > usual_size(lines) * _LARGER or _plain_head(line)


def _resolved(lines: list[Line], found: dict[int, str], known: dict[int, str]) -> dict[int, str]:
    """Looks into what stands under headings that were guessed."""
    places = sorted(found)
    out: dict[int, str] = {}
    for number, position in enumerate(places):
        stop = places[number + 1] if number + 1 < len(places) else len(lines)
        kind, body = found[position], _column(lines[position + 1 : stop])
        if position not in known and kind != "personal" and _reached(body) and position < _CONTACTS:
            continue
        if position not in known and body:
            kind = _told(kind, body, taken=set(found.values()))
        again = found[position] == _UNKNOWN and kind in {"work", "education"} and kind in out.values()
        if kind != _UNKNOWN and not again:
            out[position] = kind
    return out


def _column(body: list[Line]) -> list[Line]:
    """Up to where the next column begins with something else than a row of the same."""
    largest = max((line.size for line in body), default=0.0)
    stop = next(
        (n for n, line in enumerate(body) if n and line.y0 < body[n - 1].y0 and largest > 1.3 * usual_size(body)),
        len(body),
    )
    return body[:stop] or body


def _reached(body: list[Line]) -> bool:
    return any("@" in line.text for line in body)


def _told(kind: str, body: list[Line], *, taken: set[str]) -> str:
    """A guess holds unless what stands below speaks against it."""
    content = _content(body)
    if kind == "education" and content == "skills" and "skills" not in taken:
        return "skills"
    if kind == "work" and content in {"education", "languages"}:
        return content
    if kind == "summary" and content == "work":
        return "work"
    if kind != _UNKNOWN:
        return kind
    return content if content == "work" or content not in taken else "other"


def _content(body: list[Line]) -> str:
    """What the lines under a heading are, whatever the heading says."""
    dated = [line for position, line in enumerate(body) if is_anchor(body, position)]
    ranges = sum(any(span.first for span in ranges_in(line.text)) for line in dated)
    study = sum(min(school_weight(line.text) + degree_weight(line.text), 3) for line in body)
    job = sum(
        min(title_weight(line.text) + max(employer_weight(line.text) - school_weight(line.text), 0), 3) for line in body
    )
    if dated and study > job:
        return "education"
    if ranges:
        return "work"
    if len(language_items(body)) * 2 >= len(body):
        return "languages"
    if not dated and study > len(body):
        return "education"
    short = [line for line in body if len(line.text) <= _LIST_LINE or len(re.findall(r"[,;|•·/]", line.text)) > 1]
    sentences = [line for line in body if line.text.rstrip().endswith((".", "!", "।"))]
    listed = len(short) * 2 > len(body) and len(sentences) * 3 < len(body)
    return "skills" if listed and not dated else "other"


def _heading_styles(lines: list[Line], known: dict[int, str]) -> set[tuple[Any, ...]]:
    """How this document sets its headings: as the known ones are set, where that is not how other lines are set.

    Set larger or in capitals, a style is told by that; set as other lines may be, by where it begins as well.
    """
    usual = usual_size(lines)
    sure = {position for position in known if _shaped(lines[position])}
    named = [line for position, line in enumerate(lines) if position in sure or _names(line, usual)]
    heads = Counter(_set(line, usual) for line in named)
    all_of = Counter(_set(line, usual) for n, line in enumerate(lines) if line in named or (n and _plain_head(line)))
    body = Counter(_set(line, usual) for line in lines).most_common(1)
    common = body[0][0] if body else None
    larger = {style for style in heads if style[0] > usual * _LARGER}
    most = {style for style, count in heads.items() if style != common and count * 2 >= all_of[style]}
    elsewhere = {style[:4] for style in most if heads[style] > 1}
    return larger | most | {style for style in all_of if style[:4] in elsewhere and style != common}


def _plain_head(line: Line) -> bool:
    return _shaped(line) and not _claimed(line) and not school_weight(line.text) and not degree_weight(line.text)


def _names(line: Line, usual: float) -> bool:
    """Loud, and by its words a heading."""
    loud = line.bold or line.size > usual * _LARGER or line.text.isupper()
    return loud and _shaped(line) and guessed(line.text) is not None and not _claimed(line)


def _set(line: Line, usual: float) -> tuple[Any, ...]:
    style = _style(line)
    distinct = line.size > usual * _LARGER or style[2]
    return style if distinct else (*style, round(line.x0 / 3))


def _style(line: Line) -> tuple[float, bool, bool, str]:
    letters = "".join(letter for letter in line.text if letter.isalpha())
    return round(line.size * 2) / 2, line.bold, letters.isupper(), line.cells[0].font


def _shaped(line: Line) -> bool:
    """Could be a heading: one short cell, no date, no address, no bullet."""
    text = plain(line.text)
    if len(line.cells) > 1 or not 2 < len(text) <= _LONGEST or is_bullet(line.text):  # noqa: PLR2004  letters
        return False
    if len(text.split()) > _MOST_WORDS or re.search(r"\d|@|www\.|[,;]$|\.\w", text) or line.text.rstrip().endswith("."):
        return False
    return not ranges_in(text) and (text[0].isupper() or not text[0].islower() or guessed(text) is not None)


def _claimed(line: Line) -> bool:
    return bool(title_weight(line.text) or employer_weight(line.text))


def _is_title(lines: list[Line], position: int) -> bool:
    """The name is no heading, nor what stands right above how to reach the person."""
    largest = max(line.size for line in lines)
    named = lines[position].size >= largest > usual_size(lines) * 1.3
    return named or fold(plain(lines[position].text)) in words("labels", "title")


def _coloned(line: Line) -> bool:
    return line.text.rstrip().endswith(":") and guessed(line.text) is not None and not _claimed(line)


def _alone(lines: list[Line], position: int) -> bool:
    """In plain text: white above, and white below or capitals."""
    line = lines[position]
    if not _white(lines, position - 1):
        return False
    return _white(lines, position) or line.text.isupper()


def _white(lines: list[Line], position: int) -> bool:
    """An empty line below this one."""
    if position < 0 or position + 1 >= len(lines):
        return True
    one, two = lines[position], lines[position + 1]
    return one.page != two.page or two.y0 - one.y0 > 1.5 * _pitch(lines)


def _pitch(lines: list[Line]) -> float:
    """From one line to the next, mostly."""
    steps = [two.y0 - one.y0 for one, two in pairwise(lines) if two.y0 > one.y0 and one.page == two.page]
    return median(steps) if steps else 0.0


def _opens(lines: list[Line], position: int) -> str | None:
    """A heading looks like one: nothing else on its line, and not smaller or paler than what it opens."""
    line = lines[position]
    kind = heading_of(line.text) if len(line.cells) == 1 else None
    if kind is None:
        return None
    text = line.cells[0].text
    loud = line.bold or line.size > usual_size(lines) * 1.08 or text.isupper() or text.rstrip().endswith(":")
    first = position < _OPENING and fold(plain(text)) in words("labels", "title")
    styled = any(other.bold for other in lines)
    return kind if not first and (loud or not styled or not text[:1].islower()) else None


def _inline(line: Line) -> tuple[str, Line] | None:
    """A heading and its content on one line: "Languages: English, Welsh"."""
    head, mark, rest = line.text.partition(":")
    if not mark and "\t" in line.text:
        head, mark, rest = line.text.partition("\t")
    kind = heading_of(head) if mark and rest.strip() else None
    if kind not in _INLINE or "\t" in head or len(head) > 30:  # noqa: PLR2004  letters
        return None
    first = line.cells[0]
    cell = Cell(rest.strip(), first.x0, first.x1, first.y0, first.y1, first.size, bold=False)
    return kind, Line((cell,), line.page)


def lines_in(sections: list[Section], *kinds: str) -> list[Line]:
    return [line for section in sections if section.kind in kinds for line in section.lines]
