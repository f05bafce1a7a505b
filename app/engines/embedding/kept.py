"""Vectors of texts that never change, on disk beside the model that made them."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from app.engines.embedding.model import WEIGHTS_SHA256

Vectors = npt.NDArray[np.float32]


def kept_vectors(models_dir: Path, texts: tuple[str, ...], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """From the file of exactly these texts and this model, else made and kept. A broken file is made anew."""
    file = models_dir / _name(texts)
    try:
        vectors: Vectors = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        vectors = embed(texts)
        _keep(file, vectors)
    return vectors if len(vectors) == len(texts) else embed(texts)


def _name(texts: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join((WEIGHTS_SHA256, *texts)).encode()).hexdigest()
    return f"vectors-{digest[:16]}.npy"


def _keep(file: Path, vectors: Vectors) -> None:
    """Whole or not at all. Where the folder cannot be written, nothing is kept."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with unfinished.open("wb") as out:
            np.save(out, vectors, allow_pickle=False)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
