"""Reading jobs and proposing interviews without an account: the built-in engines behind the port."""

from pathlib import Path
from typing import Any

from app.ports.analysis import Analysis, KitProposal


class LocalAnalyst:
    engine = "assay-built-in/1"

    def __init__(self, models_dir: Path = Path("var/models")) -> None:
        self._models_dir = models_dir

    def analyse(self, text: str) -> Analysis:
        from app.engines.postings import analyse

        return analyse(text)

    def propose_kit(self, analysis: Analysis, text: str, *, language: str = "en") -> KitProposal:
        from app.engines.asking.kit import propose
        from app.engines.embedding import embedder

        return propose(analysis, text, embedder(self._models_dir).embed, language=language)


def analyse_file(file: str) -> dict[str, Any]:
    """What `flask postings analyse` prints for one file."""
    from app.engines import postings

    return postings.analyse_file(file)
