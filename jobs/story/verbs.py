"""What people do in the story, in the product's own verbs."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.applications import commands as applications
from app.applications.enums import Verdict
from app.applications.models import Application
from app.applications.queries import application
from app.candidates import commands as candidates
from app.interviews import queries as interviews
from app.interviews.commands import adjustments, conduct, invitations, kits
from app.interviews.enums import HelpKind
from app.interviews.models import Kit, Turn
from app.kernel.actor import Actor
from app.postings import commands as postings
from app.postings.models import Posting
from app.postings.queries import posting, stage_of_kind
from app.scorecards.access import own_scorecard
from app.scorecards.commands import scorecards
from app.scorecards.enums import Level, Overall
from jobs.story.answers import best_answer, edited
from jobs.story.companies import Card, Company, Opening, Person
from jobs.story.resumes import file_of
from jobs.story.stage import Stage, acting, member
from tenants.db import db
from tenants.site import site_url

MINUTES_PER_ANSWER = 3.5


@dataclass
class Teller:
    """Knows who is who: openings by their key, applications and interviews by the person's name."""

    company: Company
    stage: Stage
    openings: dict[str, uuid.UUID] = field(default_factory=dict)
    applications: dict[str, uuid.UUID] = field(default_factory=dict)
    interviews: dict[str, uuid.UUID] = field(default_factory=dict)

    @property
    def recruiter(self) -> str:
        return next(cast.email for cast in self.company.members if cast.role == "recruiter")

    def write(self, opening: Opening, at: datetime) -> None:
        with self.stage.step(at):
            author = member(self.recruiter)
            written = postings.write_posting(text=opening.text, by=author, actor=acting(self.recruiter))
            for email in opening.team:
                postings.seat(written, member(email), by=acting(self.recruiter))
            self.openings[opening.key] = written.id

    def approve(self, opening: Opening, at: datetime) -> None:
        """Whoever hires reads the proposed kit, rewords a question or two, and takes responsibility."""
        with self.stage.step(at):
            kit = self._kit(opening.key)
            for question in kit.questions:
                wording = edited(question.text, opening.edits)
                if wording:
                    kits.edit_question(kit, question, by=acting(opening.team[0]), text=wording)
            kits.approve(kit, by=acting(opening.team[0]))

    def publish(self, opening: Opening, at: datetime) -> None:
        with self.stage.step(at):
            postings.publish(self._posting(opening.key), by=acting(self.recruiter))

    def close(self, opening: Opening, at: datetime) -> None:
        with self.stage.step(at):
            postings.close(self._posting(opening.key), by=acting(self.recruiter))

    def apply(self, person: Person, at: datetime) -> None:
        """By the careers page: a name, an address, a file."""
        email = address_of(person)
        name, data = file_of(person, email)
        with self.stage.step(at):
            candidate = candidates.register(
                name=person.name, email=email, phone=person.phone or None, language=person.language
            )
            db.session.flush()
            applicant = Actor(kind="candidate", id=candidate.id, name=person.name)
            storage = self.stage.providers.storage
            resume = candidates.keep_resume(candidate, file_name=name, data=data, storage=storage, by=applicant)
            applied = applications.apply(
                self._posting(person.opening), candidate, resume=resume, source="careers", by=applicant
            )
            self.applications[person.name] = applied.id

    def move(self, person: Person, kind: str, at: datetime) -> None:
        with self.stage.step(at):
            found, goal = self._application(person), stage_of_kind(self.openings[person.opening], kind)
            if goal is not None and found.stage_id != goal.id:
                applications.move([found], goal, by=acting(self.recruiter))

    def note(self, person: Person, at: datetime) -> None:
        author = self._opening(person).team[0]
        with self.stage.step(at):
            applications.add_note(
                self._application(person), author_id=member(author).id, text=person.note, by=acting(author)
            )

    def reject(self, person: Person, at: datetime) -> None:
        with self.stage.step(at):
            applications.reject([self._application(person)], reason=person.rejected, by=acting(self.recruiter))

    def withdraw(self, person: Person, at: datetime) -> None:
        with self.stage.step(at):
            found = self._application(person)
            applications.withdraw(found, by=self._applicant(found))

    def invite(self, person: Person, at: datetime, *, days: float) -> None:
        with self.stage.step(at):
            opened = invitations.invite(
                self._application(person), self._kit(person.opening), by=acting(self.recruiter), site=site_url(),
                vault=self.stage.providers.vault, deadline=at + timedelta(days=days),
            )  # fmt: skip
            self.interviews[person.name] = opened.id

    def begin(self, person: Person, at: datetime) -> None:
        with self.stage.step(at):
            interview = conduct.lock(self.interviews[person.name])
            agreed = {"recorded": True, "scored": True}
            conduct.begin(interview, consented_to=agreed, by=self._applicant(interview.application))

    def answer(self, person: Person) -> None:
        """One answer after the other, as far as the person's letters go; follow-ups are answered as well."""
        assert person.talk is not None  # noqa: S101 -- only called for those who talk
        while True:
            self.stage.wait(MINUTES_PER_ANSWER)
            with self.stage.step():
                turn = interviews.last_turn(self.interviews[person.name])
                if turn is None or turn.state != "asked" or turn.question >= len(person.talk.answers):
                    return
                interview = conduct.lock(turn.interview_id)
                asked = interview.plan["questions"][turn.question]["text"]
                conduct.answer(
                    interview, turn.number, best_answer(person, turn.question, asked, further=turn.follow_up)
                )

    def pause(self, person: Person) -> None:
        with self.stage.step():
            conduct.pause(conduct.lock(self.interviews[person.name]))

    def submit(self, person: Person) -> None:
        with self.stage.step():
            interview = conduct.lock(self.interviews[person.name])
            conduct.submit(interview, by=self._applicant(interview.application))

    def ask_for_help(self, person: Person, at: datetime, *, kind: str, text: str) -> None:
        with self.stage.step(at):
            interview = conduct.lock(self.interviews[person.name])
            adjustments.ask_for_help(
                interview, kind=HelpKind(kind), text=text, by=self._applicant(interview.application), site=site_url(),
                vault=self.stage.providers.vault,
            )  # fmt: skip

    def cancel(self, person: Person, at: datetime) -> None:
        with self.stage.step(at):
            invitations.cancel(conduct.lock(self.interviews[person.name]), by=acting(self.recruiter))

    def card(self, person: Person, card: Card, at: datetime) -> None:
        """A colleague reads the transcript, rates each criterion, pins the words it rests on, and submits."""
        with self.stage.step(at):
            interview = interviews.interview(self.interviews[person.name])
            scorecards.ask_for_scorecard(interview, member(card.by).id, by=acting(self.recruiter))
            found = own_scorecard(member(card.by), interview.id)
            assert found is not None  # noqa: S101 -- asked for a moment ago
            turns = interviews.turns_of(interview.id)
            known = {uuid.UUID(dimension["id"]) for dimension in interview.plan["dimensions"]}
            for dimension, level in zip(interview.plan["dimensions"], card.levels, strict=True):
                given = None if level == "-" else Level(level)
                rating = scorecards.rate(found, uuid.UUID(dimension["id"]), level=given, note="", dimensions=known)
                for turn, words in _worth_pinning(interview.plan["questions"], dimension["id"], turns):
                    scorecards.pin(found, rating, turn, words)
            scorecards.write_overall(found, verdict=Overall(card.verdict), note=card.note)
            scorecards.submit(found, interview, by=acting(card.by))

    def decide(self, person: Person, at: datetime) -> None:
        assert person.decided is not None  # noqa: S101 -- only called for those who are decided on
        with self.stage.step(at):
            applications.decide(
                self._application(person), verdict=Verdict(person.decided.verdict), reason=person.decided.reason,
                by=acting(person.decided.by),
            )  # fmt: skip

    def _opening(self, person: Person) -> Opening:
        return next(one for one in self.company.postings if one.key == person.opening)

    def _posting(self, key: str) -> Posting:
        return posting(self.openings[key])

    def _kit(self, key: str) -> Kit:
        kit = interviews.kit_of(self.openings[key])
        if kit is None:
            raise LookupError(f"{key} has no kit")
        return kit

    def _application(self, person: Person) -> Application:
        return application(self.applications[person.name])

    def _applicant(self, found: Application) -> Actor:
        return Actor(kind="candidate", id=found.candidate_id, name=found.candidate.name)


def _worth_pinning(questions: list[dict[str, Any]], dimension: str, turns: list[Turn]) -> list[tuple[Turn, str]]:
    """The first sentence of the first answer that was asked for this criterion."""
    said = [turn for turn in turns if dimension in questions[turn.question]["dimensions"] and turn.answer]
    return [(turn, (turn.answer or "").split(". ")[0][:160]) for turn in said[:1]]


def address_of(person: Person) -> str:
    return person.email or person.name.lower().replace("'", "").replace(" ", ".") + "@mail.example"
