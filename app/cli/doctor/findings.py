"""What the doctor says."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    check: str
    ok: bool
    says: str

    def told(self) -> dict[str, Any]:
        return asdict(self)


def well(check: str, says: str) -> Finding:
    return Finding(check, ok=True, says=says)


def wrong(check: str, says: str) -> Finding:
    return Finding(check, ok=False, says=says)
