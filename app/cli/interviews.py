"""flask interviews run: the whole main job without a browser, as a rehearsal."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup

from app.adapters.local import rehearsals
from app.applications.commands import apply
from app.candidates import commands as candidates
from app.candidates.models import Resume
from app.cli.output import problem, say
from app.cli.tenants import registry
from app.identity.commands import actor_of
from app.identity.models import Member
from app.identity.queries import member_by_email, members
from app.interviews import queries
from app.interviews.commands import conduct, invitations, kits
from app.interviews.models import Kit
from app.kernel.actor import Actor
from app.kernel.errors import Refused
from app.postings.commands import write_posting
from app.postings.models import Posting
from app.scorecards import queries as judgements
from app.scorecards.commands.reports import ask_for_report
from tenants.db import db
from tenants.names import is_slug
from tenants.registry import TenantRecord
from tenants.scope import tenant_scope
from tenants.work import unit_of_work

words = AppGroup("interviews", help="Interviews.")
PATIENCE_SECONDS = 180.0
T = TypeVar("T")


class RehearsalError(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@words.command("run")
@click.option("--tenant", "slug", required=True)
@click.option("--posting", "posting_file", required=True)
@click.option("--resume", "resume_file", required=True)
@click.option("--answers", "answers_file", required=True)
@click.option("--as", "email", help="Whose approval of the kit it is; the first admin's by default.")
def run(*, slug: str, posting_file: str, resume_file: str, answers_file: str, email: str | None) -> None:
    """A rehearsal: real database and workers, no letter, no decision; its result is an AI draft."""
    try:
        answers = _answers(answers_file)
        posting_text, resume_data = _posting_text(posting_file), _bytes(resume_file)
        tenant = registry().by_slug(slug) if is_slug(slug) else None
        if tenant is None or tenant.state != "active":
            raise RehearsalError("unknown-tenant", f"There is no active company {slug}.")  # noqa: TRY301
        with _workers():
            say(_Rehearsal(tenant, email).run(posting_text, (Path(resume_file).name, resume_data), answers))
    except RehearsalError as error:
        say(problem(error.code, str(error)))


class _Rehearsal:
    """Each step is a transaction of its own, as it would be in the browser."""

    def __init__(self, tenant: TenantRecord, email: str | None) -> None:
        self.tenant, self.email = tenant, email
        self.flags: list[dict[str, Any]] = []
        self.actor = Actor(kind="system", id=None, name="")

    @contextmanager
    def step(self) -> Iterator[None]:
        with tenant_scope(self.tenant), unit_of_work():
            yield

    def run(self, posting_text: str, resume: tuple[str, bytes], answers: list[tuple[str, str]]) -> dict[str, Any]:
        with self.step():
            member = self._member()
            self.actor = actor_of(member)
            posting_id = self._posting(member, posting_text).id
            resume_id = self._resume(*resume).id
        kit = self.wait("the interview kit", lambda: self._proposed(posting_id))
        self.wait("the resume's reading", lambda: self._read(resume_id))
        with self.step():
            interview_id = self._open(posting_id, resume_id)
        self._answer(interview_id, len(kit.questions), answers)
        with self.step():
            conduct.submit(conduct.lock(interview_id), by=self.actor)
        self.wait("the scores", lambda: self._scored(interview_id))
        with self.step():
            report_id = ask_for_report(interview_id, by=self.actor).id
        pdf = self.wait("the report", lambda: self._printed(report_id))
        with self.step():
            return self._result(interview_id, pdf)

    def wait(self, what: str, look: Callable[[], T | None]) -> T:
        """Look again every 50 ms, each time in a transaction of its own."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            with self.step():
                found = look()
            if found is not None:
                return found
            time.sleep(0.05)
        raise RehearsalError("too-slow", f"Waited {PATIENCE_SECONDS:.0f} seconds for {what} in vain.")

    def _member(self) -> Member:
        if self.email:
            found = member_by_email(self.email)
            if found is None:
                raise RehearsalError("unknown-member", f"Nobody at {self.tenant.slug} has the address {self.email}.")
            return found
        return next(m for m in sorted(members(), key=lambda m: (m.role != "admin", m.created_at)) if m.active)

    def _posting(self, member: Member, text: str) -> Posting:
        posting = write_posting(text=text, by=member, actor=self.actor)
        posting.rehearsal = True
        return posting

    def _resume(self, name: str, data: bytes) -> Resume:
        """The candidate's name comes out of the resume, so there is none yet."""
        storage = current_app.extensions["providers"].storage
        candidate = candidates.register(name="")
        db.session.flush()
        return candidates.keep_resume(candidate, file_name=name, data=data, storage=storage, by=self.actor)

    def _proposed(self, posting_id: uuid.UUID) -> Kit | None:
        kit = queries.kit_of(posting_id)
        posting = db.session.get_one(Posting, posting_id)
        if posting.analysis == "failed" or (kit and kit.state == "failed"):
            raise RehearsalError("kit", "No interview kit could be proposed for this job.")
        return kit

    def _read(self, resume_id: uuid.UUID) -> bool | None:
        resume = db.session.get_one(Resume, resume_id)
        if resume.state in {"unreadable", "failed"}:
            raise RehearsalError(resume.problem or resume.state, "The resume could not be read.")
        return True if resume.state == "read" else None

    def _open(self, posting_id: uuid.UUID, resume_id: uuid.UUID) -> uuid.UUID:
        kit = queries.kit_of(posting_id)
        assert kit is not None  # noqa: S101 -- it was there a moment ago
        kits.approve(kit, by=self.actor)
        resume = db.session.get_one(Resume, resume_id)
        self.flags += [{"code": f["code"], "page": f["page"], "text": f["text"]} for f in resume.flags]
        from app.candidates.queries import candidate

        application = apply(
            db.session.get_one(Posting, posting_id), candidate(resume.candidate_id), resume=resume,
            source="rehearsal", by=self.actor, rehearsal=True,
        )  # fmt: skip
        interview = invitations.open_interview(application, kit, by=self.actor, rehearsal=True)
        conduct.begin(interview, consented_to={"rehearsal": True}, by=self.actor)
        return interview.id

    def _answer(self, interview_id: uuid.UUID, questions: int, answers: list[tuple[str, str]]) -> None:
        for text, _ in answers[questions:]:
            self.flags.append({"code": "extra-answer", "page": None, "text": text[:200]})
        while True:
            with self.step():
                turn = queries.last_turn(interview_id)
                if turn is None or turn.state != "asked":
                    return
                text, follow_up = answers[turn.question] if turn.question < len(answers) else ("", "")
                conduct.answer(conduct.lock(interview_id), turn.number, follow_up if turn.follow_up else text)
            self.wait("the next question", lambda: queries.follow_up_settled(interview_id) or None)

    def _scored(self, interview_id: uuid.UUID) -> bool | None:
        return True if judgements.draft_of(queries.interview(interview_id)).state != "waiting" else None

    def _printed(self, report_id: uuid.UUID) -> str | None:
        report = judgements.report(report_id)
        if report.state == "waiting":
            return None
        if report.state == "failed" or report.storage_key is None:
            raise RehearsalError("report", report.problem or "The report could not be rendered.")
        pdf = current_app.extensions["providers"].storage.get(report.storage_key)
        return str(rehearsals.keep(current_app.extensions["settings"].data_dir, report_id, pdf))

    def _result(self, interview_id: uuid.UUID, pdf: str) -> dict[str, Any]:
        interview = queries.interview(interview_id)
        draft, names = judgements.draft_of(interview), {d["id"]: d for d in interview.plan["dimensions"]}
        for assessment in draft.assessments:
            self.flags += [{"code": f["code"], "page": None, "text": f["text"]} for f in assessment.flags]
        return {
            "marked": "AI draft",
            "dimensions": [
                {
                    "name": names[str(a.dimension_id)]["name"], "weight": names[str(a.dimension_id)]["weight"],
                    "level": a.level, "score": a.score, "reason": a.reason or a.problem,
                    "quotes": [{"text": e.text, "turn": e.turn_number} for e in a.evidence],
                }
                for a in draft.assessments
            ],
            "overall": draft.overall,
            "coverage": draft.covered / 100,
            "engine": next((a.engine for a in draft.assessments if a.engine), None),
            "flags": [dict(flag) for flag in {json.dumps(f, sort_keys=True): f for f in self.flags}.values()],
            "turns": [
                {"turn": t.number, "question": t.text, "answer": t.answer or ""}
                for t in queries.turns_of(interview_id)
            ],
            "pdf": pdf,
        }  # fmt: skip


@contextmanager
def _workers() -> Iterator[None]:
    """A relay and a worker of our own for as long as it takes; others may run beside them."""
    process = subprocess.Popen([sys.executable, "-m", "jobs", "all"], stdout=sys.stderr)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _bytes(file: str) -> bytes:
    try:
        return Path(file).read_bytes()
    except OSError as error:
        raise RehearsalError("missing", f"{file}: {error.strerror}") from error


def _posting_text(file: str) -> str:
    """Text as it is; a PDF or DOCX through the same reader as resumes."""
    data = _bytes(file)
    try:
        text: str = current_app.extensions["providers"].reader.document(data, name=Path(file).name).text
    except Refused as error:
        raise RehearsalError(error.code, f"{file} could not be read.") from error
    return text


def _answers(file: str) -> list[tuple[str, str]]:
    """Each entry: text, or {answer, follow_up}; as (answer, answer to a follow-up)."""
    try:
        entries = json.loads(_bytes(file))
    except ValueError as error:
        raise RehearsalError("not-json", f"{file} is not JSON.") from error
    if not isinstance(entries, list):
        raise RehearsalError("not-a-list", f"{file} must hold a list of answers.")
    return [_entry(entry, number, file) for number, entry in enumerate(entries, start=1)]


def _entry(entry: Any, number: int, file: str) -> tuple[str, str]:
    if isinstance(entry, str):
        return entry, ""
    if isinstance(entry, dict):
        answer, follow_up = entry.get("answer", ""), entry.get("follow_up", "")
        if isinstance(answer, str) and isinstance(follow_up, str):
            return answer, follow_up
    raise RehearsalError("bad-answer", f"{file}: entry {number} must be text, or have answer and follow_up as text.")
