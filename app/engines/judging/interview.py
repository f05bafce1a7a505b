"""Judging interview answers on one dimension, without a language model.

An answer is worth what it brings: own steps, detail, reasons, results, and how far it covers what the dimension
and the question ask for. Each of these is full after a few distinct pieces of evidence, so length adds nothing;
what does not bear on the question, repeats it, or repeats itself is no evidence at all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from app.engines.judging import evidence
from app.engines.judging.blind import about_oneself, blind
from app.engines.judging.evidence import Signs
from app.engines.judging.instructions import parted
from app.engines.judging.pieces import Piece, content, words
from app.ports.judging import AnswerTurn, JudgeFlag, JudgeRequest, fold

Vectors = npt.NDArray[np.float32]


class Meaning(Protocol):
    """What the embedding model offers."""

    def embed(self, texts: Sequence[str]) -> Vectors: ...

    def rare(self, words: Iterable[str]) -> frozenset[str]: ...

    def in_context(self, text: str) -> tuple[list[tuple[int, int]], Vectors]: ...


NO_ANSWER_SCORE: Final = 0.04
OFF_TOPIC_SCORE: Final = 0.08
REPEATED_SCORE: Final = 0.02
FLOOR, CEILING = 0.10, 0.97
POOR, EMPTY = 0.75, 0.6
WEIGHTS: Final = {"steps": 0.30, "detail": 0.22, "reason": 0.15, "result": 0.23, "covers": 0.10}
QUOTES: Final = 3
BEARS_FROM, BEARS_FULL = 0.12, 0.22
ECHO: Final = 0.8
TWIN: Final = 0.93


LEISURE: Final = (
    "a hobby in my free time at the weekend",
    "football, sport, games and clubs",
    "a recipe for cooking or baking food at home",
    "a holiday trip to another country",
    "my family, my children and my pets",
    "the weather and the garden",
    "films, series, music and books",
    "history, politics and news",
    "a joke or a funny story",
    "shopping, a new phone, a car, my flat",
)
WORK: Final = (
    "nursing and treating patients on a ward",
    "caring for elderly or disabled people",
    "teaching pupils and students",
    "writing and running software and databases",
    "analysing data and writing reports",
    "repairing machines, vehicles and electrical installations",
    "building houses and installing equipment on a site",
    "running an office, calendars, invoices and files",
    "serving customers and guests, complaints and sales",
    "managing a project, a budget and a team",
    "public administration, applications and law",
    "cooking in a restaurant kitchen",
    "driving, warehouse, orders and deliveries",
    "laboratory experiments and quality control",
    "cleaning, guarding and looking after buildings",
    "marketing, design and communication",
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One sentence as evidence: how near it is to what was asked, and what it brings."""

    piece: Piece
    near: float
    signs: Signs

    @property
    def worth(self) -> float:
        brings = self.signs
        found = (
            min(brings.own, 1)
            + min(len(brings.actions), 2) * 0.6
            + min(brings.numbers + brings.names, 2) * 0.5
            + min(brings.reasons, 1) * 0.6
            + min(brings.results + brings.checks, 2) * 0.6
            + min(len(brings.terms), 3) * 0.3
            - 0.8 * (brings.poor + brings.empty)
        )
        return self.near * (0.6 + max(found, 0.0))


@dataclass(frozen=True, slots=True)
class Unit:
    """A question with its answer and that of its follow-ups, judged together."""

    value: float
    state: str
    evidence: tuple[Weighed, ...]
    weak: tuple[Piece, ...]
    brings: dict[str, float]


def flags_and_pieces(turn: AnswerTurn, meaning: Meaning) -> tuple[list[str], list[JudgeFlag]]:
    kept, ordered = parted(turn.answer, meaning.embed)
    return kept, [JudgeFlag("instruction-like", turn.number, text) for text in ordered]


def units(request: JudgeRequest, meaning: Meaning) -> tuple[list[Unit], list[JudgeFlag]]:
    flags: list[JudgeFlag] = []
    found: list[Unit] = []
    seen: set[str] = set()
    for group in _groups(request.turns):
        pieces: list[Piece] = []
        for turn in group:
            kept, raised = flags_and_pieces(turn, meaning)
            pieces += [Piece(text, turn.number) for text in kept]
            flags += raised
        fresh = [piece for piece in pieces if fold(piece.text) not in seen]
        seen |= {fold(piece.text) for piece in pieces if len(words(piece.text)) > 3}  # noqa: PLR2004
        if len(fresh) < len(pieces):
            flags.append(JudgeFlag("repeated-text", group[0].number, next(p.text for p in pieces if p not in fresh)))
        if group_said := [turn for turn in group if turn.answer.strip()]:
            found.append(_unit(request, group_said, fresh, pieces, meaning))
    return found, flags


def _groups(turns: Sequence[AnswerTurn]) -> list[list[AnswerTurn]]:
    """Follow-ups join the question they belong to."""
    groups: dict[int, list[AnswerTurn]] = {}
    for turn in turns:
        parent = turn.number if turn.follow_up_of is None else turn.follow_up_of
        groups.setdefault(parent if parent in groups else turn.number, []).append(turn)
    return list(groups.values())


def _unit(
    request: JudgeRequest, group: list[AnswerTurn], fresh: list[Piece], pieces: list[Piece], meaning: Meaning
) -> Unit:
    question = " ".join(turn.question for turn in group)
    telling = [piece for piece in fresh if not _echo(piece.text, question)]
    telling = [piece for piece in telling if not about_oneself(piece.text)] or telling
    if not telling:
        weak = pieces or [Piece(turn.answer.strip(), turn.number) for turn in group]
        return Unit(REPEATED_SCORE, "repeated" if pieces else "orders", (), tuple(weak[:1]), {})
    if all(evidence.no_answer(p.text) for p in telling) or evidence.no_answer(" ".join(p.text for p in telling)):
        return Unit(NO_ANSWER_SCORE, "no-answer", (), tuple(telling[:1]), {})
    return _weigh(request, group, telling, meaning)


def _echo(sentence: str, question: str) -> bool:
    """The question said back."""
    said, asked = set(content(sentence)), set(content(question))
    return bool(said) and len(said & asked) / len(said) >= ECHO and len(said - asked) <= 1 and len(said) > 1


def _weigh(request: JudgeRequest, group: list[AnswerTurn], telling: list[Piece], meaning: Meaning) -> Unit:
    question = group[0].question
    topic = f"{request.dimension}. {request.description}"
    said = [blind(piece.text) for piece in telling]
    vectors = meaning.embed([question, topic, " ".join(said), *said])
    asked, wanted, whole, rows = vectors[0], vectors[1], vectors[2], vectors[3:]
    bears = _ramp(bearing(request, vectors, meaning), BEARS_FROM, BEARS_FULL)
    if bears == 0:
        return Unit(OFF_TOPIC_SCORE, "off-topic", (), tuple(telling[:1]), {})
    known = frozenset(content(question))
    rare = meaning.rare({word for text in said for word in words(text)})
    weighed = tuple(
        Weighed(piece, _near(row, asked, wanted, whole), evidence.signs(text, known, rare))
        for piece, text, row in zip(telling, said, rows, strict=True)
    )
    weighed = _without_twins(weighed, rows)
    brings = _brings(weighed, request, question, rows, meaning)
    return Unit(_value(brings, bears), "answered", weighed, tuple(telling[:1]), brings)


def bearing(request: JudgeRequest, vectors: Vectors, meaning: Meaning) -> float:
    """How far an answer bears on what was asked.

    A concrete story shares little with an abstract question, and a hobby shares as much: so nearness to question,
    dimension and anchors is set against nearness to leisure, and helped by nearness to any kind of work.
    """
    asked, wanted, whole, rows = vectors[0], vectors[1], vectors[2], vectors[3:]
    anchors = meaning.embed([anchor for anchor in request.anchors[1:] if anchor] or [request.dimension])
    near = max(
        float(whole @ asked),
        float((rows @ asked).max()),
        0.9 * float(max((rows @ wanted).max(), whole @ wanted)),
        0.8 * float((anchors @ whole).max()),
    )
    leisure = float((meaning.embed(LEISURE) @ whole).max())
    work = float((meaning.embed(WORK) @ whole).max())
    return near - 0.7 * max(leisure - 0.1, 0.0) + 0.3 * (work - 0.2)


def _near(row: Vectors, asked: Vectors, wanted: Vectors, whole: Vectors) -> float:
    """A short sentence ("I called the doctor at once.") is near through the answer that it stands in."""
    return max(0.05, 0.5 * max(float(row @ asked), float(row @ wanted)) + 0.5 * float(row @ whole))


def _without_twins(weighed: tuple[Weighed, ...], rows: Vectors) -> tuple[Weighed, ...]:
    """A sentence that says what an earlier one said brings nothing new."""
    likeness = rows @ rows.T
    return tuple(w for i, w in enumerate(weighed) if not any(likeness[i, j] > TWIN for j in range(i)))


def _brings(
    weighed: tuple[Weighed, ...], request: JudgeRequest, question: str, rows: Vectors, meaning: Meaning
) -> dict[str, float]:
    counted = [w.signs for w in weighed if not w.signs.listed]
    actions = frozenset().union(*(s.actions for s in counted))
    terms = frozenset().union(*(s.terms for s in counted))
    own = sum(min(s.own, 2) for s in counted)
    facets = _facets(request, question)
    covered = meaning.embed(facets) @ rows.T if facets else np.zeros((1, 1), dtype=np.float32)
    said = max(sum(len(words(w.piece.text)) > 2 for w in weighed), 1)  # noqa: PLR2004
    return {
        "steps": 0.4 * _full(own, 3) + 0.6 * _full(len(actions), 5),
        "detail": 0.6 * _full(sum(min(s.numbers + s.names, 3) for s in counted), 3) + 0.4 * _full(len(terms), 6),
        "reason": _full(sum(min(s.reasons, 2) for s in counted), 2),
        "result": _full(sum(min(s.results + s.checks + 0.5 * s.others, 2) for s in counted), 3),
        "covers": float(np.clip((covered.max(axis=1) - 0.15) / 0.3, 0, 1).mean()),
        "poor": min(1.0, sum(s.poor for s in counted) * 1.5 / max(said, 2)),
        "empty": min(1.0, sum(min(w.signs.empty, 2) + 2 * w.signs.listed for w in weighed) / max(said, 2)),
    }


def _facets(request: JudgeRequest, question: str) -> list[str]:
    parts = [part.strip() for part in request.description.replace(" and ", ", ").rstrip(".").split(",")]
    return [*(part for part in parts if len(part.split()) > 1), question]


def _value(brings: dict[str, float], bears: float) -> float:
    quality = sum(weight * brings[name] for name, weight in WEIGHTS.items())
    kept = (1 - POOR * brings["poor"]) * (1 - EMPTY * brings["empty"])
    return FLOOR + (CEILING - FLOOR) * quality * kept * bears


def _full(count: float, enough: float) -> float:
    return min(1.0, count / enough)


def _ramp(value: float, low: float, high: float) -> float:
    return float(min(1.0, max(0.0, (value - low) / (high - low))))
