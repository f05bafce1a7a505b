"""The story's pieces: what it promises, and the files that its people send."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from app.adapters.local.reading import LocalReader
from app.ports.reading import Unreadable
from jobs.story.answers import best_answer, edited
from jobs.story.companies import Talk, all_companies, answers, company
from jobs.story.resumes import file_of
from jobs.story.timeline import timeline
from jobs.story.verbs import Teller, address_of

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def everybody():
    return [person for told in all_companies() for person in told.people]


def one(name):
    return next(person for person in everybody() if person.name == name)


def test_story_has_two_companies_with_enough_in_them():
    assert [len(told.postings) >= 3 for told in all_companies()] == [True, True]
    assert [len(told.people) >= 20 for told in all_companies()] == [True, True]
    assert len({person.city for person in everybody()}) > 25
    assert {cast.role for cast in all_companies()[0].members} == {"admin", "recruiter", "hiring_manager", "interviewer"}


def test_story_shows_interviews_in_every_state():
    states = Counter(person.talk.state for person in everybody() if person.talk)
    assert set(states) == {"invited", "started", "paused", "submitted", "expired", "cancelled"}
    assert any(person.talk and person.talk.help for person in everybody())


def test_everybodys_address_is_their_own():
    addresses = [address_of(person) for person in everybody()]
    assert len(set(addresses)) == len(addresses)
    assert all(address.isascii() for address in addresses)


def test_scorecards_rate_every_criterion_and_belong_to_members():
    for told in all_companies():
        members = {cast.email for cast in told.members}
        for person in told.people:
            assert {card.by for card in person.cards} <= members
            assert all(len(card.levels) == 5 for card in person.cards)


def test_timeline_is_in_order_and_over_by_now():
    for told in all_companies():
        steps = timeline(told, Teller(told, None), NOW)
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert all(step.at <= NOW for step in steps)


def test_answer_follows_the_persons_letters():
    sunita = one("Sunita Gaikwad")
    question = "Describe a patient who refused care. How did you deal with it?"
    assert best_answer(sunita, 0, question, further=False) == answers("nurse")[0].a
    assert best_answer(sunita, 0, question, further=True) == answers("nurse")[0].follow_up
    weak = sunita.model_copy(update={"talk": Talk(state="submitted", answers="d.")})
    assert best_answer(weak, 0, question, further=False) == answers("nurse")[0].d
    assert best_answer(weak, 0, question, further=True) == ""
    assert best_answer(weak, 1, question, further=False) == ""


def test_edited_question_begins_like_the_proposed_one():
    edits = next(opening.edits for opening in company("kaveri").postings if opening.key == "nurse")
    assert edited("How do you use intensive care in your work?", edits).startswith("A ventilated patient")
    assert edited("Describe a patient who refused care.", edits) is None


@pytest.mark.parametrize(
    "name", ["Sunita Gaikwad", "Thomas Mathew", "Priyanka Salunkhe", "Joseph D'Souza", "सुनंदा कांबळे"]
)
def test_resume_reads_back_with_name_and_address(name):
    person = one(name)
    file_name, data = file_of(person, address_of(person))
    read = LocalReader().resume(LocalReader().document(data, name=file_name), as_of=NOW.date())
    assert read["basics"]["email"] == address_of(person)
    assert read["basics"]["name"] == person.name


@pytest.mark.parametrize(("name", "code"), [("Rekha Jadhav", "locked"), ("Tenzin Dolma", "image-only")])
def test_unreadable_resume_says_why(name, code):
    file_name, data = file_of(one(name), address_of(one(name)))
    with pytest.raises(Unreadable) as why:
        LocalReader().document(data, name=file_name)
    assert why.value.code == code


def test_hidden_text_in_a_resume_is_flagged():
    file_name, data = file_of(one("Daniel Hrubý"), address_of(one("Daniel Hrubý")))
    document = LocalReader().document(data, name=file_name)
    assert "hidden-text" in {flag.code for flag in document.flags}
    assert "Kubernetes, Kafka, Rust" not in document.text
