"""L-10: admins read what engines made, with what it is about; a draft not before people have rated; others nothing."""

import json
import re

import pytest
import sqlalchemy as sa

from app.audit.commands import Made, note_output
from app.audit.models import AiOutput, AuditEntry
from app.candidates.models import Candidate
from app.identity.commands import actor_of
from app.interviews.models import Interview
from app.privacy.commands import erase
from app.scorecards.models import Scorecard
from tenants.db import db
from tests.app.scorecards.conftest import analyst, judge, scored, story, tell
from tests.tenants.test_words import word

assert all((analyst, judge, scored, story, tell, word))
LOG = "/settings/log/engines"


@pytest.fixture
def rows(scored, story, alpha, beta, cast, in_tenant):
    """A job read, its kit, three drafts of ratings; Ivy is asked to rate and has not yet. And a row at beta."""
    with in_tenant(beta):
        made = Made("kit", story.interview, None, "beta-engine", "kit-1", "0" * 64, {"text": "of beta"}, {"kit": 1})
        note_output(made, overseer=cast.rex.id, name="Rex")
    with in_tenant(alpha):
        return [(row.id, row.kind) for row in db.session.scalars(sa.select(AiOutput).order_by(AiOutput.id.desc()))]


def listed(html):
    return re.findall(rf'href="{LOG}/([0-9a-f-]{{36}})"', html)


def test_l10_admins_see_every_output_with_what_it_is_about_and_who_oversees_it(browser, rows, story, alpha, in_tenant):
    ada = browser("ada")
    every, kits = ada.get(LOG).text, ada.get(f"{LOG}?kind=kit&kind=analysis").text
    with in_tenant(alpha):
        application = db.session.get_one(Interview, story.interview).application_id

    assert listed(every) == [str(row_id) for row_id, _kind in rows]
    assert listed(kits) == [str(row_id) for row_id, kind in rows if kind in {"kit", "analysis"}]
    judged = [row_id for row_id, kind in rows if kind == "judging"]
    assert every.count(f'<a href="/applications/{application}">Asha Kulkarni, Ward nurse</a>') == len(judged) == 3
    assert ("beta-engine" in every, every.count('data-label="Overseer">Rita<')) == (False, len(rows))
    older = ada.get(f"{LOG}?before={rows[1][0]}").text
    assert listed(older) == [str(row_id) for row_id, _kind in rows[2:]]
    others = [browser(who) for who in ("rita", "hugo", "ivy", "rex")]
    paths = (LOG, f"{LOG}/{rows[0][0]}", f"{LOG}/download")
    assert {one.get(path).status_code for one in others for path in paths} == {404}
    assert ada.get(f"{LOG}?before=nothing").status_code == 404


def test_l10_an_entry_has_its_hashes_rubric_input_and_output_once_people_have_rated(
    browser, rows, story, alpha, in_tenant
):
    draft, ada = next(row_id for row_id, kind in rows if kind == "judging"), browser("ada")
    before, kit = (ada.get(f"{LOG}/{one}").text for one in (draft, rows[-1][0]))
    with in_tenant(alpha):
        row = db.session.get_one(AiOutput, draft)
        reason, hashes, dimension = row.output["reason"], (row.prompt_hash, row.input_hash), row.rubric["dimension"]
        for card in db.session.scalars(sa.select(Scorecard).where(Scorecard.interview_id == story.interview)):
            card.state = "submitted"
    after = ada.get(f"{LOG}/{draft}").text

    assert [(said in before, said in after) for said in (*hashes, dimension)] == [(True, True)] * 3
    assert ("can be read once people have rated" in before, reason in before) == (True, False)
    assert ("can be read once people have rated" in after, reason in after) == (False, True)
    assert "Ward nurse" in kit


def test_l10_the_log_is_downloaded_and_printed_whole_and_that_is_noted(browser, rows, word, alpha, in_tenant):
    """By line all that is kept; the page withholds drafts that nobody may see, the shell is the operator's."""
    with in_tenant(alpha):  # judged once more
        first = db.session.scalars(sa.select(AiOutput).where(AiOutput.kind == "judging")).first()
        again = Made("judging", first.subject_id, first.person_id, "e", "v", "0" * 64, {"more": 1}, {"level": "solid"})
        note_output(again, overseer=first.overseer_id, name="Rita")
    lines = [json.loads(line) for line in browser("ada").get(f"{LOG}/download?kind=judging").text.splitlines()]
    printed = word("audit", "outputs", "--tenant", "alpha")
    with in_tenant(alpha):
        kept = db.session.get_one(AiOutput, printed[0]["id"])
        assert printed[0]["output"] == kept.output
        noted = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.target_kind == "ai_output")).all()
        assert [(entry.action, entry.target_id) for entry in sorted(noted, key=lambda entry: entry.number)] == [
            ("audit.download_outputs", "judging"),
            ("audit.print_outputs", "all"),
        ]

    assert [(line["id"], line["kind"]) for line in printed[1:]] == [(str(row_id), kind) for row_id, kind in rows]
    assert [line["id"] for line in lines[1:]] == [str(row_id) for row_id, kind in rows if kind == "judging"]
    assert [("output" in line, line["withheld"], line["input"] != {}) for line in lines] == [(False, True, True)] * 4
    assert word("audit", "outputs", "--tenant", "alpha", "--kind", "kit", "--since", "2999-01-01") == []
    assert word("audit", "outputs", "--tenant", "nobody")[0]["error"]["code"] == "unknown"


def test_l10_what_engines_made_of_somebody_goes_with_them(browser, rows, story, alpha, in_tenant, cast):
    with in_tenant(alpha):
        person = db.session.get_one(Interview, story.interview).person_id
        erase(db.session.get_one(Candidate, person), by=actor_of(cast.ada))

    left = browser("ada").get(LOG).text

    assert listed(left) == [str(row_id) for row_id, kind in rows if kind in {"kit", "analysis"}]
    assert "Asha" not in left
