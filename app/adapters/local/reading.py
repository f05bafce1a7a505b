"""Reads resume files on this machine: pages by a confined child process, the resume by our own engine."""

import atexit
import base64
import json
import os
import signal
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from app.adapters.local.copying import Copies
from app.adapters.local.kinds import kind_of
from app.engines.resumes import empty_resume, read_resume
from app.engines.resumes.layout import text_of
from app.engines.resumes.suspicions import suspicions
from app.ports.reading import Document, Kind, Page, Unreadable, Word

SECONDS = 25.0
COPIES = Copies()
atexit.register(COPIES.close)


class LocalReader:
    """The child gets bytes on stdin, an empty environment and the limits of pages/confine.py: 1.5 GB, 20 s of
    processor time, no file; no new processes and no network where the kernel lets us take them away. `seconds` is wall
    time.
    A process reads one file at a time.
    """

    engine = "assay-built-in/1"
    rules = "reading-2"

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    def document(self, data: bytes, *, name: str) -> Document:
        kind = kind_of(data, name)
        pages = self._pages(kind, data)
        text = text_of(pages)
        if not text.strip():
            raise _wordless(kind)
        return Document(kind, pages, text, suspicions(pages))

    def resume(self, document: Document, *, as_of: date) -> dict[str, Any]:
        return read_resume(document, as_of=as_of)

    def _pages(self, kind: Kind, data: bytes) -> tuple[Page, ...]:
        """As the child tells them; a child that a file took over may say anything."""
        code, answer = self._answer(kind, data)
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            raise Unreadable("too-slow", "Reading the file took too long.")
        try:
            said = json.loads(answer, parse_constant=_no_number)
            if "error" in said:
                raise Unreadable(said["error"], said["message"])
            return tuple(_page(number, page) for number, page in enumerate(said["pages"], start=1))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise Unreadable("broken", "The file cannot be read.") from None

    def _answer(self, kind: Kind, data: bytes) -> tuple[int, bytes]:
        """Into memory that RLIMIT_FSIZE bounds: however much the child says, no more of it comes back."""
        with _memory("file") as given, _memory("pages") as said:
            given.write(data)
            given.flush()
            try:
                code = COPIES.run(kind, given.fileno(), said.fileno(), seconds=self._seconds)
            except TimeoutError:
                raise Unreadable("too-slow", "Reading the file took too long.") from None
            said.seek(0)
            return code, said.read()


def _memory(name: str) -> BinaryIO:
    return os.fdopen(os.memfd_create(name), "w+b")


def _page(number: int, page: dict[str, Any]) -> Page:
    image = base64.b64decode(page["image"]) if page["image"] else None
    words = tuple(Word(_kept(text), *place) for text, *place in page["words"])
    links = tuple(_kept(link) for link in page.get("links", ()))
    return Page(number, page["width"], page["height"], words, image, links)


def _kept(text: str) -> str:
    """Without what PostgreSQL cannot keep: NUL, and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _no_number(constant: str) -> None:
    raise ValueError(constant)


def _wordless(kind: Kind) -> Unreadable:
    if kind == "pdf":
        return Unreadable("image-only", "The file shows no text that can be read, only pictures.")
    return Unreadable("empty", "There is no text in the file.")


def parse_file(path: str, *, as_of: date) -> dict[str, Any]:
    """The resume at `path` as JSON Resume, always valid; `meta.error` says in a sentence what stood in the way."""
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError):
        return _failed(path, "missing", "There is no file at this place that can be opened.")
    reader = LocalReader()
    try:
        resume = reader.resume(reader.document(data, name=path), as_of=as_of)
    except Unreadable as why:
        return _failed(path, why.code, str(why))
    resume["meta"] = {"source": path, **resume["meta"]}
    return resume


def _failed(path: str, code: str, message: str) -> dict[str, Any]:
    resume = empty_resume()
    resume["meta"] |= {"source": path, "error": {"code": code, "message": message}}
    return resume
