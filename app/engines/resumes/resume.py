"""Puts the sections together into one JSON Resume document."""

from dataclasses import asdict
from datetime import date
from typing import Any

from app.engines.resumes import contacts
from app.engines.resumes.abilities import certificate_items, language_items, mentioned_skills, skill_items
from app.engines.resumes.dates import months_worked
from app.engines.resumes.education import studies_of
from app.engines.resumes.entries import paragraphs
from app.engines.resumes.found import places_of
from app.engines.resumes.labels import is_personal
from app.engines.resumes.layout import Line, lines_of
from app.engines.resumes.parts import degree_weight, employer_weight, school_weight, title_weight
from app.engines.resumes.sections import Section, lines_in, sections_of
from app.engines.resumes.tongue import language_of
from app.engines.resumes.work import jobs_of
from app.ports.reading import Document

VERSION = "1.2.1"
_FEWEST_SKILLS = 2
_UNNAMED = ("location", "startDate", "endDate", "highlights", "guessed")


def empty_resume() -> dict[str, Any]:
    return {
        "$schema": "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json",
        "basics": {},
        "work": [],
        "education": [],
        "skills": [],
        "languages": [],
        "certificates": [],
        "meta": {"version": VERSION, "years_experience": None, "found": [], "flags": []},
    }


def read_resume(document: Document, *, as_of: date) -> dict[str, Any]:
    """Reads what is visible; flags are told in `meta` and change nothing else."""
    whole = lines_of(document.pages)
    lines = [line for line in whole if not is_personal(line.text)]
    sections = sections_of(lines)
    resume = empty_resume()
    resume["basics"] = _basics(lines, sections, document.pages[0].links if document.pages else ())
    resume["work"] = jobs_of(lines_in(sections, "work"), guess=True)
    resume["education"] = studies_of(lines_in(sections, "education"))
    if not any(job.keys() - {*job.get("guessed", ()), *_UNNAMED} for job in resume["work"]):
        _find_work(resume, sections)
    resume["skills"] = _skills(sections, lines)
    resume["languages"] = language_items(lines_in(sections, "languages"))
    resume["certificates"] = certificate_items(lines_in(sections, "certificates"))
    resume["meta"]["years_experience"] = years_of(resume["work"], as_of=as_of)
    resume["meta"]["found"] = places_of(resume, whole, guessed=_guessed(resume))
    resume["meta"]["flags"] = [asdict(flag) for flag in document.flags]
    return resume


def _guessed(resume: dict[str, Any]) -> frozenset[str]:
    """The paths of what the model said, which no longer stand beside the fields then."""
    return frozenset(
        f"{kind}[{number}].{key}"
        for kind in ("work", "education")
        for number, item in enumerate(resume[kind])
        for key in item.pop("guessed", ())
    )


def years_of(work: list[dict[str, Any]], *, as_of: date) -> float | None:
    """Time in jobs, overlaps once; None when no job has dates."""
    spans = [(job.get("startDate"), job.get("endDate")) for job in work if job.get("startDate")]
    return round(months_worked(spans, as_of=as_of) / 12, 1) if spans else None


def _find_work(resume: dict[str, Any], sections: list[Section]) -> None:
    """No heading said where the jobs stand: dated entries elsewhere that have a title and are no study."""
    for kind in ("other", "top", "education"):
        found = [job for job in jobs_of(lines_in(sections, kind)) if _surely_job(job)]
        if found:
            names = {job.get("name") for job in found}
            resume["work"] = found
            resume["education"] = [study for study in resume["education"] if study.get("institution") not in names]
            return


def _surely_job(job: dict[str, Any]) -> bool:
    title, name = job.get("position", ""), job.get("name", "")
    study = degree_weight(title) + degree_weight(name) + school_weight(name)
    return "startDate" in job and title_weight(title) + employer_weight(name) > study


def _basics(lines: list[Line], sections: list[Section], targets: tuple[str, ...]) -> dict[str, Any]:
    near = lines_in(sections, "top", "personal") or lines[:8]
    text, near_text = "\n".join(line.text for line in lines), "\n".join(line.text for line in near)
    name, place = contacts.name_of(lines)
    links = contacts.links_in(near_text) or contacts.links_in(text)
    url, profiles = contacts.profiles_of(links + contacts.profiles_behind(targets, links))
    region = contacts.region_of(near_text, language_of(text))
    basics: dict[str, Any] = {
        "name": name,
        "label": contacts.label_of(lines, place) if name else None,
        "email": contacts.email_of(near_text) or contacts.email_of(text),
        "phone": contacts.phone_of(near_text, region=region),
        "url": url,
        "summary": " ".join(paragraphs(lines_in(sections, "summary"))) or None,
        "location": contacts.place_in(near),
        "profiles": profiles,
    }
    return {key: value for key, value in basics.items() if value}


def _skills(sections: list[Section], lines: list[Line]) -> list[dict[str, Any]]:
    listed = skill_items(lines_in(sections, "skills"))
    if len(listed) >= _FEWEST_SKILLS:
        return listed
    return listed or mentioned_skills("\n".join(line.text for line in lines))
