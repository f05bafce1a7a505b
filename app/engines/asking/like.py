"""Which questions of the bank are like a question: all of them are compared, since there are some five hundred."""

from collections.abc import Sequence
from typing import Final

from app.engines.asking import bank
from app.engines.asking.bank import BankQuestion
from app.engines.asking.kit import SKILL, Embed

MOST: Final = 12
NEAR: Final = 0.4  # cosine; below that two questions have only the tone in common


def like(texts: Sequence[str], embed: Embed) -> list[list[tuple[BankQuestion, float]]]:
    """Of each text, the nearest first, with the cosine between the two."""
    stock = [question for question in bank.english().questions if SKILL not in question.text]
    rows = embed(texts) @ embed([question.text for question in stock]).T
    found = [sorted(zip(stock, map(float, row), strict=True), key=lambda pair: -pair[1])[:MOST] for row in rows]
    return [[pair for pair in pairs if pair[1] >= NEAR] for pairs in found]


def work_of(question: BankQuestion) -> str | None:
    """The profession as people name it; None: any work."""
    profession = bank.english().professions.get(question.profession)
    return profession.titles[0] if profession else None
