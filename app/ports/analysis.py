"""Reading the text of a job, and proposing the interview for it."""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

Seniority = Literal["intern", "junior", "mid", "senior", "lead", "executive"]
Remote = Literal["onsite", "hybrid", "remote"]
PayUnit = Literal["hour", "day", "week", "month", "year"]
QuestionKind = Literal["experience", "situation", "knowledge", "motivation"]
Difficulty = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Salary:
    min: float | None
    max: float | None
    currency: str
    unit: PayUnit


@dataclass(frozen=True, slots=True)
class Analysis:
    title: str
    seniority: Seniority | None
    must_have: tuple[str, ...]
    nice_to_have: tuple[str, ...]
    years_min: float | None
    location: str | None
    remote: Remote | None
    salary: Salary | None
    responsibilities: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class ProposedDimension:
    """`weight` is in percent, all of a proposal sum to 100; `anchors` go from missing to strong."""

    name: str
    description: str
    weight: int
    anchors: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class ResumeLine:
    """A line of the resume's text, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class ProposedQuestion:
    """`dimensions` are names of the proposal's; `shows` is what a good answer shows, `refers_to` what it is about."""

    text: str
    minutes: int
    kind: QuestionKind
    dimensions: tuple[str, ...]
    shows: str
    difficulty: Difficulty = "medium"
    refers_to: ResumeLine | None = None


@dataclass(frozen=True, slots=True)
class KitProposal:
    """Three to six dimensions, four to eight questions; at least one question asks for each dimension.

    `language` is what the questions are written in, which need not be the one that was wished for.
    """

    dimensions: tuple[ProposedDimension, ...]
    questions: tuple[ProposedQuestion, ...]
    language: str = "en"


Topic = Literal[
    "age", "family", "marital-status", "pregnancy", "health", "disability", "religion", "origin", "pay-history",
    "sexual-orientation", "politics", "union", "military-service", "criminal-record",
]  # fmt: skip


class Analyst(Protocol):
    engine: str

    def analyse(self, text: str) -> Analysis: ...

    def propose_kit(self, analysis: Analysis, text: str, *, language: str = "en") -> KitProposal: ...

    def propose_questions(
        self, analysis: Analysis, kit: KitProposal, resume: dict[str, Any], text: str
    ) -> tuple[ProposedQuestion, ...]:
        """For one person, beside the kit and in its language: `resume` is JSON Resume, `text` its lines.

        At least 60 % of them refer to a line; none where the resume has no line to ask about.
        """

    def must_not_ask(self, question: str) -> Topic | None:
        """What it asks a person about themselves that no interview may; quick enough for a page."""
