"""Background work of candidates: reading resumes, and who looks like whom."""

import uuid
from datetime import timedelta

from flask import current_app

from app.candidates import commands, queries
from app.candidates.access import may_be_opened, original_of
from app.candidates.commands import scanning
from app.candidates.commands.alike import find_alike as propose_alike
from app.candidates.models import Resume
from app.candidates.queries.merged import stands_for
from app.kernel.errors import Refused, Unavailable
from app.ports.matching import track_of
from app.ports.meaning import passages_of
from app.ports.reading import Unreadable
from app.ports.scanning import Scanner
from jobs import metrics, oversight
from jobs.definitions import task
from jobs.run import Run

PATIENCE = timedelta(hours=24)  # for a scanner that is away; meanwhile pages say that the file is being checked


def _failed(problem: str, *, resume_id: uuid.UUID) -> None:
    commands.fail_reading(resume_id, problem)
    if current_app.extensions["providers"].scanner is not None:
        scanning.fail_scan(resume_id)


def _not_scanned(_problem: str, *, resume_id: uuid.UUID) -> None:
    scanning.fail_scan(resume_id)


def _found_in(scanner: Scanner, data: bytes) -> str | None:
    """Counted, so that one who is away is seen before the tasks that wait for it fail."""
    try:
        found = scanner.found_in(data)
    except (Unavailable, Refused) as error:
        metrics.SCANS.labels("away" if isinstance(error, Unavailable) else "refused").inc()
        raise
    metrics.SCANS.labels("found" if found else "clean").inc()
    return found


@task("candidates.scan_resume", queue="low", limit=60, attempts=3, patience=PATIENCE, on_failure=_not_scanned)
def scan_resume(run: Run, *, resume_id: uuid.UUID) -> None:
    """One that came before anybody scanned, or is looked at again; new ones, which people wait for, come before them.

    Where nobody scans any more, or the file was deleted, nothing is known.
    """
    with run.reading():
        resume = queries.resume(resume_id)
    if run.providers.scanner is None or resume.file_deleted_at is not None:
        with run.completing():
            return
    found = _found_in(run.providers.scanner, run.providers.storage.get(original_of(resume)))
    with run.completing():
        scanning.take_scan(queries.resume(resume_id), found)


@task("candidates.delete_file", queue="low", limit=60, attempts=8)
def delete_file(run: Run, *, resume_id: uuid.UUID) -> None:
    """The row names the file until it is gone: whoever is killed between is asked again, and finds less to do."""
    with run.reading():
        keys = queries.files_to_delete(resume_id)
    for key in keys:
        run.providers.storage.delete(key)
    with run.completing():
        scanning.forget_file(queries.resume(resume_id))


def _may_be_read(run: Run, resume: Resume, data: bytes) -> bool:
    """What the scanner says is noted before anything opens the file; where it says nothing, nothing does."""
    scanner = run.providers.scanner
    if may_be_opened(resume, scanned_here=scanner is not None):
        return True
    found = _found_in(scanner, data) if scanner else resume.scan_found
    if found is None:
        with run.noting():
            scanning.take_scan(queries.resume(resume.id), None)
        return True
    with run.completing():
        scanning.take_scan(queries.resume(resume.id), found)
    return False


@task("candidates.read_resume", queue="parsing", limit=120, attempts=3, patience=PATIENCE, on_failure=_failed)
def read_resume(run: Run, *, resume_id: uuid.UUID) -> None:
    """An unreadable file is a result, not a failure; the original stays either way."""
    with run.reading():
        resume = queries.resume(resume_id)
    if resume.file_deleted_at is not None:
        with run.completing():
            return
    reader = run.providers.reader
    data = run.providers.storage.get(original_of(resume))
    if not _may_be_read(run, resume, data):
        metrics.reading_ended("infected")
        return
    try:
        document = reader.document(data, name=resume.file_name)
    except Unreadable as error:
        with run.completing():
            commands.refuse_reading(queries.resume(resume_id), error.code)
        metrics.reading_ended(error.code)
        return
    read = reader.resume(document, as_of=queries.day_of(resume))
    keys = {page.number: f"pages/{resume_id}/{page.number}" for page in document.pages if page.image}
    for page in document.pages:
        if page.image:
            run.providers.storage.put(keys[page.number], page.image, person=resume.person_id)
    with run.completing():
        taken = queries.resume(resume_id)
        commands.take_reading(taken, document, read, keys)
        oversight.note(
            "reading", subject=resume_id, person=taken.candidate_id, engine=reader.engine, version=reader.rules,
            given={"sha256": taken.sha256, "as_of": str(queries.day_of(taken))}, made=read, posting=None,
        )  # fmt: skip
    metrics.reading_ended("read")


@task("candidates.find_alike", queue="low", attempts=5)
def find_alike(run: Run, *, candidate_id: uuid.UUID) -> None:
    """Of somebody who was merged meanwhile, for the one on whose page they stand."""
    with run.completing():
        propose_alike(queries.candidate(stands_for(candidate_id)))


@task("candidates.find_by_meaning", queue="low", limit=60, attempts=3)
def find_by_meaning(run: Run, *, resume_id: uuid.UUID) -> None:
    """Passages of somebody's newest resume. None of one that the model cannot read: words find it all the same."""
    with run.reading():
        resume, _ = queries.resume_as_read(resume_id)
        newest = queries.newest_read_of(resume.candidate_id)
    if newest != resume_id or not resume.document:
        with run.completing():
            return
    texts = (
        passages_of(track_of(resume.document, resume.text or ""))
        if run.providers.meaning.knows(resume.text or "")
        else []
    )
    vectors = run.providers.meaning.of(texts)
    with run.completing():
        commands.take_passages(queries.resume(resume_id).candidate_id, list(zip(texts, vectors, strict=True)))


@task("candidates.understand", queue="asking", limit=20, attempts=3)
def understand(run: Run, *, search_id: uuid.UUID) -> None:
    """A person waits for it, and has what words find meanwhile."""
    with run.reading():
        words = queries.search(search_id).words
    meaning = run.providers.meaning
    vector = meaning.of([words])[0] if words and meaning.knows(words) else None
    with run.completing():
        commands.take_meaning(queries.search(search_id), vector)
