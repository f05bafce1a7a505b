# ruff: noqa: E501 (patterns and word lists)
"""What an advertisement pays: amounts in many notations, their currency and the time they are for."""

import re
from dataclasses import dataclass, replace
from typing import Final

from app.ports.analysis import PayUnit, Salary

_CURRENCIES: Final = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "pounds": "GBP",
    "us$": "USD", "$": "USD", "usd": "USD", "dollars": "USD", "ca$": "CAD", "c$": "CAD", "cad": "CAD", "cad$": "CAD",
    "a$": "AUD", "au$": "AUD", "aud": "AUD", "nz$": "NZD", "nzd": "NZD", "s$": "SGD", "sgd": "SGD", "hk$": "HKD",
    "₹": "INR", "rs": "INR", "rs.": "INR", "inr": "INR", "rupees": "INR", "रुपये": "INR", "रु": "INR", "रु.": "INR",
    "chf": "CHF", "fr.": "CHF", "sfr.": "CHF", "sek": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "czk": "CZK", "kč": "CZK",
    "huf": "HUF", "ron": "RON", "¥": "JPY", "jpy": "JPY", "cny": "CNY", "rmb": "CNY", "₩": "KRW", "krw": "KRW", "r$": "BRL", "brl": "BRL",
    "mxn": "MXN", "mx$": "MXN", "zar": "ZAR", "aed": "AED", "sar": "SAR", "qar": "QAR", "php": "PHP", "₱": "PHP", "myr": "MYR", "rm": "MYR",
    "idr": "IDR", "thb": "THB", "₺": "TRY", "try": "TRY", "ils": "ILS", "₪": "ILS", "ngn": "NGN", "₦": "NGN", "kes": "KES", "ksh": "KES",
    "egp": "EGP", "pkr": "PKR", "bdt": "BDT", "৳": "BDT", "lkr": "LKR", "uah": "UAH", "₴": "UAH", "clp": "CLP", "cop": "COP", "ars": "ARS",
}  # fmt: skip
_SIGN: Final = "|".join(sorted((re.escape(sign) for sign in _CURRENCIES), key=len, reverse=True))
_MONEY: Final = rf"(?:{_SIGN})"
_NUMBER: Final = r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{2,3})+(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d{1,2}(?!\d))?"
_SCALE: Final = r"(?:k\b|tsd\.?|lakhs?\b|lacs?\b|lpa\b|l\.p\.a\.?|crores?\b|cr\b|mil\b|लाख|हज़ार|हजार)"
_AMOUNT: Final = (
    rf"(?:(?P<@pre>(?<![a-z]){_MONEY})\s?)?(?P<@num>(?<![\d.,]){_NUMBER})"
    rf"\s?(?P<@scale>{_SCALE})?(?:,-|\.-|,--)?\s?(?P<@post>{_MONEY}(?![a-z]))?"
)
_PER: Final = r"(?:\s*(?:gross|brutto|bruto|brut|net|netto|p/?)?[\s/]*(?:per|pro|par|por|a|an|/)?\s*(?:hour|hr|stunde|std|heure|hora|day|tag|jour|día|month|monat|mois|mes|year|jahr|an|año|annum)\b\.?)?"
_RANGE: Final = re.compile(
    rf"{_AMOUNT.replace('@', 'a')}(?:{_PER}\s*(?:-|–|—|−|to|bis|à|a|until|rising to|und|and|et|y|से)\s*{_AMOUNT.replace('@', 'b')})?",
    re.IGNORECASE,
)
_UNITS: Final[tuple[tuple[PayUnit, str], ...]] = (
    ("hour", r"per hour|an hour|/\s?h(?:ou)?rs?\b|/\s?h\b|hourly|p\.?h\.?\b|pro stunde|/\s?std|/\s?stunde|stundenlohn|stündlich|je stunde|de l'heure|par heure|horaire|/\s?heure|por hora|/\s?hora|la hora|प्रति घंटा|प्रति घंटे"),
    ("day", r"per day|a day|/\s?day|daily|day rate|per diem|pro tag|/\s?tag|tagessatz|par jour|/\s?jour|por día|al día|प्रति दिन|प्रतिदिन"),
    ("week", r"per week|a week|/\s?week|/\s?wk|weekly|p\.?w\.?\b|pro woche|/\s?woche|par semaine|por semana|semanal|प्रति सप्ताह"),
    ("month", r"per month|a month|/\s?mo(?:nth)?\b|monthly|p\.?m\.?\b|pro monat|/\s?monat|monatlich\w*|im monat|monatsgehalt|par mois|/\s?mois|mensuel\w*|al mes|por mes|/\s?mes\b|mensual\w*|प्रति माह|प्रतिमाह|मासिक|महीना"),
    ("year", r"per year|a year|/\s?y(?:ea)?r\b|yearly|annual\w*|per annum|p\.?a\.?\b|lpa|l\.p\.a|ctc|pro jahr|/\s?jahr|jährlich|im jahr|jahresgehalt\w*|jahresbrutto\w*|par an\b|/\s?an\b|annuel\w*|al año|anual\w*|/\s?año|por año|प्रति वर्ष|प्रतिवर्ष|वार्षिक|सालाना"),
)  # fmt: skip
_UNIT_PATTERNS: Final = [(unit, re.compile(rf"(?<![a-z])(?:{words})", re.IGNORECASE)) for unit, words in _UNITS]
_ABOUT_PAY: Final = re.compile(
    r"salary|\bpay\b|paid|compensation|remunerat|wage|\brate\b|earn|stipend|ctc|package|gehalt|vergütung|lohn|entgelt|verdien|brutto|"
    r"rémunération|salaire|brut\b|salario|sueldo|retribución|bruto|वेतन|ote\b",
    re.IGNORECASE,
)
_NOT_PAY: Final = re.compile(
    r"revenue|turnover|funding|raised|budget|million|billion|\bmio\b|\bmrd\b|bonus|sign[- ]?on|umsatz|chiffre d'affaires|facturación|"
    r"overtime|while (?:you|in) train|allowance|voucher|reimburs|pension|401|relocation|insurance|stipend for|fee of|zuschuss|gutschein|prime de|customers|clients|referral|learning",
    re.IGNORECASE,
)
_UP_TO: Final = re.compile(r"(?:up to|bis zu|jusqu'à|hasta|max(?:imum)?\.?|तक)\s*$", re.IGNORECASE)
_FROM: Final = re.compile(
    r"(?:from|starting(?: at)?|ab|at least|minimum|min\.?|à partir de|desde|mindestens|from as little as)\s*$",
    re.IGNORECASE,
)
_SCALES: Final = {
    "k": 1e3,
    "tsd": 1e3,
    "हज": 1e3,
    "la": 1e5,
    "lp": 1e5,
    "l.": 1e5,
    "ला": 1e5,
    "cr": 1e7,
    "mi": 1e6,
}
_HOUR_MAX, _DAY_MAX, _MONTH_MAX = 150, 999, 12_000
_MONTHLY_FROM: Final = {"INR": 120_000, "JPY": 900_000, "HUF": 2_000_000, "PHP": 200_000, "CZK": 150_000, "SEK": 90_000, "NOK": 90_000, "DKK": 90_000, "PLN": 40_000, "MXN": 100_000, "ZAR": 90_000}  # fmt: skip
_AROUND: Final = 60
_CLOSE: Final = 14
_DOLLARS: Final = re.compile(r"\b(?:AUD|CAD|NZD|SGD|HKD|USD)\b")
_WHOSE_DOLLARS: Final = (
    (
        "AUD",
        re.compile(r"\bsuper(?:annuation)?\b|\b(?:Australia|Sydney|Melbourne|Brisbane|Adelaide|Canberra|NSW|QLD)\b"),
    ),
    ("NZD", re.compile(r"\b(?:New Zealand|KiwiSaver|Auckland|Christchurch|Aotearoa)\b")),
    (
        "CAD",
        re.compile(
            r"(?<!& )(?<!and )\b(?:Canada|Ontario|Manitoba|Alberta|British Columbia|Saskatchewan|Toronto|Vancouver|RRSP)\b"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Found:
    line: str
    salary: Salary
    rank: int


def find(lines: list[tuple[str, bool]]) -> Salary | None:
    """The most salary-like statement. Each line comes with whether it stands under a heading about pay."""
    found = [one for line, about_pay in lines for one in _in_line(line, about_pay=about_pay)]
    best = max(found, key=lambda one: one.rank, default=None)
    if best is None or best.rank <= 0:
        return None
    best = _with_second_rate(best, found)
    return _of_the_country(best.salary, "\n".join(line for line, _ in lines))


def _with_second_rate(best: _Found, found: list[_Found]) -> _Found:
    """Of "£11.90 ph by day, £13.20 ph by night" both ends."""
    one = best.salary
    rates = [
        other.salary.max
        for other in found
        if other.line == best.line
        and other.rank > 0
        and other.salary.max
        and other.salary.min == other.salary.max
        and (other.salary.currency, other.salary.unit) == (one.currency, one.unit)
    ]
    if one.min != one.max or len(rates) < 2 or max(rates) > 2 * min(rates):  # noqa: PLR2004
        return best
    return replace(best, salary=replace(one, min=min(rates), max=max(rates)))


def _of_the_country(salary: Salary, text: str) -> Salary:
    """A bare dollar is the dollar of the country that the advertisement speaks of."""
    if salary.currency != "USD" or re.search(r"\bUSD?\b|US\$", text):
        return salary
    other = next((code for code, clue in _WHOSE_DOLLARS if clue.search(text)), salary.currency)
    return replace(salary, currency=other)


def _in_line(line: str, *, about_pay: bool) -> list[_Found]:
    found = []
    for match in _RANGE.finditer(line):
        currency = _currency(match, line)
        if currency is None:
            continue
        low, high = _amounts(match)
        if not low and not high:
            continue
        before, after = (
            line[max(0, match.start() - _AROUND) : match.start()],
            line[match.end() : match.end() + _AROUND],
        )
        stated = _unit(match.group() + re.split(r"[.;](?:\s|$)", after)[0], before)
        salary = _salary(low, high, currency, stated, before)
        found.append(
            _Found(
                line,
                salary,
                _rank(
                    line,
                    before,
                    after,
                    about_pay=about_pay,
                    stated=stated is not None,
                    ranged=match["bnum"] is not None,
                ),
            )
        )
    return found


def _rank(line: str, before: str, after: str, *, about_pay: bool, stated: bool, ranged: bool) -> int:
    near = re.split(r"[.;!?]\s", before)[-1] + " … " + after[:_CLOSE]
    rank = 3 * about_pay + 2 * bool(_ABOUT_PAY.search(line)) + 2 * stated + ranged
    rank += bool(not before.strip())
    rank += 5 * bool(re.search(r"\blpa\b", after[:_CLOSE] + line, re.IGNORECASE))
    rank += bool(re.search(r"(?:circa|c\.|ca\.|approx\.?|around)\s*$", before, re.IGNORECASE))
    return rank - 4 * bool(_NOT_PAY.search(near))


def _currency(match: re.Match[str], line: str) -> str | None:
    signs = [match[name] for name in ("apre", "apost", "bpre", "bpost") if match[name]]
    if signs:
        named = [_CURRENCIES[sign.lower()] for sign in signs]
        exact = next((name for name, sign in zip(named, signs, strict=True) if sign != "$"), None)
        spelled = _DOLLARS.search(line)
        return exact or (spelled.group() if spelled else named[0])
    scale = (match["bscale"] or match["ascale"] or "").lower()
    if scale[:2] in {"la", "lp", "l.", "cr", "ला"}:
        return "INR"
    if not _ABOUT_PAY.search(line) or _small(match["anum"]):
        return None
    code = re.search(rf"(?<![a-zà-ÿ])(?:{_SIGN})(?![a-z])", line, re.IGNORECASE)
    return _CURRENCIES[code.group().lower()] if code else None


def _small(number: str) -> bool:
    return (_value(number) or 0) < 5  # noqa: PLR2004


def _amounts(match: re.Match[str]) -> tuple[float | None, float | None]:
    low, high = _value(match["anum"]), _value(match["bnum"])
    low_scale, high_scale = _scale(match["ascale"]), _scale(match["bscale"])
    if high is not None and low is not None:
        high *= high_scale
        low *= low_scale if low_scale > 1 or low * high_scale > high else high_scale
        return (low, high) if low <= high else (low, None)
    return (low * low_scale if low is not None else None), None


def _scale(word: str | None) -> float:
    if not word:
        return 1.0
    lowered = word.lower()
    return next((factor for start, factor in _SCALES.items() if lowered.startswith(start)), 1.0)


def _value(written: str | None) -> float | None:
    """The number that is meant: "45.000", "45,000", "45 000", "2,50", "1,25,000"."""
    if not written:
        return None
    plain = re.sub(r"[\s'’\u00a0\u202f]", "", written)
    decimals = re.search(r"[.,](\d{1,2})$", plain)
    if decimals:
        whole = re.sub(r"[.,]", "", plain[: decimals.start()])
        return float(f"{whole or 0}.{decimals[1]}")
    return float(re.sub(r"[.,]", "", plain))


def _unit(after: str, before: str) -> PayUnit | None:
    """The nearest word for a time, after the amount before all else."""
    hits = [(found.start(), unit) for unit, pattern in _UNIT_PATTERNS if (found := pattern.search(after))]
    if hits:
        return min(hits)[1]
    earlier = [(-found.end(), unit) for unit, pattern in _UNIT_PATTERNS for found in pattern.finditer(before)]
    return min(earlier)[1] if earlier else None


def _salary(low: float | None, high: float | None, currency: str, unit: PayUnit | None, before: str) -> Salary:
    unit = unit or _likely_unit(high or low or 0, currency)
    if high is not None:
        return Salary(low, high, currency, unit)
    if _UP_TO.search(before):
        return Salary(None, low, currency, unit)
    if _FROM.search(before):
        return Salary(low, None, currency, unit)
    return Salary(low, low, currency, unit)


def _likely_unit(amount: float, currency: str) -> PayUnit:
    """No time is stated: a two-digit amount is for an hour, a five-digit one for a year."""
    if currency in _MONTHLY_FROM:
        return "month" if amount < _MONTHLY_FROM[currency] else "year"
    if amount <= _HOUR_MAX:
        return "hour"
    if amount <= _DAY_MAX:
        return "day"
    return "month" if amount < _MONTH_MAX else "year"
