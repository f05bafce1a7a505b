"""Stands before whoever proposes questions, the bank or an LLM: what must not be asked reaches no kit."""

from dataclasses import replace
from typing import Any

from app.ports.analysis import Analysis, Analyst, KitProposal, ProposedQuestion, Topic

FEWEST = 4


class CheckedAnalyst:
    """`bank` proposes in the place of `analyst` where too little of its kit may be asked."""

    def __init__(self, analyst: Analyst, bank: Analyst) -> None:
        self.engine = analyst.engine
        self._analyst, self._bank = analyst, bank

    def analyse(self, text: str) -> Analysis:
        return self._analyst.analyse(text)

    def propose_kit(self, analysis: Analysis, text: str, *, language: str = "en") -> KitProposal:
        proposed = self._analyst.propose_kit(analysis, text, language=language)
        kit = replace(proposed, questions=self._permitted(proposed.questions))
        return kit if _whole(kit) else self._bank.propose_kit(analysis, text, language=language)

    def propose_questions(
        self, analysis: Analysis, kit: KitProposal, resume: dict[str, Any], text: str
    ) -> tuple[ProposedQuestion, ...]:
        return self._permitted(self._analyst.propose_questions(analysis, kit, resume, text))

    def must_not_ask(self, question: str) -> Topic | None:
        return self._bank.must_not_ask(question)

    def _permitted(self, questions: tuple[ProposedQuestion, ...]) -> tuple[ProposedQuestion, ...]:
        return tuple(question for question in questions if self.must_not_ask(question.text) is None)


def _whole(kit: KitProposal) -> bool:
    asked = {name for question in kit.questions for name in question.dimensions}
    return len(kit.questions) >= FEWEST and asked == {dimension.name for dimension in kit.dimensions}
