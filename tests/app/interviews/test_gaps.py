"""What a candidate leaves open: asked about before it is sent, and words once written go along."""

import pytest

from app.applications.models import Application
from app.interviews import queries
from app.interviews.models import Interview
from tenants.db import db

WORDS = "Half a thought about the ward."
EMPTY = "There is no answer in the field yet."


@pytest.fixture
def cara(anyone):
    return anyone()


@pytest.fixture
def begun(staged, cara):
    def make(**options):
        there = staged(**options)
        cara.post(f"{there.path}/begin", data={"consent": "y"})
        return there

    return make


@pytest.fixture
def turns(in_tenant, alpha):
    def of(there):
        with in_tenant(alpha):
            return [(turn.state, turn.answer) for turn in queries.turns_of(there.interview)]

    return of


@pytest.fixture
def at_the_end(begun, cara, drain):
    """Through all questions: each one is either answered, or left with these words."""

    def make(*, answers=(), left=(), **options):
        there = begun(**options)
        for number, text in enumerate(answers, 1):
            cara.post(f"{there.path}/answer", data={"turn": number, "answer": text})
            drain()
            cara.get(there.path)
        for number, text in enumerate(left, len(answers) + 1):
            cara.post(f"{there.path}/skip", data={"turn": number, "answer": text})
        return there

    return make


def state_of(in_tenant, alpha, there):
    with in_tenant(alpha):
        return db.session.get_one(Interview, there.interview).state


def test_empty_field_is_asked_about_at_the_field(begun, cara, turns):
    there = begun()

    page = cara.post(f"{there.path}/answer", data={"turn": 1, "answer": " \r\n "})

    assert page.status_code == 422
    assert f'<p class="error" id="answer-error" role="alert">{EMPTY}' in page.text
    assert 'aria-describedby="answer-error"' in page.text
    assert "Leave this question without an answer" in page.text
    assert turns(there) == [("asked", None)]
    assert "Leave this question without an answer" not in cara.get(there.path).text


def test_question_may_be_left_without_an_answer(begun, cara, turns):
    there = begun()

    cara.post(f"{there.path}/skip", data={"turn": 1, "answer": ""})

    assert turns(there) == [("not_answered", None), ("asked", None)]
    assert "Question 2 of 3" in cara.get(there.path).text


def test_empty_field_goes_on_when_the_time_of_the_question_is_over(begun, cara, turns, clock_at, in_tenant, alpha):
    there = begun(limited=True)
    with in_tenant(alpha):
        end = queries.turns_of(there.interview)[0].ends_at

    with clock_at(end):
        answer = cara.post(f"{there.path}/answer", data={"turn": 1, "answer": ""})

    assert answer.status_code == 303
    assert turns(there)[0] == ("not_answered", None)


def test_empty_field_of_a_question_answered_in_another_tab_goes_on(begun, cara, turns):
    there = begun()
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": WORDS})

    assert cara.post(f"{there.path}/answer", data={"turn": 1, "answer": ""}).status_code == 303
    assert turns(there)[0] == ("answered", WORDS)


def test_review_shows_words_that_are_no_answer_yet(at_the_end, cara, turns):
    there = at_the_end(left=(WORDS, "", ""))
    review = cara.get(there.path).text

    assert "Written, not sent yet" in review
    assert WORDS in review
    assert "You wrote something for 1 question and have not sent it." in review
    assert "2 questions are not answered." in review
    assert review.count("Make this my answer") == 1

    taken = cara.post(f"{there.path}/answers/1/take")
    assert taken.headers["Location"].endswith("#answer-1")
    assert turns(there)[0] == ("answered", WORDS)
    assert "Written, not sent yet" not in cara.get(there.path).text


def test_sending_with_gaps_asks_first_and_names_them(at_the_end, cara, in_tenant, alpha):
    there = at_the_end(left=("", "", ""))

    asked = cara.post(f"{there.path}/send")
    page = cara.get(asked.headers["Location"]).text

    assert asked.status_code == 303
    assert "Before you send" in page
    assert "Nothing is final yet." in page
    assert "How do you hand over a ward" in page
    assert "Go back" in page
    assert "Send all, with what I wrote" not in page
    assert state_of(in_tenant, alpha, there) == "started"

    cara.post(f"{there.path}/send", data={"gaps": "as-they-are"})
    assert state_of(in_tenant, alpha, there) == "submitted"
    assert "Your answers are here" in cara.get(there.path).text


def test_words_go_along_when_the_candidate_says_so(at_the_end, cara, turns, in_tenant, alpha):
    there = at_the_end(left=(WORDS, "", "And the last one."))
    cara.post(f"{there.path}/send")
    page = cara.get(f"{there.path}/send").text

    assert WORDS in page
    assert page.index("Send all, with what I wrote") < page.index("Send without it") < page.index("Go back")
    cara.post(f"{there.path}/send", data={"gaps": "with-what-is-written"})

    assert turns(there) == [("answered", WORDS), ("not_answered", None), ("answered", "And the last one.")]
    again = cara.post(f"{there.path}/send", data={"gaps": "with-what-is-written"})
    assert again.status_code == 303
    assert "changed meanwhile" not in cara.get(there.path).text
    assert state_of(in_tenant, alpha, there) == "submitted"


def test_words_that_stay_behind_are_still_shown_to_who_wrote_them(at_the_end, cara, turns):
    there = at_the_end(left=(WORDS, "", ""))

    cara.post(f"{there.path}/send", data={"gaps": "as-they-are"})

    assert turns(there)[0] == ("not_answered", None)
    assert WORDS in cara.get(there.path).text


def test_sending_without_gaps_asks_nothing(at_the_end, cara, drain, in_tenant, alpha):
    there = at_the_end(questions=("How do you hand over a ward?",), left=(WORDS,))
    cara.post(f"{there.path}/answers/1/take")

    assert cara.get(f"{there.path}/send").headers["Location"].endswith(there.path)
    cara.post(f"{there.path}/send")
    assert state_of(in_tenant, alpha, there) == "submitted"


def test_page_before_sending_is_not_there_while_a_question_is_asked(begun, cara):
    there = begun()
    cara.post(f"{there.path}/skip", data={"turn": 1, "answer": ""})

    assert cara.get(f"{there.path}/send").headers["Location"].endswith(there.path)


def test_words_for_a_question_with_a_limit_may_be_sent_at_the_end_as_any_answer(at_the_end, cara, turns):
    there = at_the_end(limited=True, left=(WORDS, "", ""))

    cara.post(f"{there.path}/answers/1/take")

    assert turns(there)[0] == ("answered", WORDS)


def test_answer_from_a_tab_whose_question_was_left_in_another_is_asked_about(begun, cara, turns):
    there = begun(questions=("How do you hand over a ward?",))
    cara.post(f"{there.path}/skip", data={"turn": 1, "answer": "Half a thought"})
    cara.post(f"{there.path}/answer", data={"turn": 1, "answer": "From the other tab"})
    review = cara.get(there.path).text

    assert "Half a thought" in review
    assert "From the other tab" in review
    cara.post(f"{there.path}/send", data={"gaps": "with-what-is-written"})
    assert turns(there) == [("answered", "Half a thought\n\nFrom the other tab")]


def test_answer_given_meanwhile_is_not_replaced_by_a_draft(at_the_end, cara, turns):
    there = at_the_end(left=(WORDS, "", ""))
    cara.post(f"{there.path}/answers/1", data={"turn": 1, "answer": "The whole thought."})

    cara.post(f"{there.path}/answers/1/take")
    cara.post(f"{there.path}/send", data={"gaps": "with-what-is-written"})

    assert turns(there)[0] == ("answered", "The whole thought.")


@pytest.mark.parametrize("step", ["pause", "resume", "more-time", "skip", "answer", "send", "answers/1/take"])
def test_nothing_moves_once_the_application_is_over(begun, cara, in_tenant, alpha, step):
    there = begun(limited=True)
    with in_tenant(alpha):
        db.session.get_one(Application, there.application).state = "rejected"
        before = fixed(there)

    answer = cara.post(f"{there.path}/{step}", data={"turn": 1, "answer": WORDS})

    assert answer.status_code == 303
    with in_tenant(alpha):
        assert fixed(there) == before
    assert "Where your application stands" in cara.get(there.path).text


def test_draft_is_refused_once_the_application_is_over(begun, cara, in_tenant, alpha):
    there = begun()
    cara.post(f"{there.path}/withdraw")

    late = cara.post(f"{there.path}/draft?turn=1", data={"answer": WORDS, "revision": 1})

    assert late.status_code == 410
    with in_tenant(alpha):
        assert queries.turns_of(there.interview)[0].draft == ""


def fixed(there):
    interview = db.session.get_one(Interview, there.interview)
    [turn] = queries.turns_of(there.interview)
    return interview.state, turn.state, turn.draft, turn.ends_at, turn.extensions
