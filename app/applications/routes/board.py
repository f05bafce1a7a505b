"""A job's candidates: in columns, and as a list."""

import uuid
from dataclasses import replace
from typing import Any

from flask import Blueprint, request, url_for

from app.applications import queries
from app.applications.enums import ApplicationState
from app.applications.forms import STATES, THINGS, filter_of, place_of, shown_of, written
from app.applications.queries import Column, Filter
from app.applications.routes import wording
from app.audit import commands as audit
from app.identity import gate
from app.kernel import clock
from app.postings.access import posting_for, stage_for
from app.postings.models import Posting, Stage
from app.postings.queries import stages_of
from app.web.pages import page, see_other
from app.web.sheets import MOST_ROWS, fitting, sheet

bp = Blueprint("applications", __name__, url_prefix="/jobs/<uuid:posting_id>")
gate.members_only(bp)


@bp.get("")
def start(posting_id: uuid.UUID) -> Any:
    """A job's own address leads to its board."""
    return see_other(url_for("applications.board", posting_id=posting_for(gate.member(), posting_id).id))


@bp.get("/board")
def board(posting_id: uuid.UUID) -> Any:
    posting = posting_for(gate.member(), posting_id)
    return page("applications/board.html", "candidates", opened=None, **board_of(posting, stages_of(posting.id)))


@bp.get("/stages/<uuid:stage_id>")
def column(posting_id: uuid.UUID, stage_id: uuid.UUID) -> Any:
    """More of one column: for the board's script its cards, for everybody else a page."""
    posting = posting_for(gate.member(), posting_id)
    stage, wanted = stage_for(posting, stage_id), on_board(filter_of(request.args))
    found = queries.column(posting.id, stage, wanted, after=place_of(request.args))
    return page("applications/column.html", "more_cards", posting=posting, wanted=wanted, column=shown(found, wanted))


@bp.get("/list")
def listing(posting_id: uuid.UUID) -> Any:
    posting = posting_for(gate.member(), posting_id)
    wanted, after = filter_of(request.args), place_of(request.args)
    stages = stages_of(posting.id)
    cards, rest = queries.listing(posting.id, wanted, after=after)
    more = _list_url(posting, wanted, after=written(rest)) if rest else None
    return page(
        "applications/list.html", "candidates", "more_rows", posting=posting, wanted=wanted, more_url=more,
        lines=wording.lines(cards, at="list", **wanted.in_address()), stages=stages,
        stage_names={stage.id: stage.name for stage in stages}, **choices(),
    )  # fmt: skip


@bp.post("/sheet")
def download(posting_id: uuid.UUID) -> Any:
    """The list with this filter, all of it. A POST, so that no address holds a name."""
    posting, wanted = posting_for(gate.member(), posting_id), filter_of(request.form)
    rows = fitting(wording.cells(queries.sheet_of(posting.id, wanted, most=MOST_ROWS)))
    audit.note("applications.download", by=gate.actor(), target=("posting", posting.id), rows=len(rows))
    return sheet([str(name) for name in wording.SHEET], rows, name=f"applications-{clock.today()}")


def board_of(posting: Posting, stages: list[Stage]) -> dict[str, Any]:
    """What the board shows, through the filter of this address."""
    wanted = on_board(filter_of(request.args))
    columns = queries.board(stages, wanted, shown=shown_of(request.args))
    address = url_for("applications.board", posting_id=posting.id, **wanted.in_address())
    made = [shown(column, wanted) for column in columns]
    return {
        "posting": posting, "wanted": wanted, "columns": made, "board_url": address,
        "stage_choices": [(stage.id, stage.name, None) for stage in stages], **choices(),
    }  # fmt: skip


def shown(column: Column, wanted: Filter) -> dict[str, Any]:
    stage, last = column.stage, column.last
    more = url_for(
        "applications.column", posting_id=stage.posting_id, stage_id=stage.id, after=written(last),
        **wanted.in_address(),
    )  # fmt: skip
    return {
        "stage": stage,
        "total": column.total,
        "uncounted": column.uncounted,
        "rest": max(column.total - len(column.cards), 0),
        "lines": wording.lines(column.cards, at="board", **wanted.in_address()),
        "empty": wording.empty_text(stage),
        "more_url": more if last else None,
    }


def on_board(wanted: Filter) -> Filter:
    return replace(wanted, stage=None, state=ApplicationState.ACTIVE)


def choices() -> dict[str, Any]:
    return {
        "things": {key: wording.THINGS[key].text for key in THINGS},
        "states": {s: wording.STATES[s] for s in STATES},
    }


def _list_url(posting: Posting, wanted: Filter, *, after: str | None = None) -> str:
    return url_for("applications.listing", posting_id=posting.id, after=after, **wanted.in_address())
