"""Trains a small named-entity model on heads of generated entries, and says whether it knows better than the rules.

python -m training.entities: writes var/entities.spacy, its size, its checksum, and how often model and rules name
parts of entries rightly that were put together from words kept out of training. Nothing in the product loads it.
"""

import hashlib
import random
from pathlib import Path
from typing import Any

import spacy
from spacy.training import Example

from app.engines.resumes.parts import employer_weight, school_weight, title_weight
from training.generate import employer, school, title, words

EXAMPLES, EPOCHS, UNSEEN = 3_000, 6, 0.25
TARGET = Path("var/entities.spacy")
_FORMS = ("{TITLE}, {EMPLOYER}, {PLACE}", "{EMPLOYER} | {TITLE}", "{TITLE} – {EMPLOYER}", "{EMPLOYER}, {PLACE}", "{TITLE}", "{EMPLOYER}", "{SCHOOL}", "{DEGREE}, {SCHOOL}", "{SCHOOL} | {DEGREE}", "{DEGREE}")  # fmt: skip
_CONFIG = {"model": {"@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False, "hidden_width": 48, "maxout_pieces": 2, "use_upper": True, "nO": None, "tok2vec": {"@architectures": "spacy.HashEmbedCNN.v2", "pretrained_vectors": None, "width": 96, "depth": 3, "embed_size": 1500, "window_size": 1, "maxout_pieces": 3, "subword_features": True}}}  # fmt: skip


def _parts(dice: random.Random, tongue: str) -> dict[str, str]:
    known = words()[tongue]
    return {
        "TITLE": title(dice, tongue),
        "EMPLOYER": employer(dice, tongue),
        "SCHOOL": school(dice, tongue),
        "DEGREE": dice.choice(known["degrees"]),
        "PLACE": dice.choice(known["towns"]),
    }


def _split() -> dict[str, dict[str, list[str]]]:
    """Takes a part of every list away from training; returns what was taken."""
    dice, kept_out = random.Random(7), dict[str, dict[str, list[str]]]()
    for tongue, lists in words().items():
        for name in ("titles", "before", "after", "schools", "degrees", "towns"):
            some = dice.sample(lists[name], max(1, int(len(lists[name]) * UNSEEN)))
            kept_out.setdefault(tongue, {})[name] = some
            lists[name] = [one for one in lists[name] if one not in some]
    return kept_out


def _example(nlp: Any, dice: random.Random) -> Example:
    tongue = dice.choice(list(words()))
    text, spans = "", []
    rest, parts = dice.choice(_FORMS), _parts(dice, tongue)
    while rest:
        before, mark, after = rest.partition("{")
        text += before
        if mark:
            label, _, rest = after.partition("}")
            spans.append((len(text), len(text) + len(parts[label]), label))
            text += parts[label]
        else:
            rest = ""
    doc = nlp.make_doc(text)
    fit = [(begin, end, label) for begin, end, label in spans if doc.char_span(begin, end) is not None]
    return Example.from_dict(doc, {"entities": fit})


def trained() -> Any:
    dice = random.Random(1)
    nlp = spacy.blank("xx")
    nlp.add_pipe("ner", config=_CONFIG)
    examples = [_example(nlp, dice) for _ in range(EXAMPLES)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(EPOCHS):
        dice.shuffle(examples)
        for batch in spacy.util.minibatch(examples, size=64):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    return nlp


def _by_rules(text: str) -> str | None:
    lean = title_weight(text) - max(employer_weight(text), school_weight(text))
    return "TITLE" if lean > 0 else "EMPLOYER" if lean < 0 else None


def _by_model(nlp: Any, text: str) -> str | None:
    found = max(nlp(text).ents, key=lambda ent: ent.end_char - ent.start_char, default=None)
    return None if found is None else {"SCHOOL": "EMPLOYER"}.get(found.label_, found.label_)


def main() -> None:
    kept_out = _split()
    nlp = trained()
    for tongue, lists in kept_out.items():
        words()[tongue].update(lists)
    dice = random.Random(2)
    asked = [(make(dice, tongue), label) for _ in range(120) for tongue in words() for make, label in ((title, "TITLE"), (employer, "EMPLOYER"))]  # fmt: skip
    rules = [(_by_rules(text), label) for text, label in asked]
    model = [(_by_model(nlp, text), label) for text, label in asked]
    unsure = [(said, label) for (said, label), (ruled, _) in zip(model, rules, strict=True) if ruled is None]
    for name, answers in (("rules", rules), ("model", model), ("model, where the rules are silent", unsure)):
        right = sum(said == label for said, label in answers)
        wrong = sum(said is not None and said != label for said, label in answers)
        print(f"{name:36}{len(answers):6} asked {right / len(answers):6.2f} right {wrong / len(answers):6.2f} wrong")
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(nlp.to_bytes())
    print(
        f"{TARGET}: {TARGET.stat().st_size / 1e6:.1f} MB, sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()[:16]}"
    )


if __name__ == "__main__":
    main()
