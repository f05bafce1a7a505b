"""What a person should see before trusting a document: hidden words, and orders to a machine."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from app.engines.resumes.layout import lines_of
from app.ports.reading import Flag, Page

_EXCERPT = 200


@cache
def _order() -> re.Pattern[str]:
    known = tomllib.loads(Path(__file__).with_name("orders.toml").read_text("utf-8"))
    text = "|".join(known["orders"]["patterns"])
    for name, pattern in known["words"].items():
        text = text.replace(f"{{{name}}}", pattern)
    return re.compile(text)


# Honest files describe their pictures and themselves in a few words, most of which stand on the page too.
_BESIDE_THE_PAGE = {"properties": 12, "description": 12}


def suspicions(pages: Iterable[Page]) -> tuple[Flag, ...]:
    pages = tuple(pages)
    shown = {_bare(word.text) for page in pages for word in page.words if word.hidden is None}
    return tuple(flag for page in pages for flag in (*_hidden(page, shown), *_orders(page)))


def _hidden(page: Page, shown: set[str]) -> list[Flag]:
    """One flag a page and reason; a lone mark is an accident of layout."""
    reasons: dict[str, list[str]] = {}
    for word in page.words:
        if word.hidden is not None:
            reasons.setdefault(word.hidden, []).append(word.text)
    return [
        Flag("hidden-text", page.number, f"{reason}: {' '.join(found)[:_EXCERPT]}")
        for reason, found in reasons.items()
        if _worth_telling(reason, found, shown)
    ]


def _worth_telling(reason: str, found: list[str], shown: set[str]) -> bool:
    if reason in _BESIDE_THE_PAGE:
        unseen = {bare for text in found if (bare := _bare(text))} - shown
        return len(unseen) >= _BESIDE_THE_PAGE[reason]
    return sum(letter.isalnum() for text in found for letter in text) > 2  # noqa: PLR2004  letters


def _bare(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())


def _orders(page: Page) -> list[Flag]:
    seen = " ".join(line.text for line in lines_of([page]))
    unseen = " ".join(word.text for word in page.words if word.hidden is not None)
    flags = []
    for text in (seen, unseen):
        found = [_around(text, match) for match in _order().finditer(_even(text))]
        flags += [Flag("instruction-like", page.number, excerpt) for excerpt in dict.fromkeys(found[:5])]
    return flags


def _even(text: str) -> str:
    """Lower case, but as long as it was, so that places stay."""
    even = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return even.replace("’", "'").replace("\t", " ").replace("\n", " ")


def _around(text: str, match: re.Match[str]) -> str:
    begin, end = max(match.start() - 20, 0), min(match.end() + 60, len(text))
    return " ".join(text[begin:end].split())[:_EXCERPT]
