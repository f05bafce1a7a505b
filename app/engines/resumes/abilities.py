"""Skills, languages and certificates: lists, however they are laid out."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from app.engines.resumes.layout import Line
from app.engines.resumes.lexicon import fold, is_bullet, phrases, plain, unbulleted
from app.engines.resumes.parts import dateless
from app.engines.vocabulary import skills

_CUT = re.compile(r"\t|\s*[•·|▪■●○◦★☆‣✓✔⋅;]\s*|\s+[–—]\s+|\s{3,}|\s+/\s+")
_LEVEL = re.compile(
    r"\s*[(\[:–-]?\s*\b(?:expert|advanced|intermediate|beginner|basic|proficient|fluent|good|very good|excellent|"
    r"strong|sehr gut|gut|grundkenntnisse|fortgeschritten|"
    r"avancé|intermédiaire|débutant|bon|avanzado|intermedio|básico|medio|alto|"
    r"\d+\+?\s*(?:years?|yrs?|jahre|ans|años)|\d{1,3}\s?%|\d/\d{1,2})\b\s*[)\]]?\s*$",
    re.IGNORECASE,
)
_REACHED = re.compile(r"@|https?://|www\.|\w\.(?:com|org|net|example|de|fr|es|in|io)/")
_MOST_WORDS = 6
_LONGEST = 60
_LOCALES = ("en", "de", "fr", "es", "hi")
_LABEL = re.compile(r"^([^:,;\t]{2,40}):\s*(.*)$")
_LIST_WORDS = re.compile(
    r"^(?:and|und|et|y|sowie|including|incl\.|e\.g\.|etc\.?|और)\s+|\s+(?:etc\.?|usw\.?)$", re.IGNORECASE
)


def skill_items(lines: list[Line]) -> list[dict[str, Any]]:
    """One skill each, as the candidate wrote it; `keywords` has the vocabulary's name where that differs."""
    found: dict[str, dict[str, Any]] = {}
    for text in _items(lines):
        for name in _one_each(text):
            found.setdefault(fold(name), _skill(name))
    return list(found.values())


def _skill(name: str) -> dict[str, Any]:
    known = skills().named(name)
    return {"name": name} if known is None or fold(known) == fold(name) else {"name": name, "keywords": [known]}


def _items(lines: list[Line]) -> Iterable[str]:
    for joined in _joined([line for n, line in enumerate(lines) if not _labels_below(lines, n)]):
        text = unbulleted(joined)
        head, cell, rest = text.partition("\t")
        if cell and "," not in head and rest.count(",") > 0 and "\t" not in rest and not skills().named(head):
            text = f"{head}: {rest}"
        match = _LABEL.match(text)
        listed = match is not None and ("," in match[2] or not skills().named(match[1]))
        unlabelled = match[2] if match and listed else text
        for part in _CUT.split(unlabelled):
            yield from _by_commas(part)


def _labels_below(lines: list[Line], position: int) -> bool:
    """A bold line above others that are not, in a list that is not bold: what they are about."""
    few = sum(line.bold for line in lines) * 2 <= len(lines)
    goes_on = position + 1 < len(lines) and not lines[position + 1].bold
    return lines[position].bold and few and goes_on and not is_bullet(lines[position].text)


def _joined(lines: list[Line]) -> list[str]:
    """Lists of commas run on over lines; an open bracket does too."""
    out: list[str] = []
    for line in lines:
        text = line.text.strip()
        open_end = out and (
            out[-1].endswith((",", "&", " and", " und", " et", " y")) or out[-1].count("(") > out[-1].count(")")
        )
        runs_on = out and "," in out[-1] and text[:1].islower() and not is_bullet(text)
        wraps = (
            out
            and out[-1].count(",") > 1
            and "," in text
            and not is_bullet(text)
            and not _LABEL.match(text)
            and len(out[-1]) > _LONGEST
        )
        if open_end or runs_on or wraps:
            out[-1] = f"{out[-1]} {text}"
        else:
            out.append(text)
    return out


def _by_commas(part: str) -> list[str]:
    """Commas inside brackets part nothing."""
    out, depth, current = [], 0, ""
    for letter in part:
        depth += (letter == "(") - (letter == ")")
        if letter in ",،、" and depth <= 0:
            out.append(current)
            current = ""
        else:
            current += letter
    return [*out, current]


def _one_each(text: str) -> list[str]:
    text = _LIST_WORDS.sub(
        "", plain(text).strip(" ()[]") if text.count("(") != text.count(")") else plain(text)
    ).strip()
    text = _LEVEL.sub("", text).strip(" ,:–-") or text
    if not re.search(r"[^\W\d_]", text) or _REACHED.search(text):
        return []
    if len(text.split()) <= _MOST_WORDS and len(text) <= _LONGEST and not text.endswith("."):
        return [text]
    return [match.written for match in skills().find(text)]


def mentioned_skills(text: str) -> list[dict[str, Any]]:
    """Without a list of skills: what the vocabulary finds in the text."""
    names = dict.fromkeys(match.name for match in skills().find(text) if not match.ambiguous)
    return [{"name": name} for name in names]


@cache
def languages_by_name() -> tuple[dict[str, str], re.Pattern[str]]:
    """Names of languages in five languages → English name."""
    from babel import Locale

    english = Locale("en").languages
    names = {
        "castellano": "Spanish",
        "kiswahili": "Swahili",
        "sesotho": "Sotho",
        "isizulu": "Zulu",
        "filipino": "Filipino",
        "mandarin": "Mandarin",
        "mandarin chinese": "Mandarin",
        "farsi": "Persian",
        "british sign language": "British Sign Language",
        "valenciano": "Valencian",
        "euskera": "Basque",
        "gallego": "Galician",
        "tagalog": "Tagalog",
        "cantonese": "Cantonese",
        "flemish": "Flemish",
        "catalán": "Catalan",
        "twi": "Twi",
        "pidgin": "Pidgin",
        "अंग्रेज़ी": "English",
        "अंग्रेजी": "English",
        "हिन्दी": "Hindi",
        "हिंदी": "Hindi",
        "उर्दू": "Urdu",
        "संस्कृत": "Sanskrit",
        "भोजपुरी": "Bhojpuri",
    }
    for locale in _LOCALES:
        for code, name in Locale(locale).languages.items():
            if len(code) <= 3 and code in english and len(name) > 2 and "(" not in name:  # noqa: PLR2004
                names.setdefault(fold(name), english[code])
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    return names, re.compile(rf"(?<![^\W_])(?:{'|'.join(longest)})(?![^\W_])")


_CEFR = re.compile(r"\b([ABC][12])\b")
_UNSURE = {
    "ga",
    "so",
    "to",
    "an",
    "bem",
    "mon",
    "sur",
    "bad",
    "luo",
    "kru",
    "yao",
    "fan",
    "vai",
    "lese",
    "fon",
    "marco",
    "eton",
    "santa",
    "male",
}


def language_items(lines: list[Line]) -> list[dict[str, str]]:
    """Reads "German (C1)", "Englisch: fließend", rows of a table."""
    names, pattern = languages_by_name()
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        folded = fold(line.text)
        matches = [match for match in pattern.finditer(folded) if match[0] not in _UNSURE]
        for position, match in enumerate(matches):
            stop = matches[position + 1].start() if position + 1 < len(matches) else len(folded)
            language = {"language": names[match[0]]}
            level = _fluency(folded[match.end() : stop]) or (
                _fluency(folded[: match.start()]) if position == 0 and ":" in folded else None
            )
            found.setdefault(names[match[0]], language | ({"fluency": level} if level else {}))
    return list(found.values())


def language_places(text: str, language: str) -> list[tuple[int, int]]:
    """Where a line names it, in any of our languages."""
    names, pattern = languages_by_name()
    low = text.lower()
    found = pattern.finditer(low) if len(low) == len(text) else ()
    return [match.span() for match in found if names[fold(match[0])] == language]


def _fluency(text: str) -> str | None:
    cefr = _CEFR.search(text.upper())
    if cefr:
        return cefr[1]
    match = phrases("languages", "levels").search(text)
    return match[0].capitalize() if match else None


def certificate_items(lines: list[Line]) -> list[dict[str, str]]:
    out = []
    for line in lines:
        text, span = dateless(unbulleted(line.text))
        name = plain(" ".join(text.replace("\t", " – ").split()))[:200]
        if not re.search(r"[^\W\d_]{2}", name):
            continue
        when = span and (span.last or span.first)
        out.append({"name": name, "date": when} if when else {"name": name})
    return out
