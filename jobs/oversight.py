"""The log of what engines made (L-10): every task that takes an engine's output notes it here, with who oversees it."""

import hashlib
import json
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from app.applications.models import Application
from app.audit.commands import Made, note_output
from app.identity.enums import Role
from app.identity.models import Member
from app.postings.models import Posting
from tenants.db import db

ROOT = Path(__file__).parents[1]
# What makes an output of the built-in engines, where no prompt does.
_RULES = {
    "reading": "resumes", "analysis": "postings", "kit": "asking", "follow-up": "asking", "judging": "judging",
    "match": "matching", "questions": "asking",
}  # fmt: skip


def note(
    kind: str, *, subject: UUID, person: UUID | None, engine: str, version: str, given: Any, made: Any,
    posting: UUID | None, rubric: dict[str, Any] | None = None, input_hash: str | None = None,
) -> None:  # fmt: skip
    overseer, name = _overseer(posting, person)
    hashed = prompt_hash(kind, version)
    output = Made(kind, subject, person, engine, version, hashed, _plain(given), _plain(made), rubric, input_hash)
    note_output(output, overseer=overseer, name=name)


@cache
def prompt_hash(kind: str, version: str) -> str:
    """Of the prompt as it is sent; of the rules' source where there is no prompt."""
    prompt = ROOT / "templates" / "prompts" / f"{version.partition('+')[0]}.txt"
    files = [prompt] if prompt.is_file() else sorted((ROOT / "app" / "engines" / _RULES[kind]).glob("*.*ml"))
    if not prompt.is_file():
        files += sorted((ROOT / "app" / "engines" / _RULES[kind]).glob("*.py"))
    digest = hashlib.sha256(version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _overseer(posting: UUID | None, person: UUID | None) -> tuple[UUID, str]:
    """Whoever opened the job; for a resume without a job, the admin who has been there longest, or whoever is."""
    if posting is None and person is not None:
        newest = sa.select(Application.posting_id).where(Application.candidate_id == person)
        posting = db.session.scalar(newest.order_by(Application.id.desc()).limit(1))
    query = sa.select(Member.id, Member.name)
    if posting is not None:
        found = query.join(Posting, Posting.created_by == Member.id).where(Posting.id == posting)
    else:
        found = query.order_by(Member.active.desc(), (Member.role == Role.ADMIN).desc(), Member.id).limit(1)
    row = db.session.execute(found).one()
    return row.id, row.name


def _plain(value: Any) -> dict[str, Any]:
    """As JSON gives it back."""
    told = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
    plain: dict[str, Any] = json.loads(json.dumps(told, ensure_ascii=False, default=_said))
    return plain


def _said(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal | UUID) else asdict(value)
