# ruff: noqa: E501 (patterns and word lists)
"""Which language a text is in. Scripts decide first, then the small words, and only then statistics over letters."""

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any, Final

_SCRIPTS: Final = {
    "DEVANAGARI": "hi", "TAMIL": "ta", "BENGALI": "bn", "ARABIC": "ar", "CYRILLIC": "ru", "CJK": "zh",
    "HIRAGANA": "ja", "KATAKANA": "ja", "HANGUL": "ko", "GREEK": "el", "HEBREW": "he", "THAI": "th",
    "GUJARATI": "gu", "GURMUKHI": "pa", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml",
}  # fmt: skip
_SMALL_WORDS: Final[dict[str, frozenset[str]]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": (
            "the a an and or of to in is was were are be been it that this with for on as at by from not i you we they "
            "he she my our your what which when where how do did does have has had will would can could should if then "
            "there because so but me us them his her their about after before into out up all no yes don't didn't"
        ),
        "de": (
            "der die das und oder ich wir sie ist war sind nicht ein eine einen dem den des mit für auf von zu im am bei "
            "als wie dass habe hat haben wurde werden kann auch nach aus wenn ihr ihre wird sich über mehr sowie zum zur"
        ),
        "fr": (
            "le la les et ou je nous vous est était sont pas un une des du dans avec pour sur que qui de à au aux ce cette "
            "mais ai avons été être plus par en votre notre il elle ils leur son sa ses j'ai c'est d'un d'une l'équipe"
        ),
        "es": (
            "el la los las y o yo nosotros es era son no un una unos de del en con para por que se lo al como pero he hemos "
            "ha fue ser más su sus mi nuestro este esta muy cuando donde porque también sobre"
        ),
        "it": "il lo la gli e o io noi è era sono non un una di del della in con per che si ma ho abbiamo più anche come nel",
        "pt": "o a os as e ou eu nós é era são não um uma de do da em com para por que se mas tenho temos mais também como no",
        "nl": "de het een en of ik wij we is was zijn niet van in met voor op dat die maar heb hebben had ook als bij naar",
        "hi-latn": (
            "mujhe main mein maine hai hain tha thi the aur nahi nahin kya ka ki ke ko se par bhi kar karta karti kiya "
            "gaya raha rahi hum humne apne mera meri woh yeh toh jab phir bahut"
        ),
    }.items()
}  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
ENOUGH_SMALL_WORDS: Final = 0.15
FEW_WORDS: Final = 6
MOST: Final = 0.5


def detect(text: str) -> str:
    """ISO 639-1, "hi-latn" for romanised Hindi, "und" where no letter tells. Short Latin text counts as English."""
    script = _script(text)
    if script != "latn":
        return _marathi_or(text, script)
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    shares = {name: sum(w in small for w in words) / len(words) for name, small in _SMALL_WORDS.items()}
    best = max(shares, key=lambda name: (shares[name], name == "en"))
    if shares["en"] >= max(ENOUGH_SMALL_WORDS, shares[best]):
        return "en"
    if len(words) < FEW_WORDS:
        return best if shares[best] >= MOST else "en"
    return best if shares[best] >= ENOUGH_SMALL_WORDS else _by_letters(text)


def english(text: str) -> bool:
    return detect(text) in {"en", "und"}


def _script(text: str) -> str:
    found = Counter(_script_of(character) for character in text if character.isalpha())
    if not found:
        return "und"
    script, count = found.most_common(1)[0]
    return script if count >= MOST * found.total() else "latn"


@cache
def _script_of(character: str) -> str:
    first = unicodedata.name(character, "LATIN").split()[0]
    return _SCRIPTS.get(first, "latn" if first in {"LATIN", "MODIFIER", "FULLWIDTH"} else "und")


def _marathi_or(text: str, script: str) -> str:
    """Hindi and Marathi share a script: statistics tell them apart."""
    return _by_letters(text) if script == "hi" else script


def _by_letters(text: str) -> str:
    if _script(text) == "hi":
        return str(_identifier(("hi", "mr")).classify(text)[0])
    return str(_identifier(("en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "tr", "id")).classify(text)[0])


@cache
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(languages))
    return identifier
