"""What to ask one person: where their resume meets the job, each question with the line that it refers to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from app.engines.asking import bank
from app.engines.asking.bank import BankQuestion, Competency, PersonalQuestion
from app.engines.asking.forbidden import forbidden
from app.engines.asking.kit import ALIKE, FITTING, SKILL, Embed, fitting, inside, professions_of
from app.engines.asking.passages import Passage, missing, passages
from app.ports.analysis import Analysis, KitProposal, ProposedQuestion, ResumeLine

QUESTIONS: Final = 6
REFERRING: Final = 0.6
MEETS: Final = 0.33
MISSING: Final = 0.35
MET: Final = 0.05
SAME_WORDS: Final = 0.6
QUOTE: Final = "{quote}"
_LEAD_IN: Final = "You write “{quote}”. "
_AGAIN: Final = 0.12
_TELLS_LESS: Final = {"job": -0.2, "training": -0.2, "skill": 0.05}


@dataclass(frozen=True, slots=True)
class _Draft:
    """`bare` is the question without the person's words: what two of them have in common."""

    question: ProposedQuestion
    bare: str
    source: str
    worth: float


def propose(
    analysis: Analysis, kit: KitProposal, resume: dict[str, Any], text: str, embed: Embed
) -> tuple[ProposedQuestion, ...]:
    """Best first. None twice by meaning, none that the kit has already, none that must not be asked."""
    wanted = (*analysis.must_have, *analysis.nice_to_have)
    found = passages(resume, text, wanted)
    naming = _Naming(kit, embed)
    drafts = [
        *_about_passages(analysis, found, kit.language, naming, embed),
        *_about_missing(analysis, text, kit.language, naming),
    ]
    if kit.language == "en":
        drafts += _from_bank(analysis, found, naming, embed)
    alike = _Alike(embed, by_meaning=kit.language == "en")
    return tuple(_chosen(drafts, [question.text for question in kit.questions], alike))


def referring(questions: Sequence[ProposedQuestion], text: str) -> float:
    """The part of them that refers to a line which stands in the resume and whose words the question has; 0 of none."""
    lines = text.split("\n")
    return sum(_refers(question, lines) for question in questions) / max(len(questions), 1)


def _refers(question: ProposedQuestion, lines: list[str]) -> bool:
    line = question.refers_to
    if line is None or not 0 < line.number <= len(lines) or lines[line.number - 1] != line.text:
        return False
    quoted = question.text.partition("“")[2].partition("”")[0].casefold().split()
    return bool(quoted) and quoted[0].strip(".,;:") in line.text.casefold()


class _Naming:
    """Which criteria of the kit a competency of ours stands for: of the same name, else the nearest in meaning."""

    def __init__(self, kit: KitProposal, embed: Embed) -> None:
        stock = bank.hindi() if kit.language == "hi" else bank.english()
        self._competencies, self._dimensions, self._embed = stock.competencies, kit.dimensions, embed

    def __call__(self, keys: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._one(self._competencies[key]) for key in keys[:2])) if self._dimensions else ()

    def _one(self, competency: Competency) -> str:
        names = [dimension.name for dimension in self._dimensions]
        if competency.name in names:
            return competency.name
        texts = [f"{dimension.name}: {dimension.description}" for dimension in self._dimensions]
        near = self._embed(texts) @ self._embed([f"{competency.name}: {competency.description}"])[0]
        return names[int(near.argmax())]


def _relevance(analysis: Analysis, found: list[Passage], embed: Embed) -> dict[Passage, float]:
    """How near each passage is to the work of the job."""
    work = embed([". ".join((analysis.title, *analysis.responsibilities[:6], *analysis.must_have[:8]))])[0]
    return dict(zip(found, map(float, embed([passage.quote for passage in found]) @ work), strict=True))


def _about_passages(
    analysis: Analysis, found: list[Passage], language: str, naming: _Naming, embed: Embed
) -> Iterator[_Draft]:
    near = _relevance(analysis, found, embed)
    for asked in bank.personal(language):
        for passage in found:
            if asked.what == passage.what:
                text = asked.text.replace(SKILL, inside(passage.skill)).replace(QUOTE, passage.quote)
                worth = near[passage] + _TELLS_LESS.get(asked.what, 0) + FITTING * fitting(asked.difficulty, analysis)
                yield _Draft(_question(asked, text, passage.line, naming), asked.text, asked.what, worth)


def _about_missing(analysis: Analysis, text: str, language: str, naming: _Naming) -> Iterator[_Draft]:
    for asked in bank.personal(language):
        if asked.what == "missing":
            for skill in missing(text, analysis.must_have):
                question = _question(asked, asked.text.replace(SKILL, inside(skill)), None, naming)
                yield _Draft(question, asked.text, asked.what, MISSING)


def _from_bank(analysis: Analysis, found: list[Passage], naming: _Naming, embed: Embed) -> Iterator[_Draft]:
    """Questions of the job's own professions, each with the passage that it meets best, if one is near enough."""
    professions = professions_of(analysis, embed)
    fits = [q for q in bank.english().questions if q.profession in professions]
    told = [passage for passage in found if passage.what in {"figure", "lead", "change", "task"}]
    if not fits or not told:
        return
    near = embed([f"{q.text} {q.shows}" for q in fits]) @ embed([passage.quote for passage in told]).T
    for question, row in zip(fits, near, strict=True):
        best = int(np.argmax(row))
        if row[best] >= MEETS and SKILL not in question.text:
            text = _LEAD_IN.replace(QUOTE, told[best].quote) + question.text
            worth = float(row[best]) + MET + FITTING * fitting(question.difficulty, analysis)
            yield _Draft(_question(question, text, told[best].line, naming), question.text, "bank", worth)


def _question(
    asked: BankQuestion | PersonalQuestion, text: str, line: ResumeLine | None, naming: _Naming
) -> ProposedQuestion:
    return ProposedQuestion(
        text=text, minutes=asked.minutes, kind=asked.kind, dimensions=naming(asked.competencies), shows=asked.shows,
        difficulty=asked.difficulty, refers_to=line,
    )  # fmt: skip


class _Alike:
    """By meaning in English, the only language that the model knows; by words in others."""

    def __init__(self, embed: Embed, *, by_meaning: bool) -> None:
        self._embed, self._by_meaning = embed, by_meaning

    def __call__(self, text: str, others: list[str]) -> bool:
        if self._by_meaning:
            return bool(others) and bool((self._embed(others) @ self._embed([text])[0] > ALIKE).any())
        return any(_shared(set(text.split()), set(other.split())) > SAME_WORDS for other in others)


def _shared(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def _chosen(drafts: list[_Draft], asked: list[str], alike: _Alike) -> Iterator[ProposedQuestion]:
    """Greedily; each line and each question of ours once, and of one source the less the more it has given."""
    taken: list[_Draft] = []
    free = [draft for draft in drafts if forbidden(draft.question.text) is None]
    while len(taken) < QUESTIONS and (free := [draft for draft in free if _may_follow(draft, taken, asked, alike)]):
        allowed = [draft for draft in free if draft.question.refers_to or _room_for_others(taken)]
        if not allowed:
            return
        best = max(allowed, key=lambda draft: (_now_worth(draft, taken), draft.question.text))
        taken.append(best)
        yield best.question


def _room_for_others(taken: list[_Draft]) -> bool:
    referring_now = sum(draft.question.refers_to is not None for draft in taken)
    return referring_now >= REFERRING * (len(taken) + 1)


def _now_worth(draft: _Draft, taken: list[_Draft]) -> float:
    return draft.worth - _AGAIN * sum(draft.source == other.source for other in taken)


def _may_follow(draft: _Draft, taken: list[_Draft], asked: list[str], alike: _Alike) -> bool:
    lines = {other.question.refers_to for other in taken if other.question.refers_to}
    if draft.question.refers_to in lines or any(draft.bare == other.bare for other in taken):
        return False
    return not alike(draft.bare, [*asked, *(other.bare for other in taken)])
