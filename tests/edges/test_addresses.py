"""S-59: an address that somebody writes is words. Nothing asks it, and nobody asks where it is."""

import io
import re

import pytest
import sqlalchemy as sa

from app.candidates.models import Resume
from app.identity.commands import actor_of
from app.scorecards.commands.reports import ask_for_report
from app.scorecards.models import Report
from tenants.db import db
from tests.conftest import PASSWORD
from tests.edges import addresses
from tests.edges.conftest import SECRET, heard, untouched, visits
from tests.edges.playlists import REL
from tests.edges.test_words import field_names, sinks
from tests.fuzzing.seeds import WORD, packed, written_pdf
from tests.sizes import FULL, sized

pytestmark = pytest.mark.xdist_group("edges")
# Headers by which a caller may say where something is.
HEADERS = (
    "Referer",
    "Origin",
    "X-Forwarded-Host",
    "X-Original-Url",
    "Forwarded",
    "Destination",
    "Location",
    "X-Callback-Url",
)


def test_s59_nothing_asks_an_address_that_somebody_wrote(
    flask_app, edges, home, canary, browser, anyone, drain, settings, cast, alpha, in_tenant, write_everywhere
):
    """In every column, form, parameter and header, and in files; then all is worked off, printed and looked at.

    Not all of them in each column: WeasyPrint takes more than nine minutes about a report of a megabyte.
    """
    forms = addresses.forms(home.port, canary)
    said = forms + addresses.moving(home.port, sized(1_000, 5))
    ada, guest = browser("ada"), anyone()
    with in_tenant(alpha):
        printed = reports()
    with heard() as (connections, names):
        few = [*forms[::11], said[-1]] if FULL else [forms[0], said[-1]]
        marked = write_everywhere(" ".join(map(addresses.written, few)))
        with in_tenant(alpha):
            ask_for_report(edges.ids["interview_id"], by=actor_of(cast.rita))
        drain()
        taken = sum(bring(ada, edges.ids["posting_id"], said))
        for number, payload in enumerate(forms if FULL else forms[:1]):
            for visit, answer in sinks(lambda _: ada, flask_app, edges, payload, operators=False):
                assert answer.status_code < 500, (visit, payload)
            if number % 11:
                continue
            drain()
            for visit in visits(flask_app, edges):
                asked = dict.fromkeys(field_names(), payload)
                sent = {name: re.sub(r"[^\x21-\x7e]", "", asked["q"]) for name in HEADERS}
                answer = (guest if visit.guest else ada).get(visit.path, query_string=asked, headers=sent)
                assert answer.status_code < 500, (visit, payload)
                assert SECRET.encode() not in answer.data, visit
                assert led_away(answer) == [], visit
        drain()
        shown = 0
        for visit in visits(flask_app, edges):
            answer = (guest if visit.guest else ada).get(visit.path)
            assert SECRET.encode() not in answer.data
            shown += f"r{len(said) - len(forms) - 1}.rebind.example:{home.port}".encode() in answer.data
    with in_tenant(alpha):
        again, read = reports(), set(db.session.scalars(sa.select(Resume.state)))

    assert len(forms) >= 60
    assert (taken, read) == (3, {"read"})
    assert len(marked) >= 60
    assert shown >= 20
    assert again > printed
    assert {f"{at[0]}:{at[1]}" if isinstance(at, tuple) else str(at) for at in connections} <= {redis_of(settings)}
    assert {str(name) for name in names} <= {redis_of(settings).partition(":")[0]}
    assert home.calls == 0
    assert untouched(canary)


def redis_of(settings):
    return settings.redis_url.get_secret_value().removeprefix("redis://").partition("/")[0]


def reports():
    """How many were printed."""
    return db.session.scalar(sa.select(sa.func.count()).where(Report.storage_key.is_not(None)))


def bring(client, posting_id, said):
    """A text, a Word document and a PDF that have all of them, in words and as what is to be fetched; 1 each if taken."""
    for name, data in (("cv.txt", "\n".join(said).encode()), ("cv.docx", document(said)), ("cv.pdf", pages(said))):
        yield client.post(f"/jobs/{posting_id}/resumes", data={"resumes": (io.BytesIO(data), name)}).status_code == 303


def document(said):
    kinds = ("image", "attachedTemplate", "hyperlink", "aFChunk", "oleObject", "subDocument", "frame", "video")
    marked = [one.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;") for one in said]
    related = "".join(
        f'<Relationship Id="r{number}" Type="{REL}/{kinds[number % len(kinds)]}" Target="{one}" TargetMode="External"/>'
        for number, one in enumerate(marked)
    )
    words = "".join(
        f'<w:p><w:hyperlink r:id="r{number}"><w:r><w:t>{one}</w:t></w:r></w:hyperlink><w:r><w:instrText>INCLUDEPICTURE "{one}"</w:instrText></w:r></w:p>'
        for number, one in enumerate(marked)
    )
    shown = f'<w:document xmlns:w="{WORD}" xmlns:r="{REL}"><w:body>{words}</w:body></w:document>'
    settings = f'<Relationships><Relationship Id="t" Type="{REL}/attachedTemplate" Target="{marked[0]}" TargetMode="External"/></Relationships>'
    rels = f"<Relationships>{related}</Relationships>"
    return packed(
        {"word/document.xml": shown, "word/_rels/document.xml.rels": rels, "word/_rels/settings.xml.rels": settings}
    )


def pages(said):
    """Each a line of text, and a link over it."""
    quoted = [re.sub(rb"([\\()])", rb"\\\1", one.encode("utf-8")) for one in said]
    lines = b"".join(
        b"BT /F 6 Tf 20 %d Td (%s) Tj ET\n" % (820 - 8 * number, one) for number, one in enumerate(quoted[:90])
    )
    links = b"".join(b"<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(%s)>>>>" % one for one in quoted)
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(%s)>>/URI<</Base(%s)>>>>" % (quoted[0], quoted[0]),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>/Annots[%s]>>" % links,
            b"<</Length %d>>stream\n%s\nendstream" % (len(lines), lines),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )  # fmt: skip


def led_away(answer):
    """Where this answer leads a browser that is not this site, by a redirect or by what HTMX obeys."""
    told = (
        answer.headers.get(name, "/") for name in ("Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Refresh")
    )
    return [to for to in told if not to.startswith("/") or to.startswith(("//", "/\\"))]


def test_s59_whoever_signs_in_stays_here(cast, anyone, home, canary):
    """Wherever the address says to go on to: eleven forms (full: all), each by the address and by the form."""
    said = {"email": "rita@alpha.example", "password": PASSWORD}
    forms = addresses.forms(home.port, canary)
    asked = forms if FULL else forms[::6]
    led = [anyone().post("/sign-in", query_string={"next": one}, data=said | {"next": one}).location for one in asked]

    assert set(led) == {"/"}
    assert len(led) == len(asked) >= 11
