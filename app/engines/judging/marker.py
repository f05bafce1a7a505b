"""A trained reader of short answers: question, reference and answer read as one text, and a grade for the answer.

The sentence model's three upper layers with low-rank matrices beside their own (marker.npz, made by `python -m
training.marker` from answers that the project wrote and graded). It knows nothing but these three texts; what it says
is one measure beside others, and moves no quote.
"""

import hashlib
import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from app.engines.embedding import session_of
from app.engines.embedding.graph import Bent
from app.engines.embedding.model import DEFAULT_DIR, WEIGHTS_SHA256, kept_graph, package_dir, package_weights
from app.kernel.errors import Refused

FILE: Final = Path(__file__).with_name("marker.npz")
SHA256: Final = "909319e9bddb3410627517045cae90d76980227b1478bc58e61a504351e3e18d"
GRAPH_FILE: Final = f"marker-{SHA256[:12]}-{WEIGHTS_SHA256[:12]}-1.onnx"  # the last part: how it is built
PARTS: Final = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip
QUESTION, REFERENCE, ANSWER = 32, 64, 80  # tokens: the end of a question, the beginnings of the others
BETWEEN: Final = "[SEP]"


class Marker:
    """One loaded model: 90 MB in a process that marks short answers, on disk once an installation."""

    def __init__(self, models_dir: Path = DEFAULT_DIR) -> None:
        self._session = session_of(kept_graph(models_dir, GRAPH_FILE, _built))

    def grade(self, question: str, reference: str, answer: str) -> float:
        """From about 0 to 1, as people would grade it; words beyond 80 tokens of an answer are not read."""
        tokens = encoded(question, reference, answer)
        inputs = {"input_ids": tokens, "attention_mask": [1] * len(tokens), "parts": part_of(tokens)}
        (grades,) = self._session.run(["grade"], {name: np.array([row], np.int64) for name, row in inputs.items()})
        return round(float(grades[0]), 5)


@cache
def marker(models_dir: Path = DEFAULT_DIR) -> Marker:
    return Marker(models_dir)


def _built() -> bytes:
    """Raises Refused where marker.npz is not the one that was measured."""
    from app.engines.embedding.graph import build_marker

    data = FILE.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != SHA256:
        raise Refused("model-changed", f"{FILE.name} has sha256 {found}, measured was {SHA256}")
    weights, shape = package_weights()
    model = build_marker(weights, learned(data), layers=shape.layers, heads=shape.heads, width=shape.width)
    serialised: bytes = model.SerializeToString()
    return serialised


def learned(data: bytes) -> Bent:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        values = {name: arrays[name].astype(np.float32) for name in arrays.files}
    names = sorted({name[:-2] for name in values if name.endswith((".a", ".b"))})
    beside = {name: (values[f"{name}.a"], values[f"{name}.b"]) for name in names}
    low = min(int(name.partition(".")[0]) for name in names)
    return Bent(low, beside, values["parts"], values["weight"], values["bias"])


@cache
def _tokenizer() -> Any:
    """Without the limits and the padding that the sentence model's own has."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(package_dir() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    tokenizer.encode_special_tokens = True  # who writes "[SEP]" writes a word
    return tokenizer


def encoded(question: str, reference: str, answer: str) -> list[int]:
    first, between = (_tokenizer().token_to_id(word) for word in ("[CLS]", BETWEEN))
    asked, wanted, said = (
        _tokenizer().encode(text, add_special_tokens=False).ids for text in (question, reference, answer)
    )
    return [first, *asked[-QUESTION:], between, *wanted[:REFERENCE], between, *said[:ANSWER], between]


def part_of(tokens: Sequence[int]) -> list[int]:
    """0 for the question, 1 for the reference, 2 for the answer; each with the sign that ends it."""
    between, found, part = _tokenizer().token_to_id(BETWEEN), [], 0
    for token in tokens:
        found.append(part)
        part = min(part + (token == between), 2)
    return found
