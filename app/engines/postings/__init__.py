# ruff: noqa: E501 (patterns and word lists)
"""Reading the text of a job advertisement."""

import re
from pathlib import Path
from typing import Any, Final

from app.engines.language import detect
from app.engines.postings import heading, pay, sections, skills, years
from app.engines.postings.sections import Line
from app.ports.analysis import Analysis, Salary

MAX_BYTES: Final = 1_000_000
MAX_RESPONSIBILITIES: Final = 15
_YOU_WILL: Final = re.compile(
    r"\b(?:you(?:'ll| will)|the (?:post|job|role)\s?holder will|responsib|your tasks|sie (?:sind|übernehmen|betreuen)|du (?:bist|übernimmst|betreust)|vous (?:serez|assurez)|te encargarás)",
    re.IGNORECASE,
)


def analyse(text: str) -> Analysis:
    plain = text.replace("\u00a0", " ").replace("\u200b", "")
    raw = [line.strip(" \t#*_") for line in plain.splitlines() if line.strip(" \t#*_-=")]
    lines = sections.split(plain)
    found_title = heading.title(raw)
    must, nice = skills.split(lines)
    demanded = years.find(_with_wish(lines))
    return Analysis(
        title=found_title,
        seniority=heading.seniority(found_title, plain, demanded),
        must_have=must,
        nice_to_have=nice,
        years_min=demanded,
        location=heading.location(raw, found_title),
        remote=heading.remote(plain),
        salary=pay.find([(line.text, line.kind == "pay") for line in lines]),
        responsibilities=_responsibilities(lines),
        language=detect(plain),
    )


def _with_wish(lines: list[Line]) -> list[tuple[str, bool]]:
    return [
        (clause, line.kind == "nice" or sections.wording(clause) == "nice")
        for line in lines
        if line.kind not in {"about", "offer"}
        for clause in _sentences(line.text)
    ]


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.;!?।])\s+", text)


def _responsibilities(lines: list[Line]) -> tuple[str, ...]:
    told = [line.text for line in lines if line.kind == "duties"]
    if not told:
        told = [
            s for line in lines if line.kind in {"head", "about"} for s in _sentences(line.text) if _YOU_WILL.search(s)
        ]
    parts = [part.strip() for line in told for part in (_sentences(line) if len(line) > MAX_LINE else [line])]
    return tuple(dict.fromkeys(part for part in parts if part))[:MAX_RESPONSIBILITIES]


MAX_LINE: Final = 200


def analyse_file(path: str | Path) -> dict[str, Any]:
    """One line of `flask postings analyse`: what was read, or `error` with every other key empty."""
    try:
        text = read_posting(Path(path))
    except BadInputError as bad:
        return {**_EMPTY, "source": str(path), "error": {"code": bad.code, "message": str(bad)}}
    found = analyse(text)
    return {
        "source": str(path),
        "title": found.title or None,
        "seniority": found.seniority,
        "must_have": list(found.must_have),
        "nice_to_have": list(found.nice_to_have),
        "years_min": found.years_min,
        "location": found.location,
        "remote": found.remote,
        "salary": salary_dict(found.salary),
        "responsibilities": list(found.responsibilities),
        "language": found.language,
    }


def salary_dict(salary: Salary | None) -> dict[str, Any] | None:
    if salary is None:
        return None
    return {"min": salary.min, "max": salary.max, "currency": salary.currency, "unit": salary.unit}


_EMPTY: Final[dict[str, Any]] = {
    "source": None, "title": None, "seniority": None, "must_have": [], "nice_to_have": [],
    "years_min": None, "location": None, "remote": None, "salary": None, "responsibilities": [], "language": None,
}  # fmt: skip


class BadInputError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_posting(path: Path) -> str:
    try:
        content = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise BadInputError(
            "missing" if isinstance(error, FileNotFoundError) else "unreadable", f"{path}: {error.strerror}"
        ) from error
    if content is None:
        raise BadInputError("too-large", f"{path}: over {MAX_BYTES} bytes")
    text = _decoded(content)
    if text is None or not any(character.isalpha() for character in text):
        raise BadInputError("no-text" if text is not None else "not-text", f"{path}: no text in it")
    return text


def _decoded(content: bytes) -> str | None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content or content.startswith(b"%PDF"):
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
