"""Whoever judges in whatever order: no level without words, what was sent in stands, nobody is led by anybody.

On the real database, inside a transaction that is undone.
"""

import uuid
from contextlib import ExitStack
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.identity.commands import actor_of
from app.identity.models import Member
from app.interviews.queries import turns_of
from app.kernel.errors import Conflict, Invalid
from app.ports.judging import LEVELS, Judgement, Quote, literal_quote
from app.scorecards.access import may_see_others, own_scorecard
from app.scorecards.commands import assessments, scorecards
from app.scorecards.enums import Overall
from app.scorecards.models import Assessment, Evidence, Pin, Rating, Scorecard
from tenants.db import db
from tenants.scope import tenant_scope
from tests.app.scorecards.story import ANSWERS, interviewed
from tests.sizes import sized

SAID = ("I called the doctor within two minutes", "I read it out at the bed", "three errors fewer")
WORDS = st.sampled_from([*SAID, "I am the best there is", "", "."])
people, places, turns = st.integers(0, 2), st.integers(0, 2), st.integers(1, 5)


def machine(flask_app, alpha, member_ids):
    class Judging(RuleBasedStateMachine):
        def __init__(self):
            super().__init__()
            self.stack = ExitStack()
            self.stack.enter_context(flask_app.app_context())
            self.stack.enter_context(tenant_scope(alpha))
            self.people = [db.session.get_one(Member, one) for one in member_ids]
            self.interview = interviewed(self.people[0], self.people[1:])
            self.dimensions = [uuid.UUID(each["id"]) for each in self.interview.plan["dimensions"]]
            assessments.open_assessments(self.interview, members=[self.people[1].id])
            self.sent = {}
            db.session.flush()

        def teardown(self):
            db.session.rollback()
            db.session.info.clear()
            self.stack.close()

        def do(self, act):
            try:
                with db.session.begin_nested():
                    act()
            except (Conflict, Invalid):
                return False
            return True

        def drafts(self):
            query = sa.select(Assessment).where(Assessment.interview_id == self.interview.id)
            return list(
                db.session.scalars(query.order_by(Assessment.position).execution_options(populate_existing=True))
            )

        def card(self, who):
            return own_scorecard(self.people[who], self.interview.id)

        def contents(self, card):
            ratings = sorted(
                (str(r.dimension_id), r.level, r.note, sorted(p.text for p in r.pins)) for r in card.ratings
            )
            return card.verdict, card.note, card.submitted_at, ratings

        @rule(who=people)
        def ask(self, who):
            by = actor_of(self.people[0])
            assert self.do(lambda: scorecards.ask_for_scorecard(self.interview, self.people[who].id, by=by))

        @rule(who=people, level=st.sampled_from([None, *LEVELS]), words=WORDS, turn=turns, rated=st.booleans())
        def draft(self, who, level, words, turn, rated):
            if (card := self.card(who)) is None:
                return
            drafted = scorecards.RatingDraft(rated, level, "noted", ((turn, words),) if words else ())
            whole = dict.fromkeys(self.dimensions, drafted)
            answers = turns_of(self.interview.id)
            kept = self.do(lambda: scorecards.keep_draft(card, answers, whole, verdict=Overall.YES, note="Yes."))
            here = {each.number: each.answer or "" for each in answers}
            fine = not words or turn not in here or literal_quote(words, here[turn])
            assert kept == (who not in self.sent and fine)

        @rule(who=people, whole=st.booleans())
        def send(self, who, whole):
            """Mostly as somebody does: all that is missing is filled in first."""
            if whole:
                self.ask(who)
                self.draft(who, "solid", SAID[0], 1, rated=True)
            if (card := self.card(who)) is None:
                return
            before = who in self.sent
            if self.do(lambda: scorecards.submit(card, self.interview, by=actor_of(self.people[who]))):
                assert not before
                assert {r.dimension_id for r in card.ratings if r.rated} == {*self.dimensions}
                db.session.flush()
                self.sent[who] = self.contents(card)

        @rule(place=places, level=st.sampled_from([None, *LEVELS]), words=WORDS, turn=turns)
        def engine(self, place, level, words, turn):
            draft, before = self.drafts()[place], self.drafts()[place].state
            judgement = Judgement(
                level=level, score=None if level is None else 60, reason="", quotes=(Quote(words, turn),) if words else (),
                not_scored="no-evidence" if level is None else None, flags=(), engine="test", prompt_version="1",
                input_hash="0" * 64, tokens_in=0, tokens_out=0, cost_usd=Decimal(0), took_ms=1,
            )  # fmt: skip
            answers = turns_of(self.interview.id)
            here = {each.number: each.answer or "" for each in answers}
            taken = self.do(lambda: assessments.take_judgement(draft, self.interview, judgement, answers))
            assert taken == ((level is None or bool(words)) and (not words or literal_quote(words, here.get(turn, ""))))
            if before in {"scored", "not_scored"}:
                assert self.drafts()[place].state == before  # the first one stands

        @rule(place=places)
        def engine_fails(self, place):
            before = self.drafts()[place].state
            assessments.fail_assessment(self.drafts()[place].id, "away")
            assert self.drafts()[place].state == ("failed" if before == "waiting" else before)

        @rule(place=places)
        def again(self, place):
            before = self.drafts()[place].state
            done = self.do(
                lambda: assessments.judge_again(self.drafts()[place], self.interview, by=actor_of(self.people[0]))
            )
            assert done == (before in {"waiting", "failed"})

        @invariant()
        def no_level_without_words(self):
            told = {each.number: each.answer or "" for each in turns_of(self.interview.id)}
            for draft in self.drafts():
                quotes = db.session.scalars(sa.select(Evidence).where(Evidence.assessment_id == draft.id)).all()
                assert (draft.level is not None) == (draft.state == "scored")
                assert (draft.score is not None) == (draft.state == "scored")
                assert quotes or draft.state != "scored"
                assert all(literal_quote(quote.text, told[quote.turn_number]) for quote in quotes)

        @invariant()
        def pins_are_words_of_the_interview(self):
            query = sa.select(Pin).join(Rating).join(Scorecard).where(Scorecard.interview_id == self.interview.id)
            assert all(any(literal_quote(pin.text, answer) for answer in ANSWERS) for pin in db.session.scalars(query))

        @invariant()
        def what_was_sent_in_stands(self):
            assert {who: self.contents(self.card(who)) for who in self.sent} == self.sent

        @invariant()
        def nobody_sees_others_before_their_own_is_in(self):
            for who, member in enumerate(self.people):
                asked = self.card(who) is not None
                expected = bool(self.sent) and (who in self.sent or not asked)
                assert may_see_others(member, self.interview.id) == expected

    return Judging


@pytest.mark.slow
def test_judging_keeps_its_word_in_any_order(flask_app, alpha, cast):
    run_state_machine_as_test(
        machine(flask_app, alpha, [cast.rita.id, cast.hugo.id, cast.ivy.id]),
        settings=settings(
            max_examples=sized(400, 8), stateful_step_count=18, deadline=None,
            suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.shrink, Phase.explain},
        ),
    )  # fmt: skip
