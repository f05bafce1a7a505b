"""Entries of jobs and studies at random, as plain text: many ways to set a head, errors that people and scanners make.

The same number, the same text. `part` says of which words: "train", or "trial", of which no word of a title, firm,
school or town stands in the other, and which has ways of its own to set a head.
"""

import random
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from app.engines.vocabulary import skills
from training import coined
from training.generate import span_at_random, words

UNSEEN = 0.3
LISTS = ("titles", "before", "after", "schools", "degrees", "towns", "done", "said", "learnt", "verbs", "ends")
TONGUES = ("en", "de", "fr", "es", "hi")
HEADS = {"en": ("Experience", "Education"), "de": ("Berufserfahrung", "Ausbildung"), "fr": ("Expérience", "Formation"), "es": ("Experiencia", "Formación"), "hi": ("अनुभव", "शिक्षा")}  # fmt: skip
# {t} title, {e} employer, {p} place, {d} dates, {n} something done, {w} words that join title and employer; | a new line, > a wide gap
JOBS = {
    "train": (
        "{t}{s}{e}{s}{p}>{d}", "{e}{s}{p}>{d}|{t}", "{t}>{d}|{e}{s}{p}", "{d}|{t}|{e}{s}{p}", "{d}: {t}{s}{e}", "{t}|{e}|{d}", "{e}|{t}|{d}",
        "{d}>{t}|>{e}", "{t} ({e})>{d}", "{e} ({t})>{d}", "{e}: {t}>{d}", "{t}: {e}, {p}>{d}", "{w}>{d}", "{d} {w}", "{d}|{w}.", "{t} {e}>{d}",
        "{e} {t}>{d}", "{t}-{e}>{d}", "{t}/{e}>{d}", "{t}>{d}", "{e}>{d}", "{d}|{t}.|{e}.", "{p}>{d}|{t}|{e}", "{d}|{n}|{t}|{e}", "{e}|{n}|{t}>{d}",
        "{t},{e},{p} {d}", "{d} {t} {e}", "{d}, {e}|{n}|{t}", "{d}|{e} {p}|{t}", "{e}, {p} ({d})|{t}", "{d} | {w}", "{o}>{d}", "{t} [{e}] {d}", "{n}|{t}{s}{e}|{d}",
    ),
    "trial": (
        "{t}{s}{e}>{d}", "{e}>{d}|{t}", "{d}|{t}|{e}", "{e}, {p}|{t}>{d}", "{t} ({e}, {p})>{d}", "{e} / {p}: {t}>{d}", "{d} {e}: {t}", "{d}|{e}: {t}", "{w}, {d}", "{d} – {w}", "{t} {e} {d}",
        "{t}, {e} {p}|{d}", "{d}|{n}|{e}{s}{t}", "{t}>{p}>{d}|{n}|{e}", "{e} -{t}>{d}", "{t}.|{e}, {p}.|{d}", "{o}>{d}", "{d} [{e}] {t}", "{t}>{d}", "{e}>{d}",
    ),
}  # fmt: skip
STUDIES = {
    "train": (
        "{g}{s}{h}>{d}", "{h}>{d}|{g}", "{g}|{h}|{d}", "{d} {g}{s}{h}", "{g} ({h})>{d}", "{h} ({g})>{d}", "{h}: {g} {d}", "{l}>{d}", "{d} {l}", "{g} {h} {d}", "{h} {g}>{d}",
        "{d}|{g}.|{h}.", "{d}|{n}|{g}|{h}", "{g}>{d}", "{h}>{d}", "{h}|{n}|{g}>{d}",
    ),
    "trial": ("{g}{s}{h}>{d}", "{d}|{h}|{g}", "{d} {h}: {g}", "{l}, {d}", "{d} – {l}", "{g} {h}>{d}", "{d}|{n}|{h}{s}{g}", "{g}.|{h}.|{d}", "{d} [{h}] {g}"),
}  # fmt: skip
_MARKS = (", ", ", ", " | ", " – ", " - ", " · ", "; ", " / ", ",", " ,", "  ", " @ ", " -", "- ")
_OTHER = {"en": ("Travelling in Asia", "Military service", "Illness", "Time out", "Moved house"), "de": ("Auslandsaufenthalt", "Wehrdienst", "Krankheit", "Umzug"), "fr": ("Voyage", "Service national", "Maladie"), "es": ("Viaje", "Servicio militar", "Enfermedad"), "hi": ("यात्रा", "बीमारी")}  # fmt: skip
_ENDINGS = {"en": ("er", "ist", "or", "man", "ant", "wright"), "de": ("er", "erin", "techniker", "istin", "wart"), "fr": ("eur", "euse", "ier", "ière", "iste"), "es": ("ador", "adora", "ero", "era", "ista"), "hi": ("कार", "वाला")}  # fmt: skip
SLOTS = {"t": "TITLE", "e": "EMPLOYER", "p": "PLACE", "g": "DEGREE", "h": "SCHOOL"}


@dataclass(slots=True)
class Section:
    text: str
    tongue: str
    jobs: list[dict[str, str]] = field(default_factory=list)
    studies: list[dict[str, str]] = field(default_factory=list)


@cache
def lists(part: str) -> dict[str, dict[str, list[str]]]:
    """A trial has lists of its own, sentences that join a title and an employer among them."""
    more = tomllib.loads(Path(__file__).with_name("entries.toml").read_text("utf-8"))
    dice, out = random.Random(7), dict[str, dict[str, list[str]]]()
    for tongue in TONGUES:
        for name in LISTS:
            known = sorted({*words()[tongue].get(name, ()), *more[tongue].get(name, ())} - {""})
            kept_out = set(dice.sample(known, max(1, int(len(known) * UNSEEN))))
            some = [one for one in known if (one in kept_out) == (part == "trial")]
            out.setdefault(tongue, {})[name] = some
        out[tongue]["ranks"], out[tongue]["and"] = words()[tongue]["ranks"], [more[tongue]["and"]]
    return out


@cache
def _things(part: str) -> list[str]:
    """What people do, of the vocabulary of skills: some names for one part, the others for the other."""
    names = sorted({name.text for skill in skills().skills for name in skill.names})
    return [name for number, name in enumerate(names) if (number % 10 < 3) == (part == "trial")]


def done(dice: random.Random, known: dict[str, list[str]], part: str) -> str:
    """A line that names neither a title nor a firm."""
    things = _things(part)
    one, two, verb = dice.choice(things), dice.choice(things), dice.choice(known["verbs"])
    return dice.choice(
        (
            dice.choice(known["done"]), f"{verb} {one}", f"{verb} {one} {known['and'][0]} {two}", f"{one}, {two}", one.capitalize(),
            f"{verb} {one}, {two} {dice.choice(known['ends'])}", f"{one.capitalize()} {dice.choice(known['ends'])}.", f"{verb} {one}.",
        )
    )  # fmt: skip


def section(number: int, part: str) -> Section:
    """A resume with jobs and studies that keep to one or two ways of setting heads."""
    dice = random.Random(f"{part} {number}")
    tongue = dice.choices(TONGUES, (4, 3, 3, 3, 1))[0]
    known = lists(part)[tongue]
    out = Section("", tongue)
    forms = _forms(dice, part, JOBS, "tep", "w")
    bullet = dice.choice(("- ", "• ", ""))
    blank, error = dice.random() < 0.5, dice.random()
    lines = [f"{coined.word(dice, tongue)} {coined.word(dice, tongue)}", "person@mail.example", "", HEADS[tongue][0]]
    for count in range(dice.randint(1, 4)):
        parts = _job(dice, known, tongue) | {"n": done(dice, known, part)}
        entry = _set(dice, forms[dice.random() < 0.25], parts, known["said"], error)
        out.jobs.append({slot: value for slot, value in parts.items() if slot in entry[1]})
        deeds = [f"{bullet}{done(dice, known, part)}" for _ in range(dice.choice((0, 1, 2, 3)))]
        lines += [*([""] if blank and count else []), *entry[0], *deeds]
    lines += ["", HEADS[tongue][1]]
    form = _forms(dice, part, STUDIES, "gh", "l")[0]
    for _ in range(dice.randint(1, 2)):
        parts = _study(dice, known, tongue) | {"n": done(dice, known, part)}
        entry = _set(dice, form, parts, known["learnt"], error)
        out.studies.append({slot: value for slot, value in parts.items() if slot in entry[1]})
        lines += entry[0]
    out.text = "\n".join(lines)
    return out


def _job(dice: random.Random, known: dict[str, list[str]], tongue: str) -> dict[str, str]:
    return {
        "t": title(dice, known, tongue), "e": employer(dice, known, tongue), "p": _town(dice, known, tongue), "d": span_at_random(dice, tongue),
        "o": dice.choice(_OTHER[tongue]),
    }  # fmt: skip


def _study(dice: random.Random, known: dict[str, list[str]], tongue: str) -> dict[str, str]:
    dates = dice.choice((str(dice.randint(1990, 2024)), f"{dice.randint(1990, 2010)} - {dice.randint(2011, 2024)}"))
    return {
        "g": dice.choice(known["degrees"]),
        "h": dice.choice(known["schools"]).format(_town(dice, known, tongue)),
        "d": dates,
    }


def title(dice: random.Random, known: dict[str, list[str]], tongue: str) -> str:
    base = dice.choice(known["titles"])
    if dice.random() < 0.12:
        base = coined.word(dice, tongue) + dice.choice(_ENDINGS[tongue])
    rank = f"{dice.choice(known['ranks'])} " if dice.random() < 0.2 else ""
    return f"{rank}{base}"


def employer(dice: random.Random, known: dict[str, list[str]], tongue: str) -> str:
    """Often of no word that says what it is."""
    first = coined.name(dice, tongue) if dice.random() < 0.6 else dice.choice(known["before"])
    return f"{first} {dice.choice(known['after'])}" if dice.random() < 0.55 else first


def _town(dice: random.Random, known: dict[str, list[str]], tongue: str) -> str:
    return coined.word(dice, tongue) if dice.random() < 0.3 else dice.choice(known["towns"])


def _forms(dice: random.Random, part: str, fixed: dict[str, tuple[str, ...]], slots: str, sentence: str) -> list[str]:
    """Two of the listed ones, or, for training, ones put together by chance that are none of the trial's."""
    if part == "trial" or dice.random() < 0.35:
        return dice.sample(fixed[part], 2)
    found = [form for _ in range(4) if (form := _form_by_chance(dice, slots, sentence)) not in fixed["trial"]]
    return [*found, *fixed["train"]][:2]


def _form_by_chance(dice: random.Random, slots: str, sentence: str) -> str:
    order = [slot for slot in slots if slot != "p" or dice.random() < 0.4]
    dice.shuffle(order)
    order = order[:1] if dice.random() < 0.06 else order
    text = f"{{{sentence}}}" if dice.random() < 0.12 else f"{{{order[0]}}}"
    for slot in order[1:] if "{w}" not in text and "{l}" not in text else []:
        joint = dice.choice(("{s}", "{s}", "{s}", ": ", " ({}", " [{}", "|", "|", ">", " ", "|{n}|"))
        text += joint.replace("{}", f"{{{slot}}}") + ")]"["[" in joint] if "{}" in joint else f"{joint}{{{slot}}}"
    text += "." if dice.random() < 0.05 else ""
    text = dice.choice((f"{text}>{{d}}", f"{text}>{{d}}", f"{text} {{d}}", f"{text} ({{d}})", f"{text}|{{d}}", f"{text}, {{d}}", f"{text} | {{d}}", f"{{d}}|{text}", f"{{d}} {text}", f"{{d}}: {text}", f"{{d}}>{text}", f"{{d}} – {text}", text.replace("|", ">{d}|", 1) if "|" in text else f"{{d}}, {text}"))  # fmt: skip
    return f"{{n}}|{text}" if dice.random() < 0.04 else text.replace("|", "|{n}|", 1) if dice.random() < 0.04 else text


def _set(
    dice: random.Random, form: str, parts: dict[str, str], joins: list[str], error: float
) -> tuple[list[str], set[str]]:
    """The lines of a head and the slots that stand in them. Changes `parts` to what is written."""
    join = dice.choice(joins)
    form = form.replace("{w}", join).replace("{l}", join.replace("{d}", "{g}").replace("{s}", "{h}"))
    for slot in SLOTS.keys() & parts.keys():
        parts[slot] = _erred(dice, parts[slot], error)
    mark = dice.choice(_MARKS)
    used = {slot for slot in SLOTS if f"{{{slot}}}" in form and slot in parts}
    text = form.replace("{s}", mark).format(**parts)
    return [line.replace(">", " " * 6) for line in text.split("|")], used


def _erred(dice: random.Random, text: str, error: float) -> str:
    """One kind of error in a resume: small or capital letters, slips of the hand, a scanner's spaces and letters."""
    if error < 0.18:
        return text.lower() if error < 0.12 else text.upper()
    if error > 0.45 or len(text) < 5 or dice.random() < 0.5:
        return text
    at = dice.randrange(1, len(text))
    if error < 0.25:
        return text[:at] + text[at + 1 :]
    if error < 0.32:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    if error < 0.36:
        return f"{text[:at]} {text[at:]}".replace("  ", " ")
    return text.replace("l", "1", 1) if error < 0.41 else text.replace("rn", "m").replace("O", "0", 1)


def split_is_clean() -> bool:
    """No word of a list is in both parts."""
    return all(
        not {*lists("train")[tongue][name]} & {*lists("trial")[tongue][name]} for tongue in TONGUES for name in LISTS
    )


def slots(entry: dict[str, Any]) -> dict[str, str]:
    return {SLOTS[slot]: value for slot, value in entry.items() if slot in SLOTS}
