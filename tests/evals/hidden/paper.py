"""Small PDFs written by hand, for what no printing library would write."""

import zlib

LINES = (
    "Nadia Petrova", "nadia@mail.example  +359 2 5550 1234", "Experience", "Site Engineer, Balkan Roads Ltd, May 2019 to today",
    "Planned the drainage of forty kilometres of road and kept its budget.", "Skills", "AutoCAD, surveying, tenders",
)  # fmt: skip
NOISE = zlib.compress(bytes((x * 7 + x * x * 3) % 90 for x in range(64 * 64)))


def shown(lines=LINES, y=780):
    """The operators that show an honest resume."""
    rows = " ".join(f"1 0 0 1 50 {y - 22 * number} Tm ({line}) Tj" for number, line in enumerate(lines))
    return f"q 0 g BT /F 11 Tf {rows} ET Q"


def written(content, *, page="", catalog="", info="", resources="", objects=(), media="0 0 595 842"):
    """A PDF of one page. `objects` are numbered from 10 on; 5 is Helvetica."""
    body = content.encode("latin-1")
    named = [
        (1, f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode()),
        (2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
        (3, f"<</Type/Page/Parent 2 0 R/MediaBox[{media}]/Contents 4 0 R/Resources<</Font<</F 5 0 R/T 11 0 R>>{resources}>>{page}>>".encode()),
        (4, b"<</Length %d>>stream\n%s\nendstream" % (len(body), body)),
        (5, b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"),
        (6, f"<<{info}>>".encode("latin-1")),
        *((10 + number, one if isinstance(one, bytes) else one.encode("latin-1")) for number, one in enumerate(objects)),
    ]  # fmt: skip
    out, places = b"%PDF-1.7\n", {}
    for number, one in named:
        places[number] = len(out)
        out += b"%d 0 obj%s endobj\n" % (number, one)
    start, size = len(out), max(places) + 1
    rows = [b"%010d 00000 n \n" % places[n] if n in places else b"%010d 65535 f \n" % 0 for n in range(size)]
    table = b"xref\n0 %d\n%s" % (size, b"".join(rows))
    return out + table + b"trailer<</Size %d/Root 1 0 R/Info 6 0 R>>startxref\n%d\n%%%%EOF" % (size, start)


def stream(head, body):
    body = body if isinstance(body, bytes) else body.encode("latin-1")
    return f"<<{head}/Length {len(body)}>>stream\n".encode() + body + b"\nendstream"


def empty_font():
    """Type 3, each letter an empty drawing; its letters are known by their codes."""
    names = "".join(f"/c{code}" for code in range(32, 127))
    procs = "".join(f"/c{code} 10 0 R" for code in range(32, 127))
    widths = " ".join(["600"] * 95)
    codes = "".join(f"<{code:02x}> <{code:04x}>\n" for code in range(32, 127))
    cmap = f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n1 begincodespacerange <00> <ff> endcodespacerange\n95 beginbfchar\n{codes}endbfchar\nendcmap end end"
    return (
        stream("", "600 0 0 0 0 0 d1"),
        (
            f"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[0.001 0 0 0.001 0 0]/FirstChar 32/LastChar 126/Widths[{widths}]"
            f"/Encoding<</Type/Encoding/Differences[32 {names}]>>/CharProcs<<{procs}>>/Resources<<>>/ToUnicode 12 0 R>>"
        ),
        stream("", cmap),
    )
