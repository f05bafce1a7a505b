"""Reports as PDF: asked for on a page, rendered by a worker, kept sealed."""

import uuid

import sqlalchemy as sa

from app.audit import commands as audit
from app.interviews.models import Interview
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.events import record
from app.kernel.ids import new_id
from app.scorecards.events import ReportAsked, ReportReady
from app.scorecards.models import Report
from tenants.db import db


def ask_for_report(interview_id: uuid.UUID, *, by: Actor) -> Report:
    """A new one, unless one is being made already."""
    person = db.session.scalar(sa.select(Interview.person_id).where(Interview.id == interview_id).with_for_update())
    waiting = sa.select(Report).where(Report.interview_id == interview_id, Report.state == "waiting")
    if known := db.session.scalar(waiting.limit(1)):
        return known
    report = Report(
        id=new_id(), person_id=person, interview_id=interview_id, state="waiting", asked_by=by.id, asked_at=clock.now()
    )
    db.session.add(report)
    db.session.flush()
    audit.note("scorecards.ask_for_report", by=by, target=("interview", interview_id))
    record(ReportAsked(report.id, interview_id))
    return report


def take_report(report: Report, storage_key: str) -> None:
    report.state, report.storage_key, report.ready_at = "ready", storage_key, clock.now()
    record(ReportReady(report.id, report.interview_id))


def fail_report(report_id: uuid.UUID, problem: str) -> None:
    report = db.session.get(Report, report_id)
    if report is not None:
        report.state, report.problem = "failed", problem[:500]
        record(ReportReady(report.id, report.interview_id))
