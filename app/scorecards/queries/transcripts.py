"""A transcript as one reads it: every question of the plan, what was said, and the quoted words marked."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from app.interviews.models import Interview, Turn
from app.ports.judging import span_of


@dataclass(frozen=True)
class Passage:
    text: str
    marked: bool


@dataclass(frozen=True)
class Line:
    """A question and its answer, by paragraphs. `number` None: the question was not asked."""

    question: int
    text: str
    number: int | None
    follow_up: bool
    answered: bool
    timed_out: bool
    paragraphs: list[list[Passage]]


def transcript(interview: Interview, turns: list[Turn], quoted: Iterable[tuple[int, str]] = ()) -> list[Line]:
    """In the plan's order, follow-ups after their question. `quoted` are (number of a turn, words)."""
    words: dict[int, list[str]] = {}
    for number, text in quoted:
        words.setdefault(number, []).append(text)
    lines = []
    for position, asked in enumerate(interview.plan["questions"]):
        found = [turn for turn in turns if turn.question == position]
        lines += [_line(turn, words.get(turn.number, [])) for turn in found]
        if not found:
            lines.append(Line(position + 1, asked["text"], None, False, False, False, []))
    return lines


def _line(turn: Turn, quotes: list[str]) -> Line:
    answer = turn.answer or ""
    return Line(
        turn.question + 1, turn.text, turn.number, turn.follow_up, bool(answer.strip()), turn.timed_out,
        marked(answer, quotes),
    )  # fmt: skip


def marked(answer: str, quotes: Iterable[str]) -> list[list[Passage]]:
    """Paragraphs of passages; those that hold quoted words are marked."""
    inside = [False] * len(answer)
    for start, end in (span for quote in quotes if (span := span_of(quote, answer))):
        inside[start:end] = [True] * (end - start)
    paragraphs, start = [], 0
    for paragraph in answer.splitlines(keepends=True):
        end = start + len(paragraph)
        if paragraph.strip():
            paragraphs.append(_passages(paragraph, inside[start:end]))
        start = end
    return paragraphs


def _passages(text: str, inside: list[bool]) -> list[Passage]:
    if True not in inside:
        return [Passage(text, marked=False)]
    found, start = [], 0
    for is_quoted, run in groupby(inside):
        end = start + sum(1 for _ in run)
        found.append(Passage(text[start:end], is_quoted))
        start = end
    return found
