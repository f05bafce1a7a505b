# ruff: noqa: E501 (patterns and word lists)
"""Title, rank, place and way of working: what usually stands at the top of an advertisement."""

import re
from typing import Final

from app.engines.postings.places import PLACES
from app.engines.resumes.lexicon import lexicon, phrases
from app.ports.analysis import Remote, Seniority

_GENDERS: Final = re.compile(
    r"\s*[(\[]\s*(?:[mwfdxhginv]|all genders|div|gn\*?|h/f|f/h)(?:\s*[/|,.]\s*(?:[mwfdxhginv*]|div|nb))*\s*[)\]]|\s+[mwfhdx]/[mwfhdx](?:/[dxi])?(?=\s|$)"
    r"|\s*\((?:all genders|gn|h/f|f/h|m/f|hombre/mujer)\)",
    re.IGNORECASE,
)  # fmt: skip
_LABELLED: Final = re.compile(
    r"^\W*(?:\d{1,2}[.)]\s*)?(?:(?:job|class|post|role|working) title|title|position(?: title)?|(?:the )?(?:job )?role|job|looking for|vacancy|post|opening|designation|name of (?:the )?(?:post|position)|stellenbezeichnung|stelle|position|berufsbezeichnung|intitulé(?: du poste)?|poste|titre"
    r"|puesto|cargo|título|पद(?: का नाम)?|पदनाम)\s*[:：]\s*(.{3,100})$",
    re.IGNORECASE,
)
_WANTED: Final = re.compile(
    r"(?:we(?:'re| are)? (?:currently |now |actively )?(?:looking for|seeking|hiring|recruiting|searching for|in search of)|is (?:currently |now )?(?:looking for|seeking|hiring|recruiting)"
    r"|join (?:us|our team|\w+) as|an opportunity (?:has arisen )?for|looking to (?:hire|appoint|recruit)|wishes to appoint|invites applications for(?: the (?:post|position) of)?|wanted:?|we(?:'re| are) after|we need|(?:we )?could do with|on the lookout for|in need of|are you|appoint"
    r"|wir suchen|suchen wir|sucht|nous recherchons|recherche|recrute|buscamos|se busca|necesitamos)\s+"
    r"(?:(?:for|ab sofort|zum \w+ \w+|un|une|an|a|the|one|two|three|our next|eine[nr]?|dich als|sie als|talented|experienced|dedicated|motivated|passionate|skilled|enthusiastic|reliable|friendly|engagierte[nr]?|erfahrene[nr]?|motivierte[nr]?|additional|full[- ]time|part[- ]time|and)\s+)*"
    r"([^.,;:!?()\n]{3,70}?)"
    r"(?=\s+(?:to|who|for|in|at|with|within|based|on|for our|that|capable|as|für|in unserem|mit|zur|im|an|am|pour|à|au|avec|para|en|con)\b|[.,;:!?()\n]|$)",
    re.IGNORECASE,
)
_NOT_TITLE: Final = re.compile(
    r"^(?:about|we |our |join|location|salary|department|company|job (?:description|advert\w*|posting|id|ref\w*|type)|stellen(?:anzeige|ausschreibung|angebot)|offre d'emploi|oferta de (?:empleo|trabajo)|vacancy|career|reference|ref\b|date|posted|apply|full[- ]time|part[- ]time|permanent|employment|type|http|now hiring|we're hiring|hiring|urgent(?:ly)? (?:requirement|hiring|required|vacancy))|[.!?]$|@|विज्ञापन$",
    re.IGNORECASE,
)
_JOIN: Final = re.compile(r"\s+[-–—|@·•]\s+|\s*[|•·]\s*|,\s+(?=[A-Z\d])|\s+(?:at|bei|chez) (?=[A-Z])|\s+in (?=[A-Z])")
_HIRING_PREFIX: Final = re.compile(
    r"^(?:(?:we(?:'re| are) |now )?hiring|vacancy|job (?:advert\w*|opening|offer|posting|vacancy)|wanted|stellenangebot|stellenausschreibung|offre d'emploi|oferta de (?:empleo|trabajo)|se busca|नौकरी|रिक्ति)\s*[:!–—-]\s*",
    re.IGNORECASE,
)
_EXTRAS: Final = re.compile(
    r"^(?:remote|hybrid|on-?site|full[- ]?time|part[- ]?time|permanent|temporary|fixed[- ]term|contract|vollzeit|teilzeit|unbefristet|befristet|cdi|cdd|temps plein|jornada completa|homeoffice|home office|nights?|days?|\d+ ?%|\d+.*|ref\b.*|immediate start|100% remote|fully remote|urgent|maternity|parental|(?:the )?(?:nights|days|evenings|weekends|mornings|shifts?))\b.*",
    re.IGNORECASE,
)

_RANKS: Final[tuple[tuple[Seniority, str, str], ...]] = (
    (
        "intern",
        r"intern(?:ship)?|trainee|apprentice(?:ship)?|working student|werkstudent\w*|praktikant\w*|praktikum|auszubildende\w*|azubi|ausbildung|stagiaire|stage|alternance|apprenti\w*|becari[oa]|prácticas|aprendiz",
        "प्रशिक्षु|इंटर्न",
    ),
    (
        "executive",
        r"chief(?! of staff| engineer| nurs\w*| petty)|c[efto]o|cmo|chro|vp|vice[- ]president|director|head of|managing director|executive director|geschäftsführer\w*|direktor\w*|directeur|directrice|gerente general|bereichsleit\w*",
        "निदेशक",
    ),
    (
        "lead",
        r"lead|team ?lead(?:er)?|principal|staff (?:software |site |data |machine |backend |frontend )?\w*\s?(?:engineer|developer|scientist)|supervisor|foreman|forewoman|charge nurse|ward manager|team manager|head (?:chef|nurse|teacher|waiter|gardener|receptionist)|\w*leiter\w*|\w*leitung|meister(?:in)?|chef de (?:projet|équipe|cuisine)|jefe de|jefa de|encargad[oa]|coordinador|responsable",
        "प्रमुख|पर्यवेक्षक",
    ),
    ("senior", r"senior|sr\.?|experienced|erfahrene[rn]?|confirmé\w*|sénior", "वरिष्ठ"),
    (
        "junior",
        r"junior|jr\.?|graduate|entry[- ]level|newly qualified|berufseinsteiger\w*|débutant\w*|recién titulad\w*|assistant (?:developer|engineer)",
        "कनिष्ठ",
    ),
    ("mid", r"mid[- ]?level|intermediate|mid[- ]senior|medior", ""),
)
_SENIORITY: Final = tuple(
    (level, re.compile(rf"\b(?:{words})\b|{plain}" if plain else rf"\b(?:{words})\b", re.IGNORECASE))
    for level, words, plain in _RANKS
)
_BEGINNER: Final = re.compile(
    r"no (?:prior |previous )?experience (?:is )?(?:required|needed|necessary)|entry[- ]level|recent graduates?|berufseinsteiger|keine (?:berufs)?erfahrung|débutants? acceptés?|sin experiencia|अनुभव आवश्यक नहीं|फ्रेशर|freshers?",
    re.IGNORECASE,
)

_PLACE_LABEL: Final = re.compile(
    r"^\W*(?:(?:job |work |office )?location|place of work|based(?: in)?|workplace|city|where|standort|arbeitsort|einsatzort|dienstort|ort|lieu(?: de travail)?|localisation|ubicación|lugar(?: de trabajo)?|localidad|स्थान|कार्यस्थल|कार्य स्थान)\s*[:：]\s*(.{2,80})$",
    re.IGNORECASE,
)
_PLACE_PROSE: Final = re.compile(r"\b(?:based (?:in|at|out of)|located (?:in|at)|office in|offices in|site in|hospital in|team in|position in|in unserem \w+ in|am standort|mit sitz in|basé\w* à|situé\w* à|poste à|ubicad[oa] en|con sede en|workshop in|school in|branch in|clinic in|home in|store in|hotel in|surgery in|kitchen in|council in)\s+(?:downtown |central |beautiful |the (?:heart|centre|center) of |our )*([A-ZÀ-Ý][\w'’.-]+(?:[ -][A-ZÀ-Ý][\w'’.-]+){0,3}(?:, [A-ZÀ-Ý][\w.]+(?: [A-ZÀ-Ý]\w+)?)?)")  # fmt: skip

_HYBRID: Final = re.compile(r"\bhybrid(?:es|e|o)?\b|\bhybride?s? arbeiten|\b(?:[1-4]|one|two|three|four|zwei|drei) (?:days?|tage)(?: (?:a|per|pro|in der) (?:week|woche))? (?:in the office|remote|from home|home ?office|wfh|im (?:büro|homeoffice))|part(?:ly|ially) remote|teilweise (?:remote|home ?office)|home ?office an (?:\w+ )tag|mix of (?:home|remote|office)|(?:jours?|días?) de (?:télétravail|teletrabajo)|télétravail partiel|teletrabajo parcial|home ?office(?: ist)? (?:anteilig|möglich|tage)|हाइब्रिड", re.IGNORECASE)  # fmt: skip
_ONSITE: Final = re.compile(r"\b(?:on-?site(?! (?:parking|gym|canteen|training|interview|nursery|cafe|facilities))|in-person|in person|in-office|no (?:remote|home office)|not (?:a )?remote|remote (?:work )?(?:is )?not (?:possible|available|offered)|office[- ]based|vor ort|kein home ?office|sur site|présentiel|pas de télétravail|presencial)\b|कार्यालय से", re.IGNORECASE)  # fmt: skip
_REMOTE: Final = re.compile(r"\b(?:(?:fully|100 ?%|completely) remote|remote(?:[- ]first|[- ]only)?(?! (?:patient|monitoring|control|sens|areas?|communit|sites?|location|access|desktop|support|locations))|work(?:ing)? from (?:home|anywhere)|wfh|home[- ]based|télétravail|full remote|à distance|teletrabajo|remoto|100 ?% home ?office|home ?office)\b|घर से काम|वर्क फ्रॉम होम|रिमोट", re.IGNORECASE)  # fmt: skip
_REFERENCE: Final = re.compile(r"^(?:ref(?:erence)?|job id|kennziffer|id)\b[.: ]*[\w/.-]*\d[\w/.-]*\s+", re.IGNORECASE)
_SHARE: Final = re.compile(r",?\s*\d+\s*(?:[-–]\s*\d+\s*)?%.*$|\s+in (?:voll|teil)zeit.*$", re.IGNORECASE)
_WANTED_AFTER: Final = re.compile(r"\s+(?:wanted|needed|required|sought|gesucht)\b.*$", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"\s*(?:\([^)]*\)\s*)?[£$€₹]\s?\d.*$")
_NUMBERED: Final = re.compile(r"^(?:requisition|req|ref|job id|vacancy|competition)\b.*\d", re.IGNORECASE)
_MULTIPLE: Final = re.compile(
    r"\s*[(\[]?\b(?:x\s?\d{1,2}|\d{1,2}\s?x|\d{1,2} (?:posts|positions))\b[)\]]?", re.IGNORECASE
)
_OURS: Final = re.compile(r"(?:our|my|their|his|her|your)\b")
_FOR_WHOM: Final = re.compile(r"\s(?:for|of|in|at|für|im|am|bei)\s", re.IGNORECASE)
_STREET: Final = re.compile(r"(?:\b(?:street|road|lane|avenue|square)|straße|strasse|gasse)$", re.IGNORECASE)
_TITLE_WORDS: Final = 12
_TOP: Final = 6


def title(lines: list[str]) -> str:
    """A labelled title, else the first line that looks like one, else what "we are looking for"."""
    for line in lines[:25]:
        if labelled := _LABELLED.match(line):
            return bare_title(labelled[1])
    wanted = _wanted("\n".join(lines))
    candidates = [
        bare
        for line in lines[:_TOP]
        if ":" not in _bared(line)
        and not _NOT_TITLE.search(_bared(line))
        and 0 < len((bare := bare_title(line)).split()) <= _TITLE_WORDS
    ]
    likely = [one for one in candidates if not _employer(one) or (wanted and _alike(one, wanted))]
    named = [one for one in likely if _names_work(one)]
    if wanted and not named and (_names_work(wanted) or not likely):
        return bare_title(wanted)
    return next(iter([*named, *likely, *candidates]), bare_title(lines[0])[:100] if lines else "")


def _wanted(text: str) -> str | None:
    """Who is looked for; "one for our house" tells for what, not whom."""
    return next((found[1] for found in _WANTED.finditer(text) if not _OURS.match(found[1])), None)


def _names_work(text: str) -> bool:
    """Has a word for people who do some work: "nurse", "Fahrerin"; but "Baker Street" is where."""
    if _STREET.search(text):
        return False
    words = [_singular(word) for word in re.findall(r"[^\W\d_]+", text.casefold())]
    spoken = " ".join(words)
    return bool(phrases("titles", "words").search(spoken)) or any(
        word.endswith(tuple(lexicon()["titles"]["endings"])) for word in words
    )


def _singular(word: str) -> str:
    """Of a word for people who do some work: "drivers" is "driver"; any other word as it is."""
    return word[:-1] if re.search(r"(?:[^s]s)$", word, re.IGNORECASE) and _is_work(word[:-1].casefold()) else word


def _is_work(word: str) -> bool:
    return bool(phrases("titles", "words").fullmatch(word))


def _bared(line: str) -> str:
    return _REFERENCE.sub("", _HIRING_PREFIX.sub("", line))


def _company_like(line: str) -> bool:
    return bool(
        re.search(
            r"\b(?:gmbh|ag|inc|ltd|llc|plc|kg|co|corp|s\.?a\.?r?\.?l?|hospital|klinik\w*|university|council|school|group|stadt|city of|county|limited|trust|hotel|restaurant|colegio|collège|kanzlei|praxis|\w*zentrum|center|centre|haus|escuela|company|services|ministry|department of)\b",
            line,
            re.IGNORECASE,
        )
    )


def _employer(line: str) -> bool:
    """Is named by a word of companies; not "Electrician for building services", where the work stands before it."""
    head = _FOR_WHOM.split(line)[0]
    return _company_like(head if _names_work(head) else line)


def _alike(one: str, other: str) -> bool:
    return bool(set(re.findall(r"\w{4,}", one.lower())) & set(re.findall(r"\w{4,}", other.lower())))


def bare_title(line: str) -> str:
    """Without gender marks, place, company, working time and reference number."""
    cleaned = _GENDERS.sub("", _HIRING_PREFIX.sub("", _REFERENCE.sub("", line))).strip(" *#_-–—:|.!")
    cleaned = _SHARE.sub("", re.sub(r"/ ?(?:einen?|une?|una) ", "/ ", cleaned))
    cleaned = _MULTIPLE.sub("", _WANTED_AFTER.sub("", cleaned))
    cleaned = re.sub(r"\s*\((?!.*(?:nurse|engineer|developer|manager))[^)]*\)\s*$", "", cleaned)
    cleaned = _AMOUNT.sub("", cleaned)
    parts = [part.strip() for part in _JOIN.split(cleaned) if part.strip()]
    parts = [part for part in parts if not _NUMBERED.match(part)] or parts
    kept = parts[:1]
    for part in parts[1:]:
        if _EXTRAS.match(part) or known_place(part) or part != part.strip() or not _rank_word(part):
            break
        kept.append(part)
    return _one_person(", ".join(kept) if kept else cleaned)


def _one_person(found: str) -> str:
    """Where "Bus Drivers" are looked for, the job is "Bus Driver"."""
    head, space, last = found.rpartition(" ")
    return head + space + _singular(last)


def _rank_word(part: str) -> bool:
    return any(pattern.search(part) for _, pattern in _SENIORITY) and len(part.split()) <= 2  # noqa: PLR2004


def seniority(found_title: str, text: str, years: float | None) -> Seniority | None:
    """By the title; where it is silent, by an open door for beginners, then by the years asked for."""
    for level, pattern in _SENIORITY:
        if pattern.search(found_title):
            return level
    if _BEGINNER.search(text):
        return "junior"
    if years is None:
        return None
    return "senior" if years >= 5 else "mid" if years >= 2 else "junior"  # noqa: PLR2004


def location(lines: list[str], found_title: str) -> str | None:
    for line in lines[:40]:
        if labelled := _PLACE_LABEL.match(line):
            return _bare_place(labelled[1])
    for line in lines[:_TOP]:
        for part in re.split(r"\s+[-–—|·•@]\s+|\s*[|·•]\s*|\(|\)|\.\s", line):
            if known_place(part) and len(part.split()) <= _TOP:
                return _bare_place(_without_company(_without_title(part, found_title)))
        if (inside := re.search(r"\bin ([A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?)", line)) and known_place(inside[1]):
            return inside[1]
    prose = _PLACE_PROSE.search("\n".join(lines))
    if town := re.search(r"\b(?:Stadt|Gemeinde|City of|Ville de|Ayuntamiento de) ([A-ZÀ-Ý][\w-]+)", "\n".join(lines)):
        return town[1]
    return _bare_place(prose[1]) if prose else _mentioned(lines)


def _without_title(text: str, found_title: str) -> str:
    """Of "Night porter, full-time, Leeds, UK" the places; what names no work stays whole."""
    parts = [part.strip() for part in re.split(r",|\sin\s(?=[A-ZÀ-Ý])", text)]
    titles = [part for part in parts if _is_title(part, found_title)]
    if not titles:
        return text
    begin = next(i for i, part in enumerate(parts) if known_place(part))
    return ", ".join(part for part in parts[begin:] if part not in titles and not _EXTRAS.match(part))


def _is_title(part: str, found_title: str) -> bool:
    if known_place(part) or _STREET.search(part):
        return False
    return _names_work(part) or bare_title(part) == found_title


def _without_company(text: str) -> str:
    parts = [part.strip() for part in text.split(",")]
    kept = [part for part in parts if known_place(part) or not _named_house(part)]
    return ", ".join(kept or parts)


def _named_house(part: str) -> bool:
    return _company_like(part) or bool(
        re.search(r"&|['’]s\b|^(?:the|das|die|la|el|le) |\w+ \w+ \w+", part, re.IGNORECASE)
    )


def _mentioned(lines: list[str]) -> str | None:
    for line in lines:
        for found in re.finditer(r"\b(?:in|à|en|at) ([A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?)", line):
            if known_place(found[1]):
                return found[1]
    return None


def _bare_place(text: str) -> str | None:
    text = re.split(r"\.\s", text)[0]
    plain = re.sub(r"\s*[(\[].*?[)\]]|\b(?:hybrid|remote|on-?site|fully remote)\b", "", text, flags=re.IGNORECASE)
    plain = re.split(r"\s+[-–—|·•]\s+|[;|]|\bor\b|\boder\b", plain)[0].strip(" ,.-–/")
    return plain or None


def known_place(text: str) -> bool:
    words = [part.strip(" .").casefold() for part in re.split(r"[,/]", text)]
    return any(word in PLACES for word in words)


def remote(text: str) -> Remote | None:
    if _HYBRID.search(text):
        return "hybrid"
    if _ONSITE.search(text):
        return "onsite"
    return "remote" if _REMOTE.search(text) else None
