# ruff: noqa: E501 (patterns and word lists)
"""What of a resume can be asked about, and the line where it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.engines.asking.bank import What
from app.engines.vocabulary import skills
from app.ports.analysis import ResumeLine

# What a resume may tell of a person that nobody may ask about: such a passage is left alone.
_PRIVATE: Final = re.compile(
    r"@|https?:|www\.|\d{6,}|"
    r"\b(?:married|single parent|divorced|widowed|marital|maternity|paternity leave|parental leave|family leave|\w+ children(?=\W*$)|date of birth|born (?:on|in)|aged? \d+|nationality|citizen(?:ship)?|"
    r"religion|religious|church|parish|mosque|temple|synagogue|catholic|protestant|muslim|hindu|christian|jewish|caste|ethnic|military service|national service|army|"
    r"trade union|works council|shop steward|political party|(?:labour|democratic|republican|conservative) party|disabled person|wheelchair user|sick leave|illness of my|pregnan(?:t|cy) (?:leave|break)|convict\w+|"
    r"verheiratet|ledig|geschieden|elternzeit|mutterschutz|geboren|staatsangehörigkeit|konfession|kirche|katholisch|evangelisch|wehrdienst|zivildienst|bundeswehr|gewerkschaft|betriebsrat|partei|schwerbehindert\w*|"
    r"marié\w*|célibataire|congé (?:maternité|parental)|né\(?e?\)? le|nationalité|religion|église|paroisse|service militaire|syndicat|parti politique|rqth|"
    r"casad[oa]|solter[oa]|baja (?:maternal|por maternidad)|nacid[oa]|nacionalidad|religión|iglesia|parroquia|servicio militar|sindicato|partido político|discapacidad del)\b|"
    r"विवाहित|वैवाहिक|मातृत्व अवकाश|जन्म|राष्ट्रीयता|धर्म|जाति|पिता का नाम|मंदिर|मस्जिद|यूनियन",
    re.IGNORECASE,
)
_FIGURE: Final = re.compile(
    r"\d[\d.,]*\s?(?:%|percent|prozent|€|\$|£|₹|k\b|m\b|ms\b|million|lakh)|[€$£₹]\s?\d|\bfrom \d[\d.,]* .*\bto \d",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"\b(?:led|lead|leading|managed|manage|supervis\w+|trained|training of|mentor\w+|coach\w+|coordinat\w+|head of|headed|staff of|team of|run a|ran a|geleitet|leitung|teamleit\w+|angeleitet|encadr\w+|dirig\w+|coordin\w+|responsable)\b|नेतृत्व|प्रशिक्षण दिया",
    re.IGNORECASE,
)
_CHANGE: Final = re.compile(
    r"\b(?:improv\w+|reduc\w+|introduc\w+|cut|increas\w+|built|build|set up|design\w+|develop\w+|creat\w+|launch\w+|moved|migrat\w+|wrote|started|founded|automat\w+|rebuilt|redesign\w+|shipped|won|saved|"
    r"eingeführt|aufgebaut|entwickel\w+|verbesser\w+|gesenkt|mise en place|créé\w*|développ\w+|réduit\w*|implant\w+|desarroll\w+|mejor\w+|redu(?:je|cción)\w*)\b|शुरू किया|सुधार|बनाया",
    re.IGNORECASE,
)
_NO_TASKS: Final = frozenset({"personal", "human_resources"})
_LONGEST: Final = 110
_FEWEST_WORDS: Final = 3
_BULLET: Final = re.compile(r"^(?:[^\W\d_]+:\s*(?=[•*-]))?[\s•·▪■●○◦*–—‣✓-]+(?=\S)")


@dataclass(frozen=True, slots=True)
class Passage:
    """`quote` begins in `line`, which stands literally in the resume."""

    what: What
    quote: str
    line: ResumeLine
    skill: str = ""


def passages(resume: dict[str, Any], text: str, wanted: tuple[str, ...]) -> list[Passage]:
    """Each highlight, job, training and wanted skill that stands in a line of the text, but for what is private."""
    lines = [ResumeLine(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    found: dict[tuple[str, int], Passage] = {}
    for what, said in _said(resume):
        line = _line_of(said, lines)
        if line and not _PRIVATE.search(said) and not _PRIVATE.search(line.text):
            found.setdefault((what, line.number), Passage(what, shortened(said), line))
    return [*found.values(), *_of_skills(list(found.values()), lines, wanted)]


def missing(resume_text: str, wanted: tuple[str, ...]) -> list[str]:
    """Skills known by name that the job asks for and the resume doesn't have under any name; not what people are like."""
    has = {mention.name for mention in skills().find(resume_text)}
    known = [(skill, skills().named(skill)) for skill in wanted]
    return [skill for skill, name in known if name and name not in has and skills().family(name) not in _NO_TASKS]


def _said(resume: dict[str, Any]) -> Iterator[tuple[What, str]]:
    for job in resume.get("work", []):
        for highlight in job.get("highlights", []):
            if len(highlight.split()) >= _FEWEST_WORDS:
                yield _what(highlight), highlight
        if "position" in job:
            yield "job", job["position"]
    for certificate in resume.get("certificates", []):
        yield "training", certificate["name"]
    for study in resume.get("education", []):
        if "studyType" in study:
            yield "training", f"{study['studyType']} {study.get('area', '')}".strip()


def _what(highlight: str) -> What:
    if _FIGURE.search(highlight):
        return "figure"
    if _LEAD.search(highlight):
        return "lead"
    return "change" if _CHANGE.search(highlight) else "task"


def _line_of(said: str, lines: list[ResumeLine]) -> ResumeLine | None:
    """Where it begins: the first line that it begins with, or that has it inside."""
    plain = _plain(said)
    for line in lines:
        here = _plain(line.text)
        if plain in here or (len(here.split()) >= _FEWEST_WORDS and plain.startswith(here)):
            return line
    return None


def _of_skills(known: list[Passage], lines: list[ResumeLine], wanted: tuple[str, ...]) -> Iterator[Passage]:
    """Passages that name a wanted skill under any of its names; else the line of a list that does."""
    names = {name: skill for skill in wanted if (name := skills().named(skill))}
    for passage in known:
        for mention in skills().find(passage.quote):
            if mention.name in names and passage.what in {"figure", "lead", "change", "task"}:
                yield Passage("skill", passage.quote, passage.line, names.pop(mention.name))
    for line in lines:
        for mention in skills().find(line.text):
            if mention.name in names and not _PRIVATE.search(line.text):
                yield Passage("skill", shortened(line.text), line, names.pop(mention.name))


def shortened(text: str) -> str:
    """In whole words, without its bullet and its full stop."""
    plain = _BULLET.sub("", " ".join(text.replace("“", '"').replace("”", '"').split())).rstrip(".;,।")
    if len(plain) <= _LONGEST:
        return plain
    return plain[:_LONGEST].rsplit(" ", 1)[0].rstrip(".;,:–-") + " …"


def _plain(text: str) -> str:
    return " ".join(_BULLET.sub("", text).casefold().split())
