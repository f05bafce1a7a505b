"""Trains the reader of short answers: the sentence model's upper half, bent by low-rank matrices towards our grades.

uv run --with jax==0.10.2 --with optax==0.2.8 python -m training.marker: writes app/engines/judging/marker.npz, and prints
its hash. About half an hour of one core. Question, reference and answer are read as one text, so that each word of the
answer sees the reference (a cross-encoder, Nogueira and Cho 2019); the three upper layers get matrices of rank 16 beside their own
(LoRA, Hu et al. 2021); the mean over the answer's words is the grade.

A fifth of the questions is left out: by them `python -m training.answers` fits what the grade counts beside the other
measures. Questions near to one that is kept out of all (a cosine above 0.65) are not learned from.
"""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from safetensors.numpy import load_file

from app.engines.embedding.model import package_dir
from app.engines.judging.marker import FILE, PARTS, part_of
from training.lessons import Row, left_out, rows

RANK, LOW, LAYERS, HEADS, WIDTH = 16, 3, 6, 12, 384
EPOCHS, RATE, BATCH, TOGETHER = 3, 1.5e-3, 32, 8
DROPPED, DROPPED_LAST = 0.1, 0.2
LENGTHS = (64, 96, 184)
WEIGHTS = {
    name: jnp.asarray(value)
    for name, value in load_file(str(package_dir() / "model.safetensors")).items()
    if value.dtype != np.int64
}


def beginning(key: Any) -> dict[str, Any]:
    low_rank = {}
    for number in range(LOW, LAYERS):
        for part in PARTS:
            out, into = WEIGHTS[f"encoder.layer.{number}.{part}.weight"].shape
            key, one = jax.random.split(key)
            first = jax.random.normal(one, (into, RANK)) / np.sqrt(into)
            low_rank[f"{number}.{part}"] = {"a": first, "b": jnp.zeros((RANK, out))}
    return {"low_rank": low_rank, "parts": jnp.zeros((3, WIDTH)), "weight": jnp.zeros(WIDTH), "bias": jnp.zeros(())}


def _normed(state: Any, prefix: str) -> Any:
    mean = state.mean(-1, keepdims=True)
    spread = ((state - mean) ** 2).mean(-1, keepdims=True)
    return (state - mean) / jnp.sqrt(spread + 1e-12) * WEIGHTS[f"{prefix}.weight"] + WEIGHTS[f"{prefix}.bias"]


def _dropped(state: Any, key: Any, rate: float) -> Any:
    return state if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, state.shape), state / (1 - rate), 0)


def _layer(state: Any, keep_off: Any, number: int, low_rank: Any, keys: Iterator[Any]) -> Any:
    rows_, length, _ = state.shape
    prefix = f"encoder.layer.{number}."

    def linear(value: Any, part: str) -> Any:
        plain = value @ WEIGHTS[f"{prefix}{part}.weight"].T + WEIGHTS[f"{prefix}{part}.bias"]
        if low_rank is None:
            return plain
        beside = low_rank[f"{number}.{part}"]
        return plain + (value @ beside["a"]) @ beside["b"]

    def heads(value: Any) -> Any:
        return value.reshape(rows_, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

    query, key, value = (heads(linear(state, f"attention.self.{word}")) for word in ("query", "key", "value"))
    share = jax.nn.softmax(query @ key.transpose(0, 1, 3, 2) / np.sqrt(WIDTH // HEADS) + keep_off, -1)
    mixed = (share @ value).transpose(0, 2, 1, 3).reshape(rows_, length, WIDTH)
    out = _dropped(linear(mixed, "attention.output.dense"), next(keys), DROPPED)
    state = _normed(state + out, f"{prefix}attention.output.LayerNorm")
    wide = jax.nn.gelu(linear(state, "intermediate.dense"), approximate=False)
    return _normed(state + _dropped(linear(wide, "output.dense"), next(keys), DROPPED), f"{prefix}output.LayerNorm")


def _no_keys() -> Iterator[Any]:
    while True:
        yield None


@jax.jit
def lower(ids: Any, mask: Any) -> Any:
    """The lower half, which stays as it is: computed once a row."""
    found = WEIGHTS["embeddings.word_embeddings.weight"][ids]
    places = WEIGHTS["embeddings.position_embeddings.weight"][: ids.shape[1]]
    state = _normed(found + places + WEIGHTS["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for number in range(LOW):
        state = _layer(state, (1 - mask[:, None, None, :]) * -1e9, number, None, _no_keys())
    return state


def grades(bent: Any, states: Any, mask: Any, parts: Any, key: Any = None) -> Any:
    keys = iter(jax.random.split(key, 2 * LAYERS + 1)) if key is not None else _no_keys()
    state = states.astype(jnp.float32) + bent["parts"][parts]
    for number in range(LOW, LAYERS):
        state = _layer(state, (1 - mask[:, None, None, :]) * -1e9, number, bent["low_rank"], keys)
    answer = mask * (parts == 2)
    mean = (state * answer[..., None]).sum(1) / answer.sum(1, keepdims=True)
    return _dropped(mean, next(keys), DROPPED_LAST) @ bent["weight"] + bent["bias"]


def _loss(bent: Any, some: Any, key: Any) -> Any:
    """The distance from the grade, and half of that of each two answers of one question from their difference."""
    states, mask, parts, wanted, weight, same = some
    said = grades(bent, states, mask, parts, key)
    apart = (said[:, None] - said[None, :]) - (wanted[:, None] - wanted[None, :])
    alone = (weight * (said - wanted) ** 2).sum() / weight.sum()
    return alone + 0.5 * (same * apart**2).sum() / jnp.maximum(same.sum(), 1)


def _length(some: list[Row]) -> int:
    longest = max(len(row.tokens) for row in some)
    return next(length for length in LENGTHS if longest <= length)


def _ids(some: list[Row], length: int) -> tuple[Any, Any, Any]:
    ids, mask = np.zeros((len(some), length), np.int32), np.zeros((len(some), length), np.float32)
    parts = np.zeros((len(some), length), np.int32)
    for number, row in enumerate(some):
        end = len(row.tokens)
        ids[number, :end], mask[number, :end], parts[number, :end] = row.tokens, 1, part_of(row.tokens)
    return ids, mask, parts


def fill(some: list[Row]) -> None:
    for start in range(0, len(some), BATCH):
        batch = some[start : start + BATCH]
        ids, mask, _ = _ids(batch + [batch[0]] * (BATCH - len(batch)), LENGTHS[-1])
        found = np.asarray(lower(ids, mask)).astype(np.float16)
        for row, state in zip(batch, found, strict=False):
            row.states = state[: len(row.tokens)]


def _batch(some: list[Row]) -> tuple[Any, ...]:
    length = _length(some)
    _, mask, parts = _ids(some, length)
    states = np.zeros((len(some), length, WIDTH), np.float16)
    for number, row in enumerate(some):
        states[number, : len(row.tokens)] = row.states
    weight = np.array([row.weight for row in some], np.float32)
    asked = np.unique([row.question_id for row in some], return_inverse=True)[1]
    same = (asked[:, None] == asked[None, :]) * np.sqrt(weight[:, None] * weight[None, :])
    return states, mask, parts, np.array([row.grade for row in some], np.float32), weight, same.astype(np.float32)


def _batches(some: list[Row], chance: np.random.Generator) -> Iterator[list[Row]]:
    """Eight answers of each of four questions, without end."""
    by_question: dict[str, list[Row]] = {}
    for row in some:
        by_question.setdefault(row.question_id, []).append(row)
    waiting: list[Row] = []
    while True:
        groups = []
        for answers in by_question.values():
            order = [answers[place] for place in chance.permutation(len(answers))]
            groups += [order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER)]
        for place in chance.permutation(len(groups)):
            waiting += groups[place]
            while len(waiting) >= BATCH:
                yield waiting[:BATCH]
                waiting = waiting[BATCH:]


def trained(some: list[Row]) -> dict[str, Any]:
    steps = EPOCHS * (len(some) // BATCH + 1)
    pace = optax.warmup_cosine_decay_schedule(0, RATE, max(10, steps // 15), steps, RATE / 50)
    optimiser = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(pace, weight_decay=0.01))
    bent, key = beginning(jax.random.PRNGKey(0)), jax.random.PRNGKey(1)
    state = optimiser.init(bent)

    @jax.jit
    def step(bent: Any, state: Any, batch: Any, key: Any) -> Any:
        loss, slope = jax.value_and_grad(_loss)(bent, batch, key)
        change, state = optimiser.update(slope, state, bent)
        return optax.apply_updates(bent, change), state, loss

    said = 0.0
    for number, batch in enumerate(_batches(some, np.random.default_rng(0)), 1):
        key, one = jax.random.split(key)
        bent, state, loss = step(bent, state, _batch(batch), one)
        said += float(loss)
        if number % 20 == 0:
            print(f"{number} of {steps}: {said / 20:.4f}", flush=True)
            said = 0.0
        if number == steps:
            return jax.tree_util.tree_map(np.asarray, bent)
    raise AssertionError


def keep(bent: dict[str, Any], file: Path) -> None:
    """In half precision. The file has the time of its making in it: equal numbers are not equal files."""
    flat = {"parts": bent["parts"], "weight": bent["weight"], "bias": bent["bias"]}
    for name, beside in bent["low_rank"].items():
        flat[f"{name}.a"], flat[f"{name}.b"] = beside["a"], beside["b"]
    out = io.BytesIO()
    np.savez(out, **{name: np.asarray(flat[name], np.float16) for name in sorted(flat)})
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(out.getvalue())
    print(file, hashlib.sha256(out.getvalue()).hexdigest())


def main() -> None:
    some = rows()
    without = left_out(some)
    some = [row for row in some if row.question_id not in without]
    print(f"{len(some)} answers to {len({row.question_id for row in some})} questions", flush=True)
    fill(some)
    keep(trained(some), FILE)


if __name__ == "__main__":
    main()
