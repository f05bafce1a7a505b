"""Originals, and pictures of their pages, are shut until somebody looked for viruses in them, where anybody does."""

from datetime import timedelta

from flask import Response, current_app
from flask_babel import gettext as _

from app.candidates.access import may_be_opened
from app.candidates.commands.scanning import ask_for_scan
from app.candidates.models import Resume
from app.web.errors import answer_locked

SOON = timedelta(seconds=20)


def opens(resume: Resume) -> bool:
    return may_be_opened(resume, scanned_here=current_app.extensions["providers"].scanner is not None)


def opens_soon(resume: Resume) -> bool:
    """Whether it opens now; of one that nobody has looked at, a scan is asked for. Its reading asks by itself."""
    if opens(resume):
        return True
    if resume.state != "waiting" and resume.scan != "failed":
        ask_for_scan(resume)
    return False


def answer_shut(resume: Resume) -> Response:
    if resume.file_deleted_at is not None:
        return answer_locked(
            _("This file was deleted. A virus scanner had found %(found)s in it.", found=resume.scan_found)
        )
    if resume.scan == "infected":
        return answer_locked(
            _("A virus scanner found %(found)s in this file, so nobody can open it here.", found=resume.scan_found)
        )
    if resume.scan == "failed" and resume.state != "waiting":
        return answer_locked(_("This file could not be checked for viruses, so it is not given out. Read it again."))
    return answer_locked(_("This file is being checked for viruses. Try again in a minute."), after=SOON)
