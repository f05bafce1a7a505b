"""Keeping what a member looks for, and letting go of what names somebody who is erased."""

import re
import uuid
from collections import Counter

import sqlalchemy as sa

from app.audit import commands as audit
from app.candidates.models import Candidate, SavedSearch
from app.candidates.queries.alike import plain_name, plain_words
from app.candidates.queries.searches import saved_by
from app.identity.models import Member
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from tenants.db import db

MOST = 30
_ADDRESS = re.compile(r"[^\s<>()\",;:]+@[^\s<>()\",;:]*")


def save_search(member: Member, *, name: str, asked: dict[str, str]) -> SavedSearch:
    if len(saved_by(member)) >= MOST:
        raise Conflict(sentence("You have 30 saved searches, as many as there is room for. Delete one first."))
    search = SavedSearch(id=new_id(), member_id=member.id, name=name, asked=asked)
    db.session.add(search)
    return search


def rename_search(search: SavedSearch, name: str) -> None:
    search.name = name


def delete_search(search: SavedSearch) -> None:
    db.session.delete(search)


def forget_searches_for(person: uuid.UUID) -> int:
    """Delete every member's whose words name that person; the log tells whose. How many there were."""
    candidate = db.session.get(Candidate, person)
    if candidate is None:
        return 0
    return _forget([search for search in db.session.scalars(sa.select(SavedSearch)) if _names(search, candidate)])


def forget_searches_by_words() -> int:
    """All that have words: after a restore nobody can tell any more which of them name somebody who was erased."""
    return _forget([one for one in db.session.scalars(sa.select(SavedSearch)) if one.asked.get("q")])


def _forget(searches: list[SavedSearch]) -> int:
    for search in searches:
        audit.note("candidates.forget_search", by=SYSTEM, target=("member", search.member_id))
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.id.in_([search.id for search in searches])))
    return len(searches)


def _names(search: SavedSearch, candidate: Candidate) -> bool:
    texts = (search.name, search.asked.get("q", ""))
    address = (candidate.email or "").casefold()
    if any(address.startswith(one.rstrip(".")) for text in texts for one in _ADDRESS.findall(text.casefold())):
        return True
    name = plain_name(candidate.name)
    return _is_named(name if len(name) > 1 else plain_words(candidate.name), *map(plain_words, texts))


def _is_named(name: list[str], title: list[str], words: list[str]) -> bool:
    """Each word of the name begins with a word of its own. Initials alone are nobody: one has to say more.

    The longest first: whatever name a shorter one begins with then, all those that it could have had were as good.
    """
    left, enough = list(name), 3 if len(name) == 1 else 2
    said = False
    for word in sorted((Counter(title) | Counter(words)).elements(), key=len, reverse=True):
        begun = next((one for one in left if one.startswith(word)), None)
        if begun is not None:
            left.remove(begun)
            said = said or word == begun or len(word) >= enough
    return said and not left
