"""Branches covered where a mistake costs most: commands, access, tenants, jobs; at least 90 of 100 of each.

Run: python -m tests.architecture.coverage coverage.json
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LEAST = 90.0
GROUPS = {
    "commands": re.compile(r"app/.+/commands(/.+)?\.py"),
    "access": re.compile(r"app/.+/access\.py"),
    "tenants": re.compile(r"tenants/.+\.py"),
    "jobs": re.compile(r"jobs/.+\.py"),
}


def counted(files: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Covered branches and all branches of each group."""
    found = dict.fromkeys(GROUPS, (0, 0))
    for path, measured in files.items():
        said = measured["summary"]
        for name in (name for name, pattern in GROUPS.items() if pattern.fullmatch(path)):
            covered, every = found[name]
            found[name] = covered + said["covered_branches"], every + said["num_branches"]
    return found


def main(report: Path) -> int:
    too_few = 0
    for name, (covered, every) in counted(json.loads(report.read_text())["files"]).items():
        share = 100 * covered / every if every else 0.0
        too_few += share < LEAST
        sys.stdout.write(f"{name}: {covered} of {every} branches, {share:.1f} %\n")
    return 1 if too_few else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
