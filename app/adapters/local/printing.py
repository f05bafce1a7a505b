"""PDF by WeasyPrint, which may fetch nothing: no file, no address, no data of another page."""

import logging
from typing import Final

from app.kernel.errors import Refused

# A Latin family that is installed comes first: generic names lead Pango to whatever font knows one letter.
FACES: Final = """
:root { --sans: "Noto Sans", "DejaVu Sans", sans-serif !important }
:root { --serif: "Noto Serif", "DejaVu Serif", serif !important }
:lang(hi), :lang(mr) { --sans: "Noto Sans", "Noto Sans Devanagari", sans-serif !important }
:lang(bn) { --sans: "Noto Sans", "Noto Sans Bengali", sans-serif !important }
:lang(ta) { --sans: "Noto Sans", "Noto Sans Tamil", sans-serif !important }
"""


class LocalPrinter:
    def pdf(self, html: str) -> bytes:
        from weasyprint import CSS, HTML
        from weasyprint.urls import FatalURLFetchingError

        def deny(url: str, *_: object, **__: object) -> None:
            raise FatalURLFetchingError(f"a report wanted to fetch {url[:80]}")

        logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it names each rule meant for screens
        try:
            page = HTML(string=html, url_fetcher=deny, base_url=None)
            rendered: bytes | None = page.write_pdf(stylesheets=[CSS(string=FACES, url_fetcher=deny)])
        except FatalURLFetchingError as error:
            raise Refused("fetch", str(error)) from error
        if rendered is None:
            raise Refused("empty", "WeasyPrint gave nothing back")
        return rendered
