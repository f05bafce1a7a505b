"""A person decides with the evidence in front of them. The decision moves nobody on; moving is a step of its own."""

from app.applications.commands import decide as decide_on
from app.applications.commands import move
from app.applications.enums import ApplicationState, Verdict
from app.applications.models import Decision
from app.interviews.models import Interview
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.kernel.sentences import sentence
from app.postings.models import Stage


def decide(
    interview: Interview, *, verdict: Verdict, reason: str, by: Actor, expected_version: int | None = None
) -> Decision:
    """On the application that the interview belongs to.

    Raises Conflict once it is over, and where it is not what the person looked at: somebody may have decided since.
    """
    if expected_version is not None and interview.application.version != expected_version:
        raise Conflict(sentence("Somebody else decided or changed this meanwhile. Look at it again before you decide."))
    if interview.application.state != ApplicationState.ACTIVE:
        raise Conflict(sentence("This application is over already, so there is nothing left to decide."))
    return decide_on(interview.application, verdict=verdict, reason=reason, by=by)


def move_on(interview: Interview, stage: Stage | None, *, by: Actor) -> None:
    """To the next stage, when a person says so."""
    if stage is None or interview.application.state != ApplicationState.ACTIVE:
        raise Conflict(sentence("There is no next stage to move to: this one is the last, or the application is over."))
    move([interview.application], stage, by=by)
