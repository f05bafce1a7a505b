"""Openings are written, analysed, published, closed."""

import uuid
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.audit import commands as audit
from app.identity.models import Member
from app.kernel import clock
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.events import record, rights_changed
from app.kernel.ids import new_id
from app.kernel.sentences import sentence
from app.ports.analysis import Analysis
from app.postings.enums import LEGAL_MOVES, USUAL_STAGES, PostingState, SkillKind, StageKind
from app.postings.events import (
    AnalysisAsked,
    PostingAnalysed,
    PostingChanged,
    PostingClosed,
    PostingPublished,
)
from app.postings.models import Posting, PostingMeaning, Stage, TeamSeat
from app.postings.queries import stages_of
from tenants.db import db

LONGEST_TEXT = 40_000
_ALREADY = {
    PostingState.PUBLISHED: sentence("This job is published already. Load the page again to see it."),
    PostingState.CLOSED: sentence("This job is closed already. You can publish it again."),
}


def write_posting(*, text: str, by: Member, actor: Actor, title: str = "", reply_days: int = 10) -> Posting:
    """A draft with the usual stages and its author on the team. Its analysis is asked for with it."""
    if not text.strip():
        raise Invalid({"text": sentence("Paste or write the text of the job.")})
    if len(text) > LONGEST_TEXT:
        raise Invalid({"text": sentence("The text is too long: 40,000 characters at most.")})
    now = clock.now()
    posting = Posting(
        id=new_id(), title=title.strip() or _first_line(text), text=text.strip(), created_by=by.id, created_at=now,
        state="draft", analysis="waiting",
    )  # fmt: skip
    posting.stages = [
        Stage(id=new_id(), position=number, name=name, kind=kind, reply_days=reply_days)
        for number, (name, kind) in enumerate(USUAL_STAGES)
    ]
    db.session.add(posting)
    db.session.flush()
    db.session.add(TeamSeat(posting_id=posting.id, member_id=by.id))
    audit.note("postings.write", by=actor, target=("posting", posting.id))
    record(AnalysisAsked(posting.id))
    return posting


def _first_line(text: str) -> str:
    return next(line.strip("# ").strip() for line in text.splitlines() if line.strip())[:120]


def ask_for_analysis(posting: Posting, *, by: Actor) -> None:
    """Read the text again. It replaces what stands there now; what a person writes from now on, it leaves."""
    posting.analysis, posting.analysis_problem, posting.corrected = "waiting", None, []
    audit.note("postings.ask_for_analysis", by=by, target=("posting", posting.id))
    record(AnalysisAsked(posting.id))


def take_analysis(posting: Posting, analysis: Analysis, *, engine: str) -> None:
    """Store what was read, but for what a person wrote meanwhile, and a title that a person wrote at all.

    The first line of the text was only a stand-in. Skills added during the first reading stand before those read.
    """
    read: dict[str, Any] = {
        "seniority": analysis.seniority, "place": analysis.location, "remote": analysis.remote,
        "responsibilities": list(analysis.responsibilities),
        "years_min": None if analysis.years_min is None else Decimal(str(analysis.years_min)),
        "salary": asdict(analysis.salary) if analysis.salary else None, "language": analysis.language,
    }  # fmt: skip
    if posting.title == _first_line(posting.text):
        read["title"] = analysis.title or posting.title
    for field in read.keys() - set(posting.corrected):
        setattr(posting, field, read[field])
    _take_skills(posting, analysis)
    posting.analysis, posting.analysis_engine, posting.analysis_problem = "done", engine, None
    record(PostingAnalysed(posting.id))


def _take_skills(posting: Posting, analysis: Analysis) -> None:
    written = [skill for kind in SkillKind if kind in posting.corrected for skill in getattr(posting, kind)]
    for kind in SkillKind:
        read = list(getattr(analysis, kind))
        for skill in written:
            read = _without(read, skill)
        if kind not in posting.corrected:
            setattr(posting, kind, read)
        elif posting.analysis_engine is None:
            setattr(posting, kind, [*getattr(posting, kind), *read])


def take_meaning(posting: Posting, meaning: list[float] | None) -> None:
    """None: in a language that the model does not know."""
    db.session.execute(sa.delete(PostingMeaning).where(PostingMeaning.posting_id == posting.id))
    if meaning is not None:
        db.session.execute(sa.insert(PostingMeaning).values(posting_id=posting.id, meaning=meaning))


def fail_analysis(posting: Posting, problem: str) -> None:
    posting.analysis, posting.analysis_problem = "failed", problem
    record(PostingChanged(posting.id))


def edit_posting(posting: Posting, *, by: Actor, **changes: Any) -> None:
    """Change fields in place; unknown names are a mistake of ours and raise AttributeError."""
    changed = {key: value for key, value in changes.items() if getattr(posting, key) != value}
    for key, value in changed.items():
        setattr(posting, key, value)
    if changed:
        posting.corrected = sorted({*posting.corrected, *changed})
        audit.note("postings.edit", by=by, target=("posting", posting.id), fields=sorted(changed))
        record(PostingChanged(posting.id))


def add_skill(posting: Posting, kind: SkillKind, skill: str, *, by: Actor) -> None:
    """Once, however it is written; what becomes a must is no longer merely nice, and the other way round."""
    skill = " ".join(skill.split())
    other = SkillKind.NICE_TO_HAVE if kind == SkillKind.MUST_HAVE else SkillKind.MUST_HAVE
    if not skill:
        raise Invalid({"skill": sentence("Type a skill.")})
    kept = _without(getattr(posting, kind), skill)
    edit_posting(posting, by=by, **{kind: [*kept, skill], other: _without(getattr(posting, other), skill)})


def drop_skill(posting: Posting, kind: SkillKind, skill: str, *, by: Actor) -> None:
    edit_posting(posting, by=by, **{kind: _without(getattr(posting, kind), skill)})


def _without(skills: list[str], skill: str) -> list[str]:
    return [known for known in skills if known.casefold() != skill.casefold()]


def add_stage(posting: Posting, *, name: str, reply_days: int, by: Actor) -> Stage:
    """At the end; a person puts it where it belongs."""
    last = max((stage.position for stage in stages_of(posting.id)), default=-1)
    stage = Stage(
        id=new_id(), posting_id=posting.id, position=last + 1, name=name.strip(), kind=StageKind.REVIEW,
        reply_days=reply_days,
    )  # fmt: skip
    db.session.add(stage)
    _stages_changed(posting, by=by, what="stage.add")
    return stage


def edit_stage(posting: Posting, stage: Stage, *, name: str, reply_days: int, by: Actor) -> None:
    stage.name, stage.reply_days = name.strip(), reply_days
    _stages_changed(posting, by=by, what="stage.edit")


def shift_stage(posting: Posting, stage: Stage, step: int, *, by: Actor) -> None:
    """One place up (-1) or down (1). The first stage stays first in kind: people arrive in whichever is first."""
    stages = stages_of(posting.id)
    here = stages.index(stage)
    there = min(max(here + step, 0), len(stages) - 1)
    stages.insert(there, stages.pop(here))
    for position, moved in enumerate(stages):
        moved.position = position
    _stages_changed(posting, by=by, what="stage.shift")


def remove_stage(posting: Posting, stage: Stage, *, by: Actor) -> None:
    """Raises Conflict for a stage that somebody stands in or has passed: their history names it."""
    if len(stages_of(posting.id)) == 1:
        raise Conflict(sentence("A job has at least one stage. Add another one before you remove this one."))
    db.session.delete(stage)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict(
            sentence("People are in this stage or have passed it, so it stays. You can rename it.")
        ) from error
    _stages_changed(posting, by=by, what="stage.remove")


def _stages_changed(posting: Posting, *, by: Actor, what: str) -> None:
    audit.note("postings.edit_stages", by=by, target=("posting", posting.id), what=what)
    record(PostingChanged(posting.id))


def publish(posting: Posting, *, by: Actor) -> None:
    _go(posting, PostingState.PUBLISHED, by=by)
    posting.published_at = clock.now()
    record(PostingPublished(posting.id))


def close(posting: Posting, *, by: Actor) -> None:
    _go(posting, PostingState.CLOSED, by=by)
    posting.closed_at = clock.now()
    record(PostingClosed(posting.id))


def seat(posting: Posting, member: Member, *, by: Actor) -> None:
    """Put a member on the hiring team; twice is once."""
    if db.session.get(TeamSeat, (posting.id, member.id)) is None:
        db.session.add(TeamSeat(posting_id=posting.id, member_id=member.id))
        audit.note("postings.seat", by=by, target=("posting", posting.id), member=str(member.id))
        record(PostingChanged(posting.id))


def unseat(posting: Posting, member_id: uuid.UUID, *, by: Actor) -> None:
    db.session.execute(sa.delete(TeamSeat).where(TeamSeat.posting_id == posting.id, TeamSeat.member_id == member_id))
    audit.note("postings.unseat", by=by, target=("posting", posting.id), member=str(member_id))
    rights_changed(member_id)
    record(PostingChanged(posting.id))


def _go(posting: Posting, state: PostingState, *, by: Actor) -> None:
    if state not in LEGAL_MOVES[PostingState(posting.state)]:
        raise Conflict(_ALREADY[state])
    posting.state = state
    audit.note(f"postings.{state}", by=by, target=("posting", posting.id))
