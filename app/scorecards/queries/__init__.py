"""Judgements as pages, reports and tasks need them."""

from app.scorecards.queries.comparisons import Compared, compare, number_of
from app.scorecards.queries.drafts import Draft, assessment, dimension_of, draft_of, request_for
from app.scorecards.queries.people import (
    Overview,
    askable,
    judges_among,
    overviews_of,
    scorecards_of,
    scorecards_waiting_for,
    submitted_scorecards,
)
from app.scorecards.queries.reports import (
    Evidence,
    evidence_of,
    facts_of,
    newest_report,
    next_stage,
    pins_of,
    report,
    report_facts,
)
from app.scorecards.queries.transcripts import Line, Passage, marked, transcript

__all__ = [
    "Compared", "Draft", "Evidence", "Line", "Overview", "Passage", "askable", "assessment", "compare",
    "dimension_of", "draft_of", "evidence_of", "facts_of", "judges_among", "marked", "newest_report", "next_stage",
    "number_of", "overviews_of", "pins_of", "report", "report_facts", "request_for", "scorecards_of",
    "scorecards_waiting_for", "submitted_scorecards", "transcript",
]  # fmt: skip
