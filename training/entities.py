"""Trains the small named-entity model that fills gaps in entries of resumes, and says how well it does.

python -m training.entities [--try]: writes app/engines/resumes/entities.spacy out of generated entries (the same numbers, the same
file on the same kind of processor), its checksum into hints.py, and prints how often the slots that rules leave empty are
filled rightly on generated resumes of other words, other sentences and other ways to set a head. --try trains nothing.
"""

import hashlib
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from spacy.training import Example
from spacy.util import minibatch
from thinc.api import Adam, fix_random_seed

from app.engines.resumes import hints, read_resume
from app.engines.resumes.entries import entries_of
from app.engines.resumes.layout import lines_of, text_of
from app.engines.resumes.parts import labelled
from app.engines.resumes.sections import lines_in, sections_of
from app.ports.reading import Document, Page, Word
from training import entries

SECTIONS, EPOCHS, TRIALS, RATE = 5_000, 5, 1_000, 0.001
HIDDEN_KIND, BLIND, SIZE = 0.3, 0.25, 10.0
LISTED = {"<title>", "<employer>", "<school>", "<degree>", "<town>"}
KEYS = {
    ("work", "position"): "t",
    ("work", "name"): "e",
    ("education", "institution"): "h",
    ("education", "studyType"): "g",
}
AS_OF = date(2026, 11, 22)


def page_of(text: str) -> Page:
    """Each letter equally wide."""
    words = [
        Word(match[0], 50 + match.start() * 5.0, 50 + row * 14.0, 50 + match.end() * 5.0, 60 + row * 14.0, SIZE, "f", bold=False)
        for row, line in enumerate(text.split("\n"))
        for match in re.finditer(r"\S+", line)
    ]  # fmt: skip
    return Page(1, 595, 842, tuple(words))


def windows(section: entries.Section) -> Iterator[tuple[hints.Window, list[dict[str, str]]]]:
    """The entries as the product cuts them, each with the slots of all that might stand in it."""
    parts = sections_of(lines_of([page_of(section.text)]))
    both: tuple[tuple[hints.Kind, list[dict[str, str]]], ...] = (("work", section.jobs), ("education", section.studies))
    for kind, known in both:
        for entry in entries_of(labelled(lines_in(parts, kind))):
            window = entry.window(kind)
            yield window, [entries.slots(one) for one in known]
            if window.above:
                yield replace(window, above=()), [entries.slots(one) for one in known]


def marked(lines: list[str], known: list[dict[str, str]]) -> list[tuple[int, int, int, str]]:
    """(line, begin, end, label) of what is known, the longest first, none within another."""
    found: list[tuple[int, int, int, str]] = []
    pairs = sorted({(text, label) for one in known for label, text in one.items()}, key=lambda pair: -len(pair[0]))
    for text, label in pairs:
        wanted = " ".join(text.split())
        for number, line in enumerate(lines):
            for match in re.finditer(rf"(?<!\w){re.escape(wanted)}(?!\w)", line):
                spot = (number, match.start(), match.end())
                if not any(line_ == spot[0] and a < spot[2] and spot[1] < b for line_, a, b, _ in found):
                    found.append((*spot, label))
    return found


def example(vocab: Any, dice: random.Random, window: hints.Window, known: list[dict[str, str]]) -> Example:
    """Some words are shown as if no list knew them."""
    spots = marked([line for _, line in window.lines], known)
    tokens = hints.tokens_of(window)
    tags = ["O"] * len(tokens)
    for number, begin, end, label in spots:
        inside = [
            n for n, token in enumerate(tokens) if token.line == number and begin <= token.begin < token.end <= end
        ]
        for n in inside:
            tags[n] = (
                f"{'U' if len(inside) == 1 else 'B' if n == inside[0] else 'L' if n == inside[-1] else 'I'}-{label}"
            )
    blind = dice.random() < BLIND
    for n, token in enumerate(tokens):
        if token.kind in LISTED and (blind or dice.random() < HIDDEN_KIND):
            tokens[n] = hints.Token(token.text, "<other>", token.line, token.begin, token.end)
    doc = hints.doc_of(vocab, tokens)
    return Example.from_dict(doc, {"entities": tags})


def trained(*, sections: int = SECTIONS, epochs: int = EPOCHS) -> bytes:
    fix_random_seed(1)
    dice = random.Random(1)
    ner = hints.recogniser()
    examples = [
        example(ner.vocab, dice, *window)
        for number in range(sections)
        for window in windows(entries.section(number, "train"))
    ]
    ner.initialize(lambda: examples)
    optimizer = Adam(RATE, L2=0.01, grad_clip=1.0, use_averages=True)
    for epoch in range(epochs):
        dice.shuffle(examples)
        optimizer.learn_rate = RATE * (1 - epoch / epochs) + RATE / 10
        for batch in minibatch(examples, size=32):  # type: ignore[no-untyped-call]
            ner.update(batch, sgd=optimizer, drop=0.2)
    with ner.model.use_params(optimizer.averages):
        data: bytes = ner.to_bytes(exclude=["vocab"])
    return data


@dataclass(slots=True)
class Tally:
    """Of one slot: by whom it was named rightly or wrongly, and what was left empty, entries that were found counted."""

    rules: list[int] = field(default_factory=lambda: [0, 0])
    model: list[int] = field(default_factory=lambda: [0, 0])
    empty: int = 0
    missed: int = 0


def tried(numbers: range) -> dict[str, Tally]:
    """Resumes of unseen words, read as the product reads them."""
    out = {slot: Tally() for slot in KEYS.values()}
    for number in numbers:
        section = entries.section(number, "trial")
        pages = (page_of(section.text),)
        read = read_resume(Document("txt", pages, text_of(pages)), as_of=AS_OF)
        guessed = {one["path"] for one in read["meta"]["found"] if "by" in one}
        for (kind, key), slot in KEYS.items():
            known = [one[slot] for one in (section.jobs if kind == "work" else section.studies) if slot in one]
            for place, item in enumerate(read[kind]):
                _count(out[slot], item, key, known, guessed=f"{kind}[{place}].{key}" in guessed)
            out[slot].missed += len(known)
    return out


def _count(tally: Tally, item: dict[str, str], key: str, known: list[str], *, guessed: bool) -> None:
    if key not in item:
        tally.empty += 1
        return
    said = f"{item[key]} {item.get('area', '')}" if key == "studyType" else item[key]
    hit = next((text for text in known if _bare(text, key) == _bare(said, key)), None)
    (tally.model if guessed else tally.rules)[hit is None] += 1
    if hit is not None:
        known.remove(hit)


def _bare(text: str, key: str) -> str:
    words = re.findall(r"[\w\u0900-\u097f]+", text.casefold())
    return " ".join(word for word in words if key != "studyType" or word not in {"in", "of", "en", "de", "im"})


def _f1(hits: int, wrong: int, missed: int) -> float:
    return 2 * hits / max(2 * hits + wrong + missed, 1)


def told(tallies: dict[str, Tally]) -> str:
    rows = [f"{'slot':10}{'gaps':>6}{'filled':>8}{'right':>7}{'precision':>11}{'F1 before':>11}{'after':>7}"]
    for slot, one in tallies.items():
        (right, wrong), (hits, other) = one.model, one.rules
        before, after = _f1(hits, other, one.missed + right), _f1(hits + right, other + wrong, one.missed)
        rows.append(f"{entries.SLOTS[slot]:10}{right + wrong + one.empty:6}{right + wrong:8}{right:7}{right / max(right + wrong, 1):11.3f}{before:11.3f}{after:7.3f}")  # fmt: skip
    right, wrong = (sum(one.model[n] for one in tallies.values()) for n in (0, 1))
    return "\n".join([*rows, f"{'all':16}{right + wrong:8}{right:7}{right / max(right + wrong, 1):11.3f}"])


def keep(data: bytes) -> None:
    """Writes the file, and its checksum where it is looked at."""
    hints.MODEL.write_bytes(data)
    source = Path(hints.__file__)
    line = f'SHA256 = "{hashlib.sha256(data).hexdigest()}"'
    source.write_text(re.sub(r'^SHA256 = ".*"$', line, source.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    hints.SHA256 = hashlib.sha256(data).hexdigest()


def main() -> None:
    if "--try" not in sys.argv:
        keep(trained())
        print(f"{hints.MODEL}: {hints.MODEL.stat().st_size / 1e6:.1f} MB, sha256 {hints.SHA256}", flush=True)
    print(told(tried(range(TRIALS))))


if __name__ == "__main__":
    main()
