"""A job's text for people and for search engines."""

import json
import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from app.postings.models import Posting

_BULLET = re.compile(r"^(\s*)[•·▪‣●–]\s+", re.MULTILINE)
_UNITS = {"hour": "HOUR", "day": "DAY", "week": "WEEK", "month": "MONTH", "year": "YEAR"}
# Raw HTML stays text, pictures stay out: whoever writes a job cannot put anything but words into the page.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable("image")


def as_page(text: str) -> Markup:
    """The text as the HTML of a page whose title is the only first heading."""
    tokens = _MARKDOWN.parse(_BULLET.sub(r"\1- ", text))
    _lower_headings(tokens)
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704 -- html is off


def _lower_headings(tokens: list[Token]) -> None:
    """Whatever levels the author used, the page has 2, 3, 4 without a gap."""
    used = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{used.index(token.tag) + 2}"


def structured_data(posting: Posting, text: Markup, *, company: str, site: str) -> Markup:
    """schema.org JobPosting. A data block is not executed, so the content policy lets it be."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "title": posting.title,
        "description": str(text),
        "identifier": {"@type": "PropertyValue", "name": company, "value": str(posting.id)},
        "datePosted": posting.published_at.date().isoformat() if posting.published_at else None,
        "hiringOrganization": {"@type": "Organization", "name": company, "sameAs": f"{site}/careers"},
        "url": f"{site}/careers/{posting.id}",
        "directApply": True,
        "skills": ", ".join([*posting.must_have, *posting.nice_to_have]) or None,
        **_place(posting),
        **_years(posting),
        **_pay(posting),
    }
    written = json.dumps({key: value for key, value in facts.items() if value is not None}, ensure_ascii=False)
    inert = written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return Markup(f'<script type="application/ld+json">{inert}</script>')  # noqa: S704 -- no < is left in it


def _place(posting: Posting) -> dict[str, Any]:
    place = {"@type": "Place", "address": {"@type": "PostalAddress", "addressLocality": posting.place}}
    if posting.remote == "remote":
        where = {"applicantLocationRequirements": {"@type": "AdministrativeArea", "name": posting.place}}
        return {"jobLocationType": "TELECOMMUTE", **(where if posting.place else {})}
    return {"jobLocation": place} if posting.place else {}


def _years(posting: Posting) -> dict[str, Any]:
    if posting.years_min is None:
        return {}
    months = int(posting.years_min * 12)
    return {"experienceRequirements": {"@type": "OccupationalExperienceRequirements", "monthsOfExperience": months}}


def _pay(posting: Posting) -> dict[str, Any]:
    pay = posting.salary
    if not pay:
        return {}
    value = {"minValue": pay["min"], "maxValue": pay["max"], "unitText": _UNITS[pay["unit"]]}
    amount = {"@type": "QuantitativeValue", **{key: part for key, part in value.items() if part is not None}}
    return {"baseSalary": {"@type": "MonetaryAmount", "currency": pay["currency"], "value": amount}}
