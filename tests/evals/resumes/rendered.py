"""Turns the sources into the files that candidates send."""

import io
import warnings
from pathlib import Path

SOURCES = Path(__file__).with_name("sources")
ENCODINGS = {"13-driver-ibadan": "utf-16", "15-infirmiere-rennes": "cp1252"}


def sources():
    return sorted(SOURCES.iterdir())


def stem(source):
    return source.name.split(".")[0]


def rendered(source):
    """The bytes and the name of the file."""
    text = source.read_text("utf-8")
    if source.name.endswith(".html"):
        return pdf(text), f"{stem(source)}.pdf"
    if source.name.endswith(".docx.txt"):
        return docx(text), f"{stem(source)}.docx"
    return text.encode(ENCODINGS.get(stem(source), "utf-8")), f"{stem(source)}.txt"


def pdf(html):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from weasyprint import HTML

        return HTML(string=html).write_pdf()


def docx(text):
    """A light markup: # title, ## heading, - bullet, | cells |, **bold**, *italic* before a tab, @header."""
    import docx as library

    document = library.Document()
    rows = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
            continue
        _table(document, rows)
        rows = []
        _line(document, line)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _line(place, line):
    if line.startswith("@header "):
        place.sections[0].header.paragraphs[0].text = line[8:]
    elif line.startswith("## "):
        place.add_heading(line[3:], 1)
    elif line.startswith("# "):
        place.add_heading(line[2:], 0)
    elif line.startswith("- "):
        place.add_paragraph(line[2:], style="List Bullet")
    elif line:
        _runs(place.add_paragraph(), line)


def _runs(paragraph, line):
    bold = False
    for part in line.split("**"):
        if part:
            paragraph.add_run(part.replace("*", "")).bold = bold
        bold = not bold


def _table(document, rows):
    if not rows:
        return
    table = document.add_table(rows=len(rows), cols=max(map(len, rows)))
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            for number, line in enumerate(text.split("\\n")):
                if number:
                    cell.add_paragraph()
                _runs(cell.paragraphs[-1], ("• " + line[2:]) if line.startswith("- ") else line)
