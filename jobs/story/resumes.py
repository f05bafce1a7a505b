"""Resumes as people send them: PDF in several layouts, DOCX, plain text, and three that make trouble."""

import io
import random
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from jobs.story.companies import Person, Trade, trades

LAYOUTS = Path(__file__).resolve().parent / "layouts"
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Job:
    employer: str
    title: str
    period: str
    did: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """What stands on one person's resume, before it is laid out."""

    name: str
    title: str
    city: str
    phone: str
    email: str
    about: str
    jobs: tuple[Job, ...]
    school: tuple[str, ...]
    skills: tuple[str, ...]
    languages: tuple[str, ...]


def file_of(person: Person, email: str) -> tuple[str, bytes]:
    """Name and bytes of the file; the same for the same person each time, but for dates inside PDF and DOCX."""
    sheet = _sheet(person, trades()[person.trade], email)
    stem = "".join(c if c.isalnum() and c.isascii() else "-" for c in email.partition("@")[0])
    if person.layout == "docx":
        return f"{stem}.docx", _docx(sheet)
    if person.layout == "text":
        return f"{stem}.txt", _text(sheet).encode()
    if person.layout == "locked":
        return f"{stem}.pdf", _locked_pdf()
    if person.layout == "picture":
        return f"{stem}-scan.pdf", _picture_of(_pdf("plain", sheet))
    return f"{stem}-cv.pdf", _pdf(person.layout, sheet)


def _sheet(person: Person, trade: Trade, email: str) -> Sheet:
    chance = random.Random(person.name)  # noqa: S311 -- the same resume each time
    did = chance.sample(trade.did, len(trade.did))
    share = max(2, min(4, len(did) // max(1, len(person.work))))
    jobs = tuple(
        Job(employer, title, _period(start, end), tuple(did[number * share : (number + 1) * share]))
        for number, (employer, title, start, end) in enumerate(person.work)
    )
    skills = tuple(chance.sample(trade.skills, min(len(trade.skills), 7)))
    return Sheet(
        person.name, person.work[0][1] if person.work else trade.title, person.city, person.phone, email,
        person.about or chance.choice(trade.about), jobs, person.school, skills, trade.languages,
    )  # fmt: skip


def _period(start: str, end: str) -> str:
    return f"{_month(start)} – {_month(end) if end else 'present'}"


def _month(date: str) -> str:
    year, _, month = date.partition("-")
    return f"{MONTHS[int(month)]} {year}" if month else year


@cache
def _layouts() -> Environment:
    return Environment(loader=FileSystemLoader(LAYOUTS), autoescape=True, undefined=StrictUndefined)


def _pdf(layout: str, sheet: Sheet) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from weasyprint import HTML

        pdf: bytes = HTML(string=_layouts().get_template(f"{layout}.html").render(cv=sheet)).write_pdf()
    return pdf


def _text(sheet: Sheet) -> str:
    lines = [sheet.name, sheet.title, " | ".join(filter(None, (sheet.city, sheet.phone, sheet.email))), "", sheet.about]
    lines += ["", "EXPERIENCE"]
    for job in sheet.jobs:
        lines += ["", f"{job.title}, {job.employer}", job.period, *(f"- {did}" for did in job.did)]
    lines += ["", "EDUCATION", *sheet.school, "", "SKILLS", ", ".join(sheet.skills)]
    return "\n".join([*lines, "", "LANGUAGES", ", ".join(sheet.languages), ""])


def _docx(sheet: Sheet) -> bytes:
    import docx

    document = docx.Document()
    document.add_heading(sheet.name, 0)
    document.add_paragraph(sheet.title)
    document.add_paragraph(" | ".join(filter(None, (sheet.city, sheet.phone, sheet.email))))
    document.add_paragraph(sheet.about)
    document.add_heading("Work experience", 1)
    for job in sheet.jobs:
        document.add_paragraph().add_run(f"{job.title}, {job.employer}").bold = True
        document.add_paragraph(job.period)
        for did in job.did:
            document.add_paragraph(did, style="List Bullet")
    for heading, lines in (("Education", sheet.school), ("Skills", [", ".join(sheet.skills)])):
        document.add_heading(heading, 1)
        for line in lines:
            document.add_paragraph(line)
    document.add_heading("Languages", 1)
    document.add_paragraph(", ".join(sheet.languages))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _picture_of(pdf: bytes) -> bytes:
    """A scan: the page as one image, without a letter of text."""
    import pypdfium2

    image = pypdfium2.PdfDocument(pdf)[0].render(scale=1.4).to_pil().convert("L")
    out = io.BytesIO()
    image.save(out, "PDF", resolution=100)
    return out.getvalue()


def _locked_pdf() -> bytes:
    """A PDF that asks for a password (standard handler, 40 bit): nothing of it opens without one."""
    owner, user = "41" * 32, "42" * 32
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        f"<< /Filter /Standard /V 1 /R 2 /O <{owner}> /U <{user}> /P -4 >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = "<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<01> <01>] >>"
    return out + f"xref\n0 5\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{len(out)}\n%%EOF\n".encode()
