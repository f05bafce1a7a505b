"""Whatever is done to an application in whatever order: on the real database, inside a transaction that is undone."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.applications import commands
from app.applications.enums import Verdict
from app.applications.models import Application, Decision, Move
from app.identity.commands import actor_of
from app.identity.models import Member
from app.kernel import clock
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Invalid
from app.postings.queries import stages_of
from tenants.db import db
from tenants.scope import tenant_scope
from tests.app.interviews import stage
from tests.sizes import sized

BEGIN = datetime(2026, 11, 23, 8, tzinfo=UTC)
OVER = {"hired", "withdrawn"}
REASONS = st.sampled_from(["No welding licence.", "Stays with another employer.", "  "])


def machine(flask_app, alpha, member_id):
    class Applying(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.stack = ExitStack()
            self.stack.enter_context(flask_app.app_context())
            self.stack.enter_context(tenant_scope(alpha))
            self.now, self.ahead, self.batches = BEGIN, timedelta(), []
            with clock.set_to(self.now):
                member = db.session.get_one(Member, member_id)
                self.by = actor_of(member)
                posting = stage.opening(member)
                self.ids = [
                    stage.applicant(posting, name=name, email=f"{name}@people.example").id for name in ("Cara", "Mira")
                ]
                self.stages = stages_of(posting.id)
                db.session.flush()

        def teardown(self):
            db.session.rollback()
            db.session.info.clear()
            self.stack.close()

        def one(self, which):
            return db.session.get_one(Application, self.ids[which])

        def do(self, act, *which):
            """An act of the product, a moment later than the last one; what is refused is undone, as a request's is."""
            self.now += timedelta(seconds=0.3)
            before = [self.seen(one) for one in which]
            with clock.set_to(self.now + self.ahead):
                try:
                    with db.session.begin_nested():
                        done = act()
                except (Conflict, Invalid):
                    assert [self.seen(one) for one in which] == before
                    return None
            return done

        def seen(self, which):
            one = self.one(which)
            return one.stage_id, one.state, one.reason, one.stage_since, one.promised_on

        def standing(self, which):
            """Its steps that were not taken back, the newest last."""
            query = sa.select(Move).where(Move.application_id == self.ids[which], Move.undone_at.is_(None))
            return list(db.session.scalars(query.order_by(Move.at)))

        @rule(which=st.sampled_from([(0,), (1,), (0, 1)]), to=st.integers(0, 2))
        def move(self, which, to):
            over = [self.one(one).state in OVER for one in which]
            batch = self.do(
                lambda: commands.move([self.one(each) for each in which], self.stages[to], by=self.by), *which
            )
            assert (batch is None) == any(over)
            self.batches += [batch] if batch else []

        @rule(which=st.sampled_from([(0,), (1,), (0, 1)]), reason=REASONS)
        def reject(self, which, reason):
            over = [self.one(one).state in OVER for one in which]
            batch = self.do(
                lambda: commands.reject([self.one(each) for each in which], reason=reason, by=self.by), *which
            )
            assert (batch is None) == (any(over) or not reason.strip())
            self.batches += [batch] if batch else []

        @rule(which=st.integers(0, 1), verdict=st.sampled_from(list(Verdict)), reason=REASONS)
        def decide(self, which, verdict, reason):
            over = self.one(which).state in OVER
            made = self.do(lambda: commands.decide(self.one(which), verdict=verdict, reason=reason, by=self.by), which)
            assert (made is None) == (over or not reason.strip())
            self.batches += [self.standing(which)[-1].batch_id] if made else []

        @rule(which=st.integers(0, 1))
        def withdraw(self, which):
            active = self.one(which).state == "active"
            self.do(lambda: commands.withdraw(self.one(which), by=stage.CARA), which)
            assert (self.one(which).state == "withdrawn") or not active
            self.batches += [self.standing(which)[-1].batch_id]

        @rule(back=st.integers(1, 4))
        def undo(self, back):
            """A hire may be taken back; the person's own withdrawal may not."""
            withdrawn = [self.one(which).state == "withdrawn" for which in (0, 1)]
            if back <= len(self.batches):
                self.do(lambda: commands.undo(self.batches[-back], by=self.by), 0, 1)
            assert withdrawn == [self.one(which).state == "withdrawn" for which in (0, 1)]

        @rule(seconds=st.sampled_from([-0.9, 0, 0.9]))
        def another_machine_goes_on(self, seconds):
            self.ahead = timedelta(seconds=seconds)

        @rule(minutes=st.sampled_from([1, 40, 90]))
        def time_passes(self, minutes):
            self.now += timedelta(minutes=minutes)

        @rule(which=st.integers(0, 1))
        def nobody_but_a_person_decides(self, which):
            for by in (SYSTEM, stage.CARA):
                with pytest.raises(Conflict):
                    commands.reject([self.one(which)], reason="Score under 40.", by=by)
                with pytest.raises(Conflict):
                    commands.decide(self.one(which), verdict=Verdict.HIRE, reason="Score over 80.", by=by)

        @invariant()
        def it_stands_where_its_last_step_led(self):
            for which in (0, 1):
                last, seen = self.standing(which)[-1], self.seen(which)
                assert (last.to_stage_id, last.to_state, last.at) == (seen[0], seen[1], seen[3])

        @invariant()
        def each_step_begins_where_the_one_before_ended(self):
            for which in (0, 1):
                steps = self.standing(which)
                assert steps[0].from_state is None
                for before, after in pairwise(steps):
                    assert (after.from_stage_id, after.from_state) == (before.to_stage_id, before.to_state)
                    assert before.to_state not in OVER

        @invariant()
        def whoever_is_rejected_is_rejected_by_a_person_who_said_why(self):
            for which in (0, 1):
                one, last = self.one(which), self.standing(which)[-1]
                if one.state == "rejected":
                    assert last.by_id == self.by.id
                    assert one.reason == last.reason
                    assert one.reason.strip()
                else:
                    assert one.reason is None

        @invariant()
        def whoever_is_hired_was_decided_on(self):
            for which in (0, 1):
                if self.one(which).state == "hired":
                    said = sa.select(Decision.at).where(
                        Decision.application_id == self.ids[which], Decision.verdict == "hire"
                    )
                    assert abs(max(db.session.scalars(said)) - self.standing(which)[-1].at) < timedelta(seconds=2)

    return Applying


@pytest.mark.slow
def test_an_application_keeps_its_word_in_any_order(flask_app, alpha, cast):
    run_state_machine_as_test(
        machine(flask_app, alpha, cast.rita.id),
        settings=settings(
            max_examples=sized(400, 8),
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=set(Phase) - {Phase.shrink, Phase.explain},
        ),
    )
