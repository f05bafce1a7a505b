"""Hidden text found, and honest pages left alone (S-62): python -m tests.evals.hidden.measure [dev|held] [hidden] [clean].

`dev` are the people and layouts that the rules were mended on; of `held` only totals are told.
"""

import os
import sys
import warnings
from collections import Counter

from app.adapters.local.reading import LocalReader
from tests.evals.hidden import honest, word
from tests.evals.hidden.tricks import numbered
from tests.evals.resumes import plain_layouts, word_layouts
from tests.evals.resumes.people import people, view
from tests.evals.resumes.rendering import PARTS, _templates

CLEAN = int(os.environ.get("CLEAN", "1000"))


def _page(person, layout, more):
    html = _templates().get_template(f"{layout}.html").render(p=view(person))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from weasyprint import HTML

        return HTML(string=html + more).write_pdf()


def _layouts(part, kind):
    return [name.partition(":")[2] for name in PARTS[part] if name.startswith(kind)]


def hidden(part, count):
    """(trick, data, name of the file) of `count` resumes that hide something."""
    known, layouts = list(people(part).values()), _layouts(part, "html")
    for family, trick, made, suffix, words, number in numbered(count):
        data = made(words, number)
        if suffix == "html":
            data = _page(known[number % len(known)], layouts[number % len(layouts)], data)
        yield f"{family}: {trick}", data, f"resume.{'pdf' if suffix == 'html' else suffix}"


def clean(part, count):
    """(decoration, data, name of the file) of `count` honest resumes: of ten, seven are PDF, two DOCX, one text."""
    known = list(people(part).values())
    for number in range(count):
        person = known[number % len(known)]
        kind = "docx" if number % 5 == 4 else "txt" if number % 10 == 7 else "html"
        layouts = _layouts(part, kind)
        layout, turn = layouts[number // 3 % len(layouts)], number // len(known) + number
        yield _clean(kind, person, layout, turn)


def _above(more):
    """Where a layout paints its sidebar over the text that flows, an honest line stands on paper of its own."""
    flows = more and not more.startswith('<p style="position:absolute')
    return f'<div style="position:relative;z-index:9;background:#fff">{more}</div>' if flows else more


def _clean(kind, person, layout, turn):
    if kind == "html":
        name, more = list(honest.PRINTED.items())[turn % len(honest.PRINTED)]
        return f"{layout}: {name}", _page(person, layout, _above(more(turn))), "resume.pdf"
    if kind == "docx" and turn % 3 == 0:
        return f"{layout}", word_layouts.made(view(person), layout), "resume.docx"
    if kind == "docx":
        name, made = list(honest.WORD.items())[turn % len(honest.WORD)]
        more, rest = made(turn)
        lines = plain_layouts.made(view(person), "simple").splitlines()[:40]
        return f"word: {name}", word.made(more, **rest, lines=[line for line in lines if line.strip()]), "resume.docx"
    text = plain_layouts.made(view(person), layout) + "\n" + honest.PLAIN[turn % len(honest.PLAIN)]
    return f"{layout}: plain {turn % len(honest.PLAIN)}", text.encode(), "resume.txt"


def measured(files):
    """(what it is, the flags that tell of hidden text, what was read) of each file."""
    reader = LocalReader()
    for what, data, name in files:
        document = reader.document(data, name=name)
        yield what, [flag.text for flag in document.flags if flag.code == "hidden-text"], document.text


def main():
    part = "held" if "held" in sys.argv else "dev"
    for what, files, wrong in (("hidden", hidden(part, 200), False), ("clean", clean(part, CLEAN), True)):
        if what not in sys.argv and {"hidden", "clean"} & set(sys.argv):
            continue
        found = [(name, flags) for name, flags, _text in measured(files)]
        told = sum(bool(flags) for _, flags in found)
        print(f"{what}: {told} of {len(found)} flagged, {told / len(found):.3f}")
        if part == "dev":
            missed = Counter(name for name, flags in found if bool(flags) is wrong)
            print(*missed.most_common(), sep="\n")
            print(*[(name, flags) for name, flags in found if wrong and flags][:40], sep="\n")


if __name__ == "__main__":
    main()
