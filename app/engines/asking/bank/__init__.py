"""The question bank: what interviews ask, for which profession, and what the levels of each competency sound like.

A file a profession. A row is kind, minutes, difficulty, competencies, question, what a good answer shows. Difficulty: 1 whoever is new to the work can answer,
2 supposes that it was done, 3 supposes that it was done for long or answered for.
"""  # noqa: E501

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, cast

from app.ports.analysis import Difficulty, QuestionKind

ANY: Final = "any"
_HERE: Final = Path(__file__).parent
_DIFFICULTIES: Final[dict[int, Difficulty]] = {1: "easy", 2: "medium", 3: "hard"}
Anchors = tuple[str, str, str, str]
What = Literal["figure", "lead", "change", "task", "skill", "job", "training", "missing"]


@dataclass(frozen=True, slots=True)
class Competency:
    key: str
    name: str
    description: str
    anchors: Anchors
    cues: tuple[str, ...]
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Profession:
    key: str
    titles: tuple[str, ...]
    about: str


@dataclass(frozen=True, slots=True)
class BankQuestion:
    profession: str
    kind: QuestionKind
    minutes: int
    difficulty: Difficulty
    competencies: tuple[str, ...]
    text: str
    shows: str


@dataclass(frozen=True, slots=True)
class PersonalQuestion:
    """Has {quote} in its text, {skill} too where the job's demand is spoken of; "missing" has {skill} alone."""

    what: What
    kind: QuestionKind
    minutes: int
    difficulty: Difficulty
    competencies: tuple[str, ...]
    text: str
    shows: str


@dataclass(frozen=True, slots=True)
class Bank:
    competencies: dict[str, Competency]
    professions: dict[str, Profession]
    questions: tuple[BankQuestion, ...]


@cache
def english() -> Bank:
    tables = {file.stem: _read(f"questions/{file.name}") for file in sorted((_HERE / "questions").glob("*.toml"))}
    return Bank(
        competencies={key: _competency(key, table) for key, table in _read("competencies.toml").items()},
        professions={
            key: Profession(key, tuple(table["titles"]), table["about"]) for key, table in tables.items() if key != ANY
        },
        questions=tuple(_question(key, row) for key, table in tables.items() for row in table["questions"]),
    )


@cache
def hindi() -> Bank:
    table = _read("hindi.toml")
    return Bank(
        competencies={key: _competency(key, row) for key, row in table["competencies"].items()},
        professions={},
        questions=tuple(_question(ANY, row) for row in table["questions"]["list"]),
    )


@cache
def personal(language: str) -> tuple[PersonalQuestion, ...]:
    """About a passage of a resume; in English where we have none in that language."""
    rows = _read("personal.toml")
    return tuple(
        PersonalQuestion(what, kind, minutes, _DIFFICULTIES[difficulty], tuple(competencies.split("+")), text, shows)
        for what, kind, minutes, difficulty, competencies, text, shows in rows.get(language, rows["en"])
    )


@cache
def texts() -> tuple[str, ...]:
    """All of the English bank whose meaning is asked for, in the words in which it is."""
    stock = english()
    return tuple(
        dict.fromkeys(
            [title for one in stock.professions.values() for title in one.titles]
            + [one.about for one in stock.professions.values()]
            + [f"{one.name}: {one.description}" for one in stock.competencies.values()]
            + [question.text for question in stock.questions]
            + [f"{question.text} {question.shows}" for question in stock.questions]
            + [question.text for question in personal("en")]
        )
    )


def _read(file: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / file).read_text(encoding="utf-8"))


def _competency(key: str, table: dict[str, Any]) -> Competency:
    anchors = cast("Anchors", tuple(table["anchors"]))
    cues = tuple(table.get("cues", ()))
    return Competency(key, table["name"], table["description"], anchors, cues, table.get("weight", 0))


def _question(profession: str, row: list[Any]) -> BankQuestion:
    kind, minutes, difficulty, competencies, text, shows = row
    return BankQuestion(
        profession,
        cast("QuestionKind", kind),
        minutes,
        _DIFFICULTIES[difficulty],
        tuple(competencies.split("+")),
        text,
        shows,
    )
