"""A machine whose clock is five minutes off does its work as the others do: all go by the database's clock."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.adapters import timekeeping
from app.applications.commands import apply
from app.candidates.commands import register
from app.identity.commands import PASSWORD_LINK_FOR, actor_of, write_password_link
from app.identity.models import PasswordLink
from app.kernel import clock
from app.kernel.ids import token_digest
from app.postings.commands import write_posting
from jobs.ledger import TaskRow
from tenants.db import db
from tests.chaos.processes import Person, answers, free_port, until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chaos")]
SKEW = 300


@pytest.fixture
def skewed(flask_app, monkeypatch):
    """skewed(seconds): this process stands on a machine that is wrong, and has compared its clock."""

    def by(seconds):
        monkeypatch.setattr(clock, "machine", lambda: datetime.now(UTC) + timedelta(seconds=seconds))
        with flask_app.app_context():
            return timekeeping.adjust(db.engines[None])

    yield by
    clock.correct(timedelta(0))


@pytest.mark.parametrize("seconds", [-SKEW, SKEW])
def test_r48_links_last_as_long_as_they_should_wherever_they_are_written(skewed, alpha, cast, in_tenant, seconds):
    assert abs(skewed(seconds) - timedelta(seconds=seconds)) < timedelta(seconds=2)
    with in_tenant(alpha):
        token = write_password_link(cast.rita, by=actor_of(cast.ada))
        link = db.session.get_one(PasswordLink, token_digest(token))
        lasts = link.expires_at - datetime.now(UTC)

    assert abs(lasts - PASSWORD_LINK_FOR) < timedelta(seconds=5)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=2)


def test_r48_a_clock_that_is_right_is_left_alone(skewed):
    assert skewed(0) == timedelta(0)


@pytest.mark.parametrize("seconds", [-SKEW, SKEW])
def test_r48_who_signed_in_at_one_machine_is_signed_in_at_another(nursery, cast, seconds):
    wrong, right = free_port(), free_port()
    nursery.start("skewed", str(seconds), "web", str(wrong))
    nursery.web(right)
    there = Person(wrong, "rita") if until(lambda: answers(wrong), seconds=30) else None
    there.port = right

    assert [there.ask("GET", "/jobs")[0], there.ask("GET", "/candidates")[0]] == [200, 200]


def test_r48_tasks_of_a_wrong_machine_are_run_once(nursery, alpha, cast, in_tenant):
    """By its own clock its leases would be over before they begin, and every task a poisonous one."""
    with in_tenant(alpha):
        posting = write_posting(text="Night nurse", by=cast.rita, actor=actor_of(cast.rita))
        for number in range(24):
            person = register(name=f"Cara {number}", email=f"cara{number}@people.example")
            apply(posting, person, resume=None, source="careers", by=actor_of(cast.rita))
    for seconds in (-SKEW, SKEW):
        nursery.start("skewed", str(seconds), "mail")
    nursery.start("skewed", str(SKEW), "relay")

    def ended():
        with in_tenant(alpha):
            query = sa.select(TaskRow.state, TaskRow.attempts, TaskRow.lost).where(
                TaskRow.name == "applications.confirm"
            )
            return Counter(db.session.execute(query).all())

    assert until(lambda: ended() == {("done", 1, 0): 24}, seconds=60), ended()
    with in_tenant(alpha):
        times = db.session.scalars(sa.select(TaskRow.finished_at).where(TaskRow.name == "applications.confirm")).all()
    assert max(abs(at - datetime.now(UTC)) for at in times) < timedelta(seconds=90)
