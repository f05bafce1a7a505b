"""Every engine by its evaluation set, on the parts that it was not mended on, one table after the other.

Reading resumes: how well, by field and by layout, on people and layouts held out, those set by TeX apart; how fast,
against bare text extraction by pdfium in the same run; how much memory a worker takes. Reading advertisements; a
resume beside a job; interviews, the better against the worse; short answers, how far marks go with people's grades,
beside plain likeness to the reference; the same answers by other people (L-36).

Goals: macro-F1 >= 0.85 over 14 fields, no field under 0.70; five resumes a second a core with all processes warm; under
600 MB a worker; titles >= 0.9, must-have F1 >= 0.70, years and pay >= 0.85 of advertisements; r >= 0.57 and 0.60 within
questions on short answers, 0.40 on cases; a mean change of 0.5 of 100. --quick reads every twelfth file, and
no answers.
"""

import argparse
import io
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from app.adapters.local.judging import LocalJudge
from app.adapters.local.reading import COPIES, LocalReader
from tests.evals.answers import measure as answers
from tests.evals.matching import measure as matching
from tests.evals.pairs import measure as pairs_of_interviews
from tests.evals.pairs import swaps
from tests.evals.postings import measure as postings
from tests.evals.resumes.measure import AS_OF, by_layout, macro, measured, told
from tests.evals.resumes.rendering import file_of, pairs

ROUNDS = 3
SWAPS = 70
GOAL_F1, GOAL_FIELD, GOAL_RATE, GOAL_MEMORY = 0.85, 0.70, 5.0, 600


def eval_figures(*, every: int) -> None:
    found = measured("held", every=every)
    scores = found["all"]
    print(told(scores), by_layout(found), sep="\n\n")
    low = {field: round(f1, 3) for field, (_, _, f1) in scores.items() if f1 < GOAL_FIELD}
    print(f"\ngoal {GOAL_F1}: {'kept' if macro(scores) >= GOAL_F1 else 'missed'}; under {GOAL_FIELD}: {low or 'none'}")


def latex_figures(*, every: int) -> None:
    found = measured("latex", every=every)
    print("\nSET BY TEX", told(found["all"]), by_layout(found), sep="\n\n")


def speed(*, every: int) -> None:
    files = [file_of("held", key, layout) for key, layout in pairs("held")[::every]]
    pdfs = [data for data, name in files if name.endswith(".pdf")]
    reader = LocalReader()
    for data, name in files[:6]:
        reader.resume(reader.document(data, name=name), as_of=AS_OF)
    whole = 0.0
    kinds = {}
    for kind in ("pdf", "docx", "txt"):
        some = [(data, name) for data, name in files if name.endswith(kind)]
        kinds[kind] = (_best(lambda some=some: [_read(reader, data, name) for data, name in some]), len(some))
        whole += kinds[kind][0]
    parsed = [reader.document(data, name=name) for data, name in files]
    engine = _best(lambda: [reader.resume(document, as_of=AS_OF) for document in parsed])
    bare = _best(lambda: [_bare(data) for data in pdfs])
    COPIES.close()
    print(f"\n{'':44}{'a second a core':>16}")
    each = [(f"  {kind}", seconds, count) for kind, (seconds, count) in kinds.items() if count]
    for what, seconds, count in (
        ("bytes to JSON Resume, child and engine", whole, len(files)),
        *each,
        ("pages to JSON Resume, engine alone", engine, len(files)),
        ("bare text by pdfium, same PDFs", bare, len(pdfs)),
    ):
        print(f"{what:44}{count / seconds:16.1f}")
    ratio = (bare / len(pdfs)) / (whole / len(files))
    print(f"{'ratio to bare text':44}{ratio:16.4f}")
    print(f"goal {GOAL_RATE:.0f} a second a core: {'kept' if len(files) / whole >= GOAL_RATE else 'missed'}")


def _read(reader: LocalReader, data: bytes, name: str) -> object:
    return reader.resume(reader.document(data, name=name), as_of=AS_OF)


def _bare(data: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return "".join(page.get_textpage().get_text_range() for page in document)


def _best(act: Callable[[], object]) -> float:
    """Processor seconds of this process and of the children that it started, the least of some rounds."""
    found = []
    for _ in range(ROUNDS):
        before = _spent()
        act()
        found.append(_spent() - before)
    return min(found)


def _spent() -> float:
    return time.process_time() + sum(_seconds(pid) for pid in _children(os.getpid()))


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    return [int(pid) for pid in listed] + [grand for pid in listed for grand in _children(int(pid))]


def _seconds(pid: int) -> float:
    """Of a process, with those of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def memory() -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nmemory at most: worker {most:.0f} MB, its warm child {child:.0f} MB (each counts what the two share)")
    print(f"goal {GOAL_MEMORY} MB a worker: {'kept' if most < GOAL_MEMORY else 'missed'}")


def of_answers() -> None:
    judge = LocalJudge(answers.MODELS)
    print("\nINTERVIEWS: the better against the worse")
    pairs_of_interviews.main(judge)
    print("\nSHORT ANSWERS against a reference", answers.told("held"), sep="\n")
    print("\nTHE SAME ANSWERS BY OTHER PEOPLE (L-36), of 100")
    for name, changes in (("interviews", swaps.differences), ("short answers", swaps.short_differences)):
        size, low, high = swaps.summary([change for change, _ in changes(judge, SWAPS, swaps.SAID + swaps.OTHERS)])
        print(f"{name}, {SWAPS} pairs: mean |change| {size:.3f}, mean change between {low:.3f} and {high:.3f} (95 %)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every twelfth file, no answers")
    every = 12 if parser.parse_args().quick else 1
    print("RESUMES")
    speed(every=max(every, 4))
    memory()
    eval_figures(every=every)
    latex_figures(every=every)
    print("\nADVERTISEMENTS", postings.told("held"), sep="\n", flush=True)
    print("\nA RESUME BESIDE A JOB", matching.told("held"), sep="\n", flush=True)
    if every == 1:
        of_answers()


if __name__ == "__main__":
    main()
