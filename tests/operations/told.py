"""What the documents and the processes say that there is to measure."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import REGISTRY

import asgi
from app.adapters import counting
from app.web import health
from jobs import metrics
from jobs.backlog import Backlog

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = ROOT / "docs/operations.md"
LOADED = (asgi, counting, health, metrics)
SAMPLE_ENDINGS = ("_bucket", "_count", "_sum")


@cache
def documented() -> set[str]:
    """First columns of the tables."""
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", OPERATIONS.read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([a-z_]+)`", row) if not name.isupper()}


@cache
def existing() -> set[str]:
    """What the code registers, by the name of its samples but for a histogram's endings."""
    families = [family for family in REGISTRY.collect() if family.name.startswith("assay_")] + list(Backlog().collect())
    return {family.name + ("_total" if family.type == "counter" else "") for family in families}


def used_in(expression: str) -> set[str]:
    """The metrics of a PromQL expression: words that are no function, keyword, label or string."""
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^]]*\]|\b(by|without|on|ignoring|group_left)\s*\([^)]*\)', " ", expression)
    words = re.findall(r"\b[a-z_][a-z0-9_]*\b(?!\s*\()", bare)
    return {_family(word) for word in words} - {"and", "or", "unless", "bool", "offset"}


def _family(sample: str) -> str:
    ending = next((each for each in SAMPLE_ENDINGS if sample.endswith(each)), "")
    bare = sample.removesuffix(ending)
    return bare if ending and bare in existing() else sample


@cache
def alerts() -> dict[str, dict[str, Any]]:
    rules = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())
    return {rule["alert"]: rule for group in rules["groups"] for rule in group["rules"]}
