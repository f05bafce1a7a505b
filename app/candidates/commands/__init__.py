"""Candidates come in; their resumes are kept, read, corrected."""

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.audit import commands as audit
from app.candidates.events import CandidateCorrected, PassagesAsked, ResumeRead, ResumeUploaded, SearchAsked
from app.candidates.models import (
    CLEAR,
    Candidate,
    Merge,
    Resume,
    ResumePage,
    Search,
    candidate_table,
    clear_table,
    passage_table,
)
from app.candidates.queries import (
    as_read,
    documents_of,
    may_be_meant,
    newest_read_of,
    newest_text_of,
    readings_of,
    search_digest,
    searched_before,
    without_passages,
)
from app.candidates.queries.alike import marks_of
from app.candidates.queries.merged import others_addresses, others_addresses_of, owner_of_address
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.reading import Document
from app.ports.storage import Storage
from tenants.db import db
from tenants.sealed import belonging

LARGEST_RESUME = 10 * 1024 * 1024
SEARCHED_CHARACTERS = 60_000
FILLED_AT_ONCE = 200
REMEMBERED_SEARCH = timedelta(days=1)
ALLOWED = (".pdf", ".docx", ".txt")
# Which words of consent a person agreed to when applying.
APPLY_CONSENT = "apply/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """An original that is in the storage already."""

    id: uuid.UUID
    key: str
    size: int
    sha256: str


def register(
    *,
    name: str,
    email: str | None = None,
    phone: str | None = None,
    language: str = "en",
    person: uuid.UUID | None = None,
) -> Candidate:
    """`person` is the id, where something was sealed for them already."""
    candidate = Candidate(
        id=person or new_id(), name=" ".join(name.split()), email=(email or "").strip() or None,
        phone=(phone or "").strip() or None, language=language, created_at=clock.now(), links=[], corrected=[],
    )  # fmt: skip
    _make_found(candidate, "", [])
    db.session.add(candidate)
    return candidate


def come_in(
    *, name: str, email: str, phone: str, language: str, file_name: str, data: bytes, storage: Storage, by: Actor
) -> tuple[Candidate, Resume]:
    """Somebody applies. The same address is the same person, the same file of theirs the same resume.

    Whoever types a known address has not shown that it is theirs: name, language and phone stay as they were.
    The file is written first: where that fails nothing else has happened. Two requests of one person go one by one.
    """
    _one_at_a_time(email)
    known = known_by_email(email)
    person = owner_of_address(known.id, email) if known else new_id()
    kept = store_original(data, storage=storage, person=person)
    candidate = known or register(name=name, email=email, phone=phone, language=language, person=person)
    candidate.phone, candidate.consented_at = candidate.phone or phone.strip() or None, clock.now()
    db.session.flush()
    make_found(candidate)
    audit.note("candidates.come_in", by=by, target=("candidate", candidate.id), consent=APPLY_CONSENT)
    resume = _known_resume(kept.sha256, candidate) or add_resume(
        candidate, kept, file_name=file_name, by=by, person=person
    )
    if resume.storage_key != kept.key:
        storage.delete(kept.key)
    return candidate, resume


def take_upload(*, file_name: str, data: bytes, storage: Storage, by: Actor) -> tuple[Candidate, Resume]:
    """A member brings somebody's resume. A file that is here already is the person who is here already, also where
    it was deleted: then it is kept and looked at anew.
    """
    digest = hashlib.sha256(data).hexdigest()
    _one_at_a_time(digest)
    known = _known_resume(digest) or _known_resume(digest, deleted=True)
    if known is not None and known.file_deleted_at is None:
        return db.session.get_one(Candidate, known.candidate_id), known
    person = known.person_id if known else new_id()
    kept = store_original(data, storage=storage, person=person)
    candidate = db.session.get_one(Candidate, known.candidate_id) if known else register(name="", person=person)
    db.session.flush()
    return candidate, add_resume(candidate, kept, file_name=file_name, by=by, person=person)


def _one_at_a_time(what: str) -> None:
    """Until the transaction ends: a double click finds what the first click made."""
    key = sa.func.hashtextextended(sa.func.current_schema() + ":candidate:" + what.strip().lower(), 0)
    db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


def _known_resume(sha256: str, candidate: Candidate | None = None, *, deleted: bool = False) -> Resume | None:
    """One whose file was deleted is none, unless asked for: who sends it again has it looked at again."""
    gone = Resume.file_deleted_at.is_not(None) if deleted else Resume.file_deleted_at.is_(None)
    query = sa.select(Resume).where(Resume.sha256 == sha256, gone)
    if candidate is not None:
        query = query.where(Resume.candidate_id == candidate.id)
    return db.session.scalar(query.order_by(Resume.uploaded_at).limit(1))


def correct(candidate: Candidate, *, by: Actor, **fields: str) -> None:
    """What a person writes counts from now on, an emptied field too: no reading fills it again."""
    given = {key: " ".join(value.split()) or None for key, value in fields.items()}
    changed = {key: value for key, value in given.items() if getattr(candidate, key) != value}
    if "name" in changed and not changed["name"]:
        raise Invalid({"name": sentence("Write the name.")})
    if not changed:
        return
    for key, value in changed.items():
        setattr(candidate, key, value)
    candidate.corrected = sorted({*candidate.corrected, *changed})
    make_found(candidate)
    audit.note("candidates.correct", by=by, target=("candidate", candidate.id), fields=sorted(changed))
    record(CandidateCorrected(candidate.id))


def known_by_email(email: str) -> Candidate | None:
    """By their own address, or by that of an entry which was merged with theirs."""
    address = email.strip().lower()
    query = sa.select(Candidate).where(
        sa.or_(sa.func.lower(Candidate.email) == address, Candidate.marks.contains([f"a:{address}"]))
    )
    return db.session.scalar(query.order_by(Candidate.created_at).limit(1))


def keep_resume(candidate: Candidate, *, file_name: str, data: bytes, storage: Storage, by: Actor) -> Resume:
    """Keep the original, sealed, before anything is said about it; its reading is announced.

    Raises Invalid for more than 10 MB, unstored. The file is written before the row: a crash between leaves a
    sealed file that nothing names, never a row without its file.
    """
    return add_resume(candidate, store_original(data, storage=storage, person=candidate.id), file_name=file_name, by=by)


def store_original(data: bytes, *, storage: Storage, person: uuid.UUID) -> Kept:
    """Raises Invalid for more than 10 MB, unstored."""
    if len(data) > LARGEST_RESUME:
        raise Invalid({"resume": sentence("This file is larger than 10 MB. Save it smaller, or send it as PDF.")})
    resume_id = new_id()
    kept = Kept(resume_id, f"resumes/{resume_id}", len(data), hashlib.sha256(data).hexdigest())
    storage.put(kept.key, data, person=person)
    return kept


def add_resume(
    candidate: Candidate, kept: Kept, *, file_name: str, by: Actor, person: uuid.UUID | None = None
) -> Resume:
    """`person` says for whom the file was sealed, where that is an entry which was merged with this one."""
    resume = Resume(
        id=kept.id, candidate_id=candidate.id, person_id=person or candidate.id,
        file_name=_plain_name(file_name), size=kept.size, storage_key=kept.key,
        sha256=kept.sha256, uploaded_at=clock.now(), state="waiting", flags=[],
    )  # fmt: skip
    db.session.add(resume)
    db.session.flush()
    audit.note("candidates.keep_resume", by=by, target=("resume", resume.id), size=kept.size)
    record(ResumeUploaded(resume.id, candidate.id))
    return resume


def _plain_name(file_name: str) -> str:
    """The last part of the name without control characters; it is shown and offered, never used as a path."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:120] or "resume"


def read_again(resume: Resume, *, by: Actor) -> None:
    """Raises Conflict where there is no file any more."""
    if resume.file_deleted_at is not None:
        raise Conflict(sentence("This file was deleted. Ask the person for another one."))
    resume.state, resume.problem = "waiting", None
    audit.note("candidates.read_again", by=by, target=("resume", resume.id))
    record(ResumeUploaded(resume.id, resume.candidate_id))


def take_reading(resume: Resume, document: Document, read: dict[str, Any], image_keys: dict[int, str]) -> None:
    """Store what was read. The candidate's empty fields are filled; what a person gave stays as given."""
    resume.state, resume.problem, resume.kind = "read", None, document.kind
    resume.text, resume.document = document.text, read
    resume.flags = read.get("meta", {}).get("flags", [])
    resume.read_at = clock.now()
    db.session.execute(sa.delete(ResumePage).where(ResumePage.resume_id == resume.id))
    db.session.add_all(
        ResumePage(
            resume_id=resume.id, person_id=resume.person_id, number=page.number,
            width=page.width, height=page.height, image_key=image_keys.get(page.number),
            words=[[w.text, w.x0, w.y0, w.x1, w.y1, w.hidden] for w in page.words],
        )
        for page in document.pages
    )  # fmt: skip
    candidate = db.session.get_one(Candidate, resume.candidate_id)
    if resume.person_id == candidate.id:
        _fill(candidate, read)
    db.session.flush()
    make_found(candidate)
    record(ResumeRead(resume.id, resume.candidate_id))


def _fill(candidate: Candidate, read: dict[str, Any]) -> None:
    said, basics = as_read(read), read.get("basics", {})
    for field in ("name", "email", "phone", "place"):
        _fill_one(candidate, field, said[field])
    links = [basics.get("url"), *(profile.get("url") for profile in basics.get("profiles", []))]
    candidate.links = candidate.links or [link for link in links if link]
    if "headline" not in candidate.corrected:
        candidate.headline = said["headline"] or candidate.headline


def _fill_one(candidate: Candidate, field: str, value: str | None) -> None:
    """An empty field that nobody has emptied on purpose."""
    if value and not getattr(candidate, field) and field not in candidate.corrected:
        setattr(candidate, field, value)


def fill_clear(after: uuid.UUID | None = None) -> tuple[int, uuid.UUID | None]:
    """Write again what is searched, for some who lack it: how many there were after that id, and the last one's.

    PostgreSQL empties the table when it crashed; a restored copy has none. Of somebody erased nothing is written.
    """
    query = sa.select(candidate_table.c.id, candidate_table.c.contact).where(
        ~sa.exists().where(clear_table.c.id == candidate_table.c.id),
        ~sa.exists().where(Merge.absorbed_id == candidate_table.c.id),
    )
    if after is not None:
        query = query.where(candidate_table.c.id > after)
    rows = db.session.execute(query.order_by(candidate_table.c.id).limit(FILLED_AT_ONCE)).all()
    write_clear({person: contact for person, contact in rows if contact})
    return len(rows), rows[-1].id if rows else None


def write_clear(contacts: Mapping[uuid.UUID, dict[str, Any]]) -> None:
    """What is searched of people, from what is sealed of them: few statements for all, since everybody waits for it."""
    readings, others = readings_of(contacts), others_addresses_of(contacts)
    rows = []
    for person, contact in contacts.items():
        text, documents = readings.get(person, ("", []))
        found: dict[str, Any] = {"id": person, "found_by": _searched(contact, text)}
        found["marks"] = marks_of(contact, documents, others.get(person, ()))
        rows.append(found | {field: contact[field] for field in CLEAR})
    if rows:
        db.session.execute(insert(clear_table).on_conflict_do_nothing(), rows)


def make_found(candidate: Candidate) -> None:
    """Whatever lists and likenesses find somebody by, from what stands there now."""
    _make_found(
        candidate, newest_text_of(candidate.id) or "", documents_of(candidate.id), others_addresses(candidate.id)
    )


def _make_found(
    candidate: Candidate, text: str, documents: list[dict[str, Any]], addresses: Collection[str] = ()
) -> None:
    contact = {field: getattr(candidate, field) for field in CLEAR}
    candidate.found_by, candidate.marks = _searched(contact, text), marks_of(contact, documents, addresses)


def ask_for_passages(after: uuid.UUID | None = None) -> tuple[int, uuid.UUID | None]:
    """Of some whose resume was read and who cannot be found by meaning: PostgreSQL crashed, or it is new here."""
    rows = without_passages(after, FILLED_AT_ONCE)
    for _person, resume_id in rows:
        record(PassagesAsked(resume_id))
    return len(rows), rows[-1][0] if rows else None


def make_passages_anew(person: uuid.UUID) -> None:
    """Other resumes stand with them than before: a worker makes what they are found by meaning by."""
    db.session.execute(sa.delete(passage_table).where(passage_table.c.candidate_id == person))
    if newest := newest_read_of(person):
        record(PassagesAsked(newest))


def take_passages(candidate_id: uuid.UUID, passages: Sequence[tuple[str, list[float]]]) -> None:
    """Instead of those before; none is an answer too, and is kept as one."""
    db.session.execute(sa.delete(passage_table).where(passage_table.c.candidate_id == candidate_id))
    looked_at: dict[str, Any] = {"candidate_id": candidate_id, "number": 0, "text": "", "meaning": None}
    rows = [
        {"candidate_id": candidate_id, "number": number, "text": text.replace("\0", ""), "meaning": meaning}
        for number, (text, meaning) in enumerate(passages, 1)
    ]
    db.session.execute(sa.insert(passage_table), [looked_at, *rows])


def look_for(words: str) -> Search | None:
    """What the words mean, as far as it is known by now; None for too little to mean anything."""
    if not may_be_meant(words):
        return None
    known = searched_before(words)
    if known is not None:
        return known
    now = clock.now()
    db.session.execute(sa.delete(Search).where(Search.asked_at < now - REMEMBERED_SEARCH))
    values = {"id": new_id(), "digest": search_digest(words), "words": belonging(words, None), "asked_at": now}
    made = db.session.scalar(
        insert(Search).values(values).on_conflict_do_nothing(index_elements=["digest"]).returning(Search.id)
    )
    if made is not None:
        record(SearchAsked(made))
    return searched_before(words)


def take_meaning(search: Search, meaning: list[float] | None) -> None:
    """The words are not needed any more. None: in a language that the model does not know."""
    search.meaning, search.words, search.state = meaning, "", "made" if meaning else "words"


def _searched(contact: dict[str, Any], text: str) -> str:
    address = contact["email"] or ""
    words_of_address = address.replace("@", " ").replace(".", " ")
    parts = [contact["name"], address, words_of_address, contact["headline"] or "", contact["place"] or "", text]
    return " ".join(parts).replace("\0", "")[:SEARCHED_CHARACTERS]


def refuse_reading(resume: Resume, code: str) -> None:
    """The file cannot be read, and the page says why; the original stays."""
    resume.state, resume.problem, resume.read_at = "unreadable", code, clock.now()
    record(ResumeRead(resume.id, resume.candidate_id))


def fail_reading(resume_id: uuid.UUID, problem: str) -> None:
    """Our reading broke, not the file: it can be run again."""
    resume = db.session.get(Resume, resume_id)
    if resume is not None and resume.file_deleted_at is None:
        resume.state, resume.problem = "failed", problem[:500]
        record(ResumeRead(resume.id, resume.candidate_id))
