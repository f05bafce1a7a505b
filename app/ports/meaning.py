"""What texts mean, as vectors of unit length that are near to each other where the texts are."""

from collections.abc import Sequence
from typing import Final, Protocol

from app.ports.matching import Track

LONGEST: Final = 500
MOST: Final = 8


class Meaning(Protocol):
    engine: str

    def knows(self, text: str) -> bool:
        """Whether it is in a language that the model knows."""
        ...

    def of(self, texts: Sequence[str]) -> list[list[float]]: ...


def passages_of(track: Track) -> list[str]:
    """What can be found of somebody: each job with what was done there, skills, studies. Nothing of who they are."""
    jobs: list[str] = []
    for claim in track.claims:
        if claim.what == "title" or (claim.what == "work" and not jobs):
            jobs.append(claim.text)
        elif claim.what == "work":
            jobs[-1] = f"{jobs[-1]}. {claim.text}"
    lists = [
        ", ".join(claim.text for claim in track.claims if claim.what in kinds)
        for kinds in ({"skill", "certificate", "language"}, {"study"})
    ]
    return [passage[:LONGEST] for passage in (*jobs[: MOST - 2], *lists) if passage]
