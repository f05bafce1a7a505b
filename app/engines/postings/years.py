# ruff: noqa: E501 (patterns and word lists)
"""How many years of experience are asked for."""

import re
from typing import Final

_WORDS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15,
    "ein": 1, "einem": 1, "einjährige": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "zehn": 10, "zweijährige": 2, "dreijährige": 3, "fünfjährige": 5,
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "dix": 10, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "diez": 10,
    "एक": 1, "दो": 2, "तीन": 3, "चार": 4, "पाँच": 5, "पांच": 5, "छह": 6, "सात": 7, "दस": 10,
}  # fmt: skip
_N: Final = rf"(?:\d{{1,2}}(?:[.,]5)?|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_DEVANAGARI: Final = str.maketrans("०१२३४५६७८९", "0123456789")
_YEARS: Final = re.compile(
    rf"(?<![\w.,£$€₹])(?P<low>{_N})\s?(?:\(\d+\))?\s?(?:\+|plus|or more|ou plus|o más)?\s*(?:(?:-|–|—|to|bis|à|a|or|से)\s*(?P<high>{_N})\s?\+?)?\s*"
    r"(?P<unit>(?:full |volle )?(?:years?|yrs?|yoe|jahren?|jährige|ans|années?|an\b(?! (?:hour|heure))|años?|वर्षों|वर्ष|साल)|(?:months?|monate|mois|meses|महीने))"
    r"(?P<after>[^.;!?\n।]{0,70})",
    re.IGNORECASE,
)
_EXPERIENCE: Final = re.compile(
    r"experience|expérience|experiencia|\w*erfahrung|अनुभव|yoe|as an? |in (?:a|the) (?:similar|same)|working|practice|practising|background|post[- ]qualification|relevant|hands[- ]on|minimum|at least|mindestens|au moins|mínimo|développement|professional|\bmin\b|\bminimum|pqe"
    r"|^\s*\w+ing\b|^\s*(?:in|behind|on|with) ",
    re.IGNORECASE,
)
_NOT: Final = re.compile(
    r"years? old|years of age|jahre alt|lebensjahr|\bage\b|aged|alter von|for (?:over|more than) \d+ years|seit (?:über )?\d+|founded|history|anniversary|established|contract|fixed[- ]term|"
    r"befristet|depuis|desde hace|warranty|guarantee|renewal|per year|a year|degree programme|course|vocational training of|ausbildung von|passport|over the (?:last|next|past)|within \d|in the (?:last|past|next)|combined|maternity|first instance|in a row|fixed term|programme|takes",
    re.IGNORECASE,
)
_OURS: Final = re.compile(
    r"\b(?:we|our|us|wir|unser\w*|nous|notre|company|firm|practice has|team has|has been|have been|seit)\b[^.;]{0,50}$",
    re.IGNORECASE,
)
MONTHS: Final = 12
MOST: Final = 30


def find(lines: list[tuple[str, bool]]) -> float | None:
    """The lowest number of years that lets somebody apply; each line comes with whether it names a mere wish.

    Several demands have to be met together, so the largest counts; alternatives ("5 years, or 3 with a
    degree") need one of them, so the smallest counts.
    """
    found = [_in_line(line) for line, wish in lines if not wish]
    demanded = [years for years in found if years is not None]
    return max(demanded, default=None)


def _in_line(line: str) -> float | None:
    text = line.translate(_DEVANAGARI)
    numbers = [years for match in _YEARS.finditer(text) if (years := _demand(match, text)) is not None]
    if not numbers:
        return None
    alternatives = re.search(r"\bor\b|\boder\b|\bou\b|\bo bien\b|या", text) is not None and len(numbers) > 1
    return min(numbers) if alternatives else max(numbers)


def _demand(match: re.Match[str], text: str) -> float | None:
    before, after = text[max(0, match.start() - 60) : match.start()], match["after"]
    if _NOT.search(before[-40:] + match.group()[:40]) or _OURS.search(before):
        return None
    if not _EXPERIENCE.search(after) and not _EXPERIENCE.search(before) and not re.search(r"[+]", match.group()):
        return None
    number = _number(match["low"])
    years = number / MONTHS if match["unit"].lower()[:2] in {"mo", "me", "मह"} else number
    return round(years, 2) if years <= MOST else None


def _number(written: str) -> float:
    lowered = written.lower()
    return float(_WORDS[lowered]) if lowered in _WORDS else float(lowered.replace(",", "."))
