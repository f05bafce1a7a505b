# ruff: noqa: E501 (patterns and word lists)
"""How high: the level of a certificate, and of a language."""

import re
from typing import Final

from app.engines.resumes.abilities import languages_by_name
from app.engines.resumes.lexicon import fold

_LEVEL: Final = re.compile(r"\b(?:level|niveau|nivel|stufe|grade)\s+(\d)\b", re.IGNORECASE)
_CEFR: Final = {"a1": 1, "a2": 2, "b1": 3, "b2": 4, "c1": 5, "c2": 6}
_SPOKEN: Final = (
    (6, r"native|mother tongue|bilingual|first language|mutterspr\w*|maternelle?|bilingue|nativ[oa]|materna|bilingüe|मातृभाषा"),
    (1, r"beginner\w*|basics?|elementary|a few words|a little|evening class|grundkenntnisse|schulkenntnisse|school level|notions|scolaire|débutante?|básico|nociones|limited|बुनियादी"),
    (5, r"business fluent|fluent\w*|fluency|proficient|full professional|fließend\w*|verhandlungssicher\w*|courante?|fluido|excellent|advanced|avancé|avanzado|धाराप्रवाह|sehr gut\w*|very good"),
    (4, r"professional|good|gut\w*|working|upper intermediate|wort und schrift|spoken and written|professionnel|bon niveau|alto|अच्छा"),
    (3, r"intermediate|conversational|konversations\w*|intermédiaire|intermedio|medio|मध्यम"),
)  # fmt: skip
_PLAIN: Final = 3
_BESIDE: Final = """
and or better above higher at least level in of to a good very fluent fluency native speaker language languages skills
spoken written business professional conversational basic proficient proficiency excellent working knowledge ability
speak speaker speaking und oder besser wort schrift fließend fließende fließendes gute sehr kenntnisse sprachkenntnisse
verhandlungssicher verhandlungssicheres muttersprache et ou courant lu parlé écrit niveau bon maîtrise de en l y o nivel
alto fluido hablado escrito a1 a2 b1 b2 c1 c2
"""
_AROUND: Final = frozenset(_BESIDE.split())
_ITEM: Final = re.compile(r"\s*:?\s*\([^)]*\)|[^,;|•·/\n]*")


def level_in(text: str) -> int | None:
    found = [int(match[1]) for match in _LEVEL.finditer(text)]
    return max(found) if found else None


def levelless(text: str) -> str:
    return _LEVEL.sub(" ", text)


def languages_asked(wanted: str) -> tuple[list[str], int, bool]:
    """Of a requirement that asks for nothing but languages: which, how well, and whether one of them is enough."""
    names, pattern = languages_by_name()
    folded = fold(wanted)
    found = [names[match[0]] for match in pattern.finditer(folded)]
    rest = re.findall(r"\w+", pattern.sub(" ", folded))
    if not found or not set(rest) <= _AROUND:
        return [], 0, False
    return found, spoken(folded) or _PLAIN, bool({"or", "oder", "ou", "o"} & set(rest)) and len(found) > 1


def spoken(text: str) -> int | None:
    """How well, from 1 to 6."""
    low = text.casefold()
    if cefr := re.search(r"\b([abc][12])\b", low):
        return _CEFR[cefr[1]]
    return next((level for level, words in _SPOKEN if re.search(rf"(?<!\w)(?:{words})(?!\w)", low)), None)


def spoken_of(after: str, before: str) -> int | None:
    """What is told of a language: behind it up to the next one, or before it ("fluent English")."""
    item = _ITEM.match(after)
    behind = item.group() if item else ""
    return spoken(behind) or spoken(re.split(r"[,;|•·/()]", before)[-1])


def language_of(text: str) -> str | None:
    names, _ = languages_by_name()
    return names.get(fold(text))
