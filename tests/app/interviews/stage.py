"""An opening, its approved kit, and Cara, who applies: what every test of interviews begins with."""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime

from app.applications.commands import apply
from app.applications.models import Application
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.interviews import queries
from app.interviews.commands import conduct, invitations, kits
from app.interviews.models import Interview
from app.kernel.actor import Actor
from app.letters import queries as letters
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import write_posting
from app.postings.models import Posting
from tenants.db import db

SITE = "http://alpha.localhost:8000"
CARA = Actor(kind="candidate", id=None, name="Cara")
QUESTIONS = (
    "Tell us about a time a patient's condition changed quickly. What did you do first?",
    "How do you hand over a ward at the end of a night?",
    "Why do you want to work with us?",
)


def proposal(questions=QUESTIONS) -> KitProposal:
    dimension = ProposedDimension("Care", "Sees what matters first.", 100, ("none", "some", "most", "all of it"))
    asked = tuple(ProposedQuestion(text, 3, "experience", ("Care",), "acts, checks, tells") for text in questions)
    return KitProposal((dimension,), asked)


@dataclass(frozen=True)
class Stage:
    """The ids of what is there, and the candidate's key."""

    posting: uuid.UUID
    application: uuid.UUID
    interview: uuid.UUID
    token: str

    @property
    def path(self) -> str:
        return f"/i/{self.token}"


def opening(member, *, questions=QUESTIONS, limited=False, approved=True) -> Posting:
    actor = actor_of(member)
    posting = write_posting(text="Staff nurse, night shift\n\nCare for twelve beds.", by=member, actor=actor)
    kit = kits.take_proposal(posting.id, proposal(questions), engine="by hand", language="en")
    for question in kit.questions:
        question.limited = limited
    db.session.flush()
    if approved:
        kits.approve(kit, by=actor)
    return posting


def applicant(posting: Posting, *, name="Cara Diaz", email="cara@people.example", language="en") -> Application:
    candidate = register(name=name, email=email, language=language)
    return apply(posting, candidate, resume=None, source="careers", by=CARA)


def invite(application_id: uuid.UUID, member, vault, *, deadline: datetime | None = None) -> Interview:
    from app.applications.queries import application

    found = application(application_id)
    kit = queries.kit_of(found.posting_id)
    return invitations.invite(found, kit, by=actor_of(member), site=SITE, vault=vault, deadline=deadline)


def link_in_last_letter(application_id: uuid.UUID, vault) -> str:
    """The token as the candidate reads it: it is stored nowhere else."""
    mail = [m for m in letters.mail_about(application_id) if m.kind == "interview_invitation"][-1]
    return re.search(r"/i/([\w-]+)", letters.opened(mail, vault)["text"])[1]


def answer(interview_id: uuid.UUID, number: int, text: str) -> bool:
    return conduct.answer(conduct.lock(interview_id), number, text)
