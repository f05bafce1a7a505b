"""What each target begins with: the suite's own resumes, jobs and answers, and files that were made to be bad."""

import io
import json
import zipfile
from pathlib import Path

from tests.evals.resumes.rendered import SOURCES, docx, rendered
from tests.fuzzing.targets import ROOT, WORD

PAIRS = ROOT / "tests" / "evals" / "pairs" / "answers"
JOBS = ROOT / "tests" / "evals" / "postings" / "own" / "texts"
ADDRESSES = (
    "/jobs", "//evil.example", "/\\evil.example", "https://evil.example/", "2026-11-22T12:00:00+00:00~0193",
    "2026-11-22T12:00:00+00:00~01932c07-7b2a-7000-8000-000000000000", "active", "invited", "40", "\u0000", "A &amp; <b>",
    "http://alpha.localhost/i/x", "Dear\n\nhttp://a.example/<script>\n\nBye",
)  # fmt: skip
PARAGRAPHS = (
    '<w:p><w:r><w:rPr><w:b/><w:sz w:val="24"/></w:rPr><w:t>Ana Ruiz</w:t></w:r></w:p>',
    ('<w:tbl><w:tblGrid><w:gridCol w:w="10"/><w:gridCol w:w="20"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/>'
    '<w:shd w:fill="112233"/></w:tcPr><w:p><w:r><w:t>Skills</w:t><w:tab/></w:r></w:p></w:tc></w:tr></w:tbl>'),
    ('<w:p><w:pPr><w:pStyle w:val="A"/><w:numPr/></w:pPr><w:r><w:rPr><w:vanish/><w:color w:val="FFFFFF"/></w:rPr>'
    '<w:t>x</w:t></w:r><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:p>\0'
    '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="22"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:styleId="A" w:type="paragraph" w:default="1"><w:basedOn w:val="A"/><w:rPr><w:b/></w:rPr></w:style>'),
)  # fmt: skip


def small_pdf(content: bytes, *, media: str = "0 0 595 842") -> bytes:
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{media}]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return written_pdf(objects)


def written_pdf(objects: list[bytes], *, more: bytes = b"") -> bytes:
    """The objects, numbered from 1, with a table of where they are; the first is the catalogue."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R%s>>startxref\n%d\n%%%%EOF" % (size, more, start)


def packed(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def small_docx(body: str) -> bytes:
    xml = f'<?xml version="1.0"?><w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return packed({"[Content_Types].xml": "<Types/>", "word/document.xml": xml})


def pdfs() -> list[bytes]:
    shown = b"BT /F 12 Tf 50 700 Td (Nadia Petrova engineer) Tj ET"
    return [
        small_pdf(shown),
        small_pdf(shown + b" BT /F 12 Tf 3 Tr 50 500 Td (Harvard) Tj ET"),
        small_pdf(b"0 0 1 rg 50 50 300 300 re f q Q " + shown),
        small_pdf(shown, media="0 0 1 1"),
        small_pdf(shown, media="-10 9 0 0"),
    ]


def texts() -> list[bytes]:
    return [file.read_bytes() for file in sorted(SOURCES.glob("*.txt"))] + ["Ana\nहिन्दी".encode("utf-16")]


def answers() -> list[bytes]:
    found = [json.loads(file.read_text()) for file in sorted(PAIRS.glob("*.json"))]
    return [f"Tell us about a fault.\0{_longest(one)}".encode() for one in found]


def _longest(value: object) -> str:
    if isinstance(value, str):
        return value
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_longest, parts), key=len, default="")


def of(target: str) -> list[bytes]:
    made = {
        "pdf": pdfs,
        "archive": lambda: [
            small_docx(PARAGRAPHS[0]),
            small_docx(PARAGRAPHS[1]),
            docx("# Ana Ruiz\n| Welding | Rigging |"),
        ],
        "document": lambda: [paragraph.encode() for paragraph in PARAGRAPHS],
        "text": texts,
        "kind": lambda: [*pdfs()[:1], small_docx(PARAGRAPHS[0]), *texts()[:2], b"{\\rtf1 x}", b"\x89PNG", b"PK\3\4"],
        "posting": lambda: [file.read_bytes() for file in sorted(Path(JOBS).glob("*.txt"))],
        "answer": answers,
        "meaning": lambda: [one[:200] for one in answers()[:5]],
        "address": lambda: [written.encode() for written in ADDRESSES],
    }
    return made[target]()


def large(target: str) -> list[bytes]:
    """Whole files by real writers; too slow to read for the suite's every run."""
    endings = {"pdf": ".html", "archive": ".docx.txt"}
    wanted = endings.get(target, " ")
    return [rendered(source)[0] for source in sorted(SOURCES.iterdir()) if source.name.endswith(wanted)]
