"""Which fact starts which tasks. A task gets those fields of the event that are named here, as its arguments."""

REACTIONS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "posting.analysis_asked": (("postings.analyse", ("posting_id",)),),
    "posting.analysed": (
        ("interviews.propose_kit", ("posting_id",)),
        ("applications.match_posting", ("posting_id",)),
        ("postings.find_by_meaning", ("posting_id",)),
    ),
    "posting.changed": (("applications.match_posting", ("posting_id",)), ("postings.find_by_meaning", ("posting_id",))),
    "interview.kit_asked": (("interviews.propose_kit", ("posting_id",)),),
    "interview.questions_asked": (("interviews.propose_questions", ("application_id", "asking_id")),),
    "interview.likes_asked": (
        ("interviews.understand", ("posting_id",)),
        ("interviews.find_by_meaning", ("posting_id",)),
    ),
    "resume.uploaded": (("candidates.read_resume", ("resume_id",)),),
    "resume.scan_asked": (("candidates.scan_resume", ("resume_id",)),),
    "resume.delete_asked": (("candidates.delete_file", ("resume_id",)),),
    "resume.read": (
        ("applications.note_resume", ("resume_id",)),
        ("candidates.find_alike", ("candidate_id",)),
        ("candidates.find_by_meaning", ("resume_id",)),
    ),
    "resume.passages_asked": (("candidates.find_by_meaning", ("resume_id",)),),
    "search.asked": (("candidates.understand", ("search_id",)),),
    "candidate.corrected": (("candidates.find_alike", ("candidate_id",)),),
    "candidate.merged": (("candidates.find_alike", ("candidate_id",)),),
    "candidate.parted": (("candidates.find_alike", ("candidate_id",)),),
    "candidate.applied": (
        ("applications.confirm", ("application_id",)),
        ("applications.match", ("application_id",)),
    ),
    "application.match_asked": (("applications.match", ("application_id",)),),
    "interview.follow_up_asked": (("interviews.follow_up", ("turn_id",)),),
    "interview.completed": (("scorecards.open", ("interview_id",)),),
    "assessment.asked": (("scorecards.judge", ("assessment_id",)),),
    "report.asked": (("scorecards.render_report", ("report_id",)),),
    "erasure.begun": (("privacy.destroy", ("erasure_id",)),),
    "mail.written": (("letters.send", ("mail_id",)),),
}
