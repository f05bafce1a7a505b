"""What was written, and how it reads."""

import json
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from babel import Locale, dates
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup
from sqlalchemy.orm import defer

from app.kernel.errors import NotFound
from app.letters.enums import LetterKind
from app.letters.models import Letter, Mail
from app.ports.vault import Vault
from app.workspace.models import Workspace
from tenants.db import db

LANGUAGES = ("en", "hi", "mr", "ta", "bn")
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
    return Wording(subject, text, _as_html(subject, text, language, facts.get("company", "")))


def mail_page(*, after: str = "", limit: int = 50) -> tuple[list[Mail], str | None]:
    """The newest letters, without their texts, and the key under which the next page begins."""
    query = sa.select(Mail).options(defer(Mail.sealed)).order_by(Mail.created_at.desc(), Mail.id.desc())
    if after:
        query = query.where(sa.tuple_(Mail.created_at, Mail.id) < keyset(after))
    found = list(db.session.scalars(query.limit(limit + 1)))
    more = key_of(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return found[:limit], more


def mail_about(about: uuid.UUID | sa.Select[tuple[uuid.UUID]]) -> list[Mail]:
    """About one thing, or any of those whose ids are selected."""
    which = Mail.about_id == about if isinstance(about, uuid.UUID) else Mail.about_id.in_(about)
    query = sa.select(Mail).options(defer(Mail.sealed)).where(which)
    return list(db.session.scalars(query.order_by(Mail.created_at)))


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


def blocks_of(text: str) -> list[Markup]:
    """A letter's text as paragraphs, its links clickable."""
    return [_block(block) for block in text.strip().split("\n\n")]


def _as_html(subject: str, text: str, language: str, company: str) -> str:
    """The same words as HTML: paragraphs, and links where a line is nothing but an address."""
    return (
        _pages()
        .get_template("letters/letter.html")
        .render(subject=subject, blocks=blocks_of(text), language=language, company=company)
    )


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


def contact_of(company: Workspace) -> str:
    """Whom a candidate may write to, as much of it as the company said."""
    if company.contact_name and company.contact_email:
        return f"{company.contact_name} <{company.contact_email}>"
    return company.contact_name or company.contact_email or company.name


def mail(mail_id: uuid.UUID) -> Mail:
    found = db.session.get(Mail, mail_id)
    if found is None:
        raise NotFound("mail")
    return found


def day_in_words(value: date, language: str) -> str:
    """Sunday 29 November 2026"""
    return dates.format_date(value, "EEEE d MMMM y", locale=_locale(language))


def moment_in_words(value: datetime, language: str, zone: str) -> str:
    """Sunday 29 November 2026, 11:59 pm (India Time)"""
    place, locale = ZoneInfo(zone), _locale(language)
    hour = dates.format_time(value, "h:mm a", tzinfo=place, locale=locale)
    name = dates.get_timezone_name(place, width="long", locale=locale) if "/" in zone else zone
    return f"{day_in_words(value.astimezone(place).date(), language)}, {hour} ({name})"


def _locale(language: str) -> Locale:
    return Locale(language if language in LANGUAGES else "en", "IN")


def key_of(moment: datetime, row_id: uuid.UUID) -> str:
    return f"{moment.isoformat()}~{row_id}"


def keyset(after: str) -> tuple[datetime, uuid.UUID]:
    """Raises NotFound for what is no such key."""
    moment, _, row_id = after.partition("~")
    try:
        return datetime.fromisoformat(moment), uuid.UUID(row_id)
    except ValueError:
        raise NotFound("page") from None
