"""Three weeks as a list of steps: who does what when, in the order of time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from jobs.story.companies import Company, Opening, Person
from jobs.story.verbs import Teller

SUBMITTED = frozenset({"submitted"})


@dataclass(frozen=True)
class Step:
    at: datetime
    says: str
    do: Callable[[], None]


def timeline(company: Company, teller: Teller, now: datetime) -> list[Step]:
    steps = [step for opening in company.postings for step in _opening(teller, opening, now)]
    steps += [step for number, person in enumerate(company.people) for step in _person(teller, person, number, now)]
    steps += [_night(teller, now - timedelta(days=days, hours=1)) for days in (9, 6, 4, 3, 2, 1, 0)]
    return sorted(steps, key=lambda step: step.at)


def _night(teller: Teller, at: datetime) -> Step:
    return Step(at, "deadlines and reminders", lambda: teller.stage.night(at))


def _opening(teller: Teller, opening: Opening, now: datetime) -> Iterator[Step]:
    at = now - timedelta(days=opening.day, hours=3)
    yield Step(at, f"writes a job: {opening.key}", partial(teller.write, opening, at))
    if opening.state == "draft":
        return
    approved = at + timedelta(minutes=25)
    yield Step(approved, f"approves the kit: {opening.key}", partial(teller.approve, opening, approved))
    published = at + timedelta(minutes=30)
    yield Step(published, f"publishes a job: {opening.key}", partial(teller.publish, opening, published))
    if opening.state == "closed":
        closed = now - timedelta(days=5)
        yield Step(closed, f"closes a job: {opening.key}", partial(teller.close, opening, closed))


def _person(teller: Teller, person: Person, number: int, now: datetime) -> Iterator[Step]:
    """Applies on their day; what follows comes in the days after it, at an hour of their own."""
    first = now - timedelta(days=person.day) - timedelta(minutes=17 * (number % 13))

    def step(days: float, says: str, do: Callable[[datetime], None]) -> Step:
        at = first + timedelta(days=days)
        return Step(at, says, lambda: do(at))

    yield step(0, f"{person.name} applies", partial(teller.apply, person))
    if person.stage or person.talk:
        yield step(0.8, f"{person.name} is reviewed", partial(teller.move, person, "review"))
    if person.note:
        yield step(0.9, f"a note on {person.name}", partial(teller.note, person))
    if person.talk:
        yield from _talk(teller, person, first, now)
    if person.decided:
        yield step(4.5, f"{person.name} is decided on", partial(teller.decide, person))
    if person.stage and person.stage != "review":
        yield step(4.4, f"{person.name} moves on", lambda at: teller.move(person, person.stage, at))
    if person.rejected:
        yield step(1.4, f"{person.name} is rejected", partial(teller.reject, person))
    if person.withdrawn:
        yield step(2.4, f"{person.name} withdraws", partial(teller.withdraw, person))


def _talk(teller: Teller, person: Person, first: datetime, now: datetime) -> Iterator[Step]:
    talk = person.talk
    assert talk is not None  # noqa: S101 -- only called for those who talk
    invited, began = first + timedelta(days=1.2), first + timedelta(days=2.3)
    if talk.state == "started" and not talk.help:
        began = now - timedelta(minutes=12)  # in the middle of it when the browser opens
    days = 3.0 if talk.state == "expired" else 7.0

    def invite() -> None:
        teller.move(person, "interview", invited)
        teller.invite(person, invited + timedelta(minutes=2), days=days)

    yield Step(invited, f"{person.name} is invited", invite)
    if talk.answers:
        yield Step(began, f"{person.name} answers", partial(_answers, teller, person, began))
    if talk.help:
        wished = began + timedelta(hours=1)
        kind, _, text = talk.help.partition(": ")
        yield Step(
            wished, f"{person.name} asks for help", lambda: teller.ask_for_help(person, wished, kind=kind, text=text)
        )
    if talk.state == "cancelled":
        yield Step(began, f"{person.name}'s interview is cancelled", partial(teller.cancel, person, began))
    for number, card in enumerate(person.cards):
        at = first + timedelta(days=3.4, minutes=50 * number)
        yield Step(at, f"a scorecard on {person.name}", partial(teller.card, person, card, at))


def _answers(teller: Teller, person: Person, at: datetime) -> None:
    assert person.talk is not None  # noqa: S101 -- only called for those who talk
    teller.begin(person, at)
    teller.answer(person)
    if person.talk.state == "paused":
        teller.pause(person)
    if person.talk.state in SUBMITTED:
        teller.submit(person)
        teller.move(person, "scorecards", teller.stage.now + timedelta(minutes=5))
