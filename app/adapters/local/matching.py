"""A resume beside a job without an account: the built-in engine behind the port."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.ports.matching import Finding, Requirements, Track


class LocalMatcher:
    engine = "assay-built-in/2"

    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    def match(self, requirements: Requirements, track: Track) -> tuple[Finding, ...]:
        from app.engines.matching import match

        return match(requirements, track, self._embed)

    def _embed(self, texts: Sequence[str]) -> Any:
        from app.engines.embedding import embedder

        return embedder(self._models_dir).embed(texts)
