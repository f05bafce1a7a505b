"""What the log says, in the language of the page: for each action that is noted a sentence without its subject."""

from datetime import UTC

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.audit.models import AuditEntry

TOLD_BY = {"applications.decide": "verdict", "identity.set_active": "active"}  # what of `data` says which sentence

WHAT: dict[str, LazyString] = {
    "applications.add_note": _("Wrote a note"),
    "applications.apply": _("Applied for a job"),
    "applications.decide.advance": _("Decided: goes on"),
    "applications.decide.hold": _("Decided: on hold"),
    "applications.decide.reject": _("Decided: rejected"),
    "applications.decide.hire": _("Decided: hired"),
    "applications.download": _("Downloaded a list of applicants"),
    "applications.move": _("Moved applicants to another stage"),
    "applications.reject": _("Rejected applicants"),
    "applications.undo": _("Took a move or a rejection back"),
    "applications.withdraw": _("Withdrew an application"),
    "audit.download_log": _("Downloaded the log"),
    "audit.download_outputs": _("Downloaded what engines made"),
    "audit.print_outputs": _("Printed what engines made"),
    "backup.restore": _("Restored the company from a backup"),
    "billing.set_budget": _("Set the budget for language models"),
    "candidates.come_in": _("Gave their name and how to reach them"),
    "candidates.correct": _("Corrected what is known of a candidate"),
    "candidates.delete_file": _("Deleted a file"),
    "candidates.download": _("Downloaded a list of candidates"),
    "candidates.download_original": _("Downloaded an original file"),
    "candidates.find_infected": _("Found a virus in a file"),
    "candidates.forget_search": _("Forgot a saved search"),
    "candidates.keep_resume": _("Kept a resume"),
    "candidates.merge": _("Merged two candidates into one"),
    "candidates.part": _("Took a merge apart"),
    "candidates.read_again": _("Had a resume read again"),
    "candidates.tell_apart": _("Said that two candidates are not the same person"),
    "identity.add_member": _("Added a member"),
    "identity.set_active.True": _("Let a member in again"),
    "identity.set_active.False": _("Locked a member out"),
    "identity.sign_in": _("Signed in"),
    "identity.sign_out": _("Signed out"),
    "identity.sign_out_everywhere": _("Signed out everywhere"),
    "identity.write_password_link": _("Made a link for a new password"),
    "interviews.approve_kit": _("Approved an interview kit"),
    "interviews.ask_for_help": _("Asked for help with an interview"),
    "interviews.ask_for_kit": _("Asked for a proposed interview kit"),
    "interviews.ask_for_questions": _("Asked for questions for one person"),
    "interviews.begin": _("Began an interview"),
    "interviews.cancel": _("Cancelled an interview"),
    "interviews.edit_kit": _("Changed an interview kit"),
    "interviews.extend": _("Gave more time for an interview"),
    "interviews.open": _("Invited to an interview"),
    "interviews.remind_now": _("Sent a reminder of an interview"),
    "interviews.revoke_link": _("Ended the link to an interview"),
    "interviews.send_new_link": _("Sent a new link to an interview"),
    "interviews.settle_help": _("Settled a wish for help"),
    "interviews.submit": _("Sent an interview in"),
    "keys.rotate_company": _("Changed the company's key"),
    "letters.send_again": _("Had a letter sent again"),
    "operations.run_again": _("Had failed work run again"),
    "operations.run_all_again": _("Had all failed work of a kind run again"),
    "postings.ask_for_analysis": _("Had a job's text read"),
    "postings.closed": _("Closed a job"),
    "postings.edit": _("Changed a job"),
    "postings.edit_stages": _("Changed a job's stages"),
    "postings.published": _("Published a job"),
    "postings.seat": _("Put a member on a hiring team"),
    "postings.unseat": _("Took a member off a hiring team"),
    "postings.write": _("Wrote a job"),
    "privacy.erase": _("Erased a person"),
    "privacy.forget_again": _("Erased a person again, after a restore"),
    "scorecards.ask": _("Asked somebody for a scorecard"),
    "scorecards.ask_for_report": _("Asked for a report as PDF"),
    "scorecards.download_report": _("Downloaded a report"),
    "scorecards.judge_again": _("Had a draft of a rating made again"),
    "scorecards.submit": _("Sent a scorecard in"),
    "story.begun": _("Began to fill the demo"),
    "story.told": _("Filled the demo"),
    "tenants.export": _("Exported the company"),
    "tenants.leave_region": _("Moved the company to another region"),
    "workspace.change": _("Changed the company's settings"),
    "workspace.open": _("Opened the company"),
}

ON: dict[str, LazyString] = {
    "ai_output": _("What engines made"),
    "application": _("Application"),
    "assessment": _("Draft of a rating"),
    "batch": _("Several applicants"),
    "candidate": _("Candidate"),
    "candidates": _("Candidates"),
    "interview": _("Interview"),
    "kit": _("Interview kit"),
    "log": _("Log"),
    "mail": _("Letter"),
    "member": _("Member"),
    "posting": _("Job"),
    "resume": _("Resume"),
    "scorecard": _("Scorecard"),
    "sign_in": _("Sign-in"),
    "task": _("Work in the background"),
    "tenant": _("Company"),
    "workspace": _("Company"),
}  # fmt: skip

SHEET = (_("Number"), _("When"), _("Who"), _("What"), _("On what"), _("As it is kept"), _("Digest"))


def what(entry: AuditEntry) -> LazyString | str:
    """An action that a newer version noted, or a demo's own, stands as it is."""
    told = entry.data.get(TOLD_BY.get(entry.action, ""))
    return WHAT.get(f"{entry.action}.{told}") or WHAT.get(entry.action) or entry.action


def on_what(entry: AuditEntry) -> LazyString | str:
    return ON.get(entry.target_kind) or entry.target_kind


def cells(entry: AuditEntry) -> list[str]:
    """In words; and what its digest is made of, so that a file of all entries proves the chain.

    The same JSON, but for semicolons, behind which a sheet would get apostrophes that nobody noted.
    """
    kept = entry.canonical().replace(";", r"\u003b")
    return [
        str(entry.number), entry.at.astimezone(UTC).isoformat(), entry.actor_name or str(entry.actor_id or ""),
        str(what(entry)), str(on_what(entry)), kept, entry.digest.hex(),
    ]  # fmt: skip
