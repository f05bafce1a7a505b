"""How well resumes are read: python -m tests.evals.resumes.measure [own|dev|held|latex|latex-dev] [--misses].

`own` are 15 files that the rules were mended on; `dev` are 20 people whose misses may be looked at; `held` are 60
people in layouts of their own; `latex` are 28 of these as TeX sets them, `latex-dev` those of `dev`. Of what is held
out only totals are told: who looks at single misses has no measure any more.
"""

import re
import sys
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from app.adapters.local.reading import LocalReader
from tests.evals.resumes import latex
from tests.evals.resumes.people import label, people
from tests.evals.resumes.rendered import rendered, sources, stem
from tests.evals.resumes.rendering import file_of, pairs

AS_OF = date(2026, 11, 22)
FIELDS = (
    "name", "email", "phone", "links", "location", "employers", "titles", "starts", "ends",
    "institutions", "degrees", "skills", "languages", "years",
)  # fmt: skip
CLOSE = 0.88
PARTS = ("own", "dev", "held", "latex", "latex-dev")
TOLD_IN_TOTALS = {"held", "latex"}


def labels():
    return tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))


def said(resume):
    """What the document says, as lists of texts like the labels."""
    basics, work, studies = resume["basics"], resume["work"], resume["education"]
    years = resume["meta"]["years_experience"]
    own = [basics["url"]] if "url" in basics else []
    return {
        "name": _some(basics.get("name")),
        "email": _some(basics.get("email")),
        "phone": _some(basics.get("phone")),
        "links": own + [profile["url"] for profile in basics.get("profiles", [])],
        "location": _some(basics.get("location", {}).get("city")),
        "employers": [job["name"] for job in work if "name" in job],
        "titles": [job["position"] for job in work if "position" in job],
        "starts": [job["startDate"] for job in work if "startDate" in job],
        "ends": [job.get("endDate", "") for job in work],
        "institutions": [study["institution"] for study in studies if "institution" in study],
        "degrees": [f"{s['studyType']} {s.get('area', '')}".strip() for s in studies if "studyType" in s],
        "skills": [skill["name"] for skill in resume["skills"]],
        "languages": [language["language"] for language in resume["languages"]],
        "years": [] if years is None else [str(years)],
    }


def _some(value):
    return [value] if value else []


def wanted(one):
    """The labels of `own` in the form of people.label."""
    single = {field: _some(one.get(field)) for field in ("name", "email", "phone", "location")}
    years = [str(one["years"])] if "years" in one else []
    plain = {field: one.get(field, []) for field in FIELDS} | single | {"years": years}
    return {field: [[value] for value in values] for field, values in plain.items()}


def same(field, one, two):
    if field == "years":
        return abs(float(one) - float(two)) <= 0.3
    if field == "phone":
        return _digits(one)[-9:] == _digits(two)[-9:]
    if field in {"starts", "ends", "email"}:
        return one == two
    one, two = _bare(one), _bare(two)
    if field == "degrees":
        one, two = (re.sub(r"\b(?:in|of|en|de|im)\b|[^\w\u0900-\u097f]", "", text) for text in (one, two))
    return one == two or SequenceMatcher(None, one, two).ratio() >= CLOSE


def _digits(text):
    return re.sub(r"\D", "", text)


def _bare(text):
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"^https?://(?:www\.)?|^www\.|/$", "", text)
    return " ".join(re.sub(r"[^\w\u0900-\u097f ]", " ", text).split())


def matched(field, found, label):
    """Pairs one to one; what is left on either side is wrong or missed."""
    left, missed = list(found), []
    for forms in label:
        hit = next((other for form in forms for other in left if same(field, other, form)), None)
        if hit is None:
            missed.append(forms[0])
        else:
            left.remove(hit)
    return len(label) - len(missed), left, missed


def read(part="own", *, every=1):
    """→ (what it is, its layout, what is found, what is wanted)."""
    reader = LocalReader()
    if part == "own":
        known = labels()
        for source in sources():
            data, name = rendered(source)
            yield stem(source), name[-4:], _read(reader, data, name), wanted(known[stem(source)])
    elif part in latex.PEOPLE:
        for key, layout in latex.pairs(part)[::every]:
            known = label(people(latex.PEOPLE[part])[key])
            yield key, layout, _read(reader, *latex.file_of(part, key, layout)), known
    else:
        for key, layout in pairs(part)[::every]:
            yield key, layout, _read(reader, *file_of(part, key, layout)), label(people(part)[key])


def _read(reader, data, name):
    return said(reader.resume(reader.document(data, name=name), as_of=AS_OF))


def measured(part="own", *, tell=False, every=1):
    """ "all" and each layout → field → (precision, recall, F1)."""
    counts = {"all": {field: Counter() for field in FIELDS}}
    for key, layout, found, known in read(part, every=every):
        counts.setdefault(layout, {field: Counter() for field in FIELDS})
        for field in FIELDS:
            hits, wrong, missed = matched(field, found[field], known[field])
            for name in ("all", layout):
                counts[name][field].update(hits=hits, wrong=len(wrong), missed=len(missed))
            if tell and (wrong or missed):
                print(f"{key} {layout} {field}: wrong {wrong} missed {missed}")
    return {name: {field: _scores(one) for field, one in count.items()} for name, count in counts.items()}


def _scores(count):
    precision = count["hits"] / max(count["hits"] + count["wrong"], 1)
    recall = count["hits"] / max(count["hits"] + count["missed"], 1)
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def macro(scores):
    return sum(f1 for _, _, f1 in scores.values()) / len(scores)


def told(scores):
    """The table of one group."""
    rows = [f"{'field':14}{'precision':>10}{'recall':>8}{'F1':>7}"]
    rows += [f"{field:14}{p:10.3f}{r:8.3f}{f1:7.3f}" for field, (p, r, f1) in scores.items()]
    return "\n".join([*rows, f"{'macro-F1':32}{macro(scores):7.3f}"])


def by_layout(found):
    return "\n".join(f"{layout:32}{macro(scores):7.3f}" for layout, scores in found.items() if layout != "all")


def main():
    part = next((word for word in sys.argv[1:] if word in PARTS), "own")
    tell = "--misses" in sys.argv
    if tell and part in TOLD_IN_TOTALS:
        sys.exit("The held-out part tells no single misses.")
    found = measured(part, tell=tell)
    print(told(found["all"]), by_layout(found), sep="\n\n")


if __name__ == "__main__":
    main()
