# ruff: noqa: E501 (word lists)
"""The words of a text as they are meant where they stand, and which of a reference's an answer has.

Words are aligned by what the model makes of them in their sentence (BERTScore, Zhang et al. 2020), read after the
question, so that "thicker copper" is found for "a larger cross-section" and "it" is what was asked about. A word that
is denied in one text and stated in the other, or that meets its opposite, counts against; so do words of the
reference that an answer puts together and the reference keeps apart.
"""

import re
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from app.engines.judging.interview import Meaning, Vectors
from app.engines.judging.pieces import STOP_WORDS, content, sentences, stem, words

RARE_WEIGHT: Final = 1.6
NOTHING_LIKE, AS_GOOD_AS = 0.25, 0.75
THE_SAME: Final = 0.6
AGAINST: Final = -0.5
MISSED: Final = 0.5
DENIAL_REACHES: Final = 6
LEAD: Final = 240
_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*%?|[.,;:!?()]")
_STOPS: Final = frozenset(".,;:!?()") | {"but", "and", "because", "so", "although", "then"}
_APART: Final = re.compile(r"[,;:.]\s+|\s+(?:and|but|so|because|while|when|if|or|then|that|which)\s+", re.IGNORECASE)
_DENIAL: Final = re.compile(
    r"(?:not|no|never|none|neither|nor|cannot|without|nothing|nobody|hardly|unable|dont|doesnt|isnt|cant|wont)$|.*n't$"
)
_PAIRS: Final = (
    ("increase rise more higher grow larger bigger greater", "decrease fall less lower shrink smaller fewer reduce"),
    ("before prior earlier", "after later afterwards"), ("first front top beginning start", "last back bottom end"),
    ("fast quick quickly", "slow slowly"), ("true correct right", "false wrong incorrect"), ("always every all", "never none"),
    ("open", "close shut"), ("add insert", "remove delete"), ("hot warm", "cold cool"), ("high", "low"), ("positive", "negative"),
    ("public", "private"), ("input incoming", "output outgoing"), ("inside internal", "outside external"), ("static", "dynamic"),
    ("attract", "repel"), ("expand swell", "contract shrink"), ("gain", "lose"), ("same equal", "different unequal differ"),
    ("allow permit", "forbid prevent block"), ("complete", "incomplete"), ("series", "parallel"), ("minimum", "maximum"),
    ("buyer customer", "seller supplier"), ("debit", "credit"), ("cheap", "dear expensive"), ("strong", "weak"), ("hard", "soft"),
    ("safe", "dangerous unsafe"), ("accept", "reject refuse"), ("import", "export"), ("short", "long"), ("thin", "thick"),
)  # fmt: skip


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for sides in _PAIRS:
        one, other = ({stem(word) for word in side.split()} for side in sides)
        for stems, against in ((one, other), (other, one)):
            for each in stems:
                found.setdefault(each, set()).update(against)
    return {each: frozenset(against) for each, against in found.items()}


OPPOSITES: Final = _opposites()


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    stem: str
    denied: bool
    meant: Vectors


def lead(question: str) -> str:
    """The question before what is said to it; of a long one its end, so that room is left."""
    return f"{question if len(question) <= LEAD else question[-LEAD:].partition(' ')[2]} "


def read(text: str, meaning: Meaning, *, before: str = "") -> list[Word]:
    """The words that carry meaning; a denial reaches over the next words of its clause."""
    whole = before + text
    spans, rows = meaning.in_context(whole)
    found: list[Word] = []
    reaches = 0
    for match in _WORD.finditer(whole, len(before)):
        word = match[0].lower().replace("’", "'")
        if word in _STOPS:
            reaches = 0
            continue
        denial = bool(_DENIAL.match(word))
        here = [place for place, (start, end) in enumerate(spans) if start < match.end() and end > match.start()]
        if here and word not in STOP_WORDS and not denial:
            mean = rows[here].mean(axis=0)
            found.append(Word(word, stem(word), reaches > 0, mean / np.linalg.norm(mean)))
        reaches = DENIAL_REACHES if denial else max(0, reaches - 1)
    return found


@dataclass(frozen=True, slots=True)
class Shared:
    """Of a reference's words: the share that an answer has, those that it lacks, and those that it stands against."""

    share: float
    missed: tuple[str, ...]
    turned: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rearranged:
    """Of the pairs of a reference's words that stand together in an answer, those that do not in the reference."""

    share: float
    pairs: tuple[str, ...]


def rearranged(question: str, reference: str, answer: str) -> Rearranged:
    """Whether words keep their company: buyer and seller may change places without a word being lost.

    Words of the question are left out of it; one more is counted so that a single pair does not decide.
    """
    together = {pair for clause in _clauses(reference) for pair in combinations(sorted(clause), 2)}
    wanted = {word for clause in _clauses(reference) for word in clause} - set(content(question))
    heard = {pair for clause in _clauses(answer) for pair in combinations(sorted(clause.keys() & wanted), 2)}
    odd = heard - together
    spelt = {word: text for clause in _clauses(answer) for word, text in clause.items()}
    named = tuple(sorted(f"{spelt[one]} with {spelt[other]}" for one, other in odd))
    return Rearranged(len(odd) / (len(heard) + 1), named)


def _clauses(text: str) -> list[dict[str, str]]:
    """Of each clause the words that carry meaning, by their stems."""
    parts = [part for sentence in sentences(text) for part in _APART.split(sentence)]
    return [
        {stem(word): word for word in words(part) if word not in STOP_WORDS and not _DENIAL.match(word)}
        for part in parts
    ]


def shared(question: str, reference: str, answer: str, meaning: Meaning) -> Shared:
    """Whatever they are called there; a word of the question counts for nothing.

    That is "question demoting" (Sultan, Salazar and Sumner 2016): whoever repeats the question has not answered it.
    """
    before = lead(question)
    wanted, given = read(reference, meaning, before=before), read(answer, meaning, before=before)
    if not wanted or not given:
        return Shared(0.0, tuple(word.text for word in wanted), ())
    near = np.stack([word.meant for word in wanted]) @ np.stack([word.meant for word in given]).T
    best = near.max(axis=1)
    got = np.clip((best - NOTHING_LIKE) / (AS_GOOD_AS - NOTHING_LIKE), 0, 1)
    pairs = zip(wanted, (given[place] for place in near.argmax(axis=1)), best, strict=True)
    against = np.array(
        [_denies(one, other, nearness) or _opposed(one, wanted, given) for one, other, nearness in pairs]
    )
    weight = _weights(wanted, question, meaning)
    return Shared(
        share=float((np.where(against, AGAINST * got, got) * weight).sum() / weight.sum()),
        missed=_those(wanted, (got < MISSED) & ~against & (weight > 0)),
        turned=_those(wanted, against & (weight > 0)),
    )


def _those(wanted: list[Word], chosen: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.text for word, here in zip(wanted, chosen, strict=True) if here))


def _weights(wanted: list[Word], question: str, meaning: Meaning) -> Vectors:
    asked = set(content(question))
    rare = meaning.rare({word.text for word in wanted})
    weight = np.array(
        [0.0 if word.stem in asked else RARE_WEIGHT if word.text in rare else 1.0 for word in wanted], dtype=np.float32
    )
    return weight if weight.any() else np.ones(len(wanted), dtype=np.float32)


def _denies(one: Word, other: Word, near: float) -> bool:
    return one.denied != other.denied and (one.stem == other.stem or near > THE_SAME)


def _opposed(word: Word, wanted: list[Word], given: list[Word]) -> bool:
    """The answer has the opposite of a word and not the word, and the reference has not both."""
    said, known = {each.stem for each in given}, {each.stem for each in wanted}
    against = OPPOSITES.get(word.stem, frozenset())
    return word.stem not in said and bool(against & said) and not against & known
