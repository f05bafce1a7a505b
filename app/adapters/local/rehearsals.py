"""Reports of rehearsals as `flask interviews run` leaves them in the data folder: named by the report, in the clear."""

import uuid
from collections.abc import Iterable
from pathlib import Path


def folder_in(data_dir: Path) -> Path:
    return data_dir / "rehearsals"


def keep(data_dir: Path, report: uuid.UUID, pdf: bytes) -> Path:
    folder_in(data_dir).mkdir(parents=True, exist_ok=True)
    file = folder_in(data_dir) / f"{report}.pdf"
    file.write_bytes(pdf)
    return file.resolve()


def forget(data_dir: Path, reports: Iterable[uuid.UUID]) -> int:
    """Delete those of them that there are, and say how many that were."""
    files = [file for each in reports if (file := folder_in(data_dir) / f"{each}.pdf").exists()]
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)
