"""Whatever comes in whatever order, an interview stays one: on the real database, inside a transaction that is undone."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.identity.models import Member
from app.interviews import queries
from app.interviews.commands import conduct, invitations
from app.interviews.enums import RUNNING
from app.kernel import clock
from app.kernel.errors import Conflict
from tenants.db import db
from tenants.scope import tenant_scope
from tests.app.interviews import stage
from tests.sizes import sized

BEGIN = datetime(2026, 11, 22, 12, tzinfo=UTC)
texts = st.text(alphabet="ab \n", max_size=6)
numbers = st.integers(1, 7)


def machine(flask_app, alpha, member_id):
    class Conducting(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.stack = ExitStack()
            self.stack.enter_context(flask_app.app_context())
            self.stack.enter_context(tenant_scope(alpha))
            self.now, self.sent, self.typed, self.revision = BEGIN, {}, {}, 0
            with clock.set_to(self.now):
                member = db.session.get_one(Member, member_id)
                application = stage.applicant(stage.opening(member, limited=True))
                kit = queries.kit_of(application.posting_id)
                self.id = invitations.open_interview(application, kit, by=stage.CARA).id
                conduct.begin(conduct.lock(self.id), consented_to={}, by=stage.CARA)
                db.session.flush()

        def teardown(self):
            db.session.rollback()
            db.session.info.clear()
            self.stack.close()

        def turns(self):
            return queries.turns_of(self.id)

        def do(self, act):
            """An act of the product; a Conflict is an answer, and changes nothing."""
            with clock.set_to(self.now):
                try:
                    return act(conduct.lock(self.id))
                except Conflict:
                    return None
                finally:
                    db.session.flush()

        @rule(number=numbers, text=texts)
        def answer(self, number, text):
            if self.do(lambda one: conduct.answer(one, number, text)) and text.strip():
                self.sent.setdefault(number, set()).add(text.strip())

        @rule(number=numbers, text=texts)
        def skip(self, number, text):
            self.do(lambda one: conduct.skip(one, number, text))

        @rule(number=numbers, text=texts)
        def draft(self, number, text):
            self.revision += 1
            with clock.set_to(self.now):
                if conduct.save_draft(self.id, number, text, self.revision):
                    self.typed[number] = text.strip()

        @rule(number=numbers)
        def stale_draft(self, number):
            with clock.set_to(self.now):
                assert not conduct.save_draft(self.id, number, "stale", 0)

        @rule(number=numbers, text=texts)
        def change(self, number, text):
            before = {turn.number: turn.state for turn in self.turns()}
            state = conduct.lock(self.id).state
            self.do(lambda one: conduct.change_answer(one, number, text))
            if state in RUNNING and before.get(number) in {"answered", "not_answered"}:
                self.sent[number] = {text.strip()} - {""}

        @rule()
        def pause(self):
            self.do(conduct.pause)

        @rule()
        def resume(self):
            self.do(conduct.resume)

        @rule(number=numbers)
        def more_time(self, number):
            before = {turn.number: turn.ends_at for turn in self.turns()}
            if self.do(lambda one: conduct.more_time(one, number)):
                after = {turn.number: turn.ends_at for turn in self.turns()}
                assert after[number] >= max(before[number], self.now) + conduct.EXTRA_STEP

        @rule(text=st.sampled_from([None, "And then?"]))
        def settle(self, text):
            def act(one):
                for turn in self.turns():
                    conduct.settle_follow_up(one, turn, text)

            self.do(act)

        @rule(seconds=st.sampled_from([1, 30, 200, 100_000]))
        def time_passes(self, seconds):
            self.now += timedelta(seconds=seconds)

        @rule()
        def look(self):
            self.do(conduct.catch_up)

        @rule()
        def submit(self):
            turns = self.turns()
            state = conduct.lock(self.id).state
            done = self.do(lambda one: conduct.submit(one, by=stage.CARA))
            if done:
                assert state in RUNNING
                assert {turn.question for turn in turns} == {0, 1, 2}
                assert turns[-1].state != "asked"

        @invariant()
        def numbers_are_contiguous(self):
            assert [turn.number for turn in self.turns()] == list(range(1, len(self.turns()) + 1))

        @invariant()
        def each_question_comes_once_in_order_with_one_follow_up_at_most(self):
            asked = [(turn.question, turn.follow_up) for turn in self.turns()]
            assert asked == sorted(set(asked))
            assert [q for q, follow_up in asked if not follow_up] == list(range(asked[-1][0] + 1))

        @invariant()
        def only_the_last_is_open(self):
            assert all(turn.state != "asked" for turn in self.turns()[:-1])

        @invariant()
        def no_answer_is_lost(self):
            for turn in self.turns():
                if sent := self.sent.get(turn.number):
                    assert turn.answer in sent

        @invariant()
        def nothing_typed_is_lost(self):
            """A draft is there until the question is closed: by the clock, which takes it, or by the person."""
            for turn in self.turns():
                if turn.state == "asked" and turn.number in self.typed:
                    assert turn.draft.strip() == self.typed[turn.number]
                if turn.timed_out and self.typed.get(turn.number) and not self.sent.get(turn.number):
                    assert turn.answer == self.typed[turn.number] or turn.number in self.sent

    return Conducting


@pytest.mark.slow
def test_conduct_keeps_its_word_in_any_order(flask_app, alpha, cast):
    run_state_machine_as_test(
        machine(flask_app, alpha, cast.rita.id),
        settings=settings(
            max_examples=sized(400, 25), stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
