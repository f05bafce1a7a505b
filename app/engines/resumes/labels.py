"""Labels before values and heads of columns: which part of an entry they name, in five languages."""
# ruff: noqa: E501 (patterns)

import re
from functools import cache

from app.engines.resumes.lexicon import fold, plain

_ROLES = {
    "title": r"job title|title|position(?: held)?|occupation(?: or position held)?|designation|role|post|stelle|funktion|"
    r"beruf(?: oder (?:aus)?funktion)?|ausgeübter beruf|poste(?: occupé)?|fonction(?: ou poste occupé)?|"
    r"puesto(?: desempeñado)?|cargo|profesión(?: o cargo desempeñado)?|पद(?:नाम)?",
    "employer": r"employer|company(?: name)?|organi[sz]ation|firm|name(?: and address)? of employer|firma|unternehmen|arbeitgeber|"
    r"name(?: und adresse)? des arbeitgebers|entreprise|employeur|nom(?: et adresse)? de l'employeur|empresa|empleador|"
    r"nombre(?: y dirección)? del empleador|संस्था|कंपनी|नियोक्ता(?: का नाम)?",
    "dates": r"duration|period|dates?(?: \(.{2,20}\))?|from|tenure|years?|zeitraum|datum|daten|période|periodo|período|fechas?(?: \(.{2,20}\))?|"
    r"année|jahr|año|अवधि|वर्ष",
    "school": r"institution|institute|university|college|school|board(?:/university)?|name(?: and type)? of (?:institution|organisation).{0,40}|"
    r"bildungseinrichtung|(?:hoch)?schule|name und art der bildungs.{0,40}|établissement.{0,30}|centro(?: de (?:formación|estudios))?|संस्थान|बोर्ड|विश्वविद्यालय",
    "degree": r"course|degree|qualification|title of qualification(?: awarded)?|examination|abschluss|bezeichnung der .{0,30}qualifikation|"
    r"diplôme|intitulé du (?:diplôme|certificat).{0,30}|título(?: obtenido)?|título de la cualificación.{0,20}|उपाधि|परीक्षा",
    "place": r"location|place|city|ort|lieu|lugar|स्थान",
    "done": r"main activities(?: and responsibilities)?|responsibilities|duties|wichtigste tätigkeiten.{0,40}|aufgaben|"
    r"principales activités.{0,30}|funciones(?: principales)?|principales actividades.{0,30}|मुख्य कार्य",
}


@cache
def role_of(label: str) -> str | None:
    """What a label such as "Name of employer" or a column's head is of."""
    if ":" in label.rstrip(" :"):
        return None
    folded = fold(plain(label))
    return next((role for role, pattern in _ROLES.items() if re.fullmatch(pattern, folded)), None)
