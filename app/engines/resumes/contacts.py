"""Who the resume is of, and how they are reached."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from app.engines.resumes.headings import heading_of, looks_like_dates
from app.engines.resumes.layout import Line, usual_size
from app.engines.resumes.lexicon import fold, phrases, plain, words
from app.engines.resumes.parts import title_weight
from app.engines.resumes.places import countries, is_location, is_place, location_of

_EMAIL = re.compile(r"[\w.+%'-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_AT = re.compile(
    r"([\w.+-]+)\s*[\[({]\s*(?:at|ät|arroba)\s*[\])}]\s*([\w-]+(?:\s*[\[({]\s*dot\s*[\])}]\s*|\.)[\w.-]+)",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s,;|<>()\t]+"
    r"|(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+(?:com|org|net|io|dev|me|co|app|"
    r"de|fr|es|in|uk|eu|info|design|tech|ai|ch|at|be|nl|ca|us|xyz|page|blog|site|online|studio|codes|ie|au|nz|ng|ke|za|"
    r"pl|pt|it|se|no|dk|fi)(?![\w@-]|\.\w)(?:/[^\s,;|<>()\t]*)?",
    re.IGNORECASE,
)
_NETWORKS = {
    "linkedin.com": "LinkedIn",
    "github.com": "GitHub",
    "gitlab.com": "GitLab",
    "xing.com": "XING",
    "x.com": "X",
    "twitter.com": "Twitter",
    "stackoverflow.com": "Stack Overflow",
    "behance.net": "Behance",
    "dribbble.com": "Dribbble",
    "medium.com": "Medium",
    "orcid.org": "ORCID",
    "facebook.com": "Facebook",
    "instagram.com": "Instagram",
    "youtube.com": "YouTube",
    "kaggle.com": "Kaggle",
    "researchgate.net": "ResearchGate",
}
_PROFILE = re.compile(
    r"https?://(?:www\.)?(?P<bare>(?:\w\w\.)?(?P<host>linkedin\.com|github\.com|gitlab\.com|xing\.com|orcid\.org)"
    r"/(?:in/|profile/)?[\w%.~-]+)/?"
)
_HANDLE = re.compile(r"\b(linkedin|github|gitlab|xing)\s*[:/]\s*(?:in/)?(@?[\w-]{3,40})(?![\w.]*\.\w)", re.IGNORECASE)
_LANGUAGE_REGIONS = {"de": "DE", "fr": "FR", "es": "ES", "hi": "IN"}
_LABELLED = re.compile(
    r"(?:\b(?:phone|tel|telephone|telefon|mobile|mobil|mob|cell|handy|tél|téléphone|portable|teléfono|móvil|whatsapp)|फ़ोन|फोन|मोबाइल|दूरभाष|☎|✆|📞)"
    r"\s*(?:no|nr|number)?\.?\s*[:.]?\s*(\+?[(\d][\d ()./\t–-]{6,22}\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\+\d[\d ()./-]{7,}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}")
_NAME_WORDS = range(2, 6)
_NAME_PART = re.compile(r"[^\W\d_][\w.'’\u0900-\u097f-]*,?|\([^)]+\)|[\"“„«‘][^\"”“»’]+[\"”“»’]")
_TOP = 14
_NEAR = 3.0  # points
_TOWN_WORDS = 3


def email_of(text: str) -> str | None:
    match = _EMAIL.search(text)
    if match:
        return re.sub(r"\s", "", match[0]).strip(".'-")
    match = _AT.search(text)
    return f"{match[1]}@{re.sub(r'[^a-zA-Z0-9.-]+dot[^a-zA-Z0-9.-]+', '.', match[2])}" if match else None


def links_in(text: str) -> list[str]:
    """In the order they stand; what is part of an e-mail address is no link."""
    text = re.sub(r"((?:linkedin|github|xing|https?:)\S*[-/])\n(?=[\w-]+(?:\s|$))", r"\1", _EMAIL.sub(" ", text))
    found = [match[0].rstrip(".,:;)") for match in _LINK.finditer(text) if not _not_a_link(match[0])]
    for match in _HANDLE.finditer(text):
        network, handle = match[1].lower(), match[2].lstrip("@")
        if not any(network in link.lower() for link in found) and handle.lower() not in {"profile", "com"}:
            found.append(f"{network}.com/{'in/' if network == 'linkedin' else ''}{handle}")
    return list(dict.fromkeys(found))


def _not_a_link(text: str) -> bool:
    """For example "ASP.net": no place on the web."""
    bare = not re.match(r"https?://|www\.", text, re.IGNORECASE) and "/" not in text
    return bare and (
        text.lower() in {"asp.net", "vb.net", "ado.net", "socket.io"}
        or len(text.partition(".")[0]) < 2  # noqa: PLR2004  "B.Tech"
        or (text[0].isupper() and text.lower().endswith(".net"))
    )


def profiles_of(links: list[str]) -> tuple[str | None, list[dict[str, str]]]:
    """The own page, and the profiles at networks."""
    profiles, own = [], None
    for link in links:
        scheme = re.match(r"https?://", link, re.IGNORECASE)
        url = scheme[0].lower() + link[scheme.end() :] if scheme else f"https://{link}"
        host = re.sub(r"^(?:www\.|\w\w\.)", "", url.split("/")[2].lower())
        if host in _NETWORKS:
            profiles.append({"network": _NETWORKS[host], "username": url.rstrip("/").split("/")[-1], "url": url})
        elif own is None:
            own = url
        else:
            profiles.append({"network": host, "username": "", "url": url})
    return own, profiles


def profiles_behind(targets: Iterable[str], written: list[str]) -> list[str]:
    """Profiles at networks that words such as "LinkedIn" lead to, where the page does not write the address out."""
    found: dict[str, str] = {}
    for target in targets:
        match = _PROFILE.fullmatch(target)
        if match and not any(match["host"] in link.lower() for link in written):
            found.setdefault(match["host"], match["bare"])
    return list(found.values())


def phone_of(text: str, *, region: str | None) -> str | None:
    import phonenumbers

    text = links_free(text)
    valid, possible = phonenumbers.Leniency.VALID, phonenumbers.Leniency.POSSIBLE
    labelled = " \n ".join(match[1] for match in _LABELLED.finditer(text))
    for said, leniency in ((labelled, valid), (labelled, possible), (text, valid), (text, possible)):
        for where in dict.fromkeys([region, "GB", "US", "DE", "FR", "ES", "IN"]):
            for match in phonenumbers.PhoneNumberMatcher(said, where, leniency=leniency):
                if _dialled(match.raw_string):
                    return _written(match, where)
    return None


def _dialled(text: str) -> bool:
    """Long enough, and not two dates or a post box with its code."""
    digits = re.sub(r"\D", "", text)
    return len(digits) >= 8 and not looks_like_dates(text) and not re.fullmatch(r"\d{4,6}-\d{4,6}", text.strip())  # noqa: PLR2004


def _written(match: Any, where: str | None) -> str:
    import phonenumbers

    international = match.raw_string.strip().startswith(("+", "00", "(+")) or where is not None
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(match.number, form)) if international else str(match.raw_string).strip()


def links_free(text: str) -> str:
    return _LINK.sub(" ", _EMAIL.sub(" ", text))


def region_of(top: str, language: str) -> str | None:
    """Where a number without a country code is dialled: the country named at the top, else the language's."""
    named = _country_names().search(fold(top))
    return countries()[named[0]] if named else _LANGUAGE_REGIONS.get(language)


@cache
def _country_names() -> re.Pattern[str]:
    longest = sorted((name for name in countries() if len(name) > len("usa")), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)")


def name_of(lines: list[Line]) -> tuple[str | None, int]:
    """The name and its line: a labelled one first, else the largest line near the top that could be one."""
    for position, line in enumerate(lines[:_TOP]):
        match = re.match(r"\s*([^:\t]{2,30})\s*[:\t]\s*(\S.*)$", line.text)
        if match and fold(plain(match[1])) in words("labels", "name"):
            return tidy_name(match[2].lstrip(": \t").split("\t")[0]), position
    candidates = [
        (line.cells[0].size, -position, text)
        for position, line in enumerate(lines)
        for text in [_name_part(line) or _two_lines(lines, position)]
        if text and (position < _TOP or line.size >= max(one.size for one in lines))
    ]
    if not candidates:
        return None, -1
    _, place, text = max(candidates)
    return tidy_name(_over_lines(lines, -place, text)), -place


def _two_lines(lines: list[Line], position: int) -> str | None:
    """First name above last name, both large; what stands right of them is none of it."""
    one = lines[position].cells[0]
    two = next((line.cells[0] for line in lines[position + 1 : position + 3] if abs(line.x0 - one.x0) < _NEAR), None)
    if two is None or (one.font, round(one.size)) != (two.font, round(two.size)):
        return None
    titled = any(fold(plain(cell.text)) in words("labels", "title") for cell in (one, two))
    text = f"{one.text} {two.text}"
    return text if one.size > usual_size(lines) * 1.3 and not titled and _is_name(text) else None


def _over_lines(lines: list[Line], position: int, text: str) -> str:
    """A name set so large that its first or last word stands on a line of its own."""
    size = lines[position].size
    for other, joined in ((position - 1, "{0} {1}"), (position + 1, "{1} {0}")):
        near = lines[other].cells[0] if 0 <= other < len(lines) else None
        single = near is not None and near.text.isalpha() and fold(near.text) not in words("labels", "title")
        alike = near is not None and single and abs(near.size - size) < 1 and near.text not in text
        if near is not None and alike and size > usual_size(lines) * 1.3:
            return joined.format(near.text, text)
    return text


def _name_part(line: Line) -> str | None:
    text = re.split(r"\s[|·•–—]\s|,\s?(?=(?:[A-Z]{2,}|Ph|M\.|B\.|Dipl|MSc|RN))|\t", line.text)[0].strip()
    title = re.match(
        rf"(?:{'|'.join(map(re.escape, sorted(words('labels', 'title'), key=len, reverse=True)))})\s*[:–—-]?\s+(.+)",
        fold(text),
    )
    text = text[-len(title[1]) :].strip() if title else text
    before, comma, after = text.partition(", ")
    if comma and title_weight(after) and _is_name(before):
        return before
    return text if _is_name(text) else None


def _is_name(text: str) -> bool:
    parts = _LETTERS_AFTER.sub("", _HONOURS.sub("", text)).split()
    if len(parts) not in _NAME_WORDS or re.search(r"[\d@:/&+]", text) or heading_of(text):
        return False
    if not all(_NAME_PART.fullmatch(part) for part in parts):
        return False
    low = {
        "de",
        "del",
        "la",
        "las",
        "los",
        "von",
        "van",
        "der",
        "den",
        "zu",
        "bin",
        "al",
        "el",
        "y",
        "da",
        "dos",
        "do",
        "ter",
        "le",
        "du",
        "di",
        "ibn",
        "e",
        "i",
    }
    if not all(part[0].isupper() or not part[0].islower() or part.lower() in low for part in parts):
        return False
    folded = fold(text)
    unlike = folded in words("labels", "title") or is_place(text) or is_location(text)
    return not unlike and not phrases("titles", "words").search(folded) and not _employer(folded)


def _employer(folded: str) -> bool:
    return any(
        part in {"gmbh", "ltd", "limited", "inc", "llc", "university", "universität", "hospital"}
        for part in folded.split()
    )


_HONOURS = re.compile(
    r"^(?:(?:dr|prof|mag|dipl|lic|ing|engr|er|ir|arch|adv|mr|mrs|ms|miss|mx|sir|dame|me|maître|m|mme|herr|frau|sr|sra|"
    r"don|doña|श्री|श्रीमती|सुश्री|डॉ|प्रो|एडवोकेट|अधिवक्ता)(?:\.|(?=\s))\s*|(?:-?ing|jur|iur|med|pharm|rer|nat|phil|oec|habil|h\.\s?c|"
    r"techn|dent|vet)\.\s*)+(?=\S+\s+\S|[^\W\d_]{3,})",
    re.IGNORECASE,
)
_LETTERS_AFTER = re.compile(
    r"(?:,\s*(?:[A-Z][A-Za-z]{0,3}\.?){1,3}[A-Z]\b\.?(?:\s*\([^)]*\))?|,\s*(?:PhD|Ph\.D\.|MD|PgDip|Esq\.?|PE|PMP|CPA|RN))+$"
)


def tidy_name(text: str) -> str:
    text = " ".join(plain(text).split())
    text = _LETTERS_AFTER.sub("", text)
    bare = _HONOURS.sub("", text)
    text = bare if len(bare.split()) > 1 else text
    text = re.sub(r"\s*\((?:she|he|they|er|sie|elle|il)\b[^)]*\)", "", text, flags=re.IGNORECASE)
    if text.isupper() or text.islower():
        text = re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), text)
        text = re.sub(r"(?<=\s)(?:De|Del|La|Von|Van|Der|Y)(?=\s)", lambda match: match[0].lower(), text)
    return text.strip(" ,.;")


def place_in(lines: list[Line]) -> dict[str, str] | None:
    """What follows a label such as "Address:", else the first part near the top that names a place."""
    parts = list(_parts(lines))
    label = re.compile(rf"^{phrases('labels', 'address').pattern}\s*[:.]?\s*(.*)$")
    for position, part in enumerate(parts):
        match = label.match(fold(part))
        rest = part[len(part) - len(match[1]) :].strip() if match else ""
        following = parts[position + 1] if position + 1 < len(parts) else ""
        if match and ((rest and (is_location(rest) or ":" in part)) or (not rest and is_location(following))):
            return location_of(rest or following)
    found = [part for part in parts if is_location(part)]
    if found:
        return location_of(found[0])
    named = next(
        (part for part in parts if ":" not in part and any(is_place(piece) for piece in part.split(","))), None
    )
    return location_of(named) if named else _beside_contact(lines)


def _beside_contact(lines: list[Line]) -> dict[str, str] | None:
    """A town that no list knows: a short name on the line of the address or the number, or right beside it."""
    reached = [n for n, line in enumerate(lines) if _EMAIL.search(line.text) or _NUMBER.search(line.text)]
    name = name_of(lines)[0]
    for n in [*reached, *(n + step for n in reached for step in (-1, 1) if 0 <= n + step < len(lines))]:
        for part in _parts([lines[n]]):
            bare = re.sub(r"\s*\([^()]*\)", "", part)
            words = bare.split(",")[0].split()
            if fold(bare) != fold(name or "") and 0 < len(words) <= _TOWN_WORDS and _town(bare):
                return location_of(part)
    return None


def _town(text: str) -> bool:
    letters = re.fullmatch(r"[^\W\d_][^\W\d_'’. -]*(?:[ '’.-]+[^\W\d_]+)*(?:, .{2,30})?", text)
    return letters is not None and not text[0].islower() and not title_weight(text) and not heading_of(text)


def _parts(lines: list[Line]) -> Iterator[str]:
    for line in lines:
        text = links_free(line.text)
        for part in re.split(r"\t|\s*[|•·●◦▪\u2600-\u27bf]\s*|\s[—–]\s|\s{3,}", text):
            bare = _NUMBER.sub(" ", _LABELLED.sub(" ", part)).strip(" ,;|–-")
            if bare:
                yield bare


def label_of(lines: list[Line], after: int) -> str | None:
    """The line below the name, when it says what the person is."""
    for line in lines[after + 1 : after + 4]:
        text = re.split(r"\t|\s[|·•]\s", line.text)[0].strip()
        if heading_of(text):
            return None
        if title_weight(text) and len(text) <= 80 and not text.endswith(".") and not email_of(text):  # noqa: PLR2004
            return plain(text)
    return None
