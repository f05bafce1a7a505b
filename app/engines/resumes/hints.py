"""What a small trained model takes the words of an entry for, asked only where the rules left a slot empty.

The model (entities.spacy) is made by `python -m training.entities` out of entries that nobody wrote. It sees a word's
class in the lists, its last letters and its shape, never the word: what no list knows looks alike in training and here.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from app.engines.resumes.dates import ranges_in
from app.engines.resumes.lexicon import fold, words
from app.engines.resumes.places import is_city

Kind = Literal["work", "education"]
MODEL = Path(__file__).with_name("entities.spacy")
SHA256 = "6f4b96be7856ba4a1fe17000730f768fa16698e56135ffcc7338402e98dd37c7"
LABELS = ("DEGREE", "EMPLOYER", "PLACE", "SCHOOL", "TITLE")
SURE = 0.95  # of the beam; the least that is told, chosen on generated resumes and the development parts
_BEAM, _DENSITY = 8, 1e-4
_LONGEST = 60  # words of a window
_EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2",
    "width": 64,
    "attrs": ["NORM", "LEMMA", "TAG", "SHAPE"],
    "rows": [500, 3000, 1500, 500],
    "include_static_vectors": False,
}
_ENCODE = {
    "@architectures": "spacy.MaxoutWindowEncoder.v2",
    "width": 64,
    "window_size": 1,
    "maxout_pieces": 3,
    "depth": 4,
}
_CONFIG = {
    "model": {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": 64,
        "maxout_pieces": 2,
        "use_upper": True,
        "nO": None,
        "tok2vec": {"@architectures": "spacy.Tok2Vec.v2", "embed": _EMBED, "encode": _ENCODE},
    }
}
_WORD = re.compile(r"[\w\u0900-\u097f]+(?:[.'’][\w\u0900-\u097f]+)*|\S|\t")
_SHORT = re.compile(r"[\w\u0900-\u097f]*\..*|(?:Inc|Ltd|Co|Corp|Pvt|Jr|Bros|Ltda|Pty|लि|प्रा)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hint:
    label: str
    text: str
    line: int
    score: float


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a window: where it stands, and its class; dates and ends of lines are words by themselves."""

    text: str
    kind: str
    line: int
    begin: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """An entry of jobs or of studies: the lines above its head, the head, the lines below."""

    kind: Kind
    above: Sequence[str]
    head: Sequence[str]
    below: Sequence[str]

    @property
    def lines(self) -> list[tuple[str, str]]:
        named = (("<above>", self.above), (f"<{self.kind}>", self.head), ("<below>", self.below))
        return [(where, line) for where, lines in named for line in lines]


def tokens_of(window: Window) -> list[Token]:
    return [token for number, line in enumerate(window.lines) for token in _tokens(*line, number)][:_LONGEST]


def _tokens(where: str, line: str, number: int) -> Iterator[Token]:
    yield Token("\n", where, number)
    at = 0
    for begin, end in [*((span.begin, span.end) for span in ranges_in(line)), (len(line), len(line))]:
        for match in _WORD.finditer(line, at, max(begin, at)):
            yield Token(match[0], kind_of(match[0]), number, match.start(), match.end())
        if begin < end:
            yield Token("2000", "<dates>", number)
        at = max(at, end)


@lru_cache(maxsize=4_096)
def kind_of(word: str) -> str:
    """Small words and signs stand for themselves, words of the lists for the list that they are of."""
    folded = fold(word)
    if folded in words("notes", "small") or not folded[:1].isalnum():
        return folded or "<gap>"
    if folded.isdigit():
        return "<number>"
    for kind, part, name in (
        ("<title>", "titles", "words"),
        ("<school>", "education", "institutions"),
        ("<degree>", "education", "degrees"),
        ("<employer>", "employers", "words"),
    ):
        if folded in words(part, name):
            return kind
    return "<town>" if is_city(word) else "<other>"


def doc_of(vocab: Any, tokens: Sequence[Token]) -> Any:
    from spacy.tokens import Doc

    folded = [fold(token.text) if token.begin < token.end else token.kind for token in tokens]
    doc = Doc(
        vocab,
        words=[token.text for token in tokens],
        lemmas=[word[-5:] or "_" for word in folded],
        tags=[word[-3:] or "_" for word in folded],
    )
    for token, kind in zip(doc, tokens, strict=True):
        token.norm_ = kind.kind
    return doc


def recogniser() -> Any:
    """An empty one, as it is trained and as it is filled."""
    import spacy

    return spacy.blank("xx").add_pipe("ner", config=_CONFIG)


@cache
def _model() -> Any:
    data = MODEL.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(f"{MODEL.name} is not the file that was measured")
    return recogniser().from_bytes(data)


def guesses(window: Window, known: Mapping[str, str | None]) -> dict[str, str]:
    """What the model says of the slots that are None, if it is sure and takes nothing that is known for another."""
    above = () if any(known.values()) else window.above
    found = hints_in(replace(window, above=above))
    if any(hint.text == value and hint.label != label for hint in found for label, value in known.items()):
        return {}
    said: dict[str, str] = {}
    for label in (label for label, value in known.items() if value is None):
        texts = {hint.text for hint in found if hint.label == label and hint.text not in known.values()}
        said |= {label: texts.pop()} if len(texts) == 1 else {}
    return said


def hints_in(window: Window, model: Any = None, *, least: float = SURE) -> list[Hint]:
    """The surest first."""
    model = model or _model()
    tokens, lines = tokens_of(window), [line for _, line in window.lines]
    if not tokens:
        return []
    doc = doc_of(model.vocab, tokens)
    found: dict[tuple[int, int, str], float] = {}
    for beam in model.beam_parse([doc], beam_width=_BEAM, beam_density=_DENSITY):
        for score, spans in model.moves.get_beam_parses(beam):
            for begin, end, label in spans:
                found[begin, end, label] = found.get((begin, end, label), 0.0) + score
    told = [hint for spot, score in found.items() if score >= least and (hint := _hint(lines, tokens, spot, score))]
    return sorted(told, key=lambda hint: (-hint.score, hint.line))


def _hint(lines: Sequence[str], tokens: Sequence[Token], spot: tuple[int, int, str], score: float) -> Hint | None:
    """Words of one line with no dates among them, without the small words and signs around them."""
    begin, end, label = spot
    some = _trimmed(tokens[begin:end])
    if not some or any(token.begin == token.end or token.text == "\t" for token in some):
        return None
    if len({token.line for token in some}) > 1:
        return None
    text = lines[some[0].line][some[0].begin : some[-1].end]
    return Hint(label, text, some[0].line, round(score, 3)) if len(text) > 1 else None


def _trimmed(tokens: Sequence[Token]) -> Sequence[Token]:
    while tokens and _is_small(tokens[0]):
        tokens = tokens[1:]
    while tokens and (_is_small(tokens[-1]) or _ends_sentence(tokens)) and tokens[-1].text != ")":
        tokens = tokens[:-1]
    return tokens


def _is_small(token: Token) -> bool:
    return not token.kind.startswith("<") and token.text != "."


def _ends_sentence(tokens: Sequence[Token]) -> bool:
    """A dot that is no part of "S.L." or "Inc."."""
    return tokens[-1].text == "." and not (len(tokens) > 1 and _SHORT.fullmatch(tokens[-2].text))
