"""What the advisory database of PyPI says of each locked package, for places where pip-audit finds no such thing.

pip-audit asks PyPI for one release of a package. A mirror that answers for the newest release alone gives it nothing,
but names that one's advisories, which are most of a lock that is kept new. An older one is said to be not asked.
"""

import re
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import requests

LINE = re.compile(r"^([a-z0-9.-]+)==([^ ;\\]+)")
ADDRESS = "https://pypi.org/pypi/{}/json"
AT_ONCE = 6


class Told(NamedTuple):
    newest: str
    advisories: list[str]


def locked(files: Iterable[Path]) -> dict[str, str]:
    """Two locks name a package at one version: they are resolved together, or by the same day's index."""
    lines = (line for file in files for line in file.read_text().splitlines())
    return {found[1]: found[2] for line in lines if (found := LINE.match(line))}


def ask(name: str) -> Told:
    """Raises requests.RequestException if the database is out of reach, and KeyError if it is another one."""
    answer = requests.get(ADDRESS.format(name), timeout=30)
    answer.raise_for_status()
    words = answer.json()
    standing = [advisory for advisory in words["vulnerabilities"] if not advisory["withdrawn"]]
    return Told(words["info"]["version"], [advisory["id"] for advisory in standing])


def report(versions: dict[str, str], asked: Callable[[str], Told] = ask) -> tuple[list[str], bool]:
    """Sentences, and whether all are without an advisory. What could not be asked spoils that, too."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(versions, pool.map(asked, versions), strict=True))
    older = [
        f"{name} {version}: not asked, its newest release is {answers[name].newest}"
        for name, version in sorted(versions.items())
        if answers[name].newest != version
    ]
    known = [
        f"{name} {version}: {', '.join(answers[name].advisories)}"
        for name, version in sorted(versions.items())
        if answers[name].newest == version and answers[name].advisories
    ]
    clear = len(versions) - len(older) - len(known)
    return [f"{clear} of {len(versions)} locked packages have no advisory.", *known, *older], not (older or known)


if __name__ == "__main__":
    sentences, clean = report(locked(sorted(Path("requirements").glob("*.txt"))))
    sys.stdout.write("\n".join(sentences) + "\n")
    sys.exit(0 if clean else 1)
