"""A picture of pages that have no look of their own: each visible word where the words say it stands."""

import html
import io
import logging
import warnings

from app.adapters.local.pages.found import IMAGE_DPI, MOST_IMAGES, FoundPage

_FONTS = "'DejaVu Sans', 'Noto Sans', 'Noto Sans Devanagari', sans-serif"


def pictured(pages: list[FoundPage]) -> list[FoundPage]:
    """Without the libraries or the fonts to draw with, the pages stay without pictures: words are what counts."""
    try:
        drawn = _drawn(pages[:MOST_IMAGES])
    except (ImportError, OSError, ValueError):
        return pages
    for page, image in zip(pages, drawn, strict=False):
        page.image = image
    return pages


def _drawn(pages: list[FoundPage]) -> list[bytes]:
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pypdfium2 as pdfium
        from weasyprint import HTML

        printed = HTML(string=_html(pages), url_fetcher=_nothing).write_pdf()
        with pdfium.PdfDocument(printed) as document:
            return [_png(page) for page in document]


def _nothing(url: str, **_: object) -> dict[str, object]:
    raise ValueError(url)


def _png(page: object) -> bytes:
    out = io.BytesIO()
    page.render(scale=IMAGE_DPI / 72).to_pil().convert("L").point(_sixteen).save(out, "PNG")  # type: ignore[attr-defined]
    return out.getvalue()


def _sixteen(grey: float) -> float:
    return int(grey) // 16 * 17


def _html(pages: list[FoundPage]) -> str:
    sheets = "".join(_sheet(page) for page in pages)
    style = f"@page {{ size: 595pt 842pt; margin: 0 }} body {{ font-family: {_FONTS}; margin: 0 }}"
    looks = "section { position: relative; height: 841pt; break-after: page; overflow: hidden }"
    return (
        f"<style>{style} {looks} p {{ position: absolute; margin: 0; width: 400pt; white-space: pre }}</style>{sheets}"
    )


def _sheet(page: FoundPage) -> str:
    spans = (
        f'<p style="left:{word.x0:.1f}pt;top:{word.y0:.1f}pt;font-size:{word.size * 0.86:.1f}pt;'
        f'font-weight:{"bold" if word.bold else "normal"}">{html.escape(word.text)}</p>'
        for word in page.words
        if word.hidden is None
    )
    return f"<section>{''.join(spans)}</section>"
