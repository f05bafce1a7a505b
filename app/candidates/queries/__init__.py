"""Candidates and resumes as pages and tasks need them."""

import hashlib
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from app.audit.models import AuditEntry
from app.candidates.access import applications, visible_to
from app.candidates.models import (
    Candidate,
    Merge,
    Resume,
    ResumePage,
    Search,
    candidate_table,
    clear_table,
    passage_table,
)
from app.identity.access import hires
from app.identity.models import Member
from app.kernel.errors import NotFound
from app.postings.access import visible_to as openings_visible_to
from app.postings.models import Posting, PostingMeaning
from tenants import meaning
from tenants.db import db

PAGE = 50
MAY_LACK = timedelta(minutes=1)
LOOKED_AT = 60  # passages that are nearest to what is looked for
MOST_NEAR = 25  # people whom they may add to those whom words find: what is farther tells little
NEAR = 0.7  # beyond that distance a passage is about something else
LIKE = 0.55  # of two people's passages
SHORTEST_SEARCH = 4
SMOOTH = 60
FEW_ALIKE = 8
NEWEST = uuid.UUID(int=2**128 - 1)


class Passage(NamedTuple):
    """Of somebody's resume, and how far from what was looked for: 0 is the same."""

    candidate_id: uuid.UUID
    text: str
    distance: float


@dataclass(frozen=True)
class Hit:
    """Somebody found: by a passage that means it, by the words themselves, or by both."""

    candidate: Candidate
    passage: str | None
    by_words: bool


class Opening(NamedTuple):
    id: uuid.UUID
    title: str
    text: str


class Alike(NamedTuple):
    """Somebody with a passage near to one of somebody else's."""

    candidate: Candidate
    here: str
    there: str


def resume(resume_id: uuid.UUID) -> Resume:
    found = db.session.get(Resume, resume_id)
    if found is None:
        raise NotFound("resume")
    return found


def resume_as_read(resume_id: uuid.UUID) -> tuple[Resume, list[ResumePage]]:
    """With text, document and pages (their words included)."""
    found = db.session.scalar(
        sa.select(Resume)
        .options(undefer(Resume.text), undefer(Resume.document), joinedload(Resume.file_deleter))
        .where(Resume.id == resume_id)
    )
    if found is None:
        raise NotFound("resume")
    pages = sa.select(ResumePage).options(undefer(ResumePage.words)).where(ResumePage.resume_id == resume_id)
    return found, list(db.session.scalars(pages.order_by(ResumePage.number)))


def newest_resume_of(candidate_id: uuid.UUID) -> Resume | None:
    query = sa.select(Resume).where(Resume.candidate_id == candidate_id).order_by(Resume.uploaded_at.desc())
    return db.session.scalar(query.limit(1))


def newest_text_of(candidate_id: uuid.UUID) -> str | None:
    """What the newest resume that could be read says."""
    query = sa.select(Resume.text).where(Resume.candidate_id == candidate_id, Resume.state == "read")
    return db.session.scalar(query.order_by(Resume.uploaded_at.desc()).limit(1))


def documents_of(candidate_id: uuid.UUID) -> list[dict[str, Any]]:
    """What each resume says, as JSON Resume, the newest first."""
    query = sa.select(Resume.document).where(Resume.candidate_id == candidate_id, Resume.document.is_not(None))
    return [document for document in db.session.scalars(query.order_by(Resume.uploaded_at.desc())) if document]


def readings_of(persons: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[str, list[dict[str, Any]]]]:
    """Of each who has a resume: `newest_text_of` ("" for none) and `documents_of`, by one statement for all."""
    query = sa.select(Resume.candidate_id, Resume.state, Resume.text, Resume.document).where(
        Resume.candidate_id.in_(persons)
    )
    texts: dict[uuid.UUID, str] = {}
    documents: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for person, state, text, document in db.session.execute(query.order_by(Resume.uploaded_at.desc())):
        documents.setdefault(person, []).extend([document] if document else [])
        if state == "read":
            texts.setdefault(person, text or "")
    return {person: (texts.get(person, ""), found) for person, found in documents.items()}


@dataclass(frozen=True, slots=True)
class Correction:
    """A field that a person wrote over; `read` is what the newest reading says of it."""

    who: str
    at: datetime
    read: str


def corrections_of(candidate: Candidate, document: dict[str, Any] | None) -> dict[str, Correction]:
    """By field: who wrote it last, and what would stand there without them."""
    read, found = as_read(document or {}), {}
    query = sa.select(AuditEntry).where(
        AuditEntry.target_kind == "candidate", AuditEntry.target_id == str(candidate.id),
        AuditEntry.action.in_(["candidates.correct", "candidates.merge"]),
    )  # fmt: skip
    for entry in db.session.scalars(query.order_by(AuditEntry.number)):
        for field in {*entry.data.get("fields", ())} & {*candidate.corrected}:
            found[field] = Correction(entry.actor_name, entry.at, read.get(field) or "")
    return found


def as_read(document: Mapping[str, Any]) -> dict[str, str | None]:
    """What a reading says of the fields that stand with the contact."""
    basics = document.get("basics", {})
    read = {key: basics.get(key) for key in ("name", "email", "phone")}
    return read | {"place": basics.get("location", {}).get("city"), "headline": _headline(document)}


def _headline(read: Mapping[str, Any]) -> str | None:
    """Of what the rules read: a model's guess stands only where the page says that it is one."""
    work = read.get("work", [])
    latest = next((job for job in work if "endDate" not in job), work[0] if work else None)
    if latest is None:
        label: str | None = read.get("basics", {}).get("label")
        return label
    guesses = {one["path"] for one in read.get("meta", {}).get("found", []) if "by" in one}
    sure = (key for key in ("position", "name") if f"work[{work.index(latest)}].{key}" not in guesses)
    return ", ".join(latest[key] for key in sure if latest.get(key)) or None


def files_to_delete(resume_id: uuid.UUID) -> list[str]:
    """Where a file that somebody deleted is kept still, and the pictures of its pages."""
    found = resume(resume_id)
    if found.file_deleted_at is None:
        raise NotFound("deleted file")
    pictures = sa.select(ResumePage.image_key).where(ResumePage.resume_id == resume_id)
    return [key for key in (found.storage_key, *db.session.scalars(pictures)) if key]


def resumes_of(candidate_id: uuid.UUID) -> list[Resume]:
    """With who deleted their file."""
    query = sa.select(Resume).options(joinedload(Resume.file_deleter)).where(Resume.candidate_id == candidate_id)
    return list(db.session.scalars(query.order_by(Resume.uploaded_at.desc())))


def document_of(resume_id: uuid.UUID) -> dict[str, Any] | None:
    """The fields as read, as JSON Resume."""
    return db.session.scalar(sa.select(Resume.document).where(Resume.id == resume_id))


def resumes_in(posting_id: uuid.UUID, *, before: uuid.UUID | None = None) -> tuple[list[Resume], bool]:
    """The resumes of an opening's candidates, newest first, with their candidates, and whether there are more."""
    query = sa.select(Resume).options(joinedload(Resume.candidate), joinedload(Resume.file_deleter))
    query = query.where(Resume.candidate_id.in_(applications().in_posting(posting_id)))
    if before is not None:
        query = query.where(Resume.id < before)
    found = list(db.session.scalars(query.order_by(Resume.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def candidates_for(
    member: Member, *, words: str = "", job: uuid.UUID | None = None, before: uuid.UUID | None = None
) -> tuple[list[Candidate], bool]:
    """Newest first; `words` are looked for in name, address and resume, each as the beginning of a word.

    With a `job`, which the member may see, those alone who applied for it.
    """
    query = sa.select(Candidate).where(visible_to(member))
    query = query.where(words_found(words), applied_for(job))
    if before is not None:
        query = query.where(Candidate.id < before)
    found = list(db.session.scalars(query.order_by(Candidate.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], len(found) > PAGE


def words_found(words: str) -> sa.ColumnElement[bool]:
    """A condition on Candidate; of no words, everybody."""
    wanted = _prefixes(words)
    return Candidate.words.bool_op("@@")(sa.func.to_tsquery("simple", wanted)) if wanted else sa.true()


def applied_for(job: uuid.UUID | None) -> sa.ColumnElement[bool]:
    """A condition on Candidate; without a job, everybody."""
    return sa.true() if job is None else Candidate.id.in_(applications().in_posting(job))


def _prefixes(words: str) -> str:
    """Words such as "asha pyth" as a search query; what is typed is quoted, so that no sign is an operator."""
    quoted = (word.replace("\\", "").replace("'", "").replace("\0", "") for word in words.split()[:12])
    return " & ".join(f"'{word}':*" for word in quoted if any(sign.isalnum() for sign in word))


def candidate(candidate_id: uuid.UUID) -> Candidate:
    found = db.session.get(Candidate, candidate_id)
    if found is None:
        raise NotFound("candidate")
    return found


def day_of(resume_uploaded: Resume) -> date:
    """The day a resume was sent, which is what "present" means in it."""
    return resume_uploaded.uploaded_at.date()


def is_being_filled(*, lately: bool = False) -> bool:
    """Whether lists lack somebody who was there before PostgreSQL started: they are filled by id, oldest first.

    `lately`: or may have lacked somebody a moment ago, since it started within the last minute.
    """
    started = sa.func.pg_postmaster_start_time()
    before = sa.select(candidate_table.c.id).where(
        candidate_table.c.created_at < started, ~sa.exists().where(Merge.absorbed_id == candidate_table.c.id)
    )
    newest = before.order_by(candidate_table.c.id.desc()).limit(1).subquery()
    lacks = ~sa.exists().where(clear_table.c.id == newest.c.id)
    young = started > sa.func.now() - MAY_LACK
    return bool(db.session.scalar(sa.select(sa.or_(lacks, young) if lately else lacks).select_from(newest)))


def is_found_by_meaning() -> bool:
    """Whether this company's schema has the index: not where PostgreSQL has no pgvector."""
    return bool(db.session.scalar(sa.select(sa.func.to_regclass(meaning.INDEX).is_not(None))))


def may_be_meant(words: str) -> bool:
    return sum(sign.isalpha() for sign in words) >= SHORTEST_SEARCH


def search_digest(words: str) -> str:
    return hashlib.sha256(" ".join(words.casefold().split()).encode()).hexdigest()


def search(search_id: uuid.UUID) -> Search:
    found = db.session.get(Search, search_id)
    if found is None:
        raise NotFound("search")
    return found


def searched_before(words: str) -> Search | None:
    query = sa.select(Search).options(undefer(Search.meaning)).where(Search.digest == search_digest(words))
    return db.session.scalar(query)


def newest_read_of(candidate_id: uuid.UUID) -> uuid.UUID | None:
    query = sa.select(Resume.id).where(Resume.candidate_id == candidate_id, Resume.state == "read")
    return db.session.scalar(query.order_by(Resume.uploaded_at.desc()).limit(1))


def without_passages(after: uuid.UUID | None, most: int) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """People whose newest resume was read and never looked at for passages, with that resume."""
    looked_at = sa.exists().where(passage_table.c.candidate_id == Resume.candidate_id)
    query = sa.select(Resume.candidate_id, Resume.id).where(Resume.state == "read", ~looked_at)
    if after is not None:
        query = query.where(Resume.candidate_id > after)
    query = query.distinct(Resume.candidate_id).order_by(Resume.candidate_id, Resume.uploaded_at.desc())
    return [(person, resume_id) for person, resume_id in db.session.execute(query.limit(most))]


def nearest(member: Member, vector: list[float], *, job: uuid.UUID | None = None) -> list[Passage]:
    """The nearest passage of each person that the member may see, nearest first.

    By the index for those who see everybody; whoever sees few, or asks for those of a job, has those looked through.
    """
    far = meaning.distance(passage_table.c.meaning, sa.literal(vector, passage_table.c.meaning.type)).label("far")
    passages = sa.select(passage_table.c.candidate_id, passage_table.c.text, far).where(passage_table.c.number > 0)
    if job is not None or not hires(member):
        few = sa.select(Candidate.id).where(visible_to(member), applied_for(job))
        own = few.cte("own").prefix_with("materialized")
        passages = passages.where(passage_table.c.candidate_id.in_(sa.select(own.c.id)))
    near = passages.order_by(far).limit(LOOKED_AT).subquery("near")
    query = sa.select(near.c.candidate_id, near.c.text, near.c.far).where(near.c.far <= NEAR).order_by(near.c.far)
    found: dict[uuid.UUID, Passage] = {}
    for row in db.session.execute(query):
        found.setdefault(row.candidate_id, Passage(*row))
    return list(found.values())[:MOST_NEAR]


def found_for(
    member: Member, words: str, vector: list[float] | None, *, job: uuid.UUID | None = None
) -> tuple[list[Hit], uuid.UUID | None]:
    """Those whom words find and those whom a passage finds, together: first who is near the top of both.

    And, where words find more than a page, where all that words find begin, so that nobody is left out between two
    pages. It orders passages; it says nothing of how good somebody is.
    """
    by_words, more = candidates_for(member, words=words, job=job)
    near = {passage.candidate_id: passage for passage in nearest(member, vector, job=job)} if vector else {}
    known = {one.id: one for one in by_words}
    first = _first_of_both(list(known), list(near))[:PAGE]
    unknown = [one for one in first if one not in known]
    asked = sa.select(Candidate).where(Candidate.id.in_(unknown), visible_to(member))
    people = known | ({one.id: one for one in db.session.scalars(asked)} if unknown else {})
    hits = [
        Hit(people[one], near[one].text if one in near else None, by_words=one in known)
        for one in first
        if one in people
    ]
    return hits, NEWEST if more else None


def _first_of_both(*lists: list[uuid.UUID]) -> list[uuid.UUID]:
    """By the sum of one over the rank in each list, smoothed."""
    weight: dict[uuid.UUID, float] = {}
    for ids in lists:
        for rank, identifier in enumerate(ids):
            weight[identifier] = weight.get(identifier, 0.0) + 1 / (SMOOTH + rank)
    return sorted(weight, key=lambda identifier: -weight[identifier])


def people_like(member: Member, candidate_id: uuid.UUID) -> list[Alike]:
    """People whose passages are near to somebody's: the nearest pair of each, nearest first."""
    own, other = passage_table.alias("own"), passage_table.alias("other")
    far = meaning.distance(other.c.meaning, own.c.meaning)
    near = (
        sa.select(other.c.candidate_id, other.c.text, far.label("far"))
        .where(other.c.number > 0)
        .order_by(far)
        .limit(LOOKED_AT // 2)
        .lateral("near")
    )
    query = sa.select(near.c.candidate_id, own.c.text, near.c.text, near.c.far).select_from(own).join(near, sa.true())
    query = query.where(own.c.candidate_id == candidate_id, own.c.number > 0, near.c.candidate_id != candidate_id)
    pairs: dict[uuid.UUID, tuple[str, str]] = {}
    for person, here, there, _far in db.session.execute(query.where(near.c.far <= LIKE).order_by(near.c.far)):
        pairs.setdefault(person, (here, there))
    seen = sa.select(Candidate).where(Candidate.id.in_(pairs), visible_to(member))
    people = {one.id: one for one in db.session.scalars(seen)} if pairs else {}
    return [Alike(people[one], *pairs[one]) for one in pairs if one in people][:FEW_ALIKE]


def openings_near(member: Member, candidate_id: uuid.UUID) -> list[Opening]:
    """Published jobs that the member may see and the person has not applied to, with the passage that is near."""
    far = meaning.distance(PostingMeaning.meaning, passage_table.c.meaning)
    applied = [line.posting_id for line in applications().of_candidate(candidate_id, member)]
    query = (
        sa.select(Posting.id, Posting.title, passage_table.c.text)
        .join(PostingMeaning, PostingMeaning.posting_id == Posting.id)
        .join(passage_table, sa.and_(passage_table.c.candidate_id == candidate_id, passage_table.c.number > 0))
        .where(Posting.state == "published", openings_visible_to(member), Posting.id.not_in(applied), far <= NEAR)
    )
    found: dict[uuid.UUID, Opening] = {}
    for row in db.session.execute(query.order_by(far)):
        found.setdefault(row.id, Opening(*row))
    return list(found.values())[:FEW_ALIKE]
