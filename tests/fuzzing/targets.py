"""One function per reader. Each takes any bytes and raises only where the reader does what it must not.

A reader may say `Unfit` or `Unreadable`; what it gives back must fit into PostgreSQL and be valid JSON Resume.
"""

import io
import json
import zipfile
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from app.adapters.local.kinds import kind_of
from app.adapters.local.pages.docx_file import docx_pages
from app.adapters.local.pages.found import Unfit
from app.adapters.local.pages.pdf import pdf_pages
from app.adapters.local.pages.plain import plain_pages
from app.adapters.local.reading import _page
from app.applications.forms import filter_of, place_of, shown_of
from app.engines.asking.following import follow_up
from app.engines.embedding import embedder
from app.engines.judging import judge
from app.engines.language import detect
from app.engines.postings import analyse
from app.engines.resumes import read_resume
from app.engines.resumes.layout import text_of
from app.engines.resumes.schema import faults
from app.engines.resumes.suspicions import suspicions
from app.kernel.errors import NotFound
from app.letters.queries import blocks_of, keyset
from app.ports.judging import AnswerTurn, JudgeRequest, checked, literal_quote
from app.ports.reading import Document, Unreadable
from app.web.pages import inside

AS_OF = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "var" / "models"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ANCHORS = ("Nothing of it.", "Names it.", "Describes own steps.", "Own steps, reasons, and a measured result.")
NAMES = ("cv.pdf", "cv.docx", "cv.txt", "cv")


def storable(*told: object) -> None:
    """PostgreSQL keeps neither a NUL nor half a character, in text or in JSON."""
    written = json.dumps(told, ensure_ascii=False, allow_nan=False, default=str)
    written.encode()
    assert "\\u0000" not in written


def read_on(kind, found):
    """From the child's pages to the resume, as the parent goes on with them."""
    pages = tuple(_page(number, json.loads(json.dumps(page.as_json()))) for number, page in enumerate(found, start=1))
    document = Document(kind, pages, text_of(pages), suspicions(pages))
    resume = read_resume(document, as_of=AS_OF)
    assert faults(resume) == []
    words = [(word.text, word.x0, word.y0, word.x1, word.y1, word.hidden) for page in pages for word in page.words]
    storable(document.text, resume, words)


def pdf(data):
    try:
        read_on("pdf", pdf_pages(data))
    except Unfit:
        return


def archive(data):
    """A file that calls itself DOCX, as it comes."""
    try:
        read_on("docx", docx_pages(data))
    except Unfit:
        return


def document(data):
    """What stands inside a whole DOCX: its text, then after NUL its styles."""
    text, _, styles = data.partition(b"\0")
    head = b'<w:document xmlns:w="%s"><w:body>' % WORD.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("word/document.xml", head + text + b"</w:body></w:document>")
        if styles:
            parts.writestr("word/styles.xml", b'<w:styles xmlns:w="%s">' % WORD.encode() + styles + b"</w:styles>")
    archive(out.getvalue())


def text(data):
    try:
        if kind_of(data, "cv.txt") == "txt":
            read_on("txt", plain_pages(data))
    except (Unfit, Unreadable):
        return


def kind(data):
    """What a file is: one of three, or refused."""
    for name in NAMES:
        try:
            assert kind_of(data, name) in {"pdf", "docx", "txt"}
        except Unreadable:
            continue


def posting(data):
    written = data.decode("utf-8", "replace").replace("\0", "")
    found = analyse(written)
    storable(found)
    assert len(found.responsibilities) <= 15
    if found.salary is not None:
        assert found.salary.min is None or found.salary.max is None or found.salary.min <= found.salary.max


class Letters:
    """What words mean, told by their letters: the judge's rules are what is tried, the model has a target of its own."""

    def embed(self, texts):
        counted = np.array([[text.lower().count(chr(97 + place)) + 1 for place in range(26)] for text in texts], float)
        return counted / np.linalg.norm(counted, axis=1, keepdims=True)

    def rare(self, words):
        return frozenset(word for word in words if len(word) > 9)


@cache
def _embedder():
    return embedder(MODELS)


def meaning(data):
    """Whatever is written has a direction of length one."""
    written = data.decode("utf-8", "replace")[:400]
    found = _embedder().embed([written])
    assert np.isfinite(found).all()
    assert abs(float(np.linalg.norm(found[0])) - 1) < 1e-3 or not written.strip()


def answer(data):
    """Question and answer, apart by NUL: judged, followed up, quoted."""
    question, _, said = data.decode("utf-8", "replace").partition("\0")
    said = said.replace("\0", "")
    detect(said)
    for language in ("en", "hi"):
        storable(follow_up(question, said, shows="own steps and a result", language=language))
    turns = (AnswerTurn(1, question, said, None),)
    request = JudgeRequest("Fault finding", "How somebody finds a fault", ANCHORS, turns, None)
    judged = checked(judge(request, Letters()), request)
    assert all(literal_quote(quote.text, said) for quote in judged.quotes)
    assert (judged.score is None) == (judged.level is None) == (judged.not_scored is not None)
    storable(judged)


def address(data):
    """What stands in addresses and forms, read by the pages."""
    written = data.decode("utf-8", "replace")
    fields = dict.fromkeys(("q", "thing", "stage", "state", "after", "shown"), written)
    storable(filter_of(fields).q.replace("\0", ""))
    place_of(fields)
    assert 0 < shown_of(fields) < 100_000
    led = inside(written)
    assert led.startswith("/")
    assert not led.startswith(("//", "/\\"))
    with suppress(NotFound):
        keyset(written)
    for block in blocks_of(written):
        assert "<script" not in str(block).lower()


TARGETS = {one.__name__: one for one in (pdf, archive, document, text, kind, posting, answer, meaning, address)}
