# ruff: noqa: E501 (patterns and word lists)
"""Which skills an advertisement asks for: names that the vocabulary knows, and what stands beside "experience in"."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from app.engines.postings import pay
from app.engines.postings.sections import Line, clauses, wording
from app.engines.vocabulary import skills

Finder = Callable[[str], list[str]]

_OWN: Final = """
Python, Java, JavaScript, TypeScript, C, C++, C#, Go, Rust, Ruby, PHP, Kotlin, Swift, Scala, R, MATLAB, SQL, NoSQL, PostgreSQL, MySQL, MongoDB, Redis,
Oracle, Kafka, RabbitMQ, Elasticsearch, Docker, Kubernetes, Terraform, Ansible, AWS, Azure, GCP, Linux, Git, CI/CD, REST, GraphQL, Django, Flask, FastAPI,
Spring Boot, React, Angular, Vue, Node.js, HTML, CSS, .NET, Spark, Airflow, dbt, Snowflake, Tableau, Power BI, Excel, Machine learning, Deep learning,
PyTorch, TensorFlow, pandas, Statistics, Data analysis, ETL, Jenkins, Jira, Agile, Scrum, Kanban, Microservices, Unit testing, Prometheus, Grafana,
Microsoft Office, Word, PowerPoint, Outlook, SAP, DATEV, QuickBooks, Xero, Bookkeeping, Accounting, IFRS, GAAP, Payroll, Financial reporting, Budgeting,
Forecasting, Auditing, Invoicing, Accounts payable, Accounts receivable, Procurement, Negotiation, Salesforce, HubSpot, CRM, Cold calling, SEO,
Google Analytics, Content marketing, Social media, Copywriting, Figma, Adobe Photoshop, Adobe Illustrator, InDesign, User research, Wireframing, Prototyping,
Project management, Stakeholder management, PRINCE2, PMP, Risk management, Change management, Patient care, Wound care, Medication administration, IV therapy,
Triage, Intensive care, Infection control, Phlebotomy, CPR, BLS, ACLS, Care planning, Dementia care, Palliative care, Electronic health records, Vital signs,
Manual handling, First aid, Food hygiene, HACCP, Menu planning, Stock control, Inventory management, Forklift, Driving licence, HGV licence, CDL, Welding, CNC,
AutoCAD, SolidWorks, Revit, PLC programming, Electrical installation, Wiring, Fault finding, Hydraulics, Pneumatics, Soldering, Blueprint reading, Plumbing,
Carpentry, HVAC, Preventive maintenance, Lean manufacturing, Six Sigma, Quality control, Health and safety, Risk assessment, Customer service, Cash handling,
Communication, Teamwork, Leadership, Problem solving, Time management, Organisation, Attention to detail, Flexibility, Customer focus, Data protection, GDPR,
Public administration, Administrative law, Budget management, Minute taking, Diary management, Event planning, Typing, Case management, Safeguarding,
Lesson planning, Classroom management, Curriculum development, Special educational needs, Contract law, Legal research, Contract drafting, Compliance,
HPLC, PCR, GMP, GLP, Titration, Microscopy, Cell culture, English, German, French, Spanish, Hindi, Italian, Dutch, Arabic, Mandarin
"""
_AMBIGUOUS: Final = frozenset(
    {"c", "r", "go", "word", "rest", "swift", "scala", "excel", "outlook", "oracle", "organisation"}
)
_INTRO: Final = re.compile(
    r"^(?:(?:at least |a minimum of |minimum )?\d+\+?.{0,12}?(?:years?|yrs)'?(?: of)?(?: (?:proven|relevant|professional|work(?:ing)?|hands-on|practical|post-qualification))* (?:experience\s*)?(?:in|with|of|as|using|working (?:in|with|as))?\s*"
    r"|(?:(?:you (?:have|bring|are|hold|possess)|must (?:have|hold|be)|we (?:expect|need)|have|hold|with|an?|the|be|your|some|any|proven|strong|solid|good|very good|excellent|outstanding|sound|deep|extensive|broad|advanced|basic|current|valid|full|clean|demonstrable|demonstrated|recent|previous|prior|relevant|practical|hands-on|working|in-depth|thorough|first|initial|confident|safe|fluent|professional|essential:?|required:?|desirable:?|"
    r"experienced?|knowledge|understanding|command|skills?|ability|able|proficien(?:t|cy)|expertise|familiar(?:ity)?|background|competen(?:t|ce)|track record|exposure|interest|qualification|qualified|use|handling|min|coded|time-served|ideally|level of|grasp|awareness|certificate|certification|degree|fundiertes?|gute|sehr gute|sichere[rn]?|umgang|erfahrung(?:en)?|kenntnisse|idealerweise|ideally|preferably|maîtrise|connaissances?|expérience|bonne|experiencia|conocimientos?|dominio)\b[ ,]*(?:(?:in|with|of|to|using|at|on|for|as|mit|im|de|des|du|en|dans|con|und|and)\b\s*)?)+)",
    re.IGNORECASE,
)  # fmt: skip
_OUTRO: Final = re.compile(
    r"(?:\s+(?:is|are|would be|will be|being)\b.*|\s*\b(?:required|essential|preferred|desirable|desired|an? plus|an? advantage|an? asset|a must|mandatory|necessary|nice to have|(?:is |ist )?von vorteil|wünschenswert|erforderlich|skills?|experience|knowledge|kenntnisse|erfahrung|preferably.*|ideally.*|or similar.*|or equivalent.*|or comparable.*|such as.*|including.*|e\.g\..*|within \d.*|at \w+ level.*)\s*)+$",
    re.IGNORECASE,
)
_NO_SKILL: Final = re.compile(
    r"^\W*$|^an? |^not |^from |^(?:in|at|on|after|before|during) (?:industry|academia|the|an?)\b|\b(?:you|you've|you[’']ve|isn[’']t|don[’']t|doesn[’']t|aren[’']t|who|they|it|will|we|our|us|apply|salary|holiday|benefits?|please|send|http|www|contract|years?|yrs|jahren?|ans|años|वर्ष)\b",
    re.IGNORECASE,
)
_BEGIN: Final = re.compile(
    r"^(?:(?:an?|the|your|current|valid|full|good|have|has|hold|holds|be|is|are|must|you|possess|titulaire d'une?|abgeschlossene[ns]?|eine?|with)\s+)+",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(
    r"\s\+\s|,\s*(?:and |or |und |et |y )?|\s+(?:and/or|and|or|und|oder|et|ou|sowie|&|y)\s+|\s*[/;•|]\s*"
)
_LEAD: Final = re.compile(
    r"\b(?:experience (?:in|with|of)|(?:working )?knowledge of|confident (?:with|in|at)|comfortable with|skilled (?:in|at)|must (?:be|have|hold)|able to|ability to|familiar with|we ask for)\s+(?!you|at least|\d)(.+)$",
    re.IGNORECASE,
)
_DEGREE: Final = re.compile(
    r"\b(?:degree|diploma|bachelor\S*|master(?:'s|’s)?(?= of| degree)|ph\.?d|doctorate|registered with|registration|GCSEs?|A-levels?|NVQ|Ausbildung|Studium)\b",
    re.IGNORECASE,
)
_DEGREE_TAIL: Final = re.compile(
    r"\s*\b(?:or (?:equivalent|similar|a related|above)|or related|from an?|at grade|at least grade|grade \S+|in a related|or in a|, (?:in|or) ).*$",
    re.IGNORECASE,
)
_GRADE: Final = re.compile(r"\b(?:grades?|class|category|level|band) $", re.IGNORECASE)
MOST_LISTED: Final = 16
MAX_DEGREE_WORDS: Final = 8
MAX_WORDS: Final = 5


def split(lines: list[Line]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Must-have and nice-to-have skills; what is demanded anywhere is no wish any more."""
    sectioned = any(line.kind == "must" for line in lines)
    must: dict[str, str] = {}
    nice: dict[str, str] = {}
    for line in lines:
        if pay.find([(line.text, line.kind == "pay")]):
            continue
        for clause in clauses(line.text):
            strength = _strength(line, clause, sectioned=sectioned)
            if strength:
                target = must if strength == "must" else nice
                target.update((name.casefold(), name) for name in _named(clause, line) if name.casefold() not in target)
    return tuple(must.values()), tuple(name for key, name in nice.items() if key not in must)


def _strength(line: Line, clause: str, *, sectioned: bool) -> str | None:
    said = wording(clause)
    if line.kind in {"must", "nice"}:
        return "nice" if said == "nice" or line.kind == "nice" else "must"
    if line.kind in {"offer", "about", "pay"}:
        return None
    if line.kind == "duties" and not said:
        return None
    return said if said or sectioned else ("must" if line.bullet else None)


def _named(clause: str, line: Line) -> list[str]:
    """What the vocabulary knows; beside it, in a list or after words like "experience of", what it doesn't."""
    known = find(clause)
    aside = f"({clause}" in line.text
    if aside or (known and len(clause.split()) > MOST_LISTED):
        return known
    lead = _LEAD.search(clause)
    if line.kind in {"must", "nice"} and (not lead or not known):
        parts = _phrases(clause)
    else:
        parts = _phrases(lead[1]) if lead else []
    covered = " | ".join(known).casefold()
    return known + [part for part in parts if not _overlap(part.casefold(), known, covered)]


def _overlap(part: str, known: list[str], covered: str) -> bool:
    return part in covered or any(name.casefold() in part for name in known)


def _phrases(clause: str) -> list[str]:
    """Requirements that the vocabulary has no name for, in the advertisement's own words."""
    clause = re.sub(
        r"^(?:wünschenswert|desirable|preferred|essential|required|ideal|optional|souhaité|deseable)\s*:\s*",
        "",
        clause,
        flags=re.IGNORECASE,
    )
    if _DEGREE.search(clause):
        whole = _DEGREE_TAIL.sub("", _BEGIN.sub("", clause.strip(" .:;–-"))).strip(" ,.:;–-")
        return [whole] if 1 < len(whole.split()) <= MAX_DEGREE_WORDS and not _NO_SKILL.search(whole) else []
    bare = _OUTRO.sub("", _INTRO.sub("", clause.strip(" .:;–-"))).strip(" .:;,–-()")
    parts = [part.strip(" .") for part in _BREAK.split(bare)] if len(bare.split()) > 2 else [bare]  # noqa: PLR2004
    return [part for part in parts if len(part) > 2 and len(part.split()) <= MAX_WORDS and not _NO_SKILL.search(part)]  # noqa: PLR2004


def find(text: str) -> list[str]:
    """Skills named in the text, as it writes them and in its order."""
    return _finder()(text)


@cache
def _finder() -> Finder:
    """The project's vocabulary, and beside it the names that only advertisements use."""
    vocabulary, own = skills(), _own_finder()

    def found(text: str) -> list[str]:
        mentions = [
            one
            for one in vocabulary.find(text)
            if (not one.ambiguous or _listed(text)) and not _GRADE.search(text[: one.begin])
        ]
        covered = " | ".join(one.written.casefold() for one in mentions)
        extra = [name for name in own(text) if name.casefold() not in covered]
        return list(dict.fromkeys([*(_as_written(one.written) for one in mentions), *extra]))

    return found


def _as_written(words: str) -> str:
    """The advertisement's own word: its "food hygiene" need not be our "food safety"."""
    return words[:1].upper() + words[1:] if words[:2].islower() else words


def _listed(text: str) -> bool:
    """A list of names, where "Go" is a language and no verb."""
    return bool(re.search(r"[,/;•]", text)) or len(text.split()) <= MAX_WORDS


def _own_finder() -> Finder:
    names = {name.strip().casefold(): name.strip() for name in _OWN.replace("\n", " ").split(",") if name.strip()}
    exact = "|".join(re.escape(names[key]) for key in _AMBIGUOUS)
    loose = "|".join(re.escape(key) for key in sorted(names.keys() - _AMBIGUOUS, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w+#.-])(?:(?i:{loose})|(?:{exact}))(?![\w+#-])(?!\.\w)")

    def found(text: str) -> list[str]:
        return list(dict.fromkeys(names[match.group().casefold()] for match in pattern.finditer(text)))

    return found
