# ruff: noqa: E501 (patterns and word lists)
"""Which part of an advertisement a line belongs to: by headings in five languages, else by its own wording."""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["head", "must", "nice", "duties", "offer", "about", "pay"]

_HEADINGS: Final[tuple[tuple[Kind, str], ...]] = (
    (
        "nice",
        (r"(?:nice[ -]to[ -]haves?|(?:desirable|preferred|optional|bonus)(?: points| skills?| criteria| qualifications?| experience| requirements?| attributes?)?|plus(?:es)?(?: points)?|advantage(?:s|ous)?|beneficial|(?:highly |well )?regarded|(?:also )?welcome|not (?:required|essential|needed)|(?:what|it) (?:would|will|might)? ?(?:make you stand out|helps?)|what(?: would)? sets? you apart|(?:it'?s |would be )?an? (?:plus|advantage)"
        r"|what would be (?:great|nice)|good to have|extra(?:s| credit)|ideal(?:ly)?|additional(?:ly)? (?:skills|assets)"
        r"|assets|von vorteil|wünschenswert|idealerweise|das wäre (?:schön|toll)|pluspunkte"
        r"|les plus|serait un plus|atouts?|souhaité|apprécié"
        r"|deseable|se valorar[áa]|valorable|requisitos deseables|वांछनीय|अतिरिक्त योग्यता|प्राथमिकता)"),
    ),
    (
        "must",
        (r"(?:(?:minimum |basic |key |essential |job |person |required |candidate )*(?:requirements?|qualifications?|specification"
        r"|criteria|profile|experience|competenc(?:ies|es)|skills)|essentials?|must[ -]haves?|what you(?:'ll| will)? (?:bring|need)|who you are"
        r"|about you|you (?:have|bring|are|offer)|your (?:profile|background|skills)|what (?:we(?:'re| are)?|i'?(?:m| am)?) ?(?:look|ask|expect|need|want|require)\w*|(?:mandatory|must[ -]have|required|key|technical|core) (?:skills?|competenc\w+|experience)|competenc(?:ies|es)|knowledge of"
        r"|we (?:expect|are looking for)|skills (?:and|&) \w+|education|the ideal candidate|eligibility"
        r"|(?:ihr|dein|unser)?e? ?(?:profil|anforderungen|qualifikation(?:en)?|voraussetzungen)|das bringst du mit|das bringen sie mit"
        r"|was (?:du mitbringst|sie mitbringen)|wir erwarten|ihre qualifikation|anforderungsprofil"
        r"|(?:votre |le )?profil(?: recherché| requis)?|compétences(?: requises)?|exigences|vous (?:êtes|avez)|ce que vous apportez"
        r"|requisitos|perfil(?: requerido| buscado)?|qué (?:buscamos|pedimos)|lo que buscamos|te pedimos|imprescindible"
        r"|आवश्यक योग्यता|योग्यताएँ|योग्यता|आवश्यकताएँ|अनिवार्य|पात्रता)"),
    ),
    (
        "duties",
        (r"(?:(?:key |main |your |job |the |daily |examples of |typical )*(?:responsibilit(?:ies|y)|duties|tasks|accountabilities|role)|what you(?:'ll| will)? (?:do|be doing)"
        r"|in this role|your (?:job|day|mission|impact)|the (?:job|position|work)|roles? (?:and|&) responsibilit\w+|what awaits you|main duties|job description|role (?:overview|summary|purpose)|job purpose|day to day|you will"
        r"|(?:ihre|deine|die) ?(?:aufgaben|tätigkeiten|verantwortung)|aufgaben(?:gebiet)?|das erwartet (?:dich|sie)|tätigkeiten"
        r"|(?:vos |les )?missions?|(?:vos |le )?(?:responsabilités|tâches)|le poste|descriptif du poste"
        r"|funciones|responsabilidades|tareas|tus funciones|qué harás|el puesto"
        r"|कार्य विवरण|जिम्मेदारियाँ|ज़िम्मेदारियाँ|जिम्मेदारियां|कर्तव्य|मुख्य कार्य|कार्य)"),
    ),
    (
        "pay",
        (r"(?:salary|pay(?: range| rate| scale)?|compensation|remuneration|wage|gehalt|vergütung|entlohnung|lohn|bezahlung"
        r"|rémunération|salaire|salario|retribución|sueldo|वेतन|वेतनमान)"),
    ),
    (
        "offer",
        (r"(?:(?:our |the |your )?benefits?|what you get(?: package)?|perks|what we offer|we offer|why (?:join|work|you)\w*.*|your benefits|what(?:'s| is) in it for you"
        r"|wir bieten|das bieten wir|unser angebot|unsere leistungen|benefits|deine vorteile|ihre vorteile"
        r"|(?:nous|on) (?:vous )?(?:offrons|proposons)|avantages|ofrecemos|beneficios|qué ofrecemos|te ofrecemos|सुविधाएँ|हम देते हैं|लाभ)"),
    ),
    (
        "about",
        (r"(?:about (?:us|the company|the team|the organi[sz]ation|our .*|[a-z0-9 &.-]+)|who we are|company(?: description| overview)?|our (?:mission|story|values|company)|how to apply"
        r"|(?:to )?apply|application|equal opportunit\w*.*|diversity.*|contact|disclaimer|über uns|wir sind|das sind wir|bewerbung|kontakt"
        r"|jetzt bewerben|special (?:requirements|conditions)|physical (?:demands|requirements)|working conditions|selection process|important dates|qui sommes[- ]nous|à propos.*|l'entreprise|candidature|sobre nosotros|qui[ée]nes somos|contacto"
        r"|हमारे बारे में|आवेदन.*|संपर्क)"),
    ),
)  # fmt: skip
_PATTERNS: Final = [(kind, re.compile(rf"{words}\b|{words}$", re.IGNORECASE)) for kind, words in _HEADINGS]
_BULLET: Final = re.compile(r"^\s*(?:[-–—*•·▪▫●○◦‣>✓✔✅☑➢➤➜►→⇒★◆♦o]\ufe0f?|\(?(?:\d{1,2}|[a-hA-H]|[ivx]{1,4})[.):])\s+")
_MARKS: Final = re.compile(r"^[#*_\s>]+|[#*_\s]+$")
_LABEL: Final = re.compile(r"^([^:：]{3,45})[:：]\s*(.*)$")
_FACT: Final = re.compile(
    r"(?:working |office )?(?:days|hours|shifts?|timings?)|start(?: date)?|reports? to|notice period|contract(?: type)?|closing date|employment type|no\. of posts|openings?$",
    re.IGNORECASE,
)
_SOUGHT: Final = re.compile(r"looking for|seek|someone who|\bneed|\bsuchen|recherch|buscamos", re.IGNORECASE)
MAX_HEADING_WORDS: Final = 7
MAX_OPENING_WORDS: Final = 14
MAX_LIST_WORDS: Final = 9
_TAIL_WORDS: Final = 4
SHORT_TAIL: Final = 2
_SAYS_EXPERIENCE: Final = re.compile(r"experience|erfahrung|expérience|experiencia|अनुभव", re.IGNORECASE)

_NICE_WORDING: Final = re.compile(
    r"nice[ -]to[ -]have|(?:is|are|would be|as|considered|be) an? (?:\w+ )?(?:plus|advantage|asset|bonus)|an? (?:big |strong |definite )?(?:plus|advantage|asset|bonus)\b"
    r"|(?<!\w)preferr?ed\b|preferabl[ey]|preferred but|desirable|ideally|optional|not (?:strictly )?(?:required|essential|necessary)|welcome\b|helpful|(?:it|that) helps|(?:isn['’]t|is not|aren['’]t|not) (?:needed|a condition)|lovely|beneficial|advantageous|good to have"
    r"|von vorteil|wünschenswert|idealerweise|gerne (?:auch|mit)|ein plus|vorteilhaft|hilfreich"
    r"|serait un plus|est un (?:plus|atout)|un atout|souhaité|apprécié|idéalement"
    r"|deseable|se valorar|valorable|un plus\b|idealmente|वांछनीय|वरीयता|प्राथमिकता",
    re.IGNORECASE,
)
_MUST_WORDING: Final = re.compile(
    r"\b(?:must|required?|requires|essential|mandatory|necessary|you have|you bring|you are|you hold|we expect|we need|prerequisite|proven|need to have|should have|experienced? (?:in|with)"
    r"|experience (?:in|with|of)|knowledge of|proficien\w+|familiar\w*|fluent|ability to|able to|confident (?:with|in|at)|comfortable with|we ask for|degree in|licen[cs]e"
    r"|erforderlich|voraussetzung|zwingend|vorausgesetzt|sie (?:haben|verfügen|bringen)|du (?:hast|bringst)|kenntnisse|erfahrung (?:in|mit)|abgeschlossene"
    r"|exigé|obligatoire|requis|indispensable|maîtrise|expérience (?:en|dans|de)|connaissance|vous (?:avez|maîtrisez)"
    r"|imprescindible|obligatorio|requerido|experiencia (?:en|con)|conocimientos?|dominio)\b|अनिवार्य|आवश्यक|अनुभव|ज्ञान",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    kind: Kind
    bullet: bool


def split(text: str) -> list[Line]:
    """The advertisement's lines with the section each stands in; headings themselves are left out."""
    kind: Kind = "head"
    lines: list[Line] = []
    list_ended = False
    for raw in text.splitlines():
        bullet = bool(_BULLET.match(raw))
        line = _MARKS.sub("", _BULLET.sub("", raw)).strip()
        if not line:
            list_ended = bool(lines) and (lines[-1].bullet or _listed(lines[-1]))
            continue
        found, rest = (None, line) if bullet and not raw.rstrip().endswith(":") else heading(line)
        if found is None:
            kind = "head" if list_ended and not bullet and (lines[-1].bullet or line.endswith(".")) else kind
            lines.append(Line(line, kind, bullet))
            list_ended = False
            continue
        list_ended = False
        if rest:
            lines.append(Line(line if _SAYS_EXPERIENCE.search(line[: -len(rest)]) else rest, found, bullet=False))
            kind = kind if found == "pay" or _FACT.match(line) else found
        else:
            kind = found
    return lines


def _listed(line: Line) -> bool:
    """A line of a list that somebody wrote without marks."""
    return len(line.text.split()) <= MAX_LIST_WORDS and not line.text.endswith((".", "!", "?", ":"))


def heading(line: str) -> tuple[Kind | None, str]:
    """The kind of section that the line opens, and what stands on it after a colon."""
    label = _LABEL.match(line)
    name, rest = (label[1], label[2]) if label else (line, "")
    name = name.strip(" *#_?!–-…").replace("’", "'")
    if len(name.split()) > MAX_HEADING_WORDS or (not label and line.endswith((".", ";", ","))):
        return None, line
    if label and _FACT.match(name):
        return "about", rest
    if told := _opening(line):
        return told, ""
    for kind, pattern in _PATTERNS:
        found = pattern.match(name)
        if found and len(name[found.end() :].split()) <= _TAIL_WORDS and (label or _looks_like(name, found.end())):
            return kind, rest
    return None, line


def _opening(line: str) -> Kind | None:
    """A line that opens a list: "To be considered you must have:", "We are looking for someone who:"."""
    if not line.endswith((":", "：")) or len(line.split()) > MAX_OPENING_WORDS:
        return None
    if _NICE_WORDING.search(line):
        return "nice"
    if re.search(r"\bwill (?:be|have|deal|carry|work|lead|help)\b", line, re.IGNORECASE):
        return "duties"
    return "must" if _MUST_WORDING.search(line) or _SOUGHT.search(line) else None


def _looks_like(name: str, end: int) -> bool:
    """Without a colon a heading stands nearly alone: "Requirements", not "Experience in nursing homes"."""
    rest = name[end:].split()
    if len(rest) <= SHORT_TAIL and re.match(r"what|who|was |das |wen |ce que|lo que", name, re.IGNORECASE):
        return True
    return not rest or (
        rest[0].lower() in {"and", "&", "und", "et", "y", "for", "/", "of", "your", "you", "mit", "to", "in"}
        and len(rest) <= _TAIL_WORDS
        and not re.search(r"experience|education", name[:end], re.IGNORECASE)
    )


def wording(clause: str) -> Literal["must", "nice"] | None:
    if _NICE_WORDING.search(clause):
        return "nice"
    return "must" if _MUST_WORDING.search(clause) else None


def clauses(line: str) -> list[str]:
    """The parts of a line that can differ in how strongly they demand."""
    return [
        part.strip()
        for part in re.split(
            r"(?<=[.;!?।])\s+|\s+[–—]\s+|;|\s\(|\)\s?|, (?=ideally|preferably|idealerweise|idéalement)|\bbut\b",
            line,
        )
        if part and part.strip()
    ]
