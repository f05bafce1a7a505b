"""Jobs: employer, title, place, dates, and what was done."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.engines.resumes.entries import Entry, entries_of, paragraphs
from app.engines.resumes.hints import guesses
from app.engines.resumes.layout import Line
from app.engines.resumes.lexicon import fold, phrases
from app.engines.resumes.parts import (
    Head,
    employer_weight,
    head_of,
    labelled,
    school_weight,
    title_weight,
    without_place,
)

_LONGEST = 100


@dataclass(slots=True)
class Job:
    head: Head
    body: list[str]
    entry: Entry
    title: str | None = None
    employer: str | None = None
    guessed: tuple[str, ...] = ()  # keys that the rules left empty


def jobs_of(lines: list[Line], *, guess: bool = False) -> list[dict[str, Any]]:
    """`guess` asks the model where the rules name no title or no employer; "guessed" then names what it said."""
    jobs = [_job(entry) for entry in entries_of(labelled(lines))]
    title_first = _title_first(jobs)
    for job in jobs:
        _name(job, title_first=title_first)
    _share_employers(jobs)
    for job in jobs if guess else ():
        _guess(job)
    return [_as_json(job) for job in jobs if (job.title or job.employer) and not _is_break(job)]


def _job(entry: Entry) -> Job:
    head = head_of(entry.head)
    if len(head.parts) == 1 and "," in head.parts[0] and not head.roles:
        head.parts = _by_commas(head.parts[0])
    elif len(head.parts) == 2 and not head.roles:  # noqa: PLR2004  "Cook, Hotel Sol" above or below "Vitoria"
        head.parts = _without_town(head)
    return Job(head, paragraphs(entry.body), entry)


def _without_town(head: Head) -> list[str]:
    for part, other in (head.parts, head.parts[::-1]):
        cut = _by_commas(part) if "," in part else []
        town = other in head.beside and part not in head.beside and not (title_weight(other) or employer_weight(other))
        if town and len(cut) == 2:  # noqa: PLR2004
            head.place = head.place or other
            return cut
        if len(cut) == 2 and _lean(cut[0]) * _lean(cut[1]) <= 0 and _placelike(other) and not _placelike(cut[1]):  # noqa: PLR2004
            head.place = head.place or other
            return cut
    return head.parts


def _by_commas(text: str) -> list[str]:
    """Cuts at the comma that has a title before it and none after it, or the other way round."""
    pieces = [piece.strip() for piece in text.split(",") if piece.strip()]
    for cut in range(1, len(pieces)):
        one, two = ", ".join(pieces[:cut]), ", ".join(pieces[cut:])
        if _lean(one) * _lean(two) < 0 or (cut == len(pieces) - 1 and _lean(one)):
            return [one, two]
    return [pieces[0], ", ".join(pieces[1:])] if len(pieces) > 1 else pieces


def _lean(text: str) -> int:
    """Above zero a title, below zero an employer."""
    return title_weight(text) - max(employer_weight(text), school_weight(text))


def _title_first(jobs: list[Job]) -> bool:
    """Most resumes keep one order throughout; the entries that are sure say which."""
    votes = Counter(
        _lean(job.head.parts[0]) > _lean(job.head.parts[1])
        for job in jobs
        if len(job.head.parts) > 1 and _lean(job.head.parts[0]) != _lean(job.head.parts[1])
    )
    return votes[True] >= votes[False]


def _name(job: Job, *, title_first: bool) -> None:
    parts, roles = job.head.parts[:4], job.head.roles
    job.title, job.employer = roles.get("title"), roles.get("employer")
    if job.title or job.employer:
        if parts and job.title and not job.employer and _lean(parts[0]) <= 0 and not _placelike(parts[0]):
            job.employer = parts[0]
        elif parts and job.employer and not job.title:
            job.title = parts[0]
    elif len(parts) == 1:
        if _lean(parts[0]) >= 0 and title_weight(parts[0]):
            job.title = parts[0]
        else:
            job.employer = parts[0]
    elif parts:
        job.title, job.employer, rest = _best_pair(parts, title_first=title_first, aside=job.head.aside)
        job.head.place = job.head.place or next((part for part in rest if _placelike(part)), None)
    if job.employer:
        job.employer, place = without_place(job.employer)
        job.head.place = job.head.place or place
        _lone_place(job)


def _best_pair(parts: list[str], *, title_first: bool, aside: list[str]) -> tuple[str, str, list[str]]:
    """What stands aside and is no title and no company is where it was."""
    off = [1.5 if len(parts) > 2 and part in aside and _placelike(part) else 0.0 for part in parts]  # noqa: PLR2004
    ranked = [
        (
            _lean(parts[t]) - _lean(parts[e]) + (1 if (t < e) == title_first else 0) - 0.4 * (t + e) - off[t] - off[e],
            t,
            e,
        )
        for t in range(len(parts))
        for e in range(len(parts))
        if t != e
    ]
    _, t, e = max(ranked)
    return parts[t], parts[e], [part for position, part in enumerate(parts) if position not in (t, e)]


def _placelike(part: str) -> bool:
    return len(part.split()) <= 3 and not title_weight(part) and not employer_weight(part)  # noqa: PLR2004


def _lone_place(job: Job) -> None:
    """One or two names after the comma, of no company, are where it is: "Harrow & Finch, Stroud"."""
    name, comma, last = (job.employer or "").rpartition(", ")
    most, sure = (4, 2) if employer_weight(name) else (2, 2)
    if comma and len(last.split()) <= most and employer_weight(last) < sure and last[:1].isupper():
        job.employer = name
        job.head.place = f"{last}, {job.head.place}" if job.head.place else last


def _share_employers(jobs: list[Job]) -> None:
    """Several titles under one employer: those below have no employer of their own."""
    for before, job in pairwise(jobs):
        if job.title and not job.employer and before.employer:
            job.employer, job.head.place = before.employer, job.head.place or before.head.place


def _guess(job: Job) -> None:
    if (job.title and job.employer) or _is_break(job) or _is_freelance(job):
        return
    said = guesses(job.entry.window("work"), {"TITLE": job.title, "EMPLOYER": job.employer})
    job.title, job.employer = job.title or said.get("TITLE"), job.employer or said.get("EMPLOYER")
    job.guessed = tuple(key for key, label in (("position", "TITLE"), ("name", "EMPLOYER")) if label in said)


def _is_freelance(job: Job) -> bool:
    return not job.employer and phrases("notes", "freelance").search(fold(job.title or "")) is not None


def _is_break(job: Job) -> bool:
    """Time away from work, told among the jobs: no employer, no title."""
    if job.title and job.employer:
        return False
    return phrases("notes", "breaks").search(fold(job.title or job.employer or "")) is not None


def _as_json(job: Job) -> dict[str, Any]:
    span = job.head.span
    values: dict[str, Any] = {
        "name": "Self-employed" if _is_freelance(job) else job.employer,
        "position": job.title,
        "location": job.head.place,
        "startDate": span and (span.first or (None if span.present else span.last)),
        "endDate": span and (None if span.present else span.last),
        "highlights": job.body or None,
        "guessed": job.guessed,
    }
    return {key: value[:_LONGEST] if isinstance(value, str) else value for key, value in values.items() if value}
