"""The project's own questions, and which of them are like another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.ports.analysis import QuestionKind


@dataclass(frozen=True, slots=True)
class Near:
    """A question of the bank; `work` is the profession it is written for, None for any. `near` is 1 for the same."""

    text: str
    shows: str
    kind: QuestionKind
    minutes: int
    work: str | None
    near: float


@dataclass(frozen=True, slots=True)
class Placed:
    """What a question means, as numbers that are near to those of its like; those of the bank, nearest first."""

    meaning: list[float]
    bank: tuple[Near, ...]


class QuestionBank(Protocol):
    @property
    def engine(self) -> str:
        """Changes with the model and with the words of the bank."""
        ...

    def place(self, questions: Sequence[str]) -> list[Placed | None]:
        """One each; None for a question in a language that the model does not know."""
        ...
