import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from app.interviews import queries
from app.interviews.commands import conduct
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid
from tests.app.interviews import stage
from tests.sizes import sized

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def begun(staged, in_tenant, alpha, clock_at):
    def make(**options):
        there = staged(**options)
        with clock_at(NOON), in_tenant(alpha):
            conduct.begin(conduct.lock(there.interview), consented_to={"answers": True}, by=stage.CARA)
        return there

    return make


def told(in_tenant, alpha, there):
    with in_tenant(alpha):
        return [(t.question, t.follow_up, t.state, t.answer) for t in queries.turns_of(there.interview)]


def test_two_answers_at_the_same_moment_are_stored_once(begun, anyone, in_tenant, alpha):
    there = begun()
    ready, statuses = threading.Barrier(2), []

    def send(text):
        client = anyone()
        ready.wait()
        statuses.append(client.post(f"{there.path}/answer", data={"turn": 1, "answer": text}).status_code)

    threads = [threading.Thread(target=send, args=(text,)) for text in ("the first word", "the second word")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [303, 303]
    [(question, follow_up, state, answer)] = told(in_tenant, alpha, there)
    assert (question, follow_up, state) == (0, False, "answered")
    assert answer in {"the first word", "the second word"}


def test_stale_tab_is_led_to_the_current_question_with_a_sentence(begun, anyone, in_tenant, alpha, drain):
    there, cara = begun(), anyone()
    cara.post(f"{there.path}/skip", data={"turn": 1, "answer": ""})
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "from the other tab"})
    page = cara.get(there.path).text

    assert "answered already, perhaps in another tab" in page
    assert "Question 2 of 3" in page
    assert told(in_tenant, alpha, there)[0] == (0, False, "not_answered", None)


def test_follow_up_that_comes_too_late_is_not_waited_for(begun, anyone, in_tenant, alpha):
    there, cara = begun(), anyone()
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "Short."})

    assert "Question 2 of 3" in cara.get(there.path).text
    with in_tenant(alpha):
        turn = queries.turns_of(there.interview)[0]
        conduct.settle_follow_up(conduct.lock(there.interview), turn, "Too late?")
    assert [t[:2] for t in told(in_tenant, alpha, there)] == [(0, False), (1, False)]


def test_r40_while_nobody_asks_the_kits_next_question_comes_within_a_second(begun, anyone, in_tenant, alpha):
    """Whoever should ask hangs: its task is never done. The wait is what the page takes beyond the same page without one."""
    waits = []
    for _number in range(sized(50, 3)):
        there, cara = begun(), anyone()
        cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "Short."})
        started = time.perf_counter()
        first = cara.get(there.path).text
        came = time.perf_counter()
        again = cara.get(there.path).text
        waits.append((came - started) - (time.perf_counter() - came))
        assert "Question 2 of 3" in first
        assert "Question 2 of 3" in again
        assert told(in_tenant, alpha, there) == [(0, False, "answered", "Short."), (1, False, "asked", None)]
    assert sorted(waits)[len(waits) // 2] <= 1
    assert max(waits) <= 1.5  # the machine may be busy


def test_who_has_waited_for_the_page_does_not_wait_for_a_follow_up_as_well(begun, anyone, clock_at):
    there, cara = begun(), anyone()
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "Short."})
    with clock_at(clock.now() + conduct.FOLLOW_UP_WITHIN):
        started = time.perf_counter()
        assert "Question 2 of 3" in cara.get(there.path).text
        came = time.perf_counter()
        assert "Question 2 of 3" in cara.get(there.path).text

    assert (came - started) - (time.perf_counter() - came) < conduct.FOLLOW_UP_WITHIN.total_seconds() / 2


def test_incomplete_answer_gets_one_follow_up_marked_as_such(begun, anyone, drain):
    there, cara = begun(), anyone()
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "It was fine."})
    drain()
    page = cara.get(there.path).text

    assert "A follow-up to your answer" in page
    assert "Question 1 of 3, one more thing" in page
    cara.post(f"{there.path}/answer", data={"turn": 2, "answer": "Still fine."})
    drain()
    assert "Question 2 of 3" in cara.get(there.path).text


def test_draft_keeps_the_newest_revision(begun, anyone, in_tenant, alpha):
    there, cara = begun(), anyone()
    statuses = [
        cara.post(f"{there.path}/draft?turn=1", data={"answer": text, "revision": revision}).status_code
        for text, revision in (("one", 1), ("three", 3), ("two", 2))
    ]

    assert statuses == [204, 204, 409]
    assert ">three</textarea>" in cara.get(there.path).text


@pytest.mark.parametrize("revision", [-1, 2**53, 10**30])
def test_draft_whose_revision_no_browser_counts_is_refused(begun, anyone, revision):
    there, cara = begun(), anyone()
    sent = cara.post(f"{there.path}/draft?turn=1", data={"answer": "one", "revision": revision})

    assert sent.status_code == 400


def test_time_that_ended_saves_the_draft_and_moves_on(begun, anyone, in_tenant, alpha, clock_at):
    there, cara = begun(limited=True), anyone()
    with clock_at(NOON + timedelta(minutes=1)):
        cara.post(f"{there.path}/draft?turn=1", data={"answer": "as far as I came", "revision": 1})
    with clock_at(NOON + timedelta(minutes=3, seconds=11)):
        page = cara.get(there.path).text

    assert "Question 2 of 3" in page
    assert "The time for the question before ended" in page
    assert told(in_tenant, alpha, there)[0] == (0, False, "answered", "as far as I came")


def test_answer_that_comes_after_its_time_is_still_kept(begun, in_tenant, alpha, clock_at):
    there = begun(limited=True)
    with clock_at(NOON + timedelta(minutes=5)):
        with in_tenant(alpha):
            conduct.catch_up(conduct.lock(there.interview))
        with in_tenant(alpha):
            assert stage.answer(there.interview, 1, "sent from a slow train")

    assert told(in_tenant, alpha, there) == [
        (0, False, "answered", "sent from a slow train"), (1, False, "asked", None),
    ]  # fmt: skip


def test_more_time_is_given_ten_times_and_after_a_break_too(begun, in_tenant, alpha, clock_at):
    there = begun(limited=True)
    with clock_at(NOON + timedelta(minutes=2)), in_tenant(alpha):
        conduct.pause(conduct.lock(there.interview))
    with clock_at(NOON + timedelta(days=2)), in_tenant(alpha):
        interview = conduct.lock(there.interview)
        conduct.resume(interview)
        left = queries.last_turn(interview.id).ends_at - (NOON + timedelta(days=2))
        given = [conduct.more_time(interview, 1) for _ in range(11)]
        now_left = queries.last_turn(interview.id).ends_at - (NOON + timedelta(days=2))

    assert left == timedelta(minutes=1)
    assert given == [True] * 10 + [False]
    assert now_left == timedelta(minutes=21)


def test_what_another_tab_sends_during_a_break_is_in_time(begun, anyone, in_tenant, alpha, clock_at):
    there, cara = begun(limited=True), anyone()
    with clock_at(NOON + timedelta(minutes=2)), in_tenant(alpha):
        conduct.pause(conduct.lock(there.interview))
    with clock_at(NOON + timedelta(hours=2)):
        asked = cara.post(f"{there.path}/answer", data={"turn": 1, "answer": " "})
        cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "from the tab that stayed open"})

    with in_tenant(alpha):
        interview, [turn] = queries.interview(there.interview), queries.turns_of(there.interview)
        left = turn.ends_at - (NOON + timedelta(hours=2))
    assert asked.status_code == 422
    assert (interview.state, interview.paused_at) == ("started", None)
    assert (turn.answer, turn.timed_out, turn.follow_up_state) == ("from the tab that stayed open", False, "waiting")
    assert left == timedelta(minutes=1)


def test_s67_no_draft_becomes_a_longer_answer_than_may_be_sent(begun, anyone, in_tenant, alpha, clock_at):
    """By the clock, or by one tab after the other; the words themselves are kept."""
    ended, left, cara = begun(limited=True), begun(), anyone()
    cara.post(f"{ended.path}/draft?turn=1", data={"answer": "b" * 30_000, "revision": 1})
    with clock_at(NOON + timedelta(minutes=5)), in_tenant(alpha):
        conduct.catch_up(conduct.lock(ended.interview))
    cara.post(f"{left.path}/skip", data={"turn": 1, "answer": "0"})
    for number in range(1, 13):
        cara.post(f"{left.path}/answer", data={"turn": 1, "answer": f"{number:02}" * 10_000})
    taken = cara.post(f"{left.path}/answers/1/take")

    with in_tenant(alpha):
        [first, _next], skipped = queries.turns_of(ended.interview), queries.turns_of(left.interview)[0]
        assert (len(first.answer), len(first.draft)) == (conduct.LONGEST_ANSWER, 30_000)
        assert (skipped.answer, len(skipped.draft)) == (None, conduct.LONGEST_DRAFT)
    assert (taken.status_code, "This answer is too long" in taken.text) == (422, True)


def test_a_break_that_says_nothing_new_makes_no_other_devices_draft_an_old_one(begun, anyone):
    there, cara = begun(), anyone()
    first = cara.post(f"{there.path}/draft?turn=1", data={"answer": "half", "revision": 1}).status_code
    cara.post(f"{there.path}/pause", data={"turn": 1, "answer": "half"})
    other = cara.post(f"{there.path}/draft?turn=1", data={"answer": "half a thought", "revision": 2}).status_code
    cara.post(f"{there.path}/resume")

    assert (first, other) == (204, 204)
    assert ">half a thought</textarea>" in cara.get(there.path).text


def test_break_keeps_what_was_typed_without_a_script(begun, anyone, in_tenant, alpha):
    there, cara = begun(), anyone()
    cara.post(f"{there.path}/pause", data={"turn": 1, "answer": "half a thought"})

    assert "You are on a break" in cara.get(there.path).text
    cara.post(f"{there.path}/resume")
    assert ">half a thought</textarea>" in cara.get(there.path).text


def test_question_skipped_waits_at_the_end_with_what_was_typed(begun, anyone, in_tenant, alpha):
    there, cara = begun(), anyone()
    for number in (1, 2, 3):
        cara.post(f"{there.path}/skip", data={"turn": number, "answer": "half" if number == 1 else ""})
    page = cara.get(there.path).text

    assert (page.count("Not answered"), page.count("Written, not sent yet")) == (2, 1)
    assert "Not asked" not in page
    assert ">half</textarea>" in cara.get(f"{there.path}/answers/1").text
    cara.post(f"{there.path}/answers/1", data={"turn": 1, "answer": "the whole"})
    assert cara.get(there.path).text.count("Not answered") == 2


def test_answers_are_sent_once_and_not_before_the_end(begun, anyone, in_tenant, alpha, drain):
    there, cara = begun(), anyone()
    with pytest.raises(Conflict), in_tenant(alpha):
        conduct.submit(conduct.lock(there.interview), by=stage.CARA)
    for number in (1, 2, 3):
        cara.post(f"{there.path}/skip", data={"turn": number, "answer": ""})

    with in_tenant(alpha):
        assert conduct.submit(conduct.lock(there.interview), by=stage.CARA)
    with in_tenant(alpha):
        assert not conduct.submit(conduct.lock(there.interview), by=stage.CARA)
    with pytest.raises(Conflict), in_tenant(alpha):
        conduct.change_answer(conduct.lock(there.interview), 1, "late")


def test_answer_of_more_than_20000_characters_comes_back_whole(begun, anyone, in_tenant, alpha):
    there, cara = begun(), anyone()
    answer = cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "x" * 20_001})

    assert answer.status_code == 422
    assert "x" * 20_001 in answer.text
    with pytest.raises(Invalid), in_tenant(alpha):
        stage.answer(there.interview, 1, "x" * 20_001)


def test_line_ends_of_browsers_become_plain_ones(begun, anyone, in_tenant, alpha):
    there = begun()
    anyone().post(f"{there.path}/answer", data={"turn": 1, "answer": "one\r\ntwo"})

    assert told(in_tenant, alpha, there)[0][3] == "one\ntwo"


def test_interview_that_stood_between_two_questions_goes_on(begun, in_tenant, alpha):
    """A process died, or the deadline came, after an answer and before the next question."""
    there = begun()
    with in_tenant(alpha):
        stage.answer(there.interview, 1, "An answer.")
        interview = conduct.lock(there.interview)
        interview.state = "expired"
        conduct.settle_follow_up(interview, queries.last_turn(interview.id), "And then?")
        interview.state = "started"
    with in_tenant(alpha):
        conduct.catch_up(conduct.lock(there.interview))

    assert [t[0] for t in told(in_tenant, alpha, there)] == [0, 1]
