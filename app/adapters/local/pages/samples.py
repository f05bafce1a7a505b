"""Our own small files: who has read them has loaded whatever reading loads only when it is needed."""

import io
import zipfile

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PDF = b"""%%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 40>>stream
BT /F 9 Tf 9 50 Td (%s) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/TrueType/BaseFont/%s>>endobj
trailer<</Root 1 0 R>>
"""
PDF = _PDF % (b"Assay", b"Helvetica")
# The machine's fonts are looked through for it; no letter is drawn, as pdfium's next stand-in would look like the last.
STRANGE_FONT = _PDF % (b"", b"NobodysOwn")
TEXT = b"Assay"


def docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        body = "<w:body><w:p><w:r><w:t>Assay</w:t></w:r></w:p></w:body>"
        archive.writestr("word/document.xml", f'<w:document xmlns:w="{_WORD}">{body}</w:document>')
        archive.writestr("word/styles.xml", f'<w:styles xmlns:w="{_WORD}"/>')
    return out.getvalue()


SAMPLES = {"pdf": PDF, "docx": docx(), "txt": TEXT}
