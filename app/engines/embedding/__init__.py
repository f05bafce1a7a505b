"""Meaning as vectors: English sentences in, unit vectors out, on the processor, without network."""

import os
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from app.engines.embedding.kept import kept_vectors
from app.engines.embedding.model import DEFAULT_DIR, graph_file, package_dir

Vectors = npt.NDArray[np.float32]

WIDTH: Final = 384
MAX_TOKENS: Final = 256
BATCH: Final = 32
KEPT: Final = 8192
THREADS: Final = 2
SHORT: Final = 3
EVERYDAY: Final = 6000


class Embedder:
    """One loaded model. A text seen before keeps its vector, whatever it is batched with now."""

    def __init__(self, models_dir: Path = DEFAULT_DIR, *, threads: int = THREADS) -> None:
        self._session = session_of(graph_file(models_dir), threads)
        self._tokenizer = _tokenizer(package_dir() / "tokenizer.json")
        self._seen: OrderedDict[str, Vectors] = OrderedDict()
        self._known: dict[str, Vectors] = {}
        self._dir = models_dir
        self._lock = Lock()

    def know(self, texts: tuple[str, ...]) -> None:
        """Texts of ours that never change: their vectors are made once an installation and lie beside the model."""
        if texts and texts[-1] not in self._known:
            vectors = kept_vectors(self._dir, texts, self.embed)
            self._known.update(zip(texts, vectors, strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, of unit length; texts beyond 256 tokens are read that far."""
        if not texts:
            return np.zeros((0, WIDTH), dtype=np.float32)
        with self._lock:
            self._fill([text for text in dict.fromkeys(texts) if text not in self._seen and text not in self._known])
            rows = np.stack([self._known[text] if text in self._known else self._seen[text] for text in texts])
            while len(self._seen) > KEPT:
                self._seen.popitem(last=False)
        return rows

    def in_context(self, text: str) -> tuple[list[tuple[int, int]], Vectors]:
        """Where each piece of a word stands in the text, and what it means there: a row of unit length each."""
        read = self._tokenizer.encode(text)
        last = sum(read.attention_mask) - 1
        (rows,) = self._session.run(["tokens"], _inputs([read]))
        vectors: Vectors = np.round(rows[0][1:last], 5).astype(np.float32)
        return read.offsets[1:last], vectors

    def rare(self, words: Iterable[str]) -> frozenset[str]:
        """Words outside everyday English: the model's vocabulary is ordered by frequency and cuts the rest up."""
        return frozenset(word for word in words if self._is_rare(word))

    def _is_rare(self, word: str) -> bool:
        ids = self._tokenizer.encode(word, add_special_tokens=False).ids
        return len(word) > SHORT and word.isalpha() and (len(ids) > 1 or ids[0] > EVERYDAY)

    def _fill(self, texts: list[str]) -> None:
        by_length = sorted(texts, key=len)
        for start in range(0, len(by_length), BATCH):
            batch = by_length[start : start + BATCH]
            for text, vector in zip(batch, self._run(batch), strict=True):
                self._seen[text] = vector

    def _run(self, batch: list[str]) -> Vectors:
        (vectors,) = self._session.run(["embedding"], _inputs(self._tokenizer.encode_batch(batch)))
        rounded: Vectors = np.round(vectors, 5).astype(np.float32)
        return rounded


def _inputs(read: Sequence[Any]) -> dict[str, npt.NDArray[np.int64]]:
    return {
        "input_ids": np.array([row.ids for row in read], dtype=np.int64),
        "attention_mask": np.array([row.attention_mask for row in read], dtype=np.int64),
    }


@cache
def embedder(models_dir: Path = DEFAULT_DIR) -> Embedder:
    """The process's one model for this directory: 90 MB that every engine shares."""
    return Embedder(models_dir)


def session_of(graph: Path, threads: int = THREADS) -> Any:
    os.putenv("ORT_DISABLE_TELEMETRY", "1")  # set for the library below us, not read
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def _tokenizer(file: Path) -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()
    return tokenizer
