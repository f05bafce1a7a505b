"""The question bank: what interviews ask, for which profession, and what the levels of each competency sound like."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from app.ports.analysis import QuestionKind

ANY: Final = "any"
_HERE: Final = Path(__file__).parent
_FILES: Final = ("questions_office.toml", "questions_care.toml", "questions_trade.toml")
Anchors = tuple[str, str, str, str]


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
    tables = {key: table for file in _FILES for key, table in _read(file).items()}
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


def _read(file: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / file).read_text(encoding="utf-8"))


def _competency(key: str, table: dict[str, Any]) -> Competency:
    anchors = cast("Anchors", tuple(table["anchors"]))
    cues = tuple(table.get("cues", ()))
    return Competency(key, table["name"], table["description"], anchors, cues, table.get("weight", 0))


def _question(profession: str, row: list[Any]) -> BankQuestion:
    kind, minutes, competencies, text, shows = row
    return BankQuestion(profession, cast("QuestionKind", kind), minutes, tuple(competencies.split("+")), text, shows)
