"""A resume's lines, section by section."""

from dataclasses import dataclass, field

from app.engines.resumes.abilities import language_items
from app.engines.resumes.headings import heading_of
from app.engines.resumes.layout import Cell, Line, usual_size
from app.engines.resumes.lexicon import fold, plain, words

_INLINE = {"summary", "skills", "languages", "interests", "certificates", "education"}
_OPENING = 6


@dataclass(slots=True)
class Section:
    """`kind` is "top" before the first heading."""

    kind: str
    lines: list[Line] = field(default_factory=list)


def sections_of(lines: list[Line]) -> list[Section]:
    sections = [Section("top")]
    for position, line in enumerate(lines):
        kind = _opens(lines, position)
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
    kind = heading_of(head) if mark and rest.strip() else None
    if kind not in _INLINE or "\t" in head or len(head) > 30:  # noqa: PLR2004  letters
        return None
    first = line.cells[0]
    cell = Cell(rest.strip(), first.x0, first.x1, first.y0, first.y1, first.size, bold=False)
    return kind, Line((cell,), line.page)


def lines_in(sections: list[Section], *kinds: str) -> list[Line]:
    return [line for section in sections if section.kind in kinds for line in section.lines]
