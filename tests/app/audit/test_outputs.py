"""L-10, L-11: what engines made is logged with who oversees it, is kept as long as it has to be, and can be asked again."""

import random
from datetime import timedelta

import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from app.audit.commands import forget_outputs
from app.audit.models import AiOutput
from app.audit.queries import hash_of, outputs_about
from app.interviews.queries import interview as load_interview
from app.interviews.queries import turns_of
from app.kernel import clock
from app.ports.judging import AnswerTurn, JudgeRequest, input_hash
from app.scorecards import queries
from app.scorecards.commands import assessments
from app.scorecards.models import Assessment
from jobs.oversight import prompt_hash
from jobs.timetable import TIMETABLE
from tenants.db import db
from tests.app.candidates.test_candidates import cara, job
from tests.app.scorecards.conftest import analyst, judge, tell
from tests.sizes import sized

assert all((analyst, cara, job, judge, tell))
INTERVIEWS = sized(34, 3)


def test_l10_every_output_is_logged_with_its_engine_rubric_and_overseer(
    cara, tell, judge, drain, alpha, beta, cast, in_tenant
):
    """A job analysed, a resume read, answers judged: one row each, with all that the law names."""
    told = tell()
    with in_tenant(alpha):
        opened = assessments.open_assessments(load_interview(told.interview), members=[])
        drafts = [draft.id for draft in opened]
    drain()
    with in_tenant(alpha):
        rows = db.session.scalars(sa.select(AiOutput)).all()
        judged = [outputs_about(draft) for draft in drafts]

        assert {"analysis", "kit", "reading", "judging"} <= {row.kind for row in rows}
        for row in rows:
            made = (row.engine, row.version, row.input, row.output, row.overseer_id, row.overseer_name)
            assert all(made), row.kind
            assert (len(row.prompt_hash), len(row.input_hash)) == (64, 64)
        assert {(row.overseer_id, row.overseer_name) for row in rows} == {(cast.rita.id, cast.rita.name)}
        assert [len(outputs) for outputs in judged] == [1, 1, 1]
        for (row,), draft in zip(judged, drafts, strict=True):
            kept = db.session.get_one(Assessment, draft)
            assert (row.output["level"], row.output["score"], row.output["reason"]) == (
                kept.level,
                kept.score,
                kept.reason,
            )
            assert (row.engine, row.version, row.input_hash) == (kept.engine, kept.prompt_version, kept.input_hash)
            assert row.rubric["dimension"] == row.input["request"]["dimension"]
            assert len(row.rubric["anchors"]) == 4
    with in_tenant(beta):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AiOutput)) == 0


def test_l10_the_log_is_kept_four_years_and_never_under_six_months(alpha, in_tenant, cara, settings):
    assert settings.ai_log_days == 4 * 365 + 1
    with pytest.raises(ValidationError):
        type(settings)(**settings.model_dump() | {"ai_log_days": 182})
    assert "audit.forget_outputs" in {entry.name for entry in TIMETABLE}
    with in_tenant(alpha):
        row = db.session.scalars(sa.select(AiOutput).order_by(AiOutput.at)).first()
        first, count = row.at, db.session.scalar(sa.select(sa.func.count()).select_from(AiOutput))
        for later, left in ((timedelta(days=1460), count), (timedelta(days=1462), 0)):
            with clock.set_to(first + later):
                forget_outputs(settings.ai_log_days)
            assert db.session.scalar(sa.select(sa.func.count()).select_from(AiOutput)) == left


def test_l10_the_hash_of_a_prompt_is_of_its_words():
    assert prompt_hash("judging", "judge/v2+guard-3") != prompt_hash("judging", "judge/v1")
    assert prompt_hash("judging", "rules-2") != prompt_hash("reading", "rules-1")


def again(row):
    """The request as the log has it."""
    kept = row.input["request"]
    turns = tuple(AnswerTurn(**turn) for turn in kept["turns"])
    return JudgeRequest(**kept | {"turns": turns, "anchors": tuple(kept["anchors"])})


def test_l11_the_inputs_of_scores_are_made_again_from_the_log_alone(tell, judge, drain, alpha, in_tenant):
    """Equal by hash to what was asked then, and to the transcript as it stands; what was changed is not."""
    for number in range(INTERVIEWS):
        told = tell(name=f"Asha{number}")
        with in_tenant(alpha):
            assessments.open_assessments(load_interview(told.interview), members=[])
    drain()
    with in_tenant(alpha):
        scores = db.session.scalars(sa.select(Assessment).order_by(Assessment.id)).all()
        for draft in random.Random(11).sample(list(scores), min(100, len(scores))):
            (row,) = outputs_about(draft.id)
            request, asked = again(row), row.input
            found = load_interview(draft.interview_id)
            assert request == queries.request_for(found, draft.dimension_id, turns_of(found.id))
            assert input_hash(request, asked["engine"], asked["version"]) == draft.input_hash == row.input_hash
        kept = db.session.scalars(sa.select(AiOutput).where(AiOutput.kind != "judging")).all()
        assert [hash_of(row.input) == row.input_hash for row in kept] == [True] * len(kept)
    assert len(scores) == 3 * INTERVIEWS
