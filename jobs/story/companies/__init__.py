"""What the story is made of: invented companies, people and answers, read from the files beside this one."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

FOLDER = Path(__file__).resolve().parent
PASSWORD = "walk in and look"  # noqa: S105 -- printed at the end of bin/demo, for invented members alone


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Cast(_Told):
    email: str
    name: str
    role: str


class Opening(_Told):
    """`day` counts back from today; `edits` are questions that a person wrote anew before approving the kit."""

    key: str
    day: int
    state: str
    team: tuple[str, ...]
    text: str
    edits: dict[str, str] = {}


class Card(_Told):
    """A member's scorecard: a level for each criterion in order, "-" for not enough evidence."""

    by: str
    levels: tuple[str, ...]
    verdict: str
    note: str = ""


class Decided(_Told):
    by: str
    verdict: str
    reason: str


class Talk(_Told):
    """An interview. `answers` names how good each is (a, b, c, d), "." for one that was left empty, in order."""

    state: str
    answers: str = ""
    help: str = ""
    extra: dict[str, str] = {}


class Person(_Told):
    name: str
    opening: str
    day: float
    city: str
    phone: str = ""
    email: str = ""
    language: str = "en"
    layout: str = "plain"
    trade: str
    work: tuple[tuple[str, str, str, str], ...] = ()
    school: tuple[str, ...] = ()
    about: str = ""
    talk: Talk | None = None
    cards: tuple[Card, ...] = ()
    decided: Decided | None = None
    rejected: str = ""
    withdrawn: bool = False
    stage: str = ""
    note: str = ""


class Trade(_Told):
    """What resumes of a profession are made of."""

    title: str
    about: tuple[str, ...]
    did: tuple[str, ...]
    skills: tuple[str, ...]
    languages: tuple[str, ...]


class Company(_Told):
    slug: str
    name: str
    host: str
    zone: str
    jurisdiction: str
    accent: str
    contact_name: str
    contact_email: str
    members: tuple[Cast, ...]
    postings: tuple[Opening, ...]
    people: tuple[Person, ...] = ()


class Answer(_Told):
    """What people say to one question, from good to weak."""

    question: str
    a: str
    b: str = ""
    c: str
    d: str
    follow_up: str = Field(default="", description="what whoever answers well says when asked further")


@cache
def all_companies() -> tuple[Company, ...]:
    return tuple(company(name) for name in ("kaveri", "murwerk"))


def company(slug: str) -> Company:
    people: dict[str, Any] = _read(f"{slug}-people.toml")
    return Company.model_validate(_read(f"{slug}.toml") | people)


@cache
def trades() -> dict[str, Trade]:
    return {name: Trade.model_validate(values) for name, values in _read("trades.toml").items()}


@cache
def answers(opening: str) -> tuple[Answer, ...]:
    return tuple(Answer.model_validate(values) for values in _read(f"answers-{opening}.toml")["answers"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text())
