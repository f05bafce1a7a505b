"""Reading jobs and proposing interviews without an account: the built-in engines behind the port."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.ports.analysis import Analysis, KitProposal, ProposedQuestion, Topic


class LocalAnalyst:
    engine = "assay-built-in/1"

    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    def analyse(self, text: str) -> Analysis:
        from app.engines.postings import analyse

        return analyse(text)

    def propose_kit(self, analysis: Analysis, text: str, *, language: str = "en") -> KitProposal:
        from app.engines.asking.kit import propose

        return propose(analysis, text, self._embed, language=language)

    def propose_questions(
        self, analysis: Analysis, kit: KitProposal, resume: dict[str, Any], text: str
    ) -> tuple[ProposedQuestion, ...]:
        from app.engines.asking.tailored import propose

        return propose(analysis, kit, resume, text, self._embed)

    def must_not_ask(self, question: str) -> Topic | None:
        from app.engines.asking.forbidden import forbidden

        found = forbidden(question)
        return found.topic if found else None

    def _embed(self, texts: Sequence[str]) -> Any:
        """By a model that knows the bank already."""
        from app.engines.asking import bank
        from app.engines.embedding import embedder

        model = embedder(self._models_dir)
        model.know(bank.texts())
        return model.embed(texts)


def analyse_file(file: str) -> dict[str, Any]:
    """What `flask postings analyse` prints for one file."""
    from app.engines import postings

    return postings.analyse_file(file)
