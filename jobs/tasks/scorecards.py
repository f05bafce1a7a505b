"""Background work of scorecards: drafts, one task a dimension, and reports."""

import uuid
from dataclasses import asdict
from datetime import timedelta

from flask import current_app, render_template

from app.adapters import counting
from app.billing import commands as billing
from app.billing import queries as billing_queries
from app.interviews.queries import interview, turns_of
from app.ports.judging import Judge, Judgement, JudgeRequest, Unusable, checked, input_hash, nothing_said
from app.postings.queries import team_of
from app.scorecards import queries
from app.scorecards.commands import assessments
from app.scorecards.commands import reports as report_commands
from app.workspace.queries import workspace
from jobs import oversight
from jobs.definitions import task
from jobs.run import Run
from tenants.site import site_url

# A provider may be away for most of a day: drafts are made by themselves once it is back.
PATIENCE = timedelta(hours=20)


@task("scorecards.open", queue="scoring")
def open_assessments(run: Run, *, interview_id: uuid.UUID) -> None:
    with run.completing():
        found = interview(interview_id)
        asked = [] if found.rehearsal else queries.judges_among(team_of(found.application.posting_id))
        assessments.open_assessments(found, members=asked)


def _judging_failed(problem: str, *, assessment_id: uuid.UUID) -> None:
    assessments.fail_assessment(assessment_id, problem)


@task("scorecards.judge", queue="scoring", limit=120, attempts=6, patience=PATIENCE, on_failure=_judging_failed)
def judge(run: Run, *, assessment_id: uuid.UUID) -> None:
    with run.reading():
        assessment = queries.assessment(assessment_id)
        found, turns = interview(assessment.interview_id), turns_of(assessment.interview_id)
        posting = found.application.posting_id
        request = queries.request_for(found, assessment.dimension_id, turns)
        known, judge, address = _who_judges(run, request), run.providers.judge, site_url()
        asked = judge if isinstance(known, Judgement) else known
        given = {"engine": asked.engine, "version": asked.prompt_version, "request": asdict(request)}
    judgement = known if isinstance(known, Judgement) else _asked(run, known, request, site=address)
    with run.completing():
        if judge.metered:
            _count(run, judgement, found.person_id, asked=known is judge, site=address)
        assessments.take_judgement(
            queries.assessment(assessment_id), interview(found.id), judgement, turns_of(found.id)
        )
        oversight.note(
            "judging", subject=assessment_id, person=found.person_id, engine=judgement.engine, given=given,
            version=judgement.prompt_version, made=judgement, posting=posting, input_hash=judgement.input_hash,
            rubric={"dimension": request.dimension, "description": request.description, "anchors": request.anchors},
        )  # fmt: skip


def _who_judges(run: Run, request: JudgeRequest) -> Judge | Judgement:
    """What a language model said within a day; or itself; or the built-in evaluator once the budget is spent."""
    judge = run.providers.judge
    if not judge.metered or nothing_said(request):
        return judge
    known = billing_queries.known(input_hash(request, judge.engine, judge.prompt_version))
    if known is not None:
        return known
    over = billing_queries.spending(run.providers.settings.llm_budget_dollars).over
    return run.providers.own_judge if over else judge


def _asked(run: Run, judge: Judge, request: JudgeRequest, *, site: str) -> Judgement:
    """What was of no use was paid for, too: counted at once, since nothing will be completed."""
    try:
        return checked(judge.judge(request), request)
    except Unusable as paid:
        with run.noting():
            billing.note_unusable(paid)
            billing.warn(usual=run.providers.settings.llm_budget_dollars, site=site, vault=run.providers.vault)
        raise


def _count(run: Run, judgement: Judgement, person: uuid.UUID, *, asked: bool, site: str) -> None:
    if not asked:
        if judgement.engine != run.providers.own_judge.engine:
            billing.note_hit(judgement.engine)
            counting.hit(judgement.engine)
        return
    if judgement.tokens_in:
        billing.note_call(judgement, person=person)
        billing.warn(usual=run.providers.settings.llm_budget_dollars, site=site, vault=run.providers.vault)


@task("billing.forget_results", queue="low")
def forget_results(run: Run) -> None:
    with run.completing():
        billing.forget_results()


def _report_failed(problem: str, *, report_id: uuid.UUID) -> None:
    report_commands.fail_report(report_id, problem)


@task("scorecards.render_report", queue="low", limit=120, attempts=3, on_failure=_report_failed)
def render_report(run: Run, *, report_id: uuid.UUID) -> None:
    with run.reading():
        facts = queries.report_facts(queries.report(report_id).interview_id)
        person = facts["interview"].person_id
        address, language = site_url(), workspace().locale
    with current_app.test_request_context(base_url=address, headers={"Accept-Language": language}):
        html = render_template("reports/interview.html", **facts)
    key = f"reports/{report_id}"
    run.providers.storage.put(key, run.providers.printer.pdf(html), person=person)
    with run.completing():
        report_commands.take_report(queries.report(report_id), key)
