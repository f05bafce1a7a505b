"""What was written, and how it reads."""

import json
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from app.kernel.errors import NotFound
from app.letters.enums import LetterKind
from app.letters.models import Letter, Mail
from app.ports.vault import Vault
from tenants.db import db

FOLDER = Path(__file__).resolve().parents[2] / "templates"


@dataclass(frozen=True)
class Wording:
    subject: str
    text: str
    html: str


def wording(kind: LetterKind, language: str, facts: dict[str, str]) -> Wording:
    """A letter's words: the company's own where it has some, else the house's, else the house's English ones.

    The sandbox is there because companies edit these texts.
    """
    subject, body = _own(kind, language) or _house(kind, language)
    text = _sandbox().from_string(body).render(facts).strip() + "\n"
    subject = " ".join(_sandbox().from_string(subject).render(facts).split())
    return Wording(subject, text, _as_html(subject, text, language))


def newest_mail(*, limit: int = 100) -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).order_by(Mail.created_at.desc(), Mail.id).limit(limit)))


def mail_about(about_id: uuid.UUID) -> list[Mail]:
    return list(db.session.scalars(sa.select(Mail).where(Mail.about_id == about_id).order_by(Mail.created_at)))


def opened(mail: Mail, vault: Vault) -> dict[str, str]:
    """The sealed texts of a mail: {"text", "html"}."""
    texts: dict[str, str] = json.loads(vault.open(mail.sealed, about=f"mail/{mail.id}"))
    return texts


def _own(kind: LetterKind, language: str) -> tuple[str, str] | None:
    letter = db.session.scalar(sa.select(Letter).where(Letter.kind == kind, Letter.language == language))
    return (letter.subject, letter.body) if letter else None


def _house(kind: LetterKind, language: str) -> tuple[str, str]:
    own_language = FOLDER / "letters" / f"{kind}.{language}.txt"
    file = own_language if own_language.exists() else FOLDER / "letters" / f"{kind}.en.txt"
    subject, _, body = file.read_text().partition("\n")
    return subject.removeprefix("Subject: "), body


def _as_html(subject: str, text: str, language: str) -> str:
    """The same words as HTML: paragraphs, and links where a line is nothing but an address."""
    blocks = [_block(block) for block in text.strip().split("\n\n")]
    return _pages().get_template("letters/letter.html").render(subject=subject, blocks=blocks, language=language)


def _block(text: str) -> Markup:
    if text.startswith(("http://", "https://")) and " " not in text and "\n" not in text:
        return Markup('<a href="{0}">{0}</a>').format(text)
    return Markup("<br>").join(Markup.escape(line) for line in text.splitlines())


@cache
def _sandbox() -> SandboxedEnvironment:
    return SandboxedEnvironment(undefined=StrictUndefined)


@cache
def _pages() -> SandboxedEnvironment:
    return SandboxedEnvironment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)


def mail(mail_id: uuid.UUID) -> Mail:
    found = db.session.get(Mail, mail_id)
    if found is None:
        raise NotFound("mail")
    return found
