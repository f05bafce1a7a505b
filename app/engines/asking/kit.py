# ruff: noqa: E501 (patterns and word lists)
"""An interview kit out of the bank: which competencies a job needs, and the questions that ask for them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from app.engines.asking import bank
from app.engines.asking.bank import ANY, Bank, BankQuestion, Competency
from app.engines.asking.forbidden import forbidden
from app.engines.postings import skills
from app.ports.analysis import Analysis, Difficulty, KitProposal, ProposedDimension, ProposedQuestion

Embed = Callable[[Sequence[str]], npt.NDArray[np.float32]]

DIMENSIONS: Final = 5
QUESTIONS: Final = 6
PROFESSION_FROM: Final = 0.5
NEAR: Final = 0.04
ALIKE: Final = 0.8
CUES_THAT_COUNT: Final = 3
STEP: Final = 5
_LEADING: Final = frozenset({"lead", "executive"})
_FITTING: Final[dict[str, Difficulty]] = {
    "intern": "easy", "junior": "easy", "senior": "hard", "lead": "hard", "executive": "hard",
}  # fmt: skip
FITTING: Final = 0.05
SKILL: Final = "{skill}"
_NOT_A_DIMENSION: Final = frozenset({"motivation"})
_KNOWLEDGE: Final = "professional-knowledge"


@dataclass(frozen=True, slots=True)
class _Ranked:
    competency: Competency
    score: float


def propose(analysis: Analysis, text: str, embed: Embed, *, language: str = "en") -> KitProposal:
    if language == "hi":
        return _hindi(analysis)
    professions = professions_of(analysis, embed)
    named = _askable_skills(analysis)
    stock = _fillable(bank.english(), named)
    chosen = _dimensions(analysis, text, stock, professions, embed)
    questions = _questions(analysis, stock, professions, chosen, embed)
    return _proposal([ranked.competency for ranked in chosen], _weights([r.score for r in chosen]), questions, named)


def _fillable(stock: Bank, named: list[str]) -> Bank:
    """Questions about a skill are asked only where the advertisement names one."""
    return stock if named else replace(stock, questions=tuple(q for q in stock.questions if SKILL not in q.text))


def professions_of(analysis: Analysis, embed: Embed) -> list[str]:
    """The professions whose titles or work are nearest in meaning; none when the job is like none of them."""
    stock = bank.english()
    work = ". ".join((analysis.title, *analysis.responsibilities[:5]))
    title, body = embed([analysis.title or "work", work])
    scores = {}
    for key, profession in stock.professions.items():
        by_title = float((embed(profession.titles) @ title).max())
        by_work = float((embed([profession.about]) @ body)[0])
        scores[key] = 0.65 * by_title + 0.35 * by_work
    ordered = sorted(scores, key=lambda key: -scores[key])
    best = scores[ordered[0]]
    return [key for key in ordered[:2] if best >= PROFESSION_FROM and scores[key] >= best - NEAR]


def _dimensions(analysis: Analysis, text: str, stock: Bank, professions: list[str], embed: Embed) -> list[_Ranked]:
    own = {c for q in stock.questions if q.profession in professions for c in q.competencies}
    askable = own | {c for q in stock.questions if q.profession == ANY for c in q.competencies}
    lowered = text.casefold()
    passages = embed([analysis.title, *analysis.must_have[:12], *analysis.responsibilities[:12]])
    ranked = []
    for key in sorted(askable - _NOT_A_DIMENSION):
        competency = stock.competencies[key]
        vector = embed([f"{competency.name}: {competency.description}"])[0]
        near = float(np.sort(passages @ vector)[-3:].mean())
        cues = sum(cue in lowered for cue in competency.cues)
        score = near + 0.12 * min(cues, CUES_THAT_COUNT) + 0.3 * (key in own)
        ranked.append(_Ranked(competency, score + _rank_bonus(key, analysis)))
    ranked.sort(key=lambda one: (-one.score, one.competency.key))
    return ranked[:DIMENSIONS]


def _rank_bonus(key: str, analysis: Analysis) -> float:
    if key == "leadership":
        return 0.5 if analysis.seniority in _LEADING else -0.3
    return 0.35 if key == _KNOWLEDGE and analysis.must_have else 0.0


def _weights(scores: list[float]) -> list[int]:
    """Percents in steps of five that sum to 100, heavier for what the job asks for more."""
    total = sum(scores)
    weights = [max(2 * STEP, round(100 * score / total / STEP) * STEP) for score in scores]
    weights[0] += 100 - sum(weights)
    return weights


def _questions(
    analysis: Analysis, stock: Bank, professions: list[str], chosen: list[_Ranked], embed: Embed
) -> list[BankQuestion]:
    """First one question for each dimension, then second ones for the heaviest; none twice by meaning."""
    keys = [ranked.competency.key for ranked in chosen]
    work = embed([". ".join((analysis.title, *analysis.responsibilities[:6], *analysis.must_have[:8]))])[0]
    fits = [q for q in stock.questions if q.profession in (*professions, ANY) and set(q.competencies) & set(keys)]
    near = embed([f"{q.text} {q.shows}" for q in fits]) @ work
    worth = {
        q: float(n) + 0.35 * (q.profession in professions) + FITTING * fitting(q.difficulty, analysis)
        for q, n in zip(fits, near, strict=True)
    }
    taken: list[BankQuestion] = []
    for key in [*keys, *keys]:
        if len(taken) < QUESTIONS and (found := _best(key, worth, taken, embed)):
            taken.append(found)
    return taken


def fitting(difficulty: Difficulty, analysis: Analysis) -> bool:
    return difficulty == _FITTING.get(analysis.seniority or "", "medium")


def _best(key: str, worth: dict[BankQuestion, float], taken: list[BankQuestion], embed: Embed) -> BankQuestion | None:
    asked = embed([q.text for q in taken])
    kinds = [q.kind for q in taken]
    free = [
        q for q in worth if key in q.competencies and q not in taken and not (asked @ embed([q.text])[0] > ALIKE).any()
    ]
    first = [q for q in free if q.competencies[0] == key] or free
    return max(first, key=lambda q: (worth[q] - 0.06 * kinds.count(q.kind), q.text), default=None)


def _proposal(
    competencies: list[Competency], weights: list[int], questions: list[BankQuestion], named: list[str]
) -> KitProposal:
    names_of_skills = iter(named * QUESTIONS)
    names = {competency.key: competency.name for competency in competencies}
    return KitProposal(
        dimensions=tuple(
            ProposedDimension(competency.name, competency.description, weight, competency.anchors)
            for competency, weight in zip(competencies, weights, strict=True)
        ),
        questions=tuple(
            ProposedQuestion(
                text=filled(q.text, next(names_of_skills)) if SKILL in q.text else q.text,
                minutes=q.minutes,
                difficulty=q.difficulty,
                kind=q.kind,
                dimensions=tuple(names[key] for key in q.competencies if key in names),
                shows=q.shows,
            )
            for q in questions
        ),
    )


def filled(text: str, skill: str) -> str:
    return text.replace(SKILL, inside(skill))


def inside(skill: str) -> str:
    """As it stands within a sentence: "fault finding" but "Python" and "IV therapy"."""
    several = " " in skill and skill[1:] == skill[1:].lower()
    return skill[:1].lower() + skill[1:] if several else skill


_TOO_SOFT: Final = re.compile(
    r"communicat|team|leader|english|deutsch|german|french|spanish|hindi|organi|flexib|time manage|problem|licen[cs]e|degree|"
    r"attention|motivat|reliab|friendly|diploma|certificat|registr|apprentice|completed|assistant|qualif|discretion|"
    r"right to work",
    re.IGNORECASE,
)


def _askable_skills(analysis: Analysis) -> list[str]:
    """What a person does rather than is or holds: "soldering", not "reliability" and not a diploma."""
    named = [skill for skill in analysis.must_have if not _TOO_SOFT.search(skill) and _may_be_asked_about(skill)]
    return [skill for skill in named if skills.find(skill)] or named


def _may_be_asked_about(skill: str) -> bool:
    """An advertisement's own words stand in our question: "your age" as a skill would make it one that must not be asked."""
    texts = [q.text for q in (*bank.english().questions, *bank.hindi().questions) if SKILL in q.text]
    return not any(forbidden(filled(text, skill)) for text in texts)


def _hindi(analysis: Analysis) -> KitProposal:
    named = _askable_skills(analysis)
    stock = _fillable(bank.hindi(), named)
    competencies = list(stock.competencies.values())
    taken: list[BankQuestion] = []
    for key in (*stock.competencies, "gyan"):
        free = [q for q in stock.questions if key in q.competencies and q not in taken and "motivation" not in q.kind]
        taken.append(next(iter(sorted(free, key=lambda q: (q.competencies[0] != key, -(SKILL in q.text))))))
    proposal = _proposal(competencies, [competency.weight for competency in competencies], taken, named)
    return replace(proposal, language="hi")
