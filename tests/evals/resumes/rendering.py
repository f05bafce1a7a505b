"""Sets people's resumes in layouts: HTML printed by WeasyPrint, DOCX, plain text. The same input, the same page.

What is rendered is kept in a cache outside the tree, by the hash of what it was made from.
"""

import hashlib
import json
import tempfile
import warnings
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.evals.resumes import plain_layouts, word_layouts
from tests.evals.resumes.people import people, view

LAYOUTS = Path(__file__).with_name("layouts")
CACHE = Path(tempfile.gettempdir()) / "assay-resumes"
PARTS = {
    "held": (
        "html:classic", "html:darkside", "html:greyright", "html:newspaper", "html:ledger", "html:timeline", "html:cards",
        "html:europass", "html:academic", "html:dense", "html:airy", "html:icons", "docx:sidebar", "docx:tabs", "docx:rows",
        "txt:ruled", "txt:bare",
    ),
    "dev": (
        "html:dev-modern", "html:dev-lightside", "html:dev-below", "html:dev-datesleft", "html:dev-band", "docx:simple",
        "docx:grid", "txt:simple", "html:dev-boxes", "html:dev-form", "html:dev-scholar", "html:dev-tight",
    ),
}  # fmt: skip
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")


def pairs(part):
    """Each person in two layouts, spread so that every layout gets its share of everybody. → (key, layout)"""
    layouts = PARTS[part]
    found = []
    for number, (key, person) in enumerate(people(part).items()):
        first, second = number % len(layouts), (number * 5 + 7 + number // len(layouts)) % len(layouts)
        if first == second:
            second = (second + 1) % len(layouts)
        found += [(key, layouts[first]), (key, layouts[second])]
        assert person["key"] == key
    return found


def file_of(part, key, layout):
    """The bytes and the name of what this person sends."""
    kind, _, name = layout.partition(":")
    suffix = {"html": "pdf"}.get(kind, kind)
    person = people(part)[key]
    kept = CACHE / f"{_hash(person, layout)}.{suffix}"
    if not kept.exists():
        CACHE.mkdir(exist_ok=True)
        data = {"html": _pdf, "docx": word_layouts.made, "txt": _text}[kind](view(person), name)
        fresh = kept.with_suffix(f".{id(data)}")
        fresh.write_bytes(data)
        fresh.replace(kept)
    return kept.read_bytes(), f"{key}.{suffix}"


def _hash(person, layout):
    code = b"".join(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*layouts.py")))
    code += Path(__file__).with_name("people.py").read_bytes()
    kind, _, name = layout.partition(":")
    if kind == "html":
        code = b"".join((LAYOUTS / file).read_bytes() for file in ("parts.html", f"{name}.html")) + code
    return hashlib.sha256(code + json.dumps([person, layout], sort_keys=True).encode()).hexdigest()[:24]


@cache
def _templates():
    loader = FileSystemLoader(LAYOUTS)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _pdf(shown, name):
    html = _templates().get_template(f"{name}.html").render(p=shown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from weasyprint import HTML

        return HTML(string=html).write_pdf()


def _text(shown, name):
    text = plain_layouts.made(shown, name)
    number = int(hashlib.sha256(shown.name.encode()).hexdigest(), 16) % len(ENCODINGS)
    try:
        return text.encode(ENCODINGS[number])
    except UnicodeEncodeError:
        return text.encode("utf-8")
