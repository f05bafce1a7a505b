"""What bin/fuzz found, made small by hand; each once broke its reader."""

from tests.fuzzing.seeds import PARAGRAPHS, small_docx, small_pdf

FOUND = (
    # urlsplit raises where a bracket has no partner
    ("address", b"https://evi\1\0\0\0]e/"),
    # a page that is no object
    ("pdf", small_pdf(b"BT ET").replace(b"3 0 obj", b"3 0 nbj")),
    # a table of contents that begins before the file does
    ("archive", small_docx(PARAGRAPHS[0])[:-6] + b"\xff\xff\0\0\0\0"),
    # widths and sizes that are no numbers
    ("document", b'<w:tbl><w:tblGrid><w:gridCol w:w="`10"/></w:tblGrid></w:tbl>'),
    ("document", '<w:p><w:r><w:rPr><w:sz w:val="²"/></w:rPr><w:t>x</w:t></w:r></w:p>'.encode()),
    # a row whose columns have no width, beside one that has
    (
        "document",
        b'<w:tbl><w:tblGrid><w:gridCol w:w="0"/><w:gridCol w:w="20"/></w:tblGrid><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>',
    ),
    # a character that PostgreSQL cannot keep
    ("text", "Ana\0Ruiz\nCook".encode("utf-16")),
)
