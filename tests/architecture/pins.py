"""Every package is pinned by version and checksum, and what pyproject names is in the lock."""

import re
import sys
import tomllib
from pathlib import Path

TOOLS = {"fuzz", "audit"}
PINNED = re.compile(r"^([a-z0-9.-]+)==[^ ;\\]+")


def pinned(file: Path) -> set[str]:
    return {found.group(1) for line in file.read_text().splitlines() if (found := PINNED.match(line))}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def problems() -> list[str]:
    project = tomllib.loads(Path("pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = names(project["project"]["dependencies"])
    found = [f"web.txt lacks {name}" for name in sorted(wanted - pinned(Path("requirements/web.txt")))]
    for group, listed in groups.items():
        file = f"{group}.txt" if group in TOOLS else "all.txt"
        found += [f"{file} lacks {name}" for name in sorted(names(listed) - pinned(Path("requirements") / file))]
    for file in Path("requirements").glob("*.txt"):
        blocks = re.split(r"\n(?=[a-z0-9])", file.read_text())
        found += [
            f"{file.name}: no checksum for {b.split('=')[0]}" for b in blocks if PINNED.match(b) and "sha256:" not in b
        ]
    return found


if __name__ == "__main__":
    sys.stdout.write("".join(f"{problem}\n" for problem in problems()))
    sys.exit(1 if problems() else 0)
