"""The Hindi catalogue has every string that the pages have."""

import sys
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

COMPLETE = ("hi",)
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "_l": None, "sentence": None}


def strings() -> set[str]:
    with Path("babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(".", methods, options, keywords=KEYWORDS, directory_filter=_is_ours)
    return {m[2] if isinstance(m[2], str) else m[2][0] for m in found}


def _is_ours(folder: str) -> bool:
    return Path(folder).name not in {".venv", "var", "node_modules", ".git", "tests", "bench"}


def missing(language: str) -> list[str]:
    with Path(f"translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    return sorted(s for s in strings() if not (m := catalogue.get(s)) or not m.string or m.fuzzy)


if __name__ == "__main__":
    lacking = {language: missing(language) for language in COMPLETE}
    for language, found in lacking.items():
        sys.stdout.write("".join(f"{language}: {text}\n" for text in found))
    sys.exit(1 if any(lacking.values()) else 0)
