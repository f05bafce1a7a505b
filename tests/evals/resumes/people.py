"""The people of the evaluation: what their resumes show, and what a person reads in them."""

import re
import tomllib
from functools import cache
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

HERE = Path(__file__).parent
AS_OF_MONTH = 2026 * 12 + 10
MONTHS = {
    "en": ("January February March April May June July August September October November December",
           "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
    "de": ("Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
           "Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
    "fr": ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
           "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
    "es": ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
           "ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic."),
    "hi": ("जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
           "जन. फर. मार्च अप्रैल मई जून जुलाई अग. सितं. अक्टू. नवं. दिसं."),
}  # fmt: skip
HEADS = {
    "en": {"summary": "Profile", "work": "Experience", "education": "Education", "skills": "Skills", "languages": "Languages", "certs": "Certificates", "personal": "Personal details", "contact": "Contact"},
    "de": {"summary": "Profil", "work": "Berufserfahrung", "education": "Ausbildung", "skills": "Kenntnisse", "languages": "Sprachen", "certs": "Zertifikate", "personal": "Persönliche Daten", "contact": "Kontakt"},
    "fr": {"summary": "Profil", "work": "Expérience professionnelle", "education": "Formation", "skills": "Compétences", "languages": "Langues", "certs": "Certificats", "personal": "État civil", "contact": "Coordonnées"},
    "es": {"summary": "Perfil", "work": "Experiencia", "education": "Formación", "skills": "Competencias", "languages": "Idiomas", "certs": "Cursos", "personal": "Datos personales", "contact": "Contacto"},
    "hi": {"summary": "परिचय", "work": "अनुभव", "education": "शिक्षा", "skills": "कौशल", "languages": "भाषाएँ", "certs": "प्रमाणपत्र", "personal": "व्यक्तिगत विवरण", "contact": "संपर्क"},
}  # fmt: skip
LABELS = {
    "en": {"dates": "Dates (from – to)", "employer": "Name and address of employer", "title": "Occupation or position held", "done": "Main activities", "school": "Name of institution", "degree": "Title of qualification", "phone": "Telephone", "address": "Address", "name": "Surname(s) / First name(s)", "period": "Period", "position": "Position", "company": "Company"},
    "de": {"dates": "Zeitraum", "employer": "Name des Arbeitgebers", "title": "Beruf oder Funktion", "done": "Wichtigste Tätigkeiten", "school": "Bildungseinrichtung", "degree": "Abschluss", "phone": "Telefon", "address": "Adresse", "name": "Nachname(n) / Vorname(n)", "period": "Zeitraum", "position": "Funktion", "company": "Firma"},
    "fr": {"dates": "Dates (de – à)", "employer": "Nom de l'employeur", "title": "Fonction ou poste occupé", "done": "Principales activités", "school": "Établissement", "degree": "Intitulé du diplôme", "phone": "Téléphone", "address": "Adresse", "name": "Nom(s) / Prénom(s)", "period": "Période", "position": "Poste", "company": "Entreprise"},
    "es": {"dates": "Fechas (de – a)", "employer": "Nombre del empleador", "title": "Profesión o cargo desempeñado", "done": "Funciones principales", "school": "Centro de formación", "degree": "Título obtenido", "phone": "Teléfono", "address": "Dirección", "name": "Apellido(s) / Nombre(s)", "period": "Período", "position": "Cargo", "company": "Empresa"},
    "hi": {"dates": "अवधि", "employer": "नियोक्ता का नाम", "title": "पद", "done": "मुख्य कार्य", "school": "संस्थान", "degree": "उपाधि", "phone": "मोबाइल", "address": "पता", "name": "नाम", "period": "अवधि", "position": "पद", "company": "संस्था"},
}  # fmt: skip


@cache
def people(part):
    found = []
    for file in sorted((HERE / part).glob("*.toml")):
        found += tomllib.loads(file.read_text("utf-8"))["person"]
    assert len({one["key"] for one in found}) == len(found)
    return {one["key"]: one for one in found}


def language(person):
    return next(part for part in person["key"].split("-") if part in MONTHS)


def written(person, when):
    """One date as this person writes it."""
    year, _, month = when.partition("-")
    form = person["dates"][0]
    if not month or form == "yyyy":
        return year
    full, short = (names.split()[int(month) - 1] for names in MONTHS[language(person)])
    return {
        "M Y": f"{full} {year}", "m Y": f"{short} {year}", "mm/yyyy": f"{month}/{year}", "mm.yyyy": f"{month}.{year}",
        "yyyy-mm": f"{year}-{month}", "mm/yy": f"{month}/{year[2:]}", "m-Y": f"{short}-{year}", "m. Y": f"{short}. {year}",
        "m 'Y": f"{short} '{year[2:]}", "m'yy": f"{short}'{year[2:]}", "m/yyyy": f"{int(month)}/{year}",
    }[form]  # fmt: skip


def span(person, start, end):
    join, present = person["dates"][1], person.get("present_word", person["dates"][2])
    if not start:
        return written(person, end)
    if not end and "{}" in present:
        return present.format(written(person, start))
    return f"{written(person, start)}{join}{written(person, end) if end else present}"


def view(person):
    """What a layout prints."""
    own, tongue = person, language(person)
    heads = HEADS[tongue] | own.get("heads", {})
    jobs = [_job(own, entry) for entry in own["work"]]
    return SimpleNamespace(
        lang=tongue, name=own.get("shown_name", own["name"]), headline=own.get("headline", ""),
        email=own.get("shown_email", own["email"]), phone=own["phone"], links=own.get("links", []),
        address=own["address"], extra=own.get("extra", []), summary=own.get("summary", ""), jobs=jobs,
        groups=_grouped(jobs) if own.get("group") else [[job] for job in jobs],
        studies=[_study(own, entry) for entry in own["edu"]], skill_groups=skill_groups(own),
        prose=own.get("skillprose", False), certs=own.get("certs", []), other=own.get("other", []),
        langs=[] if own.get("lang_in_extra") else [(shown, level) for _, shown, level in own.get("languages", [])],
        h=heads, l=LABELS[tongue],
    )  # fmt: skip


def _job(person, entry):
    title, employer, place, start, end, done = entry
    present = person.get("present_word", person["dates"][2])
    return SimpleNamespace(
        title=title, employer=employer, place=place, dates=span(person, start, end), done=done,
        since=written(person, start), until=written(person, end) if end else present if "{}" not in present else "",
        open=present.format(written(person, start)) if not end and "{}" in present else "",
    )  # fmt: skip


def _grouped(jobs):
    return [list(group) for _, group in groupby(jobs, key=lambda job: job.employer)]


def _study(person, entry):
    degree, school, place, start, end = entry
    dates = span(person, start, end) if start or end else ""
    return SimpleNamespace(degree=degree, school=school, place=place, dates=dates)


def skill_groups(person):
    groups = []
    for text in person["skills"].split(" | "):
        label, mark, rest = text.partition(": ")
        groups.append((label if mark else "", [item.strip() for item in (rest if mark else text).split(";")]))
    return groups


def label(person):
    """What a person reads: each field a list of values, each value a list of wordings that are all right."""
    breaks = person.get("break_at", [])
    jobs = [job for number, job in enumerate(person["work"]) if number not in breaks]
    studies = person["edu"]
    schools = person.get("school_alt") or [[] for _ in studies]
    degrees = person.get("degree_alt") or [[] for _ in studies]
    years_only = person["dates"][0] == "yyyy"
    dated = [(_cut(start, years_only), _cut(end, years_only)) for _, _, _, start, end, _ in jobs]
    known = person.get("lang_alt", {})
    return {
        "name": [[person["name"], *person.get("name_alt", [])]],
        "email": [[person.get("label_email", person["email"])]],
        "phone": [[person.get("label_phone", person["phone"])]],
        "links": [[link] for link in person.get("links", [])],
        "location": [[person["city"], *person.get("city_alt", [])]],
        "employers": [[job[1]] for job in jobs if job[1]],
        "titles": [[job[0]] for job in jobs if job[0]],
        "starts": [[start] for start, _ in dated],
        "ends": [[end] for _, end in dated],
        "institutions": [[study[1], *alt] for study, alt in zip(studies, schools, strict=True) if study[1]],
        "degrees": [[study[0], *alt] for study, alt in zip(studies, degrees, strict=True) if study[0]],
        "skills": [[item] for _, items in skill_groups(person) for item in items],
        "languages": [[name, *known.get(name, [])] for name, _, _ in person.get("languages", [])],
        "years": [[str(years(dated))]],
    }


def _cut(when, years_only):
    return when[:4] if years_only else when


def years(dated):
    """Months of all jobs, each counted once. A bare year means its middle; the end's month counts as worked."""
    months = set()
    for start, end in dated:
        first = _month(start)
        last = AS_OF_MONTH if not end else _month(end) + (1 if "-" in end else 0)
        months |= set(range(first, max(last, first + 1)))
    return round(len(months) / 12, 1)


def _month(when):
    year, _, month = when.partition("-")
    return int(year) * 12 + (int(month) - 1 if month else 6)


def bare(text):
    return re.sub(r"\s+", " ", text).strip()
