"""Judging without an account: the built-in evaluator behind the port."""

from pathlib import Path
from typing import Any

from app.ports.judging import Judgement, JudgeRequest, checked


class LocalJudge:
    engine = "assay-built-in/1"
    metered = False

    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    @property
    def prompt_version(self) -> str:
        from app.engines.judging import RULES

        return RULES

    def judge(self, request: JudgeRequest) -> Judgement:
        from app.engines.embedding import embedder
        from app.engines.judging import judge

        return checked(judge(request, embedder(self._models_dir)), request)

    def score_answer(self, answer_id: str | int, question: str, reference: str | None, answer: str) -> dict[str, Any]:
        """One line of `flask answers score`: `score` is None only for a blank answer or an unmeasured language."""
        from app.engines.embedding import embedder
        from app.engines.judging.marker import marker
        from app.engines.judging.short import score_answer

        known = embedder(self._models_dir)
        scored = score_answer(question, reference, answer, known, lambda: marker(self._models_dir))
        return {"id": answer_id, **scored, "engine": self.engine}
