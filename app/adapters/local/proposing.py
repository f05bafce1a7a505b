"""What `flask questions propose` prints: the questions for one person and one job, from two files."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from app.adapters.local.analysis import LocalAnalyst
from app.adapters.local.reading import LocalReader
from app.ports.analysis import ProposedQuestion
from app.ports.reading import Document, Unreadable


class UnusableError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def propose_for_files(
    posting_file: str, resume_file: str, *, models_dir: Path, as_of: date, language: str | None = None
) -> dict[str, Any]:
    """`language` of the questions: the posting's, where none is asked for. UnusableError names the file."""
    from app.engines.asking.tailored import referring

    analyst, reader = LocalAnalyst(models_dir), LocalReader()
    posting, document = _posting(posting_file), _document(reader, resume_file)
    analysis = analyst.analyse(posting)
    kit = analyst.propose_kit(analysis, posting, language=language or analysis.language)
    resume = reader.resume(document, as_of=as_of)
    questions = analyst.propose_questions(analysis, kit, resume, document.text)
    return {
        "posting": posting_file,
        "resume": resume_file,
        "title": analysis.title or None,
        "language": kit.language,
        "engine": analyst.engine,
        "questions": [_said(question) for question in questions],
        "referring": round(referring(questions, document.text), 2),
        "kit": [_said(question) for question in kit.questions],
    }


def _said(question: ProposedQuestion) -> dict[str, Any]:
    return asdict(question) | {"dimensions": list(question.dimensions)}


def _posting(file: str) -> str:
    from app.engines.postings import BadInputError, read_posting

    try:
        return read_posting(Path(file))
    except BadInputError as bad:
        raise UnusableError(bad.code, str(bad)) from bad


def _document(reader: LocalReader, file: str) -> Document:
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise UnusableError("missing", f"{file}: {error.strerror}") from error
    try:
        return reader.document(data, name=file)
    except Unreadable as why:
        raise UnusableError(why.code, f"{file}: {why}") from why
