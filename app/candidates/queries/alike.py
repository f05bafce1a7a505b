"""Who looks like whom, and why. What is compared stands in the unlogged table alone; the reasons are looked up anew."""

import unicodedata
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import phonenumbers
import sqlalchemy as sa

from app.candidates.access import visible_to
from app.candidates.models import Candidate, Likeness, Resume, clear_table
from app.candidates.queries import documents_of
from app.candidates.queries.merged import group_of
from app.identity.models import Member
from tenants.db import db

PAGE = 20
MOST_LIKE = 50
MOST_NAMES = 5
LAST_DIGITS = 8
ACCENTS = 200  # from this combining class on
LEGAL_FORMS = frozenset(
    [
        "ab",
        "ag",
        "as",
        "bv",
        "co",
        "company",
        "corp",
        "corporation",
        "doo",
        "eg",
        "ev",
        "gbr",
        "gmbh",
        "group",
        "holding",
        "inc",
        "kg",
        "kgaa",
        "limited",
        "llc",
        "llp",
        "ltd",
        "mbh",
        "nv",
        "ohg",
        "oy",
        "plc",
        "pte",
        "private",
        "pty",
        "pvt",
        "sa",
        "sarl",
        "sas",
        "se",
        "spa",
        "srl",
        "the",
        "und",
        "and",
    ]
)
TITLES = frozenset(
    [
        "dr",
        "prof",
        "mag",
        "ing",
        "dipl",
        "mr",
        "mrs",
        "ms",
        "herr",
        "frau",
        "shri",
        "smt",
        "med",
        "phd",
        "mba",
        "bsc",
        "msc",
    ]
)
SAME_NUMBER = frozenset({phonenumbers.MatchType.EXACT_MATCH, phonenumbers.MatchType.NSN_MATCH})


@dataclass(frozen=True, slots=True)
class Spell:
    """A time at an employer; months as "2019-03", or years."""

    employer: str
    position: str
    start: str
    end: str

    def overlaps(self, other: "Spell") -> bool:
        """Without a beginning on either side there are no dates to hold against each other."""
        if not self.start or not other.start:
            return False
        return _first(self) <= _last(other) and _first(other) <= _last(self)


@dataclass(frozen=True, slots=True)
class Portrait:
    """What of somebody is compared."""

    id: uuid.UUID
    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    work: tuple[Spell, ...] = ()
    files: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason, with what stands on either side."""

    kind: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Proposal:
    first: Candidate
    second: Candidate
    signs: list[Sign]


def marks_of(
    contact: Mapping[str, Any], documents: Sequence[Mapping[str, Any]], addresses: Collection[str]
) -> list[str]:
    """Words that two entries of one person share: "e:", "p:", "w:"; and "a:" for addresses that were merged in."""
    seen = portrait(uuid.UUID(int=0), contact, documents)
    found = {f"e:{email}" for email in (*seen.emails, *addresses)} | {f"a:{address}" for address in addresses}
    found |= {f"p:{digits[-LAST_DIGITS:]}" for number in seen.phones if len(digits := _digits(number)) >= LAST_DIGITS}
    found |= {f"w:{names}:{_plain_firm(one.employer)}" for names in _pairs(seen.name) for one in seen.work}
    return sorted(found)


def portrait(person: uuid.UUID, contact: Mapping[str, Any], documents: Iterable[Mapping[str, Any]]) -> Portrait:
    basics = [document.get("basics", {}) for document in documents]
    emails = [contact.get("email"), *(each.get("email") for each in basics)]
    phones = [contact.get("phone"), *(each.get("phone") for each in basics)]
    work = [_spell(job) for document in documents for job in document.get("work", []) if job.get("name")]
    return Portrait(
        person, contact.get("name") or "", tuple(dict.fromkeys(one.strip().lower() for one in emails if one)),
        tuple(dict.fromkeys(one for one in phones if one)), tuple(dict.fromkeys(work)),
    )  # fmt: skip


def signs(mine: Portrait, theirs: Portrait) -> list[Sign]:
    """Why two may be one person: each reason alone is worth a look, none proves it."""
    found = [Sign("email", one, one) for one in mine.emails if one in theirs.emails]
    found += [
        Sign("phone", one, other) for one in mine.phones for other in theirs.phones
        if phonenumbers.is_number_match(one, other) in SAME_NUMBER or _same_digits(one, other)
    ]  # fmt: skip
    if mine.files & theirs.files:
        found.append(Sign("file", "", ""))
    if _names_agree(mine.name, theirs.name):
        found += [
            Sign("work", told(mine.name, one), told(theirs.name, other)) for one in mine.work for other in theirs.work
            if _plain_firm(one.employer) == _plain_firm(other.employer) and one.overlaps(other)
        ]  # fmt: skip
    return list(dict.fromkeys(found))


def told(name: str, spell: Spell) -> str:
    span = " – ".join(part for part in (spell.start, spell.end) if part)
    return ", ".join(part for part in (name, spell.position, spell.employer, span) if part)


def portrait_of(candidate: Candidate) -> Portrait:
    contact = {name: getattr(candidate, name) for name in ("name", "email", "phone")}
    seen = portrait(candidate.id, contact, documents_of(candidate.id))
    files = db.session.scalars(sa.select(Resume.sha256).where(Resume.candidate_id == candidate.id))
    return Portrait(seen.id, seen.name, seen.emails, seen.phones, seen.work, frozenset(files))


def look_alikes(candidate: Candidate) -> list[uuid.UUID]:
    """Who shares a reason, of those whom nobody has told apart from them yet."""
    own, seen = group_of(candidate.id), portrait_of(candidate)
    marks = [mark for mark in candidate.marks if not mark.startswith("a:")]
    shares = sa.select(clear_table.c.id).where(clear_table.c.marks.overlap(marks))
    files = sa.select(Resume.candidate_id).where(Resume.sha256.in_(seen.files))
    query = sa.select(Candidate).where(Candidate.id.not_in(own), Candidate.id.in_(sa.union(shares, files)))
    others = db.session.scalars(query.order_by(Candidate.id.desc()).limit(MOST_LIKE))
    return [other.id for other in others if signs(seen, portrait_of(other)) and not told_apart(own, other.id)]


def told_apart(own: Collection[uuid.UUID], other: uuid.UUID) -> bool:
    """Whether a person said of any of theirs, and of the other's, that they are two."""
    others = group_of(other)
    pair = sa.or_(
        sa.and_(Likeness.first_id.in_(own), Likeness.second_id.in_(others)),
        sa.and_(Likeness.first_id.in_(others), Likeness.second_id.in_(own)),
    )
    return db.session.scalar(sa.select(Likeness.first_id).where(pair, Likeness.state == "apart").limit(1)) is not None


def proposals_for(member: Member, *, of: uuid.UUID | None = None, after: str = "") -> tuple[list[Proposal], str | None]:
    """Pairs that somebody should look at, the newest first, and where the next page begins.

    Those whose reasons are gone, and who were merged meanwhile, are left out.
    """
    query = sa.select(Likeness.first_id, Likeness.second_id).where(Likeness.state == "proposed")
    for side in (Likeness.first_id, Likeness.second_id):
        query = query.where(side.in_(sa.select(Candidate.id).where(visible_to(member))))
    if of is not None:
        query = query.where(sa.or_(Likeness.first_id == of, Likeness.second_id == of))
    if after:
        query = query.where(sa.tuple_(Likeness.second_id, Likeness.first_id) < tuple(map(uuid.UUID, after.split("."))))
    query = query.order_by(Likeness.second_id.desc(), Likeness.first_id.desc()).limit(PAGE + 1)
    pairs = [tuple(row) for row in db.session.execute(query)]
    shown = [_proposal(first, second) for first, second in pairs[:PAGE]]
    more = f"{pairs[PAGE - 1][1]}.{pairs[PAGE - 1][0]}" if len(pairs) > PAGE else None
    return [each for each in shown if each.signs], more


def _proposal(first: uuid.UUID, second: uuid.UUID) -> Proposal:
    one, other = db.session.get_one(Candidate, first), db.session.get_one(Candidate, second)
    return compare(one, other)


def compare(one: Candidate, other: Candidate) -> Proposal:
    return Proposal(one, other, signs(portrait_of(one), portrait_of(other)))


def _spell(job: Mapping[str, Any]) -> Spell:
    return Spell(job["name"], job.get("position") or "", job.get("startDate") or "", job.get("endDate") or "")


def _first(spell: Spell) -> str:
    return f"{spell.start}-01"[:7]


def _last(spell: Spell) -> str:
    """Open ends reach to today, and further: whoever sent the other resume later still is there."""
    return f"{spell.end}-12"[:7] if spell.end else "9999-12"


def plain_words(text: str) -> list[str]:
    """Without accents, signs and capitals; vowels that Indic scripts write as marks stay."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = (sign for sign in apart if unicodedata.combining(sign) < ACCENTS)
    return "".join(sign if unicodedata.category(sign)[0] in "LMN" else " " for sign in bare).split()


def plain_name(name: str) -> list[str]:
    return [word for word in plain_words(name) if word not in TITLES and len(word) > 1]


def _pairs(name: str) -> list[str]:
    """Each two names of somebody: "Huber, Anna Maria" is Anna Huber as well."""
    return [" ".join(pair) for pair in combinations(sorted({*plain_name(name)})[:MOST_NAMES], 2)]


def _names_agree(one: str, other: str) -> bool:
    first, second = set(plain_name(one)), set(plain_name(other))
    return len(first & second) > 1 and (first <= second or second <= first)


def _plain_firm(name: str) -> str:
    words = plain_words(name)
    return " ".join(word for word in words if word not in LEGAL_FORMS) or " ".join(words)


def _digits(number: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) for sign in number if sign.isdecimal())


def _same_digits(one: str, other: str) -> bool:
    return _digits(one) == _digits(other) and len(_digits(one)) >= LAST_DIGITS
