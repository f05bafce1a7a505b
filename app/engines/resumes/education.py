"""Studies: school, degree, subject, dates."""

import re
from typing import Any

from app.engines.resumes.dates import Span
from app.engines.resumes.entries import Entry, entries_of, headlike
from app.engines.resumes.hints import guesses
from app.engines.resumes.layout import Line
from app.engines.resumes.lexicon import fold, unbulleted
from app.engines.resumes.parts import Head, degree_weight, head_of, labelled, school_weight, without_place

_OF = re.compile(
    r"^(?P<degree>.+?)\s+(?:in|im|of|der|en|de|des|for|für|fach|fachrichtung|mención|spécialité|option)\s+"
    r"(?:the\s|dem Fach\s|Fach\s)?(?P<area>[^\s].*)$",
    re.IGNORECASE,
)
_SCORE = re.compile(
    r"\b(?:gpa|cgpa|grade|note|abschlussnote|mention|nota|first[- ]class|2:[12]|"
    r"distinction|honours?|\d+(?:[.,]\d+)?\s?%)\b.*$",
    re.IGNORECASE,
)


def studies_of(lines: list[Line]) -> list[dict[str, Any]]:
    lines = [line for line in labelled(lines) if not _is_table_head(line)]
    entries = entries_of(lines)
    if entries:
        return [study for entry in entries if (study := _guessed(_study(head_of(entry.head)), entry))]
    heads = [head_of([line]) for line in lines if headlike(line)]
    return _joined([head for head in heads if any(school_weight(part) or degree_weight(part) for part in head.parts)])


def _guessed(study: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Asks the model where the rules name no school or no degree; "guessed" then names what it said."""
    school, degree = study.get("institution"), study.get("studyType")
    if school and degree:
        return study
    said = guesses(entry.window("education"), {"SCHOOL": school, "DEGREE": degree})
    found = {key: said[label] for key, label in (("institution", "SCHOOL"), ("studyType", "DEGREE")) if label in said}
    return {**_dates(head_of(entry.head).span), **study, **found, "guessed": tuple(found)} if found else study


def _is_table_head(line: Line) -> bool:
    """Names columns: "Degree | Institution | Year"."""
    known = {
        "degree",
        "institution",
        "institute",
        "year",
        "marks",
        "course",
        "qualification",
        "university",
        "board",
        "percentage",
        "college",
        "school",
        "dates",
        "date",
        "subject",
        "grade",
        "cgpa",
        "examination",
        "result",
        "board/university",
        "passing year",
        "year of passing",
        "abschluss",
        "zeitraum",
        "diplôme",
        "établissement",
        "année",
        "título",
        "centro",
        "año",
        "वर्ष",
        "उपाधि",
        "संस्थान",
        "अंक",
    }
    cells = [fold(cell.text) for cell in line.cells]
    return len(cells) > 1 and all(cell in known or cell.removesuffix("s") in known for cell in cells)


def _joined(heads: list[Head]) -> list[dict[str, Any]]:
    """Without dates: a school and a degree on lines that follow each other are one."""
    studies: list[dict[str, Any]] = []
    for head in heads:
        study = _study(head)
        if study and studies and not study.keys() & studies[-1].keys():
            studies[-1] |= study
        elif study:
            studies.append(study)
    return studies


def _study(head: Head) -> dict[str, Any]:
    if "school" in head.roles or "degree" in head.roles:
        return _labelled_study(head)
    parts = [piece for part in head.parts for piece in _by_commas(part)]
    school = max(parts, key=_school, default=None)
    if school is not None and (_school(school) <= 0 and len(parts) == 1 and degree_weight(school)):
        school = None
    rest = [part for part in parts if part is not school]
    degree = max(rest, key=degree_weight, default=None)
    if (
        degree is not None
        and not degree_weight(degree)
        and school
        and degree_weight(school)
        and not school_weight(school)
    ):
        degree, school = school, degree
    if degree is None and school and ", " in school and not school_weight(school.split(", ")[0]):
        degree, _, school = school.partition(", ")
    after = parts.index(school) + 1 if school in parts else 0
    area = next(
        (
            part
            for n, part in enumerate(parts)
            if part in rest and part is not degree and not _SCORE.match(part) and not (degree and n == after)
        ),
        None,
    )
    name = without_place(school)[0] if school else None
    if name and school_weight(name.rpartition(", ")[0]) and not school_weight(name.rpartition(", ")[2]):
        name = name.rpartition(", ")[0]
    kind, subject = _kind_and_area(degree, area)
    values = {"institution": name, "studyType": kind, "area": subject, **_dates(head.span)}
    return {key: value for key, value in values.items() if value} if name or kind else {}


def _labelled_study(head: Head) -> dict[str, Any]:
    rest = [*head.parts, None]
    school, degree = head.roles.get("school"), head.roles.get("degree")
    kind, subject = _kind_and_area(degree or (rest[0] if school else None), None)
    name = school or (rest[0] if degree else None)
    values = {"institution": without_place(name)[0] if name else None, "studyType": kind, "area": subject}
    return {key: value for key, value in (values | _dates(head.span)).items() if value}


def _school(part: str) -> float:
    outside = re.sub(r"\([^)]*\)", "", part)
    return school_weight(outside) - 0.9 * degree_weight(part)


def _by_commas(part: str) -> list[str]:
    """Makes two of "BSc Nursing, University of Leeds"; a school's own commas stay."""
    pieces = [piece.strip() for piece in unbulleted(part).split(",") if piece.strip()]
    if len(pieces) < 2:  # noqa: PLR2004
        return pieces
    out = [pieces[0]]
    for piece in pieces[1:]:
        new = bool(school_weight(piece)) != bool(school_weight(out[-1])) or degree_weight(piece)
        if new:
            out.append(piece)
        else:
            out[-1] = f"{out[-1]}, {piece}"
    return out


def _kind_and_area(degree: str | None, area: str | None) -> tuple[str | None, str | None]:
    if degree is None:
        return None, area
    degree = _SCORE.sub("", degree).strip(" ,(–-") or degree
    bracket = re.fullmatch(r"(.+?)\s*\((.+)\)", degree)
    if bracket and not area:
        return bracket[1], bracket[2]
    match = _OF.match(degree)
    if (
        match
        and degree_weight(match["degree"])
        and not re.fullmatch(
            r"(?:bachelor|master|doctor|diplôme|certificat|título|grado|licence|diploma|associate)s?",
            fold(match["degree"]),
        )
    ):
        return match["degree"].strip(" ,"), match["area"]
    short = re.match(
        r"^((?:[BM]\.?\s?(?:Sc|A|Eng|Com|Tech|Ed|S|E)\.?|BBA|MBA|MCA|BCA|LL\.?[BM]\.?|Ph\.?D\.?|BTS|DUT|BUT|CAP|BEP|HND|HNC|PGCE|BN|BSN|MSN)(?:\s?\(Hons\))?),?\s+(\S.*)$",
        degree,
    )
    return (short[1], short[2]) if short else (degree, area)


def _dates(span: Span | None) -> dict[str, str]:
    if span is None:
        return {}
    found = {"startDate": span.first, "endDate": None if span.present else span.last}
    return {key: value for key, value in found.items() if value}
