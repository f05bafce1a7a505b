"""Words that no list knows: names of firms, families and towns put together out of syllables."""

import random

_BEGIN = "b br c ch cl d dr f fl g gr h j k kl l m n p pr qu r s sch sh st t tr v w y z".split()  # noqa: SIM905
_MIDDLE = "a e i o u ai ea ie oo ou ä ö ü é á".split()  # noqa: SIM905
_END = "n r l s th ck nd rn x m t ll ss nt rd lk v z".split()  # noqa: SIM905
_HINDI = "का की कू ग गो चा ज टा ड ता द न नी पा फ बा भ मि य रा ल वी शा स ह".split()  # noqa: SIM905
_TAILS = {
    "en": ("ton", "ford", "wick", "well", "er", "son", "ley", "by", "ora", "ix", ""),
    "de": ("mann", "berg", "hausen", "er", "ow", "feld", "ke", "ing", "ach", ""),
    "fr": ("eau", "ier", "in", "elle", "ac", "ville", "ard", "ois", ""),
    "es": ("ez", "ado", "era", "illo", "osa", "anda", "uero", "ina", ""),
}


def word(dice: random.Random, tongue: str) -> str:
    """Begins with a capital, where the writing has them."""
    if tongue == "hi":
        return "".join(dice.choice(_HINDI) for _ in range(dice.randint(2, 4)))
    text = "".join(dice.choice(_BEGIN) + dice.choice(_MIDDLE) for _ in range(dice.choice((1, 1, 2))))
    return (text + dice.choice(_END) + dice.choice(_TAILS[tongue])).capitalize()


def name(dice: random.Random, tongue: str) -> str:
    """One to three of them, as firms are called."""
    some = [word(dice, tongue) for _ in range(dice.choice((1, 1, 1, 2, 2, 3)))]
    joint = dice.choice((" ", " ", " ", " & ", "-")) if len(some) == 2 else " "
    return joint.join(some)
