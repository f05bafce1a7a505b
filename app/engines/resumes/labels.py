"""Labels before values and heads of columns: which part of an entry they name, in five languages."""
# ruff: noqa: E501 (patterns)

import re
from functools import lru_cache

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


_PERSONAL = re.compile(
    r"^(?:date of birth|birth ?date|place of birth|born|dob|d\.o\.b|gender|sex|nationality|citizenship|marital status|civil status|religion|caste|age|height|weight|"
    r"father's name|mother's name|husband's name|spouse|state of origin|passport|visa status|geburtsdatum|geburtsort|geboren|geb\.|familienstand|geschlecht|staatsangehörigkeit|"
    r"konfession|jahrgang|nationalité|née?\s+(?:le|en)|date de naissance|lieu de naissance|situation (?:de famille|familiale)|sexe|âge|fecha de nacimiento|lugar de nacimiento|"
    r"estado civil|sexo|nacionalidad|edad|dni|c\.c\.|जन्म|लिंग|वैवाहिक|धर्म|जाति|राष्ट्रीयता|पिता|माता|आयु)(?![^\W_])",
    re.IGNORECASE,
)


def is_personal(text: str) -> bool:
    """Age, gender, family, origin: what no judgement may rest on, and no part of a job or a study."""
    return _PERSONAL.match(plain(text)) is not None


@lru_cache(maxsize=2_048)
def role_of(label: str) -> str | None:
    """What a label such as "Name of employer" or a column's head is of."""
    if ":" in label.rstrip(" :"):
        return None
    folded = fold(plain(label))
    return next((role for role, pattern in _ROLES.items() if re.fullmatch(pattern, folded)), None)
