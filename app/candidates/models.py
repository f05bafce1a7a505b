"""People who apply, and their resumes as sent and as read."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, column_property, deferred, mapped_column, relationship

from app.identity.models import Member
from tenants.sealed import PERSON, Sealed, SealedJson, belonging, persons
from tenants.tables import TenantModel, Timestamp

# What stands sealed of somebody, and once more in the clear, so that lists can be sorted and searched by it.
CLEAR = ("name", "email", "phone", "place", "headline", "links")

candidate_table = sa.Table(
    "candidate",
    TenantModel.metadata,
    sa.Column("id", sa.Uuid, primary_key=True, info=PERSON),
    sa.Column("contact", SealedJson("candidate.contact", dict), nullable=False, server_default=""),
    sa.Column("language", sa.Text, nullable=False, server_default="en"),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("consented_at", Timestamp),
    sa.Column("corrected", ARRAY(sa.Text), nullable=False, server_default="{}"),
)

# Unlogged: in no log of the database and in no copy of its files, so no backup has it, and after a crash of PostgreSQL
# it is empty. Whatever is in here can be written again from what is sealed (`commands.fill_clear`).
clear_table = sa.Table(
    "candidate_clear",
    TenantModel.metadata,
    sa.Column("id", sa.Uuid, sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True, info=PERSON),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("place", sa.Text),
    sa.Column("headline", sa.Text),
    sa.Column("links", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("found_by", sa.Text, nullable=False, server_default=""),
    sa.Column("marks", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("words", TSVECTOR, sa.Computed("to_tsvector('simple', found_by)", persisted=True), nullable=False),
    sa.Index("ix_candidate_clear_email", sa.text("lower(email)")),
    sa.Index("ix_candidate_clear_words", "words", postgresql_using="gin"),
    sa.Index("ix_candidate_clear_marks", "marks", postgresql_using="gin"),
    sa.Index("ix_candidate_clear_name", sa.text("lower(name)"), "id"),
    prefixes=["UNLOGGED"],
)


# Unlogged as well: passages of resumes, and what they mean as numbers, from which words can be guessed. Passage 0 has
# neither: it says that a resume was looked at, whose language the model may not know (`commands.ask_for_passages`).
passage_table = sa.Table(
    "candidate_passage",
    TenantModel.metadata,
    sa.Column(
        "candidate_id", sa.Uuid, sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True, info=PERSON
    ),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("meaning", ARRAY(sa.REAL)),
    prefixes=["UNLOGGED"],
)


class Search(TenantModel):
    """Words that somebody looks for, until a worker knows what they mean; then the words go. For a day."""

    __tablename__ = "candidate_search"
    __table_args__ = (sa.CheckConstraint("state in ('waiting', 'made', 'words')", name="state"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = persons()
    digest: Mapped[str] = mapped_column(unique=True)
    words: Mapped[str] = mapped_column(Sealed("candidate_search.words"))
    state: Mapped[str] = mapped_column(server_default="waiting")
    meaning: Mapped[list[float] | None] = mapped_column(ARRAY(sa.REAL), deferred=True)
    asked_at: Mapped[datetime] = mapped_column(Timestamp, index=True)


class SavedSearch(TenantModel):
    """What a member looks for again and again; sealed under the company's key, since names may stand in it."""

    __tablename__ = "saved_search"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID | None] = persons()
    member_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id, ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Sealed("saved_search.name"))
    asked: Mapped[dict[str, str]] = mapped_column(SealedJson("saved_search.asked", dict))


class Candidate(TenantModel):
    """Two tables read as one. `corrected` names the fields that a person edited: no reading of a resume touches them.

    `contact` is written by itself, from the fields that stand in the clear as well.
    """

    __table__ = candidate_table.join(clear_table)

    id = column_property(candidate_table.c.id, clear_table.c.id)
    contact = deferred(candidate_table.c.contact)
    found_by = deferred(clear_table.c.found_by)
    words = deferred(clear_table.c.words)
    marks = deferred(clear_table.c.marks)

    if TYPE_CHECKING:
        name: Mapped[str]
        email: Mapped[str | None]
        phone: Mapped[str | None]
        place: Mapped[str | None]
        headline: Mapped[str | None]
        links: Mapped[list[str]]
        language: Mapped[str]
        created_at: Mapped[datetime]
        consented_at: Mapped[datetime | None]
        corrected: Mapped[list[str]]


@event.listens_for(Candidate, "before_insert")
@event.listens_for(Candidate, "before_update")
def _seal_contact(_mapper: object, _connection: sa.Connection, candidate: Candidate) -> None:
    if sa.inspect(candidate).committed_state.keys() & {*CLEAR}:
        candidate.contact = belonging({field: getattr(candidate, field) for field in CLEAR}, candidate.id)


class Resume(TenantModel):
    """A file as it came. `state` says how far its reading is; the original stays whatever the reading says.

    `scan` says whether somebody looked for viruses in it: "asked" of a file that is waited for, "failed" where nobody
    could; `scan_found` is the name of what was found. Whether it may be opened, `access.may_be_opened` says.
    Somebody may have deleted an infected one: then `storage_key` is None, once a worker has been there.

    `person_id` says under whose key it is and never changes; `candidate_id` on whose page it stands (see `Merge`).
    """

    __tablename__ = "resume"
    __table_args__ = (
        sa.CheckConstraint("state in ('waiting', 'read', 'unreadable', 'failed')", name="state"),
        sa.CheckConstraint("scan in ('none', 'asked', 'clean', 'infected', 'failed')", name="scan"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    candidate_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("candidate.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(Sealed("resume.file_name"))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    storage_key: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    problem: Mapped[str | None]
    kind: Mapped[str | None]
    scan: Mapped[str] = mapped_column(server_default="none")
    scan_found: Mapped[str | None]
    file_deleted_at: Mapped[datetime | None] = mapped_column(Timestamp)
    file_deleted_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    text: Mapped[str | None] = mapped_column(Sealed("resume.text"), deferred=True)
    document: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("resume.document", dict), deferred=True)
    flags: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("resume.flags"), server_default="")
    uploaded_at: Mapped[datetime] = mapped_column(Timestamp)
    read_at: Mapped[datetime | None] = mapped_column(Timestamp)

    candidate: Mapped[Candidate] = relationship(lazy="raise")
    file_deleter: Mapped[Member | None] = relationship(lazy="raise")


class ResumePage(TenantModel):
    __tablename__ = "resume_page"

    resume_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Resume.id, ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[uuid.UUID] = persons()
    number: Mapped[int] = mapped_column(primary_key=True)
    width: Mapped[float]
    height: Mapped[float]
    words: Mapped[list[Any]] = mapped_column(SealedJson("resume_page.words"), deferred=True)
    image_key: Mapped[str | None]

    @property
    def hidden(self) -> list[tuple[str, float, float, float, float]]:
        """Why nobody sees a word, and its box, of those that have a place on the page."""
        found = [(word[5], *word[1:5]) for word in self.words if word[5]]
        return [one for one in found if one[3] > one[1] and one[4] > one[2]]


class Merge(TenantModel):
    """Two entries that are one person: from now on `absorbed_id` stands on the page of `survivor_id`.

    Nothing is sealed anew. Every row and file keeps its own person and key, only what stands on whose page changes; so
    a merge is undone by asking each row whose it is, and whoever erases the person erases both. `before` and `after`
    are the survivor's own fields at that moment. The row is there as long as the merge is.
    """

    __tablename__ = "candidate_merge"
    __table_args__ = (sa.CheckConstraint("survivor_id <> absorbed_id", name="two"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    survivor_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("candidate.id", ondelete="CASCADE"), index=True, info=PERSON
    )
    absorbed_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("candidate.id", ondelete="CASCADE"), unique=True)
    before: Mapped[dict[str, Any]] = mapped_column(SealedJson("candidate_merge.before", dict))
    after: Mapped[dict[str, Any]] = mapped_column(SealedJson("candidate_merge.after", dict))
    by_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Member.id))
    at: Mapped[datetime] = mapped_column(Timestamp)

    by: Mapped[Member] = relationship(lazy="raise")


class Likeness(TenantModel):
    """Two entries that look like one person, the older one first. Why is looked up when somebody asks, so no words of
    theirs stand in here. Once a person said that they are two, nobody is asked again.
    """

    __tablename__ = "candidate_likeness"
    __table_args__ = (
        sa.CheckConstraint("state in ('proposed', 'apart')", name="state"),
        sa.CheckConstraint("first_id < second_id", name="order"),
    )

    first_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True, info=PERSON
    )
    second_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("candidate.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    state: Mapped[str] = mapped_column(server_default="proposed")
    found_at: Mapped[datetime] = mapped_column(Timestamp)
    said_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Member.id))
    said_at: Mapped[datetime | None] = mapped_column(Timestamp)
