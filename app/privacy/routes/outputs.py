"""The log of what engines made (L-10), for a company's admins: a list, each entry, and all of it as a file."""

import json
import uuid
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import lazy_gettext as _

from app.audit import commands as audit
from app.audit.models import KINDS, AiOutput
from app.audit.queries import as_line, newest_outputs
from app.identity import gate
from app.identity.access import may_administer
from app.privacy.access import output_for
from app.privacy.queries.outputs import about, withheld
from app.web.headers import INERT
from app.web.pages import page
from app.web.requests import id_in

bp = Blueprint("outputs", __name__, url_prefix="/settings/log/engines")
gate.members_only(bp)
PAGE, MOST_AT_ONCE = 50, 200  # a resume's text in each
WORDS = {
    "reading": _("Resume read"), "analysis": _("Job read"), "kit": _("Interview kit"),
    "follow-up": _("Follow-up question"), "judging": _("Draft of a rating"), "match": _("Match with a job"),
    "questions": _("Questions for one person"),
}  # fmt: skip


@bp.get("")
def index() -> Any:
    may_administer(gate.member())
    kinds, before = _asked()
    rows = newest_outputs(kinds, before=before, limit=PAGE + 1)
    shown = rows[:PAGE]
    return page(
        "privacy/outputs.html", "outputs", rows=shown, about=about(shown), words=WORDS, kinds=kinds, before=before,
        next_before=shown[-1].id if len(rows) > PAGE else None, most=MOST_AT_ONCE,
    )  # fmt: skip


@bp.get("/<uuid:output_id>")
def show(output_id: uuid.UUID) -> Any:
    row = output_for(gate.member(), output_id)
    return page(
        "privacy/output.html", row=row, about=about([row]).get(row.subject_id), words=WORDS,
        parts=_parts(row, readable=not withheld(gate.member(), [row])),
    )  # fmt: skip


@bp.get("/download")
def download() -> Any:
    """As JSON Lines, the newest first; what is downloaded is noted, since it holds people's words."""
    member = gate.member()
    may_administer(member)
    kinds, before = _asked()
    rows = newest_outputs(kinds, before=before, limit=MOST_AT_ONCE, words=True)
    hidden = withheld(member, rows)
    lines = (as_line(row, with_output=row.id not in hidden) for row in rows)
    told = "".join(f"{json.dumps(line, ensure_ascii=False, default=str)}\n" for line in lines)
    target = ("ai_output", ",".join(kinds) or "all")
    audit.note("audit.download_outputs", by=gate.actor(), target=target, rows=len(rows))
    named = {"Content-Disposition": 'attachment; filename="engines.jsonl"'}
    return Response(told, mimetype="application/x-ndjson", headers=INERT | named)


def _asked() -> tuple[list[str], uuid.UUID | None]:
    kinds = [kind for kind in KINDS if kind in request.args.getlist("kind")]
    return kinds, id_in(request.args.get("before", ""))


def _parts(row: AiOutput, *, readable: bool) -> dict[str, str | None]:
    """As they are kept; None for what may not be read yet."""
    kept = {"rubric": row.rubric or {}, "input": row.input, "output": row.output if readable else None}
    return {
        name: None if part is None else json.dumps(part, ensure_ascii=False, indent=2) for name, part in kept.items()
    }
