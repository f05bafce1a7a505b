"""Jobs beside resumes, three each, labelled by hand requirement by requirement: how often is a verdict right?

`dev` are the jobs that rules may be mended on, `held` those whose misses nobody looks at; a hash of the job's name
chose. A resume goes the product's whole way: its text through the reading engine, then beside the job.

A label is the verdict, and the phrase (or several) that shows it:
- met: the resume says it whole, under whatever name, of today and at the level asked or above.
- partly: a lower level, a half, run out, in training, helped with, fewer years (half of them at least), a near thing.
- unseen: nothing, denied, wished for, planned, or another thing of a like name.
"years" are years in this kind of work, as the job means them.

python -m tests.evals.matching.measure [dev|held] [-v]
"""

import hashlib
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, get_args

from app.adapters.local.matching import LocalMatcher
from app.adapters.local.reading import LocalReader
from app.ports.matching import Finding, Requirements, Verdict, track_of

HERE = Path(__file__).parent / "jobs"
PARTS = ("dev", "held")
PEOPLE = ("strong", "middling", "other")
AS_OF = date(2026, 11, 22)
VERDICTS: tuple[str, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Judged:
    job: str
    person: str
    label: str
    phrases: tuple[str, ...]
    found: Finding
    quoted: bool


def part_of(job: str) -> str:
    return PARTS[hashlib.sha256(job.encode()).digest()[0] % 2]


@cache
def jobs(part: str) -> dict[str, dict[str, Any]]:
    files = {path.stem: path for path in sorted(HERE.glob("*.toml")) if part_of(path.stem) == part}
    return {name: tomllib.loads(path.read_text(encoding="utf-8")) for name, path in files.items()}


def requirements(job: dict[str, Any]) -> Requirements:
    return Requirements(tuple(job["must_have"]), tuple(job["nice_to_have"]), job["years_min"])


@cache
def judged(part: str) -> tuple[Judged, ...]:
    reader, matcher = LocalReader(), LocalMatcher()
    return tuple(one for name, job in jobs(part).items() for one in _judged(reader, matcher, name, job))


def _judged(reader: LocalReader, matcher: LocalMatcher, name: str, job: dict[str, Any]) -> Iterator[Judged]:
    for person in PEOPLE:
        document = reader.document(job[person]["resume"].strip().encode(), name="resume.txt")
        track = track_of(reader.resume(document, as_of=AS_OF), document.text)
        for found in matcher.match(requirements(job), track):
            labels = job[person]["labels"]
            label, *phrases = labels["years" if found.strength == "years" else found.requirement].split(" | ")
            yield Judged(name, person, label, tuple(phrases), found, _quoted(document.text, found, phrases))


def _quoted(text: str, found: Finding, phrases: list[str]) -> bool:
    """One of the quotes stands in, or around, one of the phrases that the label names."""
    spans = [span for phrase in phrases for span in places(text, phrase)]
    return any(one.begin < end and begin < one.end for one in found.evidence for begin, end in spans)


def places(text: str, phrase: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\s+".join(map(re.escape, phrase.split())), text)]


def figures(rows: tuple[Judged, ...]) -> dict[str, float]:
    pairs = Counter((one.label, one.found.verdict) for one in rows)
    scores = {verdict: _scores(pairs, verdict) for verdict in VERDICTS}
    told = [one for one in rows if one.found.verdict != "unseen" and one.found.strength != "years"]
    return {
        "accuracy": sum(pairs[each, each] for each in VERDICTS) / len(rows),
        "macro-F1": sum(f1 for _, _, f1 in scores.values()) / len(VERDICTS),
        "met, precision": scores["met"][0],
        "met, recall": scores["met"][1],
        "partly, F1": scores["partly"][2],
        "unseen, F1": scores["unseen"][2],
        "words right": sum(one.quoted for one in told) / max(len(told), 1),
        "most frequent label": max(Counter(one.label for one in rows).values()) / len(rows),
    }


def _scores(pairs: Counter[tuple[str, str]], verdict: str) -> tuple[float, float, float]:
    hits = pairs[verdict, verdict]
    precision = hits / max(sum(pairs[label, verdict] for label in VERDICTS), 1)
    recall = hits / max(sum(pairs[verdict, found] for found in VERDICTS), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def table(rows: tuple[Judged, ...]) -> str:
    pairs = Counter((one.label, one.found.verdict) for one in rows)
    lines = [" ".join(f"{pairs[label, found]:7}" for found in VERDICTS) + f"  labelled {label}" for label in VERDICTS]
    return "\n".join([" ".join(f"{found:>7}" for found in VERDICTS) + "  <- found", *lines])


def told(part: str) -> str:
    rows = judged(part)
    lines = [f"{part}: {len(jobs(part))} jobs, {len(PEOPLE) * len(jobs(part))} resumes, {len(rows)} verdicts"]
    lines += [f"  {name:20} {value:.2f}" for name, value in figures(rows).items()]
    for name, kept in (("years", True), ("all but years", False)):
        some = tuple(one for one in rows if (one.found.strength == "years") is kept)
        lines.append(f"  accuracy, {name:13} {figures(some)['accuracy']:.2f} of {len(some)}")
    return "\n".join([*lines, table(rows)])


def misses(rows: tuple[Judged, ...]) -> None:
    for one in rows:
        wrong_words = one.found.verdict != "unseen" and one.found.strength != "years" and not one.quoted
        if one.label != one.found.verdict or wrong_words:
            said = " / ".join(f"{each.quote[:60]} ({each.how})" for each in one.found.evidence)
            print(f"{one.job} {one.person}: {one.found.requirement}: {one.label} {one.phrases}, got", end=" ")
            print(f"{one.found.verdict} {said}")


def main() -> None:
    for part in [name for name in sys.argv[1:] if name in PARTS] or PARTS:
        if "-v" in sys.argv and part == "dev":
            misses(judged(part))
        print(told(part))


if __name__ == "__main__":
    main()
