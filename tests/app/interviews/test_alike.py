"""Questions like one of a kit: of the bank and of other jobs' kits that one may see, each once, added by a person."""

import re

import pytest
import sqlalchemy as sa

from app.engines.asking import bank
from app.identity.commands import actor_of
from app.interviews.commands import kits
from app.interviews.events import LikesAsked
from app.interviews.models import Question, QuestionMeaning
from app.interviews.queries import kit_of
from app.kernel.actor import SYSTEM
from app.ports.analysis import KitProposal, ProposedDimension, ProposedQuestion
from app.postings.commands import seat, write_posting
from jobs.definitions import TASKS
from jobs.ledger import TaskRow
from jobs.relay import relay
from tenants import meaning
from tenants.db import db
from tenants.outbox import OutboxRow
from tests.conftest import Inline

ASKED = "How do you hand a patient over to the next shift?"
OF_THE_BANK = "How do you hand over a patient at the end of a shift so that nothing is lost?"  # means the same as ASKED
LIKE = {
    "Ward nurse": ("How do you take over patients at the beginning of a night shift?", "How old are you?"),
    "Midwife": ("How do you take over patients at the beginning of a night shift?", "What do you do before a birth?"),
    "Theatre nurse": ("how do you take over patients at the start of a night shift?", "Why this hospital?"),
    "Chef": ("How do you hand the kitchen over to the late shift?", "Which knife do you use for herbs?"),
}
AT_BETA = "How do you hand over patients of beta at the end of a shift?"


def opened(title, questions, *, by, language="en"):
    posting = write_posting(text=title, by=by, actor=actor_of(by))
    posting.title, levels = title, ("nothing", "a little", "enough", "a lot")
    proposal = KitProposal(
        (ProposedDimension("Care", "Cares", 100, levels),),
        tuple(ProposedQuestion(text, 3, "situation", ("Care",), f"shows {title}") for text in questions),
    )
    kits.take_proposal(posting.id, proposal, engine="test", language=language)
    db.session.flush()
    db.session.execute(sa.delete(OutboxRow))  # nobody reads the job: its kit stays
    return posting


@pytest.fixture
def jobs(alpha, beta, cast, in_tenant, drain, memory):
    """The nurse's job, whose question others' are compared with, and the others; Hugo sits with the chef's alone."""

    def begin():
        with in_tenant(beta):
            opened("Nurse at beta", (AT_BETA,), by=cast.rex)
        with in_tenant(alpha):
            found = {title: opened(title, questions, by=cast.rita).id for title, questions in LIKE.items()}
            nurse = opened("Nurse", (ASKED, "नमस्ते, आप मरीज़ को कैसे सौंपते हैं?"), by=cast.rita)
            for posting_id in (nurse.id, found["Chef"]):
                seat(db.session.get_one(type(nurse), posting_id), cast.hugo, by=actor_of(cast.rita))
            return found | {"Nurse": nurse.id}

    return memory.recall("like", begin)


@pytest.fixture
def address(jobs, alpha, in_tenant):
    with in_tenant(alpha):
        first, hindi = kit_of(jobs["Nurse"]).questions
    return [f"/jobs/{jobs['Nurse']}/kit/questions/{row.id}/alike" for row in (first, hindi)]


def shown(html):
    """Each question with where it comes from."""
    rows = re.findall(r"<li><div class=\"grow stack\"><p>(.*?)</p>(.*?)</li>", html, re.DOTALL)
    return {text: re.findall(r'<a href="/jobs/[^"]+/kit">([^<]+)</a>|From the (bank)', rest) for text, rest in rows}


@pytest.fixture
def placed(browser, address, drain, memory):
    """Somebody has looked already, so workers have placed all questions."""

    def begin():
        browser("rita").get(address[0])
        drain()

    memory.recall("placed", begin)


def looked(client, drain, url):
    client.get(url)
    drain()
    return client.get(f"{url}?tries=1").text


def test_like_questions_come_from_the_bank_and_from_kits_that_one_may_see(browser, jobs, address, drain):
    """Another company's never; what is nearly the same stands there once, with every job that has it."""
    recruiter = browser("rita")
    first, rita = recruiter.get(address[0]).text, shown(looked(recruiter, drain, address[0]))
    hugo = shown(looked(browser("hugo"), drain, address[0]))

    assert ("are being looked through" in first, shown(first)) == (True, {})
    taking_over = next(text for text in rita if "take over patients" in text)
    assert sorted(job for job, _bank in rita[taking_over]) == ["Midwife", "Ward nurse"]
    assert [text for text in rita if "take over patients" in text.lower()] == [taking_over]
    assert [job for job, _bank in rita[LIKE["Chef"][0]]] == ["Chef"]
    assert {"bank"} == {bank for sources in rita.values() for _job, bank in sources if bank}
    assert not {ASKED, OF_THE_BANK, AT_BETA, "Why this hospital?"} & rita.keys()
    assert (LIKE["Chef"][0] in hugo, taking_over in hugo) == (True, False)
    assert {text for text, sources in hugo.items() if ("", "bank") in sources} >= {
        text for text, sources in rita.items() if ("", "bank") in sources
    }
    assert {browser(who).get(address[0]).status_code for who in ("rex", "ivy")} == {404}


def test_a_question_of_another_language_has_no_like_and_the_page_says_so(browser, address, placed):
    assert "meaning is known of English words only" in browser("rita").get(address[1]).text


def test_a_like_question_is_added_by_hand_and_looked_at_like_any(browser, jobs, address, placed, alpha, in_tenant):
    """With its time and what it shows, for the criteria of the question it is like; the kit must be approved again."""
    rita = browser("rita")
    html = rita.get(f"{address[0]}?tries=1").text
    of_bank = next(text for text, sources in shown(html).items() if ("", "bank") in sources)
    key = dict(zip(shown(html), re.findall(r'name="key" value="([^"]+)"', html), strict=True))[of_bank]
    rita.post(f"/jobs/{jobs['Nurse']}/kit/approve")
    posted = rita.post(address[0], data={"key": key})
    again = rita.get(f"{address[0]}?tries=1").text
    with in_tenant(alpha):
        kit = kit_of(jobs["Nurse"])
        added, source = kit.questions[-1], next(q for q in bank.english().questions if q.text == of_bank)
        one = (added.text, added.minutes, added.kind, added.shows, added.dimension_ids)
        assert one == (of_bank, source.minutes, source.kind, source.shows, kit.questions[0].dimension_ids)
        assert kit.state == "proposed"

    assert posted.status_code == 303
    assert of_bank not in shown(again)
    assert {browser(who).post(address[0], data={"key": key}).status_code for who in ("rex", "ivy")} == {404}
    assert rita.post(address[0], data={"key": "bank-0000"}).status_code == 404


def test_what_must_not_be_asked_is_marked_where_it_is_offered(browser, jobs, drain, alpha, in_tenant, cast):
    with in_tenant(alpha):
        posting = opened("Porter", ("What is your age?",), by=cast.rita)
        url = f"/jobs/{posting.id}/kit/questions/{kit_of(posting.id).questions[0].id}/alike"

    html = looked(browser("rita"), drain, url)

    assert "How old are you?" in shown(html)
    assert html.count("This seems to ask about: age.") == 1


def test_new_words_are_looked_at_anew_and_a_removed_question_is_gone(
    browser, jobs, address, drain, placed, alpha, in_tenant
):
    with in_tenant(alpha):
        kit = kit_of(jobs["Chef"])
        kits.edit_question(kit, kit.questions[0], text="What is a roux?", by=SYSTEM)
        kits.remove_question(kit_of(jobs["Midwife"]), kit_of(jobs["Midwife"]).questions[0], by=SYSTEM)

    rita = shown(looked(browser("rita"), drain, address[0]))

    taking_over = next(text for text in rita if "take over patients" in text)
    assert [job for job, _bank in rita[taking_over]] == ["Ward nurse"]
    assert LIKE["Chef"][0] not in rita
    with in_tenant(alpha):
        orphans = sa.select(QuestionMeaning).where(QuestionMeaning.question_id.not_in(sa.select(Question.id)))
        assert db.session.scalars(orphans).all() == []


def test_without_pgvector_the_bank_is_searched_and_the_page_says_so(flask_app, browser, address, placed):
    with flask_app.extensions["owners"].main.begin() as owner:
        owner.exec_driver_sql(f"drop index t_alpha.{meaning.INDEX}")
    try:
        html = browser("rita").get(address[0]).text
    finally:
        with flask_app.extensions["owners"].main.begin() as owner:
            meaning.index(owner, "t_alpha")

    assert "cannot search the kits of other jobs by meaning" in html
    assert {source for sources in shown(html).values() for source in sources} == {("", "bank")}


def test_what_an_older_engine_placed_is_looked_at_anew_and_never_compared(
    browser, jobs, address, drain, placed, alpha, in_tenant
):
    """A new model or bank: its vectors and the old ones say nothing of each other."""
    rita, older = browser("rita"), "older/bank-0"
    with in_tenant(alpha):
        chefs = [row.id for row in kit_of(jobs["Chef"]).questions]
        db.session.execute(
            sa.update(QuestionMeaning).where(QuestionMeaning.question_id.in_(chefs)).values(engine=older)
        )
    some = rita.get(f"{address[0]}?tries=1").text
    with in_tenant(alpha):
        db.session.execute(sa.update(QuestionMeaning).values(engine=older))
    none = rita.get(f"{address[0]}?tries=1").text
    anew = looked(rita, drain, address[0])

    assert ("of other jobs are still being looked" in some, LIKE["Chef"][0] in shown(some)) == (True, False)
    assert ("Questions are being looked through" in none, shown(none)) == (True, {})
    assert LIKE["Chef"][0] in shown(anew)
    with in_tenant(alpha):
        assert older not in db.session.scalars(sa.select(QuestionMeaning.engine)).all()


def test_looking_for_questions_holds_up_no_candidate_and_has_time_for_the_banks_vectors():
    placing = [TASKS[f"interviews.{name}"] for name in ("understand", "find_by_meaning")]

    assert [(each.queue, each.limit) for each in placing] == [("default", 300), ("low", 300)]
    assert TASKS["interviews.follow_up"].queue == "asking"


def test_workers_are_asked_once_however_often_the_page_is_opened(
    flask_app, browser, jobs, address, drain, alpha, in_tenant
):
    """While the fact waits for the relay, and while the task waits; anew for another kit, and once it has failed."""
    rita = browser("rita")

    def asked(url):
        with in_tenant(alpha):
            db.session.execute(sa.delete(OutboxRow).where(OutboxRow.relayed_at.is_not(None)))
        for _ in range(2):
            rita.get(url)
        with in_tenant(alpha):
            return len(db.session.scalars(sa.select(OutboxRow.id).where(OutboxRow.name == LikesAsked.name)).all())

    with in_tenant(alpha):
        chef = f"/jobs/{jobs['Chef']}/kit/questions/{kit_of(jobs['Chef']).questions[0].id}/alike"
    told = asked(address[0])
    relay(flask_app, alpha, Inline())
    begun, elsewhere = asked(address[1]), asked(chef)
    relay(flask_app, alpha, Inline())
    with in_tenant(alpha):
        db.session.execute(sa.update(TaskRow).values(state="failed"))

    assert [told, begun, elsewhere, asked(address[0])] == [1, 0, 1, 1]
    drain()
    assert shown(rita.get(f"{address[0]}?tries=1").text) != {}
