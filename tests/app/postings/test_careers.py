"""The careers site, as anybody and as a search engine reads it."""

import json
import re

import pytest

from app.identity.commands import actor_of
from app.postings import commands
from app.postings.models import Posting
from app.postings.routes.wording import as_page
from tenants.db import db


@pytest.fixture
def job(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = commands.write_posting(
            text="# Nurse\n\n<script>alert(1)</script>\n\n• nights\n• days", by=cast.rita, actor=actor_of(cast.rita)
        )
        commands.edit_posting(
            posting, by=actor_of(cast.rita), title='Nurse </script>"', place="Pune", remote="onsite",
            must_have=["Triage"], salary={"min": 20.5, "max": None, "currency": "EUR", "unit": "hour"},
        )  # fmt: skip
        commands.publish(posting, by=actor_of(cast.rita))
        return posting.id


def test_a_published_job_is_described_for_machines(anyone, job):
    page = anyone().get(f"/careers/{job}").text
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    facts = json.loads(blocks[0])

    assert len(blocks) == 1
    assert (facts["@type"], facts["title"], facts["directApply"]) == ("JobPosting", 'Nurse </script>"', True)
    assert facts["hiringOrganization"]["name"] == "Alpha"
    assert facts["jobLocation"]["address"]["addressLocality"] == "Pune"
    assert facts["baseSalary"] == {
        "@type": "MonetaryAmount", "currency": "EUR",
        "value": {"@type": "QuantitativeValue", "minValue": 20.5, "unitText": "HOUR"},
    }  # fmt: skip


def test_html_in_a_text_stays_text(anyone, job):
    page = anyone().get(f"/careers/{job}").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<li>nights</li>" in page


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("### Three\n\n##### Five", "<h2>Three</h2>\n<h3>Five</h3>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![x](https://elsewhere.example/x.png)", '<p>!<a href="https://elsewhere.example/x.png">x</a></p>\n'),
        ("one\ntwo", "<p>one<br />\ntwo</p>\n"),
    ],
)
def test_text_becomes_a_page(text, html):
    assert str(as_page(text)) == html


def test_only_published_jobs_of_this_company_are_listed(anyone, job, alpha, in_tenant, cast):
    with in_tenant(alpha):
        commands.write_posting(text="Draft cook", by=cast.rita, actor=actor_of(cast.rita))

    assert "Nurse" in anyone().get("/careers").text
    assert "Draft cook" not in anyone().get("/careers").text
    assert "Nothing is open now" in anyone("beta").get("/careers").text
    assert anyone("beta").get(f"/careers/{job}").status_code == 404


def test_rehearsals_are_not_on_the_careers_site(anyone, job, alpha, in_tenant):
    with in_tenant(alpha):
        db.session.get_one(Posting, job).rehearsal = True

    assert anyone().get(f"/careers/{job}").status_code == 404
    assert "Nurse" not in anyone().get("/careers").text
