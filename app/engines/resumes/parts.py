"""The parts of an entry's head: which names the title, which the employer or school, which the place."""

import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from app.engines.resumes.dates import Span, ranges_in
from app.engines.resumes.labels import role_of
from app.engines.resumes.layout import Cell, Line
from app.engines.resumes.lexicon import fold, is_bullet, phrases, plain, words
from app.engines.resumes.places import is_city, is_location, is_place

_SPLIT = re.compile(r"\t|\s+[|·•‖]\s+|\s+[–—]\s+|\s+-\s+|\s+//?\s+|\s+@\s+|;\s+|\s\|\s|\|")
_AT = re.compile(r"\s+(?:at|bei der|bei dem|bei|beim|chez|en la empresa|with)\s+(?=[A-ZÄÖÜ\d])")


_NEAR = 12.0  # points
_SENTENCES = re.compile(r"(?<=[^\W\d]{4})\.\s+(?=[A-ZÄÖÜÉ])")


@dataclass(slots=True)
class Head:
    """Parts in the order they stand."""

    parts: list[str] = field(default_factory=list)
    span: Span | None = None
    place: str | None = None
    roles: dict[str, str] = field(default_factory=dict)  # what labels said: title, employer, school, degree
    aside: list[str] = field(default_factory=list)  # parts right of others, after a wide gap
    beside: list[str] = field(default_factory=list)  # parts on the line of the dates


def dateless(text: str) -> tuple[str, Span | None]:
    """The text without its (last) span of time, and the span."""
    spans = ranges_in(text)
    if not spans:
        return text, None
    best = max(spans, key=lambda span: (span.first is not None, span.last is not None or span.present, span.begin))
    before, after = text[: best.begin].rstrip(" (,–—-|\t"), text[best.end :].lstrip(" ),.–—-|")
    after = re.sub(
        r"^\s*\(?\d+(?:[.,]\d+)?\s+(?:years?|yrs?|months?|mos?|Jahre?|Monate?|ans?|mois|años?|meses|वर्ष)[^\t|]*\)?",
        "",
        after,
    )
    before = re.sub(r"(?:^|\s)(?:from|von|vom|de|du|desde|seit|since|depuis)$", "", before, flags=re.IGNORECASE)
    after = after.strip(" )") if after.count(")") > after.count("(") else after.strip()
    return "\t".join(part for part in (before, after) if part.strip()), best


def parts_of(text: str) -> list[str]:
    """Cut where writers part things; brackets that hold a place or a kind of contract are parts too."""
    text = re.sub(r"\s\(([^()]{2,60})\)", lambda m: f"\t{m[1]}" if is_location(m[1]) else m[0], text)
    text = re.sub(r"\s\(([^\W\d_][^()\d]{2,24})\)$", lambda m: "" if _town(m[1]) else m[0], text)
    pieces = [piece for part in _SPLIT.split(text) for piece in _AT.split(part)]
    return [_dotted(piece, part) for part in pieces if (piece := plain(part).strip(" ,"))]


def _turned(parts: list[str], line: Line) -> list[str]:
    """Cut as well at commas where another typeface begins: "**Technician**, *Evans of Otley*, Otley"."""
    for turn in (turn for cell in line.cells for turn in cell.turns):
        before = turn.partition(", ")[0]
        parts = [
            piece.strip(" ,")
            for part in parts
            for at in [part.find(turn)]
            for piece in ([part] if at < 0 else [part[: at + len(before)], part[at + len(before) + 1 :]])
        ]
    return [part for part in parts if part]


def _without_turned_town(head: Head, turned: list[str]) -> None:
    """Beside a title and an employer, a short name behind the last turn is where it was."""
    for part in turned:
        if len(head.parts) > 2 and part in head.parts and len(part.split()) <= 3 and not _claimed(part):  # noqa: PLR2004
            head.parts.remove(part)
            head.place = head.place or part


def _town(text: str) -> bool:
    """In brackets at the end: a name of up to three words that claims to be nothing else."""
    return len(text.split()) <= 3 and text[:1].isupper() and not text.isupper() and not _claimed(text)  # noqa: PLR2004


def _dotted(piece: str, part: str) -> str:
    """Gives "S.L." and "Inc." their last dot back."""
    short = re.search(r"(?:\b\w\.[\w.]*\w|\b(?:Inc|Ltd|Co|Corp|Pvt|Jr|Bros|बी\.\w+))$", piece)
    return f"{piece}." if short and part.rstrip(" ,)").endswith(f"{piece}.") else piece


@lru_cache(maxsize=2_048)
def title_weight(text: str) -> int:
    folded = fold(text)
    weight = 2 * len(phrases("titles", "words").findall(folded))
    weight += sum(
        any(len(word) > len(end) + 2 and word.endswith(end) for end in words("titles", "endings"))
        for word in _bare(folded)
    )
    return weight


@lru_cache(maxsize=2_048)
def employer_weight(text: str) -> int:
    folded = fold(text)
    weight = 2 * len(phrases("employers", "words").findall(folded))
    weight += sum(word.endswith(_compounds()) and len(word) > 8 for word in _bare(folded))  # noqa: PLR2004
    return weight + bool(re.search(r"\s&\s|\b(?:St|Saint|Sankt)\b", text))


@cache
def _compounds() -> tuple[str, ...]:
    return (
        "klinik",
        "klinikum",
        "krankenhaus",
        "schule",
        "bank",
        "werke",
        "werk",
        "verein",
        "bau",
        "heim",
        "zentrum",
        "kasse",
        "apotheke",
        "bäckerei",
        "gesellschaft",
        "technik",
        "haus",
        "hof",
        "verlag",
        "kanzlei",
        "markt",
        "universität",
        "hochschule",
        "gymnasium",
        "amt",
        "betrieb",
        "logistik",
        "soft",
        "tech",
        "logic",
    )


def _bare(folded: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", folded)


@lru_cache(maxsize=2_048)
def school_weight(text: str) -> int:
    folded = fold(text)
    weight = 2 * len(phrases("education", "institutions").findall(folded))
    return weight + sum(
        word.endswith(("schule", "universität", "gymnasium", "kolleg", "akademie")) for word in _bare(folded)
    )


@lru_cache(maxsize=2_048)
def degree_weight(text: str) -> int:
    return 2 * len(phrases("education", "degrees").findall(fold(text)))


def without_place(text: str) -> tuple[str, str | None]:
    """Parts "Leeds General Infirmary, Leeds, UK" into the name and "Leeds, UK"."""
    pieces = [piece.strip() for piece in text.split(",")]
    cut = len(pieces)
    while cut > 1 and is_place(pieces[cut - 1]):
        cut -= 1
    if cut == len(pieces):
        return text, None
    outer = cut < len(pieces) and cut > 1 and not any(is_city(piece) for piece in pieces[cut:])
    if outer and len(pieces[cut - 1].split()) <= 3 and not _claimed(pieces[cut - 1]):  # noqa: PLR2004
        cut -= 1
    return ", ".join(pieces[:cut]), ", ".join(pieces[cut:])


def _claimed(text: str) -> bool:
    return bool(title_weight(text) or employer_weight(text) or school_weight(text) or degree_weight(text))


_LABEL = re.compile(
    r"^\s*(?:job title|title|position(?: held)?|designation|role|post|employer|company(?: name)?|organi[sz]ation|firm|"
    r"duration|period|dates?|from|tenure|institution|university|college|school|"
    r"course|degree|qualification|year|location|place|stelle|funktion|firma|arbeitgeber|zeitraum|"
    r"poste|entreprise|employeur|période|puesto|cargo|empresa|periodo|período|fechas?|पद|संस्था|अवधि|कंपनी)"
    r"\s*:\s*",
    re.IGNORECASE,
)


def unlabelled(text: str) -> str:
    """Drops what "Designation: Sales Executive" says before the colon, and numbers before entries."""
    return "\t".join(_LABEL.sub("", re.sub(r"^\s*\d{1,2}[.)]\s+", "", cell)) for cell in text.split("\t"))


def labelled(lines: list[Line]) -> list[Line]:
    """Rows under a row of column heads get those as labels before each cell; the row of heads goes."""
    columns: list[tuple[float, str, str]] = []
    out = []
    for line in lines:
        roles = [role_of(cell.text) for cell in line.cells]
        if len(roles) > 1 and all(roles) and len(set(roles)) == len(roles):
            columns = [(cell.x0, cell.text, role or "") for cell, role in zip(line.cells, roles, strict=True)]
        elif columns and len(line.cells) > 1:
            out.append(replace(line, cells=tuple(_under(cell, columns) for cell in line.cells)))
        else:
            columns = columns if len(line.cells) == 1 and is_bullet(line.text) else []
            out.append(line)
    return out


def _under(cell: Cell, columns: list[tuple[float, str, str]]) -> Cell:
    x0, label, role = min(columns, key=lambda column: abs(column[0] - cell.x0))
    near = abs(x0 - cell.x0) < _NEAR and role != "dates"
    return replace(cell, text=f"{label}: {cell.text}") if near else cell


def _by_roles(head: Head, line: Line) -> list[str]:
    """Takes what labels name; returns the cells that have none."""
    rest, role = [], None
    for cell in line.cells:
        if role_of(cell.text) and len(line.cells) > 1:
            role = role_of(cell.text)
            continue
        label, mark, value = cell.text.partition(":")
        named = role_of(re.sub(r"^\s*\d{1,2}[.)]\s+", "", label)) if mark and value.strip() else None
        if named not in {None, "dates", "place"} and not ranges_in(value):
            head.roles.setdefault(str(named), plain(value.strip()))
        elif role not in {None, "dates", "place"} and not ranges_in(cell.text):
            head.roles.setdefault(str(role), plain(cell.text))
        else:
            rest.append(cell.text)
        role = None
    return rest


def _after_dates(text: str, span: Span, name: str) -> bool:
    """Such as "2017 – 2019, Vitoria"."""
    rest = text[span.end :].lstrip()
    return rest[:1] in {",", "·", "|"} and name in rest


def head_of(lines: list[Line]) -> Head:
    head = Head()
    unsure: list[str] = []
    turned: list[str] = []
    for found in lines:
        text = "\t".join(_by_roles(head, found))
        if not text:
            continue
        whole = unlabelled(_SENTENCES.split(text)[0])
        text, span = dateless(whole)
        head.span = head.span or span
        parts = _turned(parts_of(text), found)
        turned += parts[-1:] if len(parts) > len(parts_of(text)) else []
        for part in parts:
            if is_location(part) and not _claimed(part):
                head.place = head.place or part
                unsure += [part] if "," in part and not is_place(part.split(",")[0]) else []
                continue
            name, place = without_place(part)
            head.place = head.place or place
            head.parts.append(name)
            head.aside += [name] if "\t" in whole and name in whole.rpartition("\t")[2] else []
            head.beside += [name] if span and _after_dates(whole, span, name) else []
    _without_turned_town(head, turned)
    if len(head.parts) < 2 and unsure:  # noqa: PLR2004  "Culture Loop, Sydney" names an employer when nothing else does
        name, _, head.place = unsure[0].partition(", ")
        head.parts.append(name)
    return head
