"""Where an application stands, in words for the one who applied."""

from flask_babel import gettext as _

from app.applications.enums import ApplicationState, NextThing
from app.applications.models import Application

OVER = {ApplicationState.REJECTED, ApplicationState.WITHDRAWN, ApplicationState.HIRED}


def in_words(application: Application) -> str:
    """One or two sentences; nothing in them judges."""
    if application.state in OVER:
        return _ended(application)
    if application.next_thing in {NextThing.SCORING, NextThing.SCORECARD_DUE, NextThing.TO_DECIDE}:
        return str(_("Your answers have arrived. A person reads them and decides; no machine does."))
    if application.next_thing == NextThing.HELP_WANTED:
        return str(
            _("You asked for help with your interview. A person will answer you; until then its clock stands still.")
        )
    if application.next_thing in {NextThing.INVITED, NextThing.IN_INTERVIEW}:
        return str(_("Your interview is open. Use the link in the letter we sent you for it."))
    if application.next_thing == NextThing.OVERDUE:
        return str(_("The time for your interview has ended. If you still want to take it, write to us."))
    return str(_("Your application is with us. A person will look at it."))


def _ended(application: Application) -> str:
    if application.state == ApplicationState.WITHDRAWN:
        return str(_("You have withdrawn your application. There is nothing more to do."))
    if application.state == ApplicationState.HIRED:
        return str(_("We would like to work with you. We will write to you about what comes next."))
    return str(_("We have decided not to go on with your application. You can ask us for the reason."))
