"""How well resumes are read, field by field: python -m tests.evals.resumes.measure [--misses]."""

import re
import sys
import tomllib
import unicodedata
from collections import Counter
from datetime import date
from difflib import SequenceMatcher
from pathlib import Path

from app.adapters.local.reading import LocalReader
from tests.evals.resumes.rendered import rendered, sources, stem

AS_OF = date(2026, 11, 22)
FIELDS = (
    "name", "email", "phone", "links", "location", "employers", "titles", "starts", "ends",
    "institutions", "degrees", "skills", "languages", "years",
)  # fmt: skip
CLOSE = 0.88


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


def wanted(label):
    one = {field: _some(label.get(field)) for field in ("name", "email", "phone", "location")}
    years = [str(label["years"])] if "years" in label else []
    return {field: label.get(field, []) for field in FIELDS} | one | {"years": years}


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
    for value in label:
        hit = next((other for other in left if same(field, other, value)), None)
        if hit is None:
            missed.append(value)
        else:
            left.remove(hit)
    return len(label) - len(missed), left, missed


def measured(*, tell=False):
    """field → (precision, recall, F1)."""
    counts = {field: Counter() for field in FIELDS}
    for key, found, label in read():
        for field in FIELDS:
            hits, wrong, missed = matched(field, found[field], label[field])
            counts[field].update(hits=hits, wrong=len(wrong), missed=len(missed))
            if tell and (wrong or missed):
                print(f"{key} {field}: wrong {wrong} missed {missed}")
    return {field: _scores(count) for field, count in counts.items()}


def read():
    reader, known = LocalReader(), labels()
    for source in sources():
        data, name = rendered(source)
        resume = reader.resume(reader.document(data, name=name), as_of=AS_OF)
        yield stem(source), said(resume), wanted(known[stem(source)])


def _scores(count):
    precision = count["hits"] / max(count["hits"] + count["wrong"], 1)
    recall = count["hits"] / max(count["hits"] + count["missed"], 1)
    return precision, recall, 2 * precision * recall / (precision + recall or 1)


def macro(scores):
    return sum(f1 for _, _, f1 in scores.values()) / len(scores)


def main():
    scores = measured(tell="--misses" in sys.argv)
    print(f"{'field':14}{'precision':>10}{'recall':>8}{'F1':>7}")
    for field, (precision, recall, f1) in scores.items():
        print(f"{field:14}{precision:10.3f}{recall:8.3f}{f1:7.3f}")
    print(f"{'macro-F1':32}{macro(scores):7.3f}  ({len(labels())} resumes)")


if __name__ == "__main__":
    main()
