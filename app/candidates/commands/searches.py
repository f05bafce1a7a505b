"""Keeping what a member looks for, and letting go of what names somebody who is erased."""

import re
import uuid

import sqlalchemy as sa

from app.candidates.models import Candidate, SavedSearch
from app.candidates.queries.searches import saved_by
from app.identity.models import Member
from app.kernel.errors import Conflict
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from tenants.db import db

MOST = 30
SHORTEST_NAME = 3


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
    """Delete every member's whose words are their address or have a part of their name; how many there were."""
    candidate = db.session.get(Candidate, person)
    if candidate is None:
        return 0
    named = {word for word in _words(candidate.name) if len(word) >= SHORTEST_NAME}
    address = (candidate.email or "").casefold()
    naming = [
        search.id
        for search in db.session.scalars(sa.select(SavedSearch))
        if named & _words(text := f"{search.name} {search.asked.get('q', '')}")
        or (address and address in text.casefold())
    ]
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.id.in_(naming)))
    return len(naming)


def forget_searches_by_words() -> int:
    """All that have words: after a restore nobody can tell any more which of them name somebody who was erased."""
    worded = [one.id for one in db.session.scalars(sa.select(SavedSearch)) if one.asked.get("q")]
    db.session.execute(sa.delete(SavedSearch).where(SavedSearch.id.in_(worded)))
    return len(worded)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
