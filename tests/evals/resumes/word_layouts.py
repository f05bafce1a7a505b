"""Resumes as word processors make them: headers, tabs, tables, text boxes."""
# ruff: noqa: PLR0912 (a layout is read from top to bottom, as its page is)

import io

from docx import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm, Pt, RGBColor

_BOX = (
    '<w:r {ns}><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="width:200pt;height:160pt">'
    "<v:textbox><w:txbxContent>{paragraphs}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
)
_BOLD = '<w:rPr><w:b/><w:sz w:val="28"/></w:rPr>'


def made(p, name):
    document = Document()
    {"sidebar": _sidebar, "tabs": _tabs, "rows": _rows, "simple": _simple, "grid": _grid}[name](document, p)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _say(place, text, *, size=None, bold=False, italic=False, colour=None, style=None):
    paragraph = place.add_paragraph(style=style)
    run = paragraph.add_run(text)
    run.bold, run.italic = bold, italic
    if size:
        run.font.size = Pt(size)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
    return paragraph


def _skill_lines(p):
    return [f"{label}: {', '.join(items)}" if label else ", ".join(items) for label, items in p.skill_groups]


def _sidebar(document, p):
    """A table without borders: who and what I can at the left, what I did at the right."""
    table = document.add_table(rows=1, cols=2)
    left, right = table.rows[0].cells
    for cell, width in ((left, Cm(5.5)), (right, Cm(11.5))):
        cell.width = width
    _say(left, p.name, size=20, bold=True)
    if p.headline:
        _say(left, p.headline, italic=True)
    _say(left, p.h["contact"].upper(), bold=True, colour="AA3300")
    for text in (*p.address.split("\n"), p.phone, p.email, *p.links):
        _say(left, text, size=9)
    for text in p.extra:
        _say(left, text, size=9)
    _say(left, p.h["skills"].upper(), bold=True, colour="AA3300")
    for _, items in p.skill_groups:
        for item in items:
            _say(left, item, size=9)
    if p.langs:
        _say(left, p.h["languages"].upper(), bold=True, colour="AA3300")
        for shown, level in p.langs:
            _say(left, f"{shown} {level}".strip(), size=9)
    if p.summary:
        _say(right, p.h["summary"].upper(), bold=True, colour="AA3300")
        _say(right, p.summary)
    _say(right, p.h["work"].upper(), bold=True, colour="AA3300")
    for job in p.jobs:
        _say(right, job.title, bold=True)
        _say(right, ", ".join(part for part in (job.employer, job.place) if part))
        _say(right, job.dates, italic=True, size=9)
        for one in job.done:
            _say(right, one, style="List Bullet")
    _say(right, p.h["education"].upper(), bold=True, colour="AA3300")
    for study in p.studies:
        _say(right, study.degree, bold=True)
        _say(right, ", ".join(part for part in (study.school, study.place) if part))
        if study.dates:
            _say(right, study.dates, italic=True, size=9)
    if p.certs:
        _say(right, p.h["certs"].upper(), bold=True, colour="AA3300")
        for cert in p.certs:
            _say(right, cert)
    for title, lines in p.other:
        _say(right, title.upper(), bold=True, colour="AA3300")
        for line in lines:
            _say(right, line)


def _tabs(document, p):
    """Name and contact in the page's header, dates at a tab stop, skills in a text box at the end."""
    header = document.sections[0].header
    header.paragraphs[0].add_run(p.name).bold = True
    header.paragraphs[0].runs[0].font.size = Pt(18)
    header.add_paragraph(" • ".join([p.address.replace("\n", ", "), p.phone, p.email, *p.links]))
    if p.headline:
        _say(document, p.headline, italic=True, size=13)
    for text in p.extra:
        _say(document, text)
    if p.summary:
        document.add_heading(p.h["summary"], 2)
        document.add_paragraph(p.summary)
    document.add_heading(p.h["work"], 2)
    for group in p.groups:
        first = group[0]
        if first.employer:
            _say(document, first.employer + (f", {first.place}" if first.place else ""), bold=True)
        for job in group:
            paragraph = document.add_paragraph()
            paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(15), WD_TAB_ALIGNMENT.RIGHT)
            paragraph.add_run(f"{job.title}\t{job.dates}").italic = True
            for one in job.done:
                document.add_paragraph(one, style="List Bullet")
    document.add_heading(p.h["education"], 2)
    for study in p.studies:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(15), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(study.school + (f", {study.place}" if study.place else "")).bold = True
        paragraph.add_run(f"\t{study.dates}")
        _say(document, study.degree, italic=True)
    if p.certs:
        document.add_heading(p.h["certs"], 2)
        for cert in p.certs:
            document.add_paragraph(cert, style="List Bullet")
    for title, lines in p.other:
        document.add_heading(title, 2)
        for line in lines:
            document.add_paragraph(line)
    boxed = [(p.h["skills"], True), *((text, False) for text in _skill_lines(p))]
    if p.langs:
        boxed += [
            (p.h["languages"], True),
            (", ".join(f"{n} ({v.strip('()')})" if v else n for n, v in p.langs), False),
        ]
    _box(document.add_paragraph(), boxed)


def _box(paragraph, lines):
    from xml.sax.saxutils import escape

    body = "".join(
        f'<w:p><w:r>{_BOLD if bold else ""}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
        for text, bold in lines
    )
    paragraph._p.append(parse_xml(_BOX.format(ns=nsdecls("w"), paragraphs=body)))


def _shaded(document, text):
    paragraph = _say(document, text, bold=True, size=12)
    shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:fill="DDE6EE"/>')
    paragraph._p.get_or_add_pPr().append(shade)


def _rows(document, p):
    """Curriculum Vitae above; shaded headings; each entry a row with its dates at the left."""
    document.add_heading(
        {"de": "Lebenslauf", "es": "Currículum vítae", "hi": "बायोडाटा"}.get(p.lang, "Curriculum Vitae"), 0
    )
    _shaded(document, p.h["personal"])
    name = (
        p.l["name"].split(" / ")[0]
        if p.lang == "hi"
        else "Name"
        if p.lang in ("en", "de")
        else p.l["name"].split("(")[0]
    )
    name = {"fr": "Nom et prénom", "es": "Nombre y apellidos"}.get(p.lang, name)
    facts = [
        (name, p.name),
        (p.l["address"], p.address.replace("\n", ", ")),
        (p.l["phone"], p.phone),
        ("E-Mail", p.email),
    ]
    facts += [("Web", link) for link in p.links]
    table = document.add_table(rows=0, cols=2)
    for one, two in [*facts, *(tuple(text.split(": ", 1)) if ": " in text else ("", text) for text in p.extra)]:
        cells = table.add_row().cells
        cells[0].text, cells[1].text = one, two
        cells[0].width, cells[1].width = Cm(4.5), Cm(12)
    if p.summary:
        _shaded(document, p.h["summary"])
        document.add_paragraph(p.summary)
    _shaded(document, p.h["work"])
    table = document.add_table(rows=0, cols=2)
    for job in p.jobs:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(4.5), Cm(12)
        cells[0].text = job.dates
        first = cells[1].paragraphs[0]
        first.add_run(job.employer or job.title).bold = True
        if job.employer:
            if job.place:
                first.add_run(f", {job.place}")
            cells[1].add_paragraph(job.title)
        for one in job.done:
            cells[1].add_paragraph(f"• {one}")
    _shaded(document, p.h["education"])
    table = document.add_table(rows=0, cols=2)
    for study in p.studies:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(4.5), Cm(12)
        cells[0].text = study.dates
        cells[1].paragraphs[0].add_run(study.school).bold = True
        cells[1].add_paragraph(study.degree)
    _shaded(document, p.h["skills"])
    for text in _skill_lines(p):
        document.add_paragraph(text)
    if p.langs:
        _shaded(document, p.h["languages"])
        for shown, level in p.langs:
            document.add_paragraph(f"{shown}: {level.strip('()')}" if level else shown)
    if p.certs:
        _shaded(document, p.h["certs"])
        for cert in p.certs:
            document.add_paragraph(cert)
    for title, lines in p.other:
        _shaded(document, title)
        for line in lines:
            document.add_paragraph(line)


def _simple(document, p):
    document.add_heading(p.name, 0)
    _say(document, " | ".join([p.email, p.phone, p.address.replace("\n", ", "), *p.links]))
    if p.headline:
        _say(document, p.headline, bold=True)
    for text in p.extra:
        _say(document, text)
    if p.summary:
        document.add_heading(p.h["summary"], 1)
        document.add_paragraph(p.summary)
    document.add_heading(p.h["work"], 1)
    for job in p.jobs:
        _say(document, f"{job.title}, {job.employer}" if job.employer else job.title, bold=True)
        _say(document, f"{job.dates}, {job.place}" if job.place else job.dates, italic=True)
        for one in job.done:
            document.add_paragraph(one, style="List Bullet")
    document.add_heading(p.h["education"], 1)
    for study in p.studies:
        _say(document, study.degree, bold=True)
        _say(document, f"{study.school} ({study.dates})" if study.dates else study.school)
    document.add_heading(p.h["skills"], 1)
    for text in _skill_lines(p):
        document.add_paragraph(text)
    if p.langs:
        document.add_heading(p.h["languages"], 1)
        document.add_paragraph(", ".join(f"{n} {v}".strip() for n, v in p.langs))
    if p.certs:
        document.add_heading(p.h["certs"], 1)
        for cert in p.certs:
            document.add_paragraph(cert, style="List Bullet")
    for title, lines in p.other:
        document.add_heading(title, 1)
        for line in lines:
            document.add_paragraph(line)


def _grid(document, p):
    """Bordered tables with column heads."""
    _say(document, p.name, size=22, bold=True)
    for text in (
        p.headline,
        p.address.replace("\n", ", "),
        f"{p.l['phone']}: {p.phone}",
        f"E-mail: {p.email}",
        *p.links,
    ):
        if text:
            _say(document, text)
    if p.summary:
        _say(document, p.h["summary"], bold=True, size=14)
        _say(document, p.summary)
    _say(document, p.h["work"], bold=True, size=14)
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, (p.l["company"], p.l["position"], p.l["period"]), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for job in p.jobs:
        cells = table.add_row().cells
        cells[0].text, cells[1].text, cells[2].text = job.employer, job.title, job.dates
    _say(document, p.h["education"], bold=True, size=14)
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, text in zip(table.rows[0].cells, (p.l["degree"], p.l["school"], p.l["period"]), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for study in p.studies:
        cells = table.add_row().cells
        cells[0].text, cells[1].text, cells[2].text = study.degree, study.school, study.dates
    _say(document, p.h["skills"], bold=True, size=14)
    for _, items in p.skill_groups:
        for item in items:
            document.add_paragraph(item, style="List Bullet")
    if p.langs:
        _say(document, p.h["languages"], bold=True, size=14)
        for shown, level in p.langs:
            _say(document, f"{shown} – {level.strip('()')}" if level else shown)
    if p.certs:
        _say(document, p.h["certs"], bold=True, size=14)
        for cert in p.certs:
            _say(document, cert)
    for title, lines in p.other:
        _say(document, title, bold=True, size=14)
        for line in lines:
            _say(document, line)
