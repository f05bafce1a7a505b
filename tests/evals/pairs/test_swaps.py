"""L-36, L-43 for judging: who speaks changes no score, and what names somebody is not sent to a model."""

from pathlib import Path

from app.adapters.anthropic.client import MessagesClient
from app.adapters.llm.judging import LlmJudge
from app.adapters.local.guarding import GuardedJudge
from app.adapters.local.judging import LocalJudge
from tests.evals.pairs.swaps import OTHERS, SAID, differences, short_differences, summary, swapped
from tests.fakes.llm_server import LlmServer, answers, said
from tests.sizes import sized

PAIRS = sized(500, 14)


def test_l36_l43_names_gender_age_and_postal_code_change_no_score():
    """Two-sided: the mean size of a change, and the interval of the mean change."""
    found = [change for change, _ in differences(LocalJudge(Path("var/models")), PAIRS, SAID + OTHERS)]
    size, low, high = summary(found)

    assert (size <= 0.5, low >= -1.0, high <= 1.0) == (True, True, True), (size, low, high)


def test_l36_names_gender_age_and_postal_code_change_no_mark_of_a_short_answer():
    """`flask answers score` with a reference; the same two-sided measure, of 100."""
    found = [change for change, _ in short_differences(LocalJudge(Path("var/models")), PAIRS, SAID + OTHERS)]
    size, low, high = summary(found)

    assert (size <= 0.5, low >= -1.0, high <= 1.0) == (True, True, True), (size, low, high)


def test_l36_who_somebody_says_to_be_is_not_sent_to_a_model():
    """Sentences in which nothing but that is said; a name within a sentence stays there, so that it can be quoted."""
    alone = (SAID[0], SAID[1], SAID[2], SAID[6])
    with LlmServer().running() as server:
        judge = LlmJudge(MessagesClient("key", "claude-l36", server.url, timeout=20, max_retries=0), samples=1)
        for one, other, _how in swapped(len(alone) * 2, alone):
            for request in (one, other):
                GuardedJudge(judge).judge(request)
        judge.close()
        sent = [answers(said(body)) for body in server.requests]

    assert sent[::2] == sent[1::2]
    assert len(sent) == len(alone) * 4
