"""Reading a PDF back: its words and its fonts."""

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return " ".join(text.split())


def fonts_of(pdf: bytes) -> set[str]:
    document = pypdfium2.PdfDocument(pdf)
    found = {
        _name(pdfium.FPDFTextObj_GetFont(piece.raw))
        for page in document
        for piece in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT])
    }
    document.close()
    return found


def _name(font) -> str:
    buffer = ctypes.create_string_buffer(256)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
    return buffer.value.decode().partition("+")[2]
