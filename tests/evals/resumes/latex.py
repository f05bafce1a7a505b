"""Sets people's resumes by LaTeX: python -m tests.evals.resumes.latex (needs pdflatex; reading them needs none).

Engineers and academics send what TeX sets: dates at the right by \\hfill, small caps, ligatures, words broken at the
line's end, accents that are letters of their own. The files are kept in latex/held and latex/dev, so that whoever
measures reads the same bytes; latex/made.toml says from which text each was set, and a test holds the two together.

The templates in latex/layouts are the project's own. `moderncv` uses the class of that name (LPPL). Debian packages:
texlive-latex-base, -recommended, -extra, texlive-fonts-recommended, -fonts-extra (Font Awesome),
texlive-lang-{german,french,spanish}, lmodern. Some are set by pdfTeX, some by LaTeX and dvipdfmx.
The PDFs hold parts of these fonts, all free to embed: Computer Modern (AMS, OFL), Latin Modern (GUST Font License),
URW Palladio, Nimbus Sans and Dingbats (GPL with the font exception), MarVoSym and Font Awesome (OFL).
"""

import hashlib
import os
import re
import subprocess
import tempfile
import tomllib
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.evals.resumes.people import language, people, view

HERE = Path(__file__).with_name("latex")
MADE = HERE / "made.toml"
PEOPLE = {"latex": "held", "latex-dev": "dev"}
LAYOUTS = {
    "latex": ("tex:engineer", "tex:moderncv", "tex:scholar", "tex:column"),
    "latex-dev": ("tex:dev-article", "tex:dev-hints", "tex:dev-aside", "tex:dev-vita"),
}
HELD = (
    "de-entwickler-leipzig", "de-bauingenieur-bern", "de-lehrer-graz", "de-controllerin-mannheim", "de-elektriker-fuerth",
    "de-anwaeltin-hamburg", "en-software-krakow", "en-civil-dubai", "en-scientist-edinburgh", "en-teacher-ottawa",
    "en-electrician-leicester", "en-lawyer-lagos", "en-accountant-singapore", "en-junior-manila", "en-pharmacist-nairobi",
    "en-designer-capetown", "es-desarrolladora-malaga", "es-ingeniero-santiago", "es-profesor-valencia",
    "es-contable-lima", "es-electricista-bogota", "es-abogado-mexico", "fr-developpeur-nantes", "fr-chercheur-bruxelles",
    "fr-professeure-rennes", "fr-comptable-dakar", "fr-electricien-toulouse", "fr-avocate-geneve",
)  # fmt: skip
BABEL = {"en": "english", "de": "ngerman", "fr": "french", "es": "spanish,es-lcroman"}
SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "|": r"\textbar{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "→": r"$\rightarrow$", "●": r"\textbullet{}", "○": r"$\circ$", "–": "--", "—": "---", "’": "'", "£": r"\textsterling{}",
}  # fmt: skip
RUNS = 2
SOURCE_DATE = "1700000000"


def pairs(part: str) -> list[tuple[str, str]]:
    """Held out: 28 people, those first who would send such a file, each in one layout. To mend on: all, in two."""
    layouts = LAYOUTS[part]
    if part == "latex":
        return [(key, layouts[number % len(layouts)]) for number, key in enumerate(HELD)]
    keys = [key for key, person in people("dev").items() if language(person) in BABEL]
    return [
        (key, layouts[place % len(layouts)])
        for number, key in enumerate(keys)
        for place in (number, number + 1 + number // len(layouts) % (len(layouts) - 1))
    ]


def file_of(part: str, key: str, layout: str) -> tuple[bytes, str]:
    return _place(part, key, layout).read_bytes(), f"{key}.pdf"


def _place(part: str, key: str, layout: str) -> Path:
    return HERE / PEOPLE[part] / f"{key}.{layout.partition(':')[2]}.pdf"


def source(part: str, key: str, layout: str) -> str:
    """What TeX sets."""
    person = people(PEOPLE[part])[key]
    shown = _escaped(view(person))
    shown.babel = BABEL[shown.lang]
    return _templates().get_template(f"{layout.partition(':')[2]}.tex").render(p=shown)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def made() -> dict[str, str]:
    """File → digest of what it was set from."""
    return tomllib.loads(MADE.read_text("utf-8"))


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "layouts"), undefined=StrictUndefined, autoescape=False,  # noqa: S701  no HTML
        trim_blocks=True, lstrip_blocks=True,
        block_start_string="<%", block_end_string="%>", variable_start_string="<<", variable_end_string=">>",
        comment_start_string="<#", comment_end_string="#>",
    )  # fmt: skip
    environment.filters["tight"] = lambda dates: re.sub(r"\s+-\s+|\s*--\s*", "--", dates)
    environment.filters["url"] = lambda link: link if link.startswith("http") else f"https://{link}"
    return environment


def _escaped(value):
    if isinstance(value, str):
        text = "".join(SIGNS.get(letter, letter) for letter in value)
        return re.sub(r'"([^"]*)"', r"``\1''", text)
    if isinstance(value, SimpleNamespace):
        return SimpleNamespace(**_escaped(vars(value)))
    if isinstance(value, dict):
        return {name: _escaped(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(one) for one in value]
    return value


def set_by_tex(text: str) -> bytes:
    """The same text gives the same bytes, by the same TeX: no dates, no paths, no names of programs."""
    clock = {"SOURCE_DATE_EPOCH": SOURCE_DATE, "FORCE_SOURCE_DATE": "1"}
    with tempfile.TemporaryDirectory() as place:
        Path(place, "resume.tex").write_text(text, "utf-8")
        dvi = "dvipdfmx," in text
        tex = [
            "latex" if dvi else "pdflatex",
            "-interaction=nonstopmode",
            "-halt-on-error",
            "-no-shell-escape",
            "resume.tex",
        ]
        for command in [*[tex] * RUNS, *[["dvipdfmx", "-q", "resume.dvi"]] * dvi]:
            run = subprocess.run(command, cwd=place, env=os.environ | clock, capture_output=True, check=False)
            if run.returncode:
                raise SystemExit(run.stdout.decode("utf-8", "replace")[-2_000:])
        lost = re.findall(r"Missing character:.*", Path(place, "resume.log").read_text("utf-8", "replace"))
        if lost:
            raise SystemExit("\n".join(lost))
        return Path(place, "resume.pdf").read_bytes()


def main() -> None:
    digests = {}
    for part, whose in PEOPLE.items():
        (HERE / whose).mkdir(exist_ok=True)
        for key, layout in pairs(part):
            text, place = source(part, key, layout), _place(part, key, layout)
            digests[f"{whose}/{place.name}"] = digest(text)
            place.write_bytes(set_by_tex(text))
            print(place.name, place.stat().st_size)
    MADE.write_text("".join(f'"{name}" = "{value}"\n' for name, value in digests.items()), "utf-8")


if __name__ == "__main__":
    main()
