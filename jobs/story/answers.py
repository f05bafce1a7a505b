"""Which of the prepared answers fits a question: the one whose question shares most words with it."""

import re

from jobs.story.companies import Answer, Person, answers

GOOD = frozenset("ab")


def best_answer(person: Person, number: int, question: str, *, further: bool) -> str:
    """What this person says: as good as their letters say, or their own words where the story has some."""
    assert person.talk is not None  # noqa: S101 -- only asked of those who talk
    letter = person.talk.answers[number]
    if letter == "." or (further and letter not in GOOD):
        return ""
    if not further and str(number + 1) in person.talk.extra:
        return person.talk.extra[str(number + 1)]
    found = _nearest(person.opening, question)
    if further:
        return found.follow_up
    said: str = getattr(found, letter) or found.a
    return said


def edited(question: str, edits: dict[str, str]) -> str | None:
    """The new wording of a proposed question, by the words that it begins with."""
    return next((wording for start, wording in edits.items() if question.startswith(start)), None)


def _nearest(opening: str, question: str) -> Answer:
    asked = _words(question)
    return max(answers(opening), key=lambda one: len(asked & _words(one.question)) / len(asked | _words(one.question)))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))
