"""What a person should see before trusting a document: hidden words, and orders to a machine."""

import re
from collections.abc import Iterable

from app.engines.resumes.layout import lines_of
from app.engines.resumes.lexicon import fold
from app.ports.reading import Flag, Page

_EXCERPT = 200
_WHO = r"(?:this|the|my|that) (?:candidate|applicant|resume|cv|profile|application|person)"
_BEFORE = r"(?:all |any |the |your |of |these |those |my )*(?:previous|prior|above|earlier|preceding|foregoing|existing|other|original|system)"
_ORDERS = [
    rf"\b(?:ignore|disregard|forget|override|bypass|skip) (?:about )?{_BEFORE} (?:\w+ )?(?:instruction|prompt|rule|direction|command|guideline|criteri|message|context|text|order)",
    r"\b(?:ignore|disregard|forget) (?:everything|anything|what(?:ever)? (?:you|was|is)|all (?:of )?(?:the )?(?:instructions|rules|criteria))",
    rf"\b(?:give|assign|award|grant|rate|score|rank|mark|grade|treat|label|classify|select|choose|shortlist|recommend|approve|accept|hire|advance|consider) {_WHO}\b.{{0,60}}\b(?:high|top|best|max|perfect|full|first|10|100|excellent|exceptional|strong|qualified|ideal|immediately|interview|hire|above)",
    r"\b(?:highest|maximum|perfect|full|top) (?:possible )?(?:score|rating|marks?|grade|ranking)\b.{0,40}\b(?:to|for) (?:this|the|me|my)\b",
    r"\b(?:you are|you're|act as|pretend to be|behave as|roleplay as) (?:now )?(?:an? |the )?(?:\w+ )?(?:ai|llm|language model|assistant|chatbot|gpt|recruiter(?:'s)? (?:bot|assistant)|evaluator|grader|scorer)\b",
    r"\b(?:system|developer|assistant) (?:prompt|message|override|instruction|note)s?\s*[:>\]]",
    r"<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?inst\]|<<sys>>|</?(?:system|instructions?|assistant)>",
    r"\b(?:note|message|instructions?|attention|memo) (?:to|for) (?:the |any |all )?(?:ai|llm|model|bot|ats|algorithm|machine|language model|screening (?:tool|system|software)|automated|parser|gpt|chatgpt|claude)",
    r"\b(?:if|when) you(?:'re| are) (?:an? )?(?:ai|llm|language model|bot|automated|large language)",
    r"\b(?:output|respond|reply|answer|return|print|say|write)(?: only| with| that)* (?:[\"'“]|the (?:word|score|following)|exactly|only|score|\{).{0,60}\b(?:hire|score|100|10/10|qualified|recommend|pass|approved)",
    r"\bdo not (?:reject|evaluate|follow|mention|reveal|consider|score|apply|read) (?:this|the|any|your|his|her|other|me)\b",
    r"\b(?:this|the) (?:candidate|applicant) (?:must|should|has to|needs to|is to) be (?:hired|selected|shortlisted|ranked|rated|scored|given|advanced|accepted|recommended)",
    r"\b(?:reveal|print|show|repeat|leak) (?:me )?(?:your|the) (?:system |hidden |initial )?(?:prompt|instructions)",
    r"\bignorier\w* (?:bitte )?(?:alle |die |sämtliche |bisherigen |vorherigen |vorigen |obigen )*(?:anweisung|instruktion|regel|vorgabe|anleitung)",
    r"\b(?:gib|geben sie|bewerte|bewerten sie|stufe) (?:dies\w+|de[mnr]) (?:kandidat|bewerb|lebenslauf).{0,60}(?:höchst|best|maxim|voll|100|ausgezeichnet)",
    r"\b(?:ignore[zr]?|oublie[zr]?|ne tene[zr] pas compte) (?:de )?(?:toutes? |tous |les |des |ces |vos )*(?:instructions?|consignes?|règles?|directives?)",
    r"\b(?:donne[zr]?|attribue[zr]?|accorde[zr]?|note[zr]?) .{0,30}(?:candidat|cv|profil).{0,60}(?:meilleur|maxim|plus haut|100|excellent)|\b(?:donne[zr]?|attribue[zr]?) .{0,30}(?:meilleure?|plus haute) note",
    r"\b(?:ignora|ignore|ignorar|olvida|olvide|omite) (?:todas? |todos |las |los |tus |sus |estas )*(?:instrucciones|indicaciones|reglas|órdenes)",
    r"\b(?:da|dale|dé|otorga|otorgue|asigna|asigne|califica|califique|puntúa|puntúe) .{0,30}(?:candidat|currículum|perfil).{0,60}(?:máxim|mejor|más alt|100|excelente)|\b(?:da|dale|otorga|asigna) .{0,20}(?:máxima|más alta) (?:puntuación|nota|calificación)",
    r"(?:पिछले|पूर्व|उपरोक्त|सभी|पहले के) (?:सभी |दिए गए )?(?:निर्देश|आदेश|नियम).{0,20}(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|उपेक्षा|भूल)",
    r"(?:उम्मीदवार|अभ्यर्थी|आवेदक).{0,30}(?:सर्वोच्च|अधिकतम|सबसे अधिक|पूरे|उच्चतम) (?:अंक|स्कोर|रेटिंग)",
]
_ORDER = re.compile("|".join(_ORDERS))


def suspicions(pages: Iterable[Page]) -> tuple[Flag, ...]:
    return tuple(flag for page in pages for flag in (*_hidden(page), *_orders(page)))


def _hidden(page: Page) -> list[Flag]:
    """One flag a page and reason; a lone mark is an accident of layout."""
    reasons: dict[str, list[str]] = {}
    for word in page.words:
        if word.hidden is not None:
            reasons.setdefault(word.hidden, []).append(word.text)
    texts = {reason: " ".join(found) for reason, found in reasons.items()}
    return [
        Flag("hidden-text", page.number, f"{reason}: {text[:_EXCERPT]}")
        for reason, text in texts.items()
        if sum(letter.isalnum() for letter in text) > 2  # noqa: PLR2004  letters
    ]


def _orders(page: Page) -> list[Flag]:
    seen = " ".join(line.text for line in lines_of([page]))
    unseen = " ".join(word.text for word in page.words if word.hidden is not None)
    flags = []
    for text in (seen, unseen):
        found = [text_around(text, match) for match in _ORDER.finditer(_even(text))]
        flags += [Flag("instruction-like", page.number, excerpt) for excerpt in dict.fromkeys(found[:5])]
    return flags


def _even(text: str) -> str:
    """Folded, but as long as it was, so that places stay."""
    folded = fold(text)
    even = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    even = even.replace("’", "'").replace("\t", " ").replace("\n", " ")
    return even if len(folded) > len(text) * 2 else even


def text_around(text: str, match: re.Match[str]) -> str:
    begin, end = max(match.start() - 20, 0), min(match.end() + 60, len(text))
    return " ".join(text[begin:end].split())[:_EXCERPT]
