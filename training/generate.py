"""Resumes at random: people, employers, dates and layouts put together by chance. The same number, the same resume."""

import random
import tomllib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

_NAMES = {
    "en": ("Olivia James Amara Noah Kwame Priya Ethan Chloe Femi Grace", "Barker Mensah Thornton Osei Gallagher Reyes Walsh Naidoo Whitfield Cho"),
    "de": ("Jonas Lena Katrin Emre Birgit Lukas Hannelore Ayla Stefan Nina", "Hartwig Böhm Yılmaz Krüger Scholz Petersen Vogel Brandt Nguyen Steiner"),
    "fr": ("Camille Antoine Fatou Léa Bastien Nadia Guillaume Manon Yves Sonia", "Moreau Diallo Perrin Lefèvre Benali Chevalier Roussel Girard Marchand Faure"),
    "es": ("Lucía Javier Carmen Diego Paula Andrés Ximena Mateo Irene Raúl", "Ortega Vargas Molina Cabrera Rojas Navarro Salazar Ibáñez Campos Prieto"),
    "hi": ("अजय पूजा विकास नेहा रमेश सीमा मनोज अंजलि", "गुप्ता यादव शुक्ला जोशी तिवारी पटेल त्रिपाठी राठौर"),
}  # fmt: skip
_HEADS = {
    "en": {"work": ["Experience", "Employment", "Where I have been", "Roles so far", "Work Record", "Professional Journey", "My working life"], "education": ["Education", "Studies", "Academic Record", "Schools attended", "Learning"], "skills": ["Skills", "Know-how", "Strong points", "I am good with", "Tools and Techniques"], "languages": ["Languages", "I speak"], "other": ["Outside work", "Volunteering", "Anything else"]},
    "de": {"work": ["Berufserfahrung", "Mein Weg", "Bisherige Stellen", "Beschäftigungen", "Beruflicher Verlauf"], "education": ["Ausbildung", "Schule und Studium", "Lernen"], "skills": ["Kenntnisse", "Können", "Damit arbeite ich", "Fachliches"], "languages": ["Sprachen", "Ich spreche"], "other": ["Sonstiges", "Privat", "Engagement"]},
    "fr": {"work": ["Expérience", "Mes emplois", "Itinéraire", "Carrière", "Vie professionnelle"], "education": ["Formation", "Études et diplômes", "Apprentissages"], "skills": ["Compétences", "Points forts", "Ce que j'apporte"], "languages": ["Langues", "Langues pratiquées"], "other": ["Divers", "Loisirs", "Bénévolat"]},
    "es": {"work": ["Experiencia", "Empleos anteriores", "Recorrido", "Historia laboral"], "education": ["Formación", "Estudios realizados", "Aprendizaje"], "skills": ["Competencias", "Puntos fuertes", "Manejo de"], "languages": ["Idiomas", "Hablo"], "other": ["Otros datos", "Voluntariado", "Aficiones"]},
    "hi": {"work": ["अनुभव", "पूर्व नौकरियाँ"], "education": ["शिक्षा", "पढ़ाई"], "skills": ["कौशल", "विशेष योग्यता"], "languages": ["भाषाएँ"], "other": ["अन्य", "शौक"]},
}  # fmt: skip
_SKILLS = {
    "en": "Excel;stock control;welding;Python;customer service;triage;bookkeeping;report writing;forklift;scheduling;negotiation;SQL;first aid;lesson planning;cold calling",
    "de": "Excel;Lagerhaltung;Schweißen;Python;Kundenbetreuung;Buchführung;Terminplanung;Verhandlung;SQL;Erste Hilfe;Qualitätsprüfung;Montage",
    "fr": "Excel;gestion de stock;soudure;Python;accueil;comptabilité;planification;négociation;SQL;secourisme;montage;rédaction",
    "es": "Excel;control de stock;soldadura;Python;atención al cliente;contabilidad;planificación;negociación;SQL;primeros auxilios;montaje;redacción",
    "hi": "Excel;टाइपिंग;वेल्डिंग;ग्राहक सेवा;लेखांकन;योजना;Tally;प्राथमिक उपचार;मरम्मत",
}  # fmt: skip
_SPOKEN = {
    "en": [("English", "English"), ("Spanish", "Spanish"), ("French", "French")],
    "de": [("German", "Deutsch"), ("English", "Englisch"), ("Turkish", "Türkisch")],
    "fr": [("French", "Français"), ("English", "Anglais"), ("Arabic", "Arabe")],
    "es": [("Spanish", "Español"), ("English", "Inglés"), ("Catalan", "Catalán")],
    "hi": [("Hindi", "हिंदी"), ("English", "अंग्रेज़ी")],
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "hi": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
}
_PRESENT = {"en": ["Present", "now", "to date", "current"], "de": ["heute", "laufend", "jetzt"], "fr": ["aujourd'hui", "à ce jour", "présent"], "es": ["actualidad", "hoy", "presente"], "hi": ["वर्तमान", "अब तक"]}  # fmt: skip
_DONE = {"en": "Kept the figures that the team worked by", "de": "Betreuung der Kunden im Innendienst", "fr": "Suivi des dossiers et accueil du public", "es": "Atención diaria a proveedores y clientes", "hi": "दैनिक कार्य का निरीक्षण"}  # fmt: skip
# {t} title, {e} employer, {p} place, {d} dates; | begins a new line, > sets what follows at the right edge
JOB_FORMS = (
    "<b>{t}</b>, {e}, {p}>{d}", "<b>{e}</b>, {p}>{d}|{t}", "<b>{e}</b>>{p}|<i>{t}</i>>{d}", "{d}|<b>{t}</b>|{e}, {p}", "{d}: {t}, {e} ({p})",
    "<b>{t}</b>|{e} | {d}", "<b>{t} – {e}</b>|{d}, {p}", "{e} ({d})|{t}", "<b>{t}</b> / {e} / {p} / {d}", "<b>{e}</b>|{t}|{d} | {p}", "{t}>{d}|<i>{e}, {p}</i>",
    "<b>{t}</b> | {d}|{e} – {p}", "{e} · {p}|{t} · {d}", "L{d}<b>{t}</b>|{e}, {p}", "L{d}<b>{e}</b>, {p}|{t}", "L{d}{t}, {e}, {p}",
)  # fmt: skip
STUDY_FORMS = (
    "<b>{t}</b>, {e}>{d}",
    "{e}>{d}|{t}",
    "<b>{t}</b>|{e}|{d}",
    "{d} {t}, {e}",
    "{t} | {e} | {d}",
    "{e} – {t} ({d})",
    "L{d}<b>{t}</b>|{e}",
)
HEAD_STYLES = (
    "font-size:13pt;font-weight:bold", "font-size:10pt;font-weight:bold", "font-size:10pt;text-transform:uppercase", "font-size:10pt;letter-spacing:.2em;text-transform:uppercase",
    "font-size:14pt;color:#369", "font-size:10pt;font-weight:bold;text-decoration:underline", "font-size:11pt;font-style:italic;font-weight:bold", "font-size:11pt;font-variant:small-caps;font-weight:bold",
)  # fmt: skip


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


def employer(dice: random.Random, tongue: str) -> str:
    known = words()[tongue]
    return f"{dice.choice(known['before'])} {dice.choice(known['after'])}".strip()


def title(dice: random.Random, tongue: str) -> str:
    known = words()[tongue]
    rank = f"{dice.choice(known['ranks'])} " if dice.random() < 0.25 else ""
    return rank + str(dice.choice(known["titles"]))


def school(dice: random.Random, tongue: str) -> str:
    known = words()[tongue]
    return str(dice.choice(known["schools"])).format(dice.choice(known["towns"]))


def resume(number: int, *, tongue: str | None = None) -> tuple[str, dict[str, list[list[str]]]]:
    """The page as HTML, and what a person reads in it, as tests.evals.resumes.people.label says it."""
    dice = random.Random(number)
    tongue = tongue or dice.choice(["en", "en", "de", "fr", "es"])
    person = _person(dice, tongue)
    return _page(dice, person), _label(person)


def _person(dice: random.Random, tongue: str) -> dict[str, Any]:
    first, last = (dice.choice(names.split()) for names in _NAMES[tongue])
    year = dice.randint(2004, 2014)
    jobs = []
    form = dice.choice(["M Y", "mm/yyyy", "m Y", "yyyy", "mm.yyyy", "yyyy-mm"])
    for _ in range(dice.randint(2, 4)):
        start = (year, dice.randint(1, 12))
        stop = (year + dice.randint(1, 4), dice.randint(1, 12))
        year = stop[0] + dice.choice([0, 0, 1])
        stop = (stop[0], min(stop[1] + 1, 12)) if stop <= start else stop
        jobs.append([title(dice, tongue), employer(dice, tongue), dice.choice(words()[tongue]["towns"]), start, stop])
        if year > 2023:
            break
    jobs[-1][4] = None if dice.random() < 0.7 else jobs[-1][4]
    join, present = dice.choice([" – ", " - ", "–", " to " if tongue == "en" else " – "]), dice.choice(_PRESENT[tongue])
    said = [_span(tongue, form, (join, present), start, stop) for *_, start, stop in jobs]
    studies = [(dice.choice(words()[tongue]["degrees"]), school(dice, tongue), str(1999 + n * 3), str(2002 + n * 3)) for n in range(dice.randint(1, 2))]  # fmt: skip
    return {
        "tongue": tongue, "name": f"{first} {last}", "jobs": jobs[::-1], "said": said[::-1], "form": form, "studies": studies,
        "skills": dice.sample(_SKILLS[tongue].split(";"), dice.randint(4, 8)), "spoken": _SPOKEN[tongue][: dice.randint(1, 3)],
        "town": dice.choice(words()[tongue]["towns"]), "email": f"person{dice.randint(10, 99)}@mail.example",
    }  # fmt: skip


def _when(tongue: str, form: str, when: tuple[int, int]) -> str:
    year, month = when
    name = _MONTHS[tongue].split()[month - 1]
    short = name if len(name) < 5 else f"{name[:4] if tongue == 'fr' else name[:3]}."
    short = short.rstrip(".") if tongue == "en" else short
    return {"M Y": f"{name} {year}", "m Y": f"{short} {year}", "mm/yyyy": f"{month:02d}/{year}", "mm.yyyy": f"{month:02d}.{year}", "yyyy": str(year), "yyyy-mm": f"{year}-{month:02d}"}[form]  # fmt: skip


def _span(tongue: str, form: str, ends: tuple[str, str], start: tuple[int, int], stop: tuple[int, int] | None) -> str:
    join, present = ends
    return f"{_when(tongue, form, start)}{join}{_when(tongue, form, stop) if stop else present}"


def span_at_random(dice: random.Random, tongue: str) -> str:
    """A job's time, in one of the ways that resumes have it."""
    start = (dice.randint(1995, 2023), dice.randint(1, 12))
    stop = None if dice.random() < 0.2 else (start[0] + dice.randint(1, 6), dice.randint(1, 12))
    form = dice.choice(["M Y", "mm/yyyy", "m Y", "yyyy", "mm.yyyy", "yyyy-mm"])
    return _span(tongue, form, (dice.choice([" – ", " - ", "–"]), dice.choice(_PRESENT[tongue])), start, stop)


def _label(person: dict[str, Any]) -> dict[str, list[list[str]]]:
    bare = person["form"] == "yyyy"

    def norm(when: tuple[int, int] | None) -> str:
        return "" if when is None else f"{when[0]}" if bare else f"{when[0]}-{when[1]:02d}"

    jobs = person["jobs"]
    return {
        "name": [[person["name"]]], "email": [[person["email"]]], "location": [[person["town"]]],
        "employers": [[job[1]] for job in jobs], "titles": [[job[0]] for job in jobs], "starts": [[norm(job[3])] for job in jobs],
        "ends": [[norm(job[4])] for job in jobs], "institutions": [[study[1]] for study in person["studies"]],
        "degrees": [[study[0]] for study in person["studies"]], "skills": [[skill] for skill in person["skills"]],
        "languages": [[name] for name, _ in person["spoken"]],
    }  # fmt: skip


def _entry(form: str, **parts: str) -> str:
    left, form = form.startswith("L"), form.removeprefix("L")
    if left:
        form = form.removeprefix("{d}")
    text = form.format(**{key: escape(value) for key, value in parts.items()})
    lines = []
    for line in text.split("|") if "|" in form and " | " not in form else text.replace(" | ", "\0").split("|"):
        body, _, right = line.replace("\0", " | ").partition(">") if ">" in form and "</" not in line else _cut(line)
        lines.append(f"<p>{f'<span class=r>{right}</span>' if right else ''}{body}</p>")
    inner = "".join(lines)
    return f"<div class=l><span class=d>{escape(parts['d'])}</span>{inner}</div>" if left else inner


def _cut(line: str) -> tuple[str, str, str]:
    """At a ">" that closes no tag."""
    line = line.replace("\0", " | ")
    for place, letter in enumerate(line):
        if letter == ">" and line[:place].count("<") < line[: place + 1].count(">"):
            return line[:place], ">", line[place + 1 :]
    return line, "", ""


def _page(dice: random.Random, person: dict[str, Any]) -> str:
    tongue = person["tongue"]
    heads = {kind: dice.choice(options) for kind, options in _HEADS[tongue].items()}
    form, study_form, style = dice.choice(JOB_FORMS), dice.choice(STUDY_FORMS), dice.choice(HEAD_STYLES)
    done = dice.random() < 0.6
    work = "".join(
        _entry(form, t=job[0], e=job[1], p=job[2], d=said) + (f"<ul><li>{_DONE[tongue]}</li></ul>" if done else "")
        for job, said in zip(person["jobs"], person["said"], strict=True)
    )
    studies = "".join(_entry(study_form, t=s[0], e=s[1], p="", d=f"{s[2]} – {s[3]}") for s in person["studies"])
    mark = dice.choice([", ", " · ", "; ", "<br>", " | "])
    skills, spoken = (
        mark.join(person["skills"]),
        dice.choice([", ", "<br>"]).join(shown for _, shown in person["spoken"]),
    )
    contact = dice.choice(["<br>", " | ", " · "]).join([person["town"], person["email"]])
    parts = {"work": work, "education": studies, "skills": f"<p>{skills}</p>", "languages": f"<p>{spoken}</p>"}
    return _set(dice, person["name"], contact, {kind: (heads[kind], body) for kind, body in parts.items()}, style)


def _set(dice: random.Random, name: str, contact: str, parts: dict[str, tuple[str, str]], style: str) -> str:
    def section(kind: str) -> str:
        return f"<h2>{parts[kind][0]}</h2>{parts[kind][1]}"

    def row(kind: str) -> str:
        return f"<tr><td class=k>{parts[kind][0]}</td><td>{parts[kind][1]}</td></tr>"

    css = (
        "@page{size:A4;margin:16mm}body{font:10pt/1.35 'Noto Sans','Noto Sans Devanagari',sans-serif}p{margin:1pt 0}ul{margin:1pt 0 4pt}"
        f"h1{{font-size:{dice.choice([16, 20, 26])}pt;margin:0}}h2{{margin:9pt 0 3pt;font-weight:normal;{style}}}.r{{float:right}}"
        ".l{position:relative;padding-left:42mm}.d{position:absolute;left:0;width:36mm}.w{display:flex}.s{width:52mm}.m{flex:1;padding:0 5mm}td{vertical-align:top}.k{width:38mm;font-weight:bold}"
    )
    order = ["work", "education", "skills", "languages"]
    dice.shuffle(order)
    kind = dice.choice(["plain", "plain", "left", "right", "table"])
    if kind == "plain":
        body = f"<h1>{name}</h1><p>{contact}</p>" + "".join(map(section, order))
    elif kind == "table":
        body = f"<h1>{name}</h1><p>{contact}</p><table>" + "".join(map(row, order)) + "</table>"
    else:
        side = f"<div class=s><p>{contact}</p>{section('skills')}{section('languages')}</div>"
        main = f"<div class=m><h1>{name}</h1>{section('work')}{section('education')}</div>"
        body = f"<div class=w>{side + main if kind == 'left' else main + side}</div>"
    return f"<style>{css}</style>{body}"
