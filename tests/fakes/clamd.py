"""A small server that speaks clamd's INSTREAM, finds EICAR in files, archives and PDFs, and fails on order.

And the real clamd, where one is installed, with a signature file of our own: both keep tests/contracts/test_scanning.py.
"""

import io
import os
import re
import shutil
import socketserver
import struct
import subprocess
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.chaos.processes import until

# The test file of every virus scanner (eicar.org). In two parts, so that none takes this one for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = shutil.which("clamd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
STREAMS = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


class Clamd(socketserver.ThreadingTCPServer):
    """`order`: "ok", "slow", "mute", "broken", "small". `asked`: how many files came."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        self.order, self.asked = "ok", 0
        super().__init__(("127.0.0.1", 0), _Conversation)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        with suppress(OSError):
            self.wfile.write(self._answer(self._said()) + b"\0")

    def _said(self) -> bytes:
        said = b""
        while not said.endswith(b"\0"):
            said += self.rfile.read(1)
        return said

    def _answer(self, command: bytes) -> bytes:
        if command == b"zVERSION\0":
            return b"ClamAV 1.4.6/27000/Sun Nov 22 2026"
        self.server.asked += 1
        if self.server.order == "small":
            return b"INSTREAM size limit exceeded. ERROR"
        data = self._streamed()
        if self.server.order == "slow":
            self.rfile.read(1)  # until whoever asked has had enough
        if self.server.order in {"slow", "mute"}:
            return b""
        if self.server.order == "broken":
            return b"stream: Can't allocate memory ERROR"
        return b"stream: Eicar-Test-Signature FOUND" if _holds_eicar(data) else b"stream: OK"

    def _streamed(self) -> bytes:
        data = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            data += self.rfile.read(length)
        return data


def _holds_eicar(data: bytes) -> bool:
    if EICAR in data:
        return True
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(data)) as archive:
        return any(_holds_eicar(archive.read(name)) for name in archive.namelist())
    return any(EICAR in _inflated(stream) for stream in STREAMS.findall(data))


def _inflated(stream: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompress(stream)
    return b""


@contextmanager
def clamd() -> Iterator[Clamd]:
    with Clamd() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def real_clamd(folder: Path) -> Iterator[str]:
    """ClamAV's own, on a socket of its own; it knows one signature. Gives its address."""
    (folder / "db").mkdir()
    (folder / "db" / "ours.ndb").write_text(f"Assay.Eicar:0:*:{EICAR.hex()}\n")
    socket, settings = folder / "clamd.ctl", folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {folder}/db\nTemporaryDirectory {folder}\nForeground yes\n"
        f"LogFile {folder}/log\nStreamMaxLength 12M\n"
    )
    process = subprocess.Popen([str(PROGRAM), "-c", str(settings)], stdout=subprocess.DEVNULL)
    try:
        assert until(lambda: socket.exists() or process.poll() is not None, seconds=10), "clamd does not start"
        assert process.poll() is None, "clamd ended by itself"
        yield f"unix:{socket}"
    finally:
        process.terminate()
        process.wait()


def infected_zip() -> bytes:
    return _packed({"resume.txt": EICAR})


def infected_docx() -> bytes:
    types = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return _packed({"[Content_Types].xml": types, "word/document.xml": b"<w/>", "word/embeddings/ole.bin": EICAR})


def infected_pdf() -> bytes:
    stream = zlib.compress(EICAR)
    parts = [
        b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj",
        b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj",
        f"3 0 obj\n<</Type/EmbeddedFile/Length {len(stream)}/Filter/FlateDecode>>\nstream".encode(),
        stream,
        b"endstream\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    ]
    return b"\n".join(parts)


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


INFECTED = {
    "cara.txt": EICAR, "cara.pdf": infected_pdf(), "cara.docx": infected_docx(), "zipped.docx": infected_zip(),
}  # fmt: skip
