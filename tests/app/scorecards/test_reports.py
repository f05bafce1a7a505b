"""The report as a page and as a PDF."""

import re

import pytest
import sqlalchemy as sa

from app.audit.models import AuditEntry
from app.kernel import clock
from app.kernel.errors import Refused
from app.scorecards.models import Report
from tenants.db import db
from tests.app.scorecards.conftest import decide, filled_in
from tests.app.scorecards.paper import fonts_of, text_of


@pytest.fixture
def judged(scored, browser):
    data = filled_in(level_1="partial", note_0="Calm throughout", pin="0|1|I called the doctor within two minutes")
    browser("ivy").post(scored.scorecard, data=data)
    return scored


def made(client, told, drain) -> str:
    """Ask for a PDF, let it be made, and give its address."""
    assert client.post(f"/interviews/{told.interview}/report").status_code == 303
    assert "The PDF is being made." in client.get(told.evidence).text
    drain()
    return re.search(r'href="(/reports/[^"]+\.pdf)"', client.get(told.evidence).text)[1]


FACTS = (
    "Asha Kulkarni", "Ward nurse", "Ivy: Yes", "I would work with her.", "68.0 of 100", "over 100 % of the weights",
    "Strengths", "Areas to improve", "Calm throughout", "pinned by Ivy", "Turn 1", "fake/1", "prompt version fake-1",
    "Not answered", "Rita, ", "She named steps.", "I read it out at the bed",
)  # fmt: skip


def test_report_says_everything_on_page_and_paper(judged, browser, drain):
    rita = browser("rita")
    decide(rita, judged, verdict="advance", reason="She named steps.")

    page = rita.get(f"/interviews/{judged.interview}/report").text
    seen = " ".join(re.sub(r"<[^>]+>", "", page).split())
    answer = rita.get(made(rita, judged, drain))
    printed = text_of(answer.data)

    assert [fact for fact in FACTS if fact not in seen] == []
    assert [fact for fact in FACTS if fact not in printed] == []
    assert (
        len(re.findall(rf"\w+ {clock.now().year}, \d", printed)) >= 2
    )  # when it was made, and decided: kept for years
    assert "1 / " in printed
    assert "Back to the evidence" in seen
    assert "Back to the evidence" not in printed


def test_pdf_is_a_download_that_nobody_keeps(judged, browser, drain):
    rita = browser("rita")

    answer = rita.get(made(rita, judged, drain))

    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=interview-")
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_takes_a_pdf_is_told_in_the_log_and_who_may_not_leaves_nothing(
    judged, browser, drain, alpha, beta, cast, in_tenant
):
    pdf = made(browser("rita"), judged, drain)
    statuses = [browser(name).get(address).status_code for name, address in (
        ("hugo", pdf), ("rex", pdf), ("rita", pdf), ("hugo", f"/reports/{judged.interview}.pdf"),
    )]  # fmt: skip
    taken = sa.select(AuditEntry).where(AuditEntry.action == "scorecards.download_report").order_by(AuditEntry.number)

    assert statuses == [200, 404, 200, 404]
    with in_tenant(alpha):
        assert [(one.actor_name, one.target_kind, one.target_id) for one in db.session.scalars(taken)] == [
            (member.name, "interview", str(judged.interview)) for member in (cast.hugo, cast.rita)
        ]
    with in_tenant(beta):
        assert db.session.scalars(taken).all() == []


def test_pdf_lies_sealed(judged, browser, drain, flask_app, settings):
    made(browser("rita"), judged, drain)

    files = [file for file in (settings.data_dir / "files").rglob("*") if "reports" in file.parts and file.is_file()]

    assert files
    assert not any(b"%PDF" in file.read_bytes()[:64] for file in files)


@pytest.mark.parametrize(("who", "status"), [("rita", 200), ("hugo", 200), ("ada", 200), ("ivy", 200), ("rex", 404)])
def test_report_is_for_those_who_see_the_evidence(judged, browser, drain, who, status):
    pdf = made(browser("rita"), judged, drain)
    client = browser(who)

    assert [client.get(url).status_code for url in (pdf, f"/interviews/{judged.interview}/report")] == [status] * 2


def test_report_asked_for_twice_is_made_once(judged, browser, alpha, in_tenant):
    for _ in range(2):
        browser("rita").post(f"/interviews/{judged.interview}/report")

    with in_tenant(alpha):
        assert db.session.scalars(sa.select(Report.state)).all() == ["waiting"]


def test_pdf_that_is_not_made_yet_is_missing(judged, browser, alpha, in_tenant):
    rita = browser("rita")
    rita.post(f"/interviews/{judged.interview}/report")
    with in_tenant(alpha):
        report_id = db.session.scalar(sa.select(Report.id))

    assert rita.get(f"/reports/{report_id}.pdf").status_code == 404
    assert rita.get(f"/reports/{judged.interview}.pdf").status_code == 404


def test_report_that_failed_says_so_and_is_made_again(judged, browser, drain, flask_app):
    class Broken:
        def pdf(self, html):
            raise Refused("fetch", "it wanted to fetch")

    rita, providers = browser("rita"), flask_app.extensions["providers"]
    known = providers.__dict__.get("printer")
    providers.__dict__["printer"] = Broken()
    rita.post(f"/interviews/{judged.interview}/report")
    drain()
    providers.__dict__.pop("printer")
    if known is not None:
        providers.__dict__["printer"] = known

    assert "The PDF could not be made." in rita.get(judged.evidence).text
    assert made(rita, judged, drain).endswith(".pdf")


def test_markup_in_an_answer_fetches_nothing(tell, judge, drain, browser):
    words = '<img src="http://127.0.0.1:1/x.png"> <link rel="attachment" href="file:///etc/passwd"> I stayed calm.'
    told = tell(answers=(words, "b", "c", "d"))
    drain()
    browser("ivy").post(told.scorecard, data=filled_in(note=words))

    printed = text_of(browser("rita").get(made(browser("rita"), told, drain)).data)

    assert 'src="http://127.0.0.1:1/x.png"' in printed
    assert "root:" not in printed


def test_hindi_is_printed_in_letters(tell, judge, drain, browser):
    told = tell(answers=("मैंने पहले मरीज़ की साँस देखी।", "b", "c", "d"), language="hi", name="फ़रीदा ख़ान")
    drain()
    browser("ivy").post(told.scorecard, data=filled_in())

    pdf = browser("rita").get(made(browser("rita"), told, drain)).data

    assert "मरीज" in text_of(pdf)
    assert any("Devanagari" in name for name in fonts_of(pdf))
    assert any(name.startswith(("Noto-Sans", "NotoSans")) and "Devanagari" not in name for name in fonts_of(pdf))
