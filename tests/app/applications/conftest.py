"""A published job of alpha, on whose team Hugo sits, and a way to let people apply to it."""

from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import actor_of
from app.kernel.actor import SYSTEM
from app.postings.commands import publish, seat, write_posting
from app.postings.models import Posting
from app.postings.queries import stages_of
from tenants.db import db


@dataclass(frozen=True)
class Job:
    id: object
    stages: list

    @property
    def board(self):
        return f"/jobs/{self.id}/board"

    @property
    def list(self):
        return f"/jobs/{self.id}/list"

    @property
    def bulk(self):
        return f"/jobs/{self.id}/bulk"


@pytest.fixture
def job(alpha, cast, in_tenant):
    with in_tenant(alpha):
        posting = write_posting(text="Line cook\nMust have knife skills.", by=cast.rita, actor=actor_of(cast.rita))
        posting.title, posting.must_have = "Line cook", ["Knife skills", "Food hygiene"]
        publish(posting, by=actor_of(cast.rita))
        seat(posting, cast.hugo, by=actor_of(cast.rita))
        return Job(posting.id, [stage.id for stage in stages_of(posting.id)])


@pytest.fixture
def applied(alpha, job, in_tenant):
    """applied("Asha Kulkarni", …) -> the ids of their applications, in that order."""

    def enter(*names):
        with in_tenant(alpha):
            posting = db.session.get_one(Posting, job.id)
            people = [register(name=name, email=f"{name.split()[0].lower()}@example.org") for name in names]
            return [apply(posting, person, resume=None, source="careers", by=SYSTEM).id for person in people]

    return enter


@pytest.fixture
def found(alpha, in_tenant):
    """found(Model, id): the row as it stands now."""

    def look(model, identifier):
        with in_tenant(alpha):
            return db.session.get_one(model, identifier)

    return look


@pytest.fixture
def by_rita(alpha, cast, in_tenant):
    """with by_rita() as rita: verbs of hers, in a unit of work."""

    @contextmanager
    def work():
        with in_tenant(alpha):
            yield actor_of(cast.rita)

    return work
